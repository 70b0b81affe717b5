//! What a person sees of a row, worked out anew whenever its base or its unconfirmed mutations change.

use std::collections::BTreeSet;

use romp_domain::{Fields, Kind, Op, Row};
use romp_sync::overlay;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::outbox::mutation;
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

    /// The rows over which something will be laid once the device holds everything up to commit `cursor`.
    pub(crate) fn laid_over(&self, cursor: u64) -> Result<BTreeSet<(String, Uuid)>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT DISTINCT kind, id FROM outbox
             WHERE state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?1)",
        )?;
        let rows = statement.query_map([crate::outbox::to_sql(cursor)], |row| {
            Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts a server's row over which nothing is laid in the place of the one before: base and shown at once.
    pub(crate) fn show_base(&self, row: &Row) -> Result<(), StoreError> {
        let key = params![row.kind, row.id.as_bytes()];
        let before: Option<Option<String>> = self
            .conn()
            .prepare_cached("SELECT shown FROM row WHERE kind = ?1 AND id = ?2")?
            .query_row(key, |row| row.get(0))
            .optional()?;
        let Some(fields) = &row.fields else {
            if before.is_some() {
                self.mark_changed();
                self.conn()
                    .prepare_cached("DELETE FROM row WHERE kind = ?1 AND id = ?2")?
                    .execute(key)?;
            }
            return Ok(());
        };
        let base = serde_json::to_string(fields)?;
        let shown = (!fields.is_deleted()).then_some(&base);
        if before.as_ref().and_then(Option::as_ref) != shown {
            self.mark_changed();
        }
        self.conn()
            .prepare_cached(
                "INSERT INTO row (kind, id, seq, base, shown) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (kind, id) DO UPDATE SET
                 seq = excluded.seq, base = excluded.base, shown = excluded.shown, stale = 0",
            )?
            .execute(params![
                row.kind,
                row.id.as_bytes(),
                crate::outbox::to_sql(row.seq),
                base,
                shown
            ])?;
        Ok(())
    }

    /// The patches that the server's row does not contain yet, oldest first: those it has not got, and those it
    /// has got in a commit that was not pulled yet (without them an edit would flicker back between the two); and what
    /// is parked.
    fn unconfirmed_patches(&self, kind: &str, id: Uuid) -> Result<Vec<Fields>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT mid, hlc, kind, id, op, base_seq, parked FROM outbox WHERE kind = ?1 AND id = ?2
             AND (state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?3)) ORDER BY mid",
        )?;
        let cursor = crate::outbox::to_sql(self.cursor()?);
        let mut rows = statement.query(params![kind, id.as_bytes(), cursor])?;
        let mut patches = Vec::new();
        while let Some(row) = rows.next()? {
            let op = self.as_laid_over(mutation(row)?, row.get(6)?)?;
            match op {
                Some(Op::Patch { fields }) => patches.push(fields),
                // Taken back: gone for whoever did it. An answer to a playdate waits, and changes nothing before that.
                Some(Op::Act { .. }) if kind == Kind::Match.word() => patches.push(Fields::removal()),
                Some(Op::Act { .. }) | None => {}
            }
        }
        Ok(patches)
    }
}
