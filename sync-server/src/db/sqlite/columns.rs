//! How values look in columns, both ways.
//!
//! A value that cannot be read back is a fault of the backend; its text is never repeated in the error, because it
//! may be about a child.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::db::SecretHash;
use crate::db::stored::{Grouped, Stamps, bounded};

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

/// A number from 0; see [`bounded`].
pub(super) struct Num(pub(super) u64);

impl ToSql for Num {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(bounded(self.0).into())
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

impl FromSql for Stamps {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Json::<Grouped<String>>::column_result(value)?.0.into())
    }
}

fn unreadable(what: &'static str) -> FromSqlError {
    FromSqlError::Other(format!("a stored {what} cannot be read").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_back_is_not_repeated_in_the_error() {
        let error = Json::<u8>::column_result(ValueRef::Text(b"\"Mia\""))
            .err()
            .unwrap();
        assert!(!format!("{error} {error:?}").contains("Mia"));
    }
}
