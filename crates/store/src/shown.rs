//! What a person sees of a row, worked out anew whenever its base or its unconfirmed mutations change.

use romp_domain::{Fields, Op};
use romp_sync::overlay;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::{StoreError, Writer};

impl Writer<'_> {
    /// Works out `shown` of one row; forgets a row of which nothing is left.
    pub(crate) fn show(&self, kind: &str, id: Uuid) -> Result<(), StoreError> {
        let stored: Option<(Option<String>, Option<String>)> = self
            .conn()
            .prepare_cached("SELECT base, shown FROM row WHERE kind = ?1 AND id = ?2")?
            .query_row(params![kind, id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let is_stored = stored.is_some();
        let (base, before) = stored.unwrap_or_default();
        let base: Option<Fields> = base.map(|text| serde_json::from_str(&text)).transpose()?;
        let patches = self.unconfirmed_patches(kind, id)?;
        let shown = overlay(base.as_ref(), &patches)
            .map(|fields| serde_json::to_string(&fields))
            .transpose()?;

        if shown != before {
            self.mark_changed();
        }
        if base.is_none() && shown.is_none() {
            if is_stored {
                self.conn()
                    .prepare_cached("DELETE FROM row WHERE kind = ?1 AND id = ?2")?
                    .execute(params![kind, id.as_bytes()])?;
            }
            return Ok(());
        }
        self.conn()
            .prepare_cached(
                "INSERT INTO row (kind, id, shown) VALUES (?1, ?2, ?3)
                 ON CONFLICT (kind, id) DO UPDATE SET shown = excluded.shown",
            )?
            .execute(params![kind, id.as_bytes(), shown])?;
        Ok(())
    }

    /// The patches that the server's row does not contain yet, oldest first: those it has not got, and those it
    /// has got in a commit that was not pulled yet (without them an edit would flicker back between the two).
    fn unconfirmed_patches(&self, kind: &str, id: Uuid) -> Result<Vec<Fields>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT op FROM outbox WHERE kind = ?1 AND id = ?2
             AND (state = 'pending' OR (state = 'acked' AND ack_seq > ?3)) ORDER BY mid",
        )?;
        let cursor = crate::outbox::to_sql(self.cursor()?);
        let mut rows = statement.query(params![kind, id.as_bytes(), cursor])?;
        let mut patches = Vec::new();
        while let Some(row) = rows.next()? {
            if let Op::Patch { fields } = serde_json::from_str(&row.get::<_, String>(0)?)? {
                patches.push(fields);
            }
        }
        Ok(patches)
    }
}
