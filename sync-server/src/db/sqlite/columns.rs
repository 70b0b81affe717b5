//! How values look in columns, both ways.
//!
//! A value that cannot be read back is a fault of the backend; its text is never repeated in the error, because it
//! may be about a child.

use std::collections::BTreeMap;

use romp_sync::Stamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::db::SecretHash;

/// An id: 16 bytes.
pub(super) struct Id(pub(super) Uuid);

impl ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
    }
}

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Uuid::from_slice(value.as_blob()?)
            .map(Self)
            .map_err(|_| unreadable("id"))
    }
}

/// The hash of a secret: 32 bytes.
pub(super) struct Hash(pub(super) SecretHash);

impl ToSql for Hash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value
            .as_blob()?
            .try_into()
            .map(Self)
            .map_err(|_| unreadable("hash"))
    }
}

/// A number from 0. `SQLite`'s end at 2^63 - 1; what is above is stored as that, and means the same: no clock gets
/// there before the year 6429, and no counter ever.
pub(super) struct Num(pub(super) u64);

impl ToSql for Num {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Num {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u64::try_from(value.as_i64()?)
            .map(Self)
            .map_err(|_| unreadable("number"))
    }
}

/// Text with rules of its own: a name, an address, a word of a closed set.
pub(super) struct Checked<T>(pub(super) T);

impl<T: TryFrom<String>> FromSql for Checked<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        T::try_from(value.as_str()?.to_owned())
            .map(Self)
            .map_err(|_| unreadable("text"))
    }
}

/// A value as JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<&T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(self.0)
            .map(ToSqlOutput::from)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_slice(value.as_bytes()?)
            .map(Self)
            .map_err(|_| unreadable("JSON"))
    }
}

/// A row's stamps. Most rows were written in one go, so the fields are listed under the stamp they share instead of
/// repeating it: a new pet takes 300 bytes of stamps instead of 1,600.
pub(super) struct Stamps(pub(super) BTreeMap<String, Stamp>);

/// Ready to be stored.
pub(super) fn stamps(of: &BTreeMap<String, Stamp>) -> Vec<(Stamp, Vec<&str>)> {
    let mut groups: BTreeMap<Stamp, Vec<&str>> = BTreeMap::new();
    for (field, stamp) in of {
        groups.entry(*stamp).or_default().push(field);
    }
    groups.into_iter().collect()
}

impl FromSql for Stamps {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let Json(groups) = Json::<Vec<(Stamp, Vec<String>)>>::column_result(value)?;
        let fields = groups
            .into_iter()
            .flat_map(|(stamp, fields)| fields.into_iter().map(move |field| (field, stamp)));
        Ok(Self(fields.collect()))
    }
}

fn unreadable(what: &'static str) -> FromSqlError {
    FromSqlError::Other(format!("a stored {what} cannot be read").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::{DeviceId, Hlc};

    #[test]
    fn stamps_are_stored_by_what_they_share_and_come_back_the_same() {
        let stamp = |hlc| Stamp(Hlc(hlc), DeviceId(Uuid::from_u128(7)));
        let original = BTreeMap::from([
            ("name".to_owned(), stamp(1)),
            ("energy".to_owned(), stamp(2)),
            ("breed".to_owned(), stamp(1)),
        ]);
        let stored = serde_json::to_string(&stamps(&original)).unwrap();
        assert_eq!(stored.matches("00000007").count(), 2, "{stored}");
        let back = Stamps::column_result(ValueRef::Text(stored.as_bytes())).unwrap();
        assert_eq!(back.0, original);
    }

    #[test]
    fn what_cannot_be_read_back_is_not_repeated_in_the_error() {
        let error = Json::<u8>::column_result(ValueRef::Text(b"\"Mia\""))
            .err()
            .unwrap();
        assert!(!format!("{error} {error:?}").contains("Mia"));
    }
}
