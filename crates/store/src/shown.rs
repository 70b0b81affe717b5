//! What a person sees of a row, worked out anew whenever its base or its unconfirmed mutations change.
//!
//! Stored is only what differs from the base. Whoever replaces the base before the row is worked out anew, puts what was
//! seen until then over it.

use std::collections::BTreeSet;

use romp_domain::{Fields, Kind, Op, Row};
use romp_sync::overlay;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::outbox::mutation;
use crate::{StoreError, Writer};

/// Laid over a row of which nothing is to be seen.
const NOTHING: &str = "";

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
        let fields: Option<Fields> = base.as_deref().map(serde_json::from_str).transpose()?;
        let patches = self.unconfirmed_patches(kind, id)?;
        let shown = overlay(fields.as_ref(), &patches)
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
        let over = if shown == base {
            None
        } else {
            Some(shown.as_deref().unwrap_or(NOTHING))
        };
        self.conn()
            .prepare_cached(
                "INSERT INTO row (kind, id, over) VALUES (?1, ?2, ?3)
                 ON CONFLICT (kind, id) DO UPDATE SET over = excluded.over",
            )?
            .execute(params![kind, id.as_bytes(), over])?;
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
        let Some(fields) = &row.fields else {
            let removed = self
                .conn()
                .prepare_cached("DELETE FROM row WHERE kind = ?1 AND id = ?2")?
                .execute(key)?;
            if removed > 0 {
                self.mark_changed();
            }
            return Ok(());
        };
        let base = serde_json::to_string(fields)?;
        let over = fields.is_deleted().then_some(NOTHING);
        let shown = over.is_none().then_some(base.as_str());
        let looks_the_same = self
            .conn()
            .prepare_cached("SELECT shown FROM row WHERE kind = ?1 AND id = ?2")?
            .query_row(key, |row| Ok(row.get_ref(0)?.as_str_or_null()? == shown))
            .optional()?;
        if !looks_the_same.unwrap_or(shown.is_none()) {
            self.mark_changed();
        }
        self.conn()
            .prepare_cached(
                "INSERT INTO row (kind, id, seq, base, over) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (kind, id) DO UPDATE SET
                 seq = excluded.seq, base = excluded.base, over = excluded.over, stale = 0",
            )?
            .execute(params![
                row.kind,
                row.id.as_bytes(),
                crate::outbox::to_sql(row.seq),
                base,
                over
            ])?;
        Ok(())
    }

    /// The patches that the server's row does not contain yet, oldest first: those it has not got, and those it
    /// has got in a commit that was not pulled yet (without them an edit would flicker back between the two); and what
    /// is parked.
    fn unconfirmed_patches(&self, kind: &str, id: Uuid) -> Result<Vec<Fields>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT mid, hlc, kind, id, op, base_seq, waited, parked FROM outbox WHERE kind = ?1 AND id = ?2
             AND (state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?3)) ORDER BY mid",
        )?;
        let cursor = crate::outbox::to_sql(self.cursor()?);
        let mut rows = statement.query(params![kind, id.as_bytes(), cursor])?;
        let mut patches = Vec::new();
        while let Some(row) = rows.next()? {
            let op = self.as_laid_over(mutation(row)?, row.get(7)?)?;
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
