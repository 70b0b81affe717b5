//! How values look in columns, both ways.
//!
//! A value that cannot be read back is a fault of the backend; its text is never repeated in the error, because it
//! may be about a child.

use std::error::Error;
use std::fmt;

use bytes::BytesMut;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use uuid::Uuid;

use crate::db::stored::{Grouped, Stamps, bounded};
use crate::db::{Fault, SecretHash};

/// A number from 0; see [`bounded`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Num(pub(super) u64);

impl ToSql for Num {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        bounded(self.0).to_sql(ty, out)
    }

    accepts!(INT8);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Num {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(u64::try_from(i64::from_sql(ty, raw)?)?))
    }

    accepts!(INT8);
}

/// A value as JSON: in a column of that type, or in one of text where nothing is searched by it.
pub(super) struct Json<T>(pub(super) T);

/// The client writes parameters into its log at times, and this one may be about a child.
impl<T> fmt::Debug for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json")
    }
}

/// The version of the binary form of jsonb, its first byte: the text follows.
const JSONB: u8 = 1;

impl<T: Serialize> ToSql for Json<&T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if *ty == Type::JSONB {
            out.extend_from_slice(&[JSONB]);
        }
        out.extend_from_slice(&serde_json::to_vec(self.0)?);
        Ok(IsNull::No)
    }

    accepts!(JSONB, TEXT);
    to_sql_checked!();
}

impl<'a, T: DeserializeOwned> FromSql<'a> for Json<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let text = match raw.split_first() {
            Some((&JSONB, text)) if *ty == Type::JSONB => text,
            _ => raw,
        };
        Ok(Self(serde_json::from_slice(text)?))
    }

    accepts!(JSONB, TEXT);
}

/// A column of a row.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Fault> {
    // The client's own words would repeat the value.
    row.try_get(index)
        .map_err(|_| Fault::Backend(format!("a stored {} cannot be read", row.columns()[index].name())))
}

/// An id.
pub(super) fn id<T>(row: &Row, index: usize, wrap: impl FnOnce(Uuid) -> T) -> Result<T, Fault> {
    column(row, index).map(wrap)
}

/// A number from 0.
pub(super) fn num(row: &Row, index: usize) -> Result<u64, Fault> {
    Ok(column::<Num>(row, index)?.0)
}

/// The hash of a secret.
pub(super) fn hash(row: &Row, index: usize) -> Result<SecretHash, Fault> {
    column::<&[u8]>(row, index)?
        .try_into()
        .map_err(|_| Fault::Backend("a stored hash cannot be read".into()))
}

/// A value stored as JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, Fault> {
    Ok(column::<Json<T>>(row, index)?.0)
}

/// A row's stamps.
pub(super) fn stamps(row: &Row, index: usize) -> Result<Stamps, Fault> {
    Ok(json::<Grouped<String>>(row, index)?.into())
}

/// Text with rules of its own: a name, an address.
pub(super) fn checked<T: TryFrom<String>>(row: &Row, index: usize) -> Result<T, Fault> {
    T::try_from(column(row, index)?).map_err(|_| Fault::Backend("a stored text cannot be read".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_parameters_nor_errors_repeat_what_is_stored() {
        assert!(!format!("{:?}", Json("Mia")).contains("Mia"));
        let raw = b"\x01\"Mia\"";
        assert_eq!(Json::<String>::from_sql(&Type::JSONB, raw).unwrap().0, "Mia");
        let number = Num::from_sql(&Type::INT8, &(-1_i64).to_be_bytes());
        assert!(number.is_err(), "a number from 0 is not below");
    }
}
