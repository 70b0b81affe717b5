//! Reading rows as the person sees them, as types of the domain; in a child's hands, as a child may see them; and
//! nothing of a blocked family (`gate`).

use romp_domain::{Entity, Fields, Kind};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::StoreError;

/// Reads within one lock or one transaction, so that what it reads belongs together.
pub struct Reader<'c> {
    conn: &'c Connection,
}

impl<'c> Reader<'c> {
    pub(crate) const fn new(conn: &'c Connection) -> Self {
        Self { conn }
    }

    pub(crate) const fn conn(&self) -> &'c Connection {
        self.conn
    }

    /// One row, if there is one to see.
    pub fn get<E: Entity>(&self, id: Uuid) -> Result<Option<E>, StoreError> {
        Ok(self
            .fields(E::KIND, id)?
            .and_then(|fields| E::read_known(&fields)))
    }

    /// Whether there is a row to see.
    pub fn has(&self, kind: Kind, id: Uuid) -> Result<bool, StoreError> {
        if !self.sight(kind)?.is_whole() {
            return Ok(self.fields(kind, id)?.is_some());
        }
        Ok(self
            .conn
            .prepare_cached("SELECT 1 FROM row WHERE kind = ?1 AND id = ?2 AND shown IS NOT NULL")?
            .exists(params![kind.word(), id.as_bytes()])?)
    }

    /// All rows of a kind, by id. A row that this build cannot read at all is passed over.
    pub fn list<E: Entity>(&self) -> Result<Vec<(Uuid, E)>, StoreError> {
        self.rows_as(E::KIND, |fields| E::read_known(&fields))
    }

    /// The same as fields, with those that only a newer build can read.
    pub fn rows(&self, kind: Kind) -> Result<Vec<(Uuid, Fields)>, StoreError> {
        self.rows_as(kind, Some)
    }

    /// Each is read before the next is looked at: there may be thousands.
    fn rows_as<T>(
        &self,
        kind: Kind,
        read: impl Fn(Fields) -> Option<T>,
    ) -> Result<Vec<(Uuid, T)>, StoreError> {
        let sight = self.sight(kind)?;
        let mut statement = self
            .conn
            .prepare_cached("SELECT id, shown FROM row WHERE kind = ?1 AND shown IS NOT NULL ORDER BY id")?;
        let mut rows = statement.query([kind.word()])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            let fields: Fields = serde_json::from_str(row.get_ref(1)?.as_str().map_err(damaged)?)?;
            if let Some(seen) = sight.of(kind, fields).and_then(&read) {
                list.push((Uuid::from_bytes(row.get(0)?), seen));
            }
        }
        Ok(list)
    }

    /// The fields of a row as the person sees it, with those that only a newer build can read.
    pub fn fields(&self, kind: Kind, id: Uuid) -> Result<Option<Fields>, StoreError> {
        let text: Option<Option<String>> = self
            .conn
            .prepare_cached("SELECT shown FROM row WHERE kind = ?1 AND id = ?2")?
            .query_row(params![kind.word(), id.as_bytes()], |row| row.get(0))
            .optional()?;
        let fields: Option<Fields> = text
            .flatten()
            .map(|text| serde_json::from_str(&text))
            .transpose()?;
        let Some(fields) = fields else {
            return Ok(None);
        };
        Ok(self.sight(kind)?.of(kind, fields))
    }
}

fn damaged(error: rusqlite::types::FromSqlError) -> StoreError {
    StoreError::Damaged(error.to_string())
}
