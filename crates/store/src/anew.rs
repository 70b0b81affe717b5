//! Pulling everything anew: what was pulled before stays to be seen until the server has told everything again, and
//! what it has not told again by then goes. Unless it may not be seen any more: that goes at once.

use romp_domain::wire::{Reset, SyncReply};
use uuid::Uuid;

use crate::outbox::to_sql;
use crate::{StoreError, Writer};

type Rows = Vec<(String, Uuid)>;

impl Writer<'_> {
    /// The server's rows start from the beginning, whatever cursor was sent.
    pub(crate) fn pull_anew(&self, reset: Reset, reply: &SyncReply) -> Result<(), StoreError> {
        if matches!(reset, Reset::Epoch | Reset::Ahead) {
            self.forget_what_was_seen(reply.ack_mid)?;
        }
        self.begin_anew(reply.ack_seq)?;
        if reset == Reset::Scope {
            return self.forget_pulled();
        }
        self.doubt_rows()
    }

    /// What the server said of each row is to be told again. Of what it said to be gone, the commit is forgotten: in another
    /// history it may come back with an earlier one.
    pub(crate) fn doubt_rows(&self) -> Result<(), StoreError> {
        self.conn().execute(
            "UPDATE row SET stale = base IS NOT NULL, seq = CASE WHEN base IS NULL THEN 0 ELSE seq END
             WHERE practice = 0",
            [],
        )?;
        Ok(())
    }

    /// What was seen in commits that are lost says nothing about those that come in their place. The server has
    /// nothing after mutation `ack_mid`, so nothing that it knows changes.
    pub(crate) fn forget_what_was_seen(&self, ack_mid: u64) -> Result<(), StoreError> {
        self.conn().execute(
            "UPDATE outbox SET base_seq = NULL WHERE mid > ?1 OR parked = 1",
            [to_sql(ack_mid)],
        )?;
        self.set_seen(Some(0))
    }

    /// Goes back to the beginning. What was acknowledged and pulled shows in the rows that are here; what was
    /// acknowledged and not pulled yet will be visible at `ack_seq`.
    pub(crate) fn begin_anew(&self, ack_seq: u64) -> Result<(), StoreError> {
        // The rows stay to be seen as they are.
        self.set_seen(Some(self.seen()?))?;
        let cursor = to_sql(self.cursor()?);
        self.conn().execute(
            "UPDATE outbox SET ack_seq = CASE WHEN ack_seq <= ?1 THEN 0 ELSE ?2 END WHERE state = 'acked'",
            [cursor, to_sql(ack_seq)],
        )?;
        self.set_cursor(0)
    }

    /// Takes away what the server has not told again. Returns which rows that were.
    pub(crate) fn sweep_stale(&self) -> Result<Rows, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "UPDATE row SET over = coalesce(shown, ''), base = NULL, seq = 0, stale = 0 WHERE stale = 1
             RETURNING kind, id",
        )?;
        let swept = statement.query_map([], |row| Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?))))?;
        Ok(swept.collect::<Result<_, _>>()?)
    }

    /// Forgets what the server said, so that the next exchange pulls everything anew. Own changes stay.
    pub(crate) fn forget_pulled(&self) -> Result<(), StoreError> {
        self.set_cursor(0)?;
        self.set_anew(None)?;
        self.set_seen(Some(0))?;
        self.forget_last_sync()?;
        let all: Rows = self
            .conn()
            .prepare("SELECT kind, id FROM row WHERE practice = 0")?
            .query_map([], |row| Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?))))?
            .collect::<Result<_, _>>()?;
        self.conn().execute(
            "UPDATE row SET over = coalesce(shown, ''), base = NULL, seq = 0, stale = 0 WHERE practice = 0",
            [],
        )?;
        for (kind, id) in all {
            self.show(&kind, id)?;
        }
        self.mark_changed();
        self.set_scrub_due()?;
        self.prune_swipe_log()
    }
}
