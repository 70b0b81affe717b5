//! Forgetting for good: everything, because the account is gone; what was pulled, because a child's device may hold it
//! no more; what the server took back, because it is another family's, or was.
//!
//! A deleted row is not gone yet: pages that were split keep copies, and so does the log. So the file is rewritten and
//! the log cut off. That this is due is noted in the transaction that deletes; what a crash cuts short, the next start
//! does.

use romp_domain::DeviceId;
use rusqlite::Connection;

use crate::{Ids, Store, StoreError, Writer, meta};

impl Store {
    /// Forgets everything, for good, and goes on as a new device. That it did is remembered until it joins a family:
    /// see [`crate::Reader::was_erased`].
    pub fn erase(&self, ids: &dyn Ids) -> Result<(), StoreError> {
        self.write(|writer| writer.erase(DeviceId(ids.make(writer.now()))))?;
        self.scrub();
        Ok(())
    }

    /// Forgets everything, for good, because its owner wants that, and goes on as a new device.
    pub fn forget_everything(&self, ids: &dyn Ids) -> Result<(), StoreError> {
        self.write(|writer| {
            writer.erase(DeviceId(ids.make(writer.now())))?;
            writer.set_erased(false)
        })?;
        self.scrub();
        Ok(())
    }

    /// Forgets what the server said, for good, and what it confirmed. What waits to be sent stays, and everything can
    /// be pulled anew.
    pub fn purge_pulled(&self) -> Result<(), StoreError> {
        if self.write(|writer| writer.purge_pulled())? {
            self.scrub();
        }
        Ok(())
    }

    /// Rewrites the file if anything was deleted since that was last done. Takes as long as copying it; done at every
    /// start, and by who has time.
    pub fn scrub(&self) {
        if let Err(error) = scrub_if_due(&self.lock()) {
            // What matters is done; the next start tries again.
            tracing::warn!(%error, "the file cannot be rewritten yet");
        }
    }
}

impl Writer<'_> {
    fn erase(&self, device: DeviceId) -> Result<(), StoreError> {
        self.conn().execute_batch(
            "DELETE FROM row; DELETE FROM outbox; DELETE FROM swipe_log; DELETE FROM meta;
             DELETE FROM sqlite_sequence;",
        )?;
        meta::make_device(self.conn(), || device)?;
        self.set_erased(true)?;
        self.set_scrub_due()?;
        self.mark_changed();
        Ok(())
    }

    fn purge_pulled(&self) -> Result<bool, StoreError> {
        let holds: bool = self.conn().query_row(
            "SELECT EXISTS (SELECT 1 FROM row WHERE base IS NOT NULL AND practice = 0)
                 OR EXISTS (SELECT 1 FROM outbox WHERE state <> 'pending')",
            [],
            |row| row.get(0),
        )?;
        if !holds && self.cursor()? == 0 {
            return Ok(false);
        }
        self.unpark_all()?;
        self.conn()
            .execute("DELETE FROM outbox WHERE state <> 'pending'", [])?;
        self.forget_pulled()?;
        self.set_scrub_due()?;
        Ok(true)
    }
}

/// Rewrites the file and cuts the log off, if something was deleted for good since that was last done.
pub(crate) fn scrub_if_due(conn: &Connection) -> Result<(), StoreError> {
    if !meta::is_scrub_due(conn)? {
        return Ok(());
    }
    conn.execute_batch("VACUUM")?;
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        // Somebody reads what was there before.
        return Ok(());
    }
    meta::scrubbed(conn)
}
