//! Rows of the practice deck: kept here only, never in the outbox, gone when the device joins a family.

use romp_domain::{Fields, Kind};
use rusqlite::params;
use uuid::Uuid;

use crate::{Reader, StoreError, Writer};

impl Reader<'_> {
    /// Whether a row belongs to the practice deck.
    pub fn is_practice(&self, kind: Kind, id: Uuid) -> Result<bool, StoreError> {
        Ok(self
            .conn()
            .prepare_cached("SELECT 1 FROM row WHERE kind = ?1 AND id = ?2 AND practice = 1")?
            .exists(params![kind.word(), id.as_bytes()])?)
    }
}

impl Writer<'_> {
    /// Sets fields of a practice row, making it where there is none.
    pub fn patch_practice(&self, kind: Kind, id: Uuid, fields: &Fields) -> Result<(), StoreError> {
        let mut row = self.fields(kind, id)?.unwrap_or_default();
        row.0.extend(fields.0.clone());
        self.mark_changed();
        self.conn()
            .prepare_cached(
                "INSERT INTO row (kind, id, base, practice) VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT (kind, id) DO UPDATE SET base = excluded.base, over = NULL",
            )?
            .execute(params![kind.word(), id.as_bytes(), serde_json::to_string(&row)?])?;
        Ok(())
    }

    pub(crate) fn clear_practice(&self) -> Result<(), StoreError> {
        self.conn().execute("DELETE FROM row WHERE practice = 1", [])?;
        self.prune_swipe_log()
    }
}
