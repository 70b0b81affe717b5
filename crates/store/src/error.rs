//! The one error of this crate, by what can be done about it.

use romp_domain::{ErrorCode, Invalid, Problem};
use rusqlite::ErrorCode as Sqlite;

/// Why the store could not do something. Whatever it is, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not Romp's database, or it is damaged. It is left as it is.
    #[error("the database cannot be read: {0}")]
    Damaged(String),
    /// The file was written by a newer version: an update of the app opens it.
    #[error("schema version {found} is newer than {known}")]
    Newer {
        /// The file's version.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// No space is left: freeing some helps.
    #[error("the disk is full")]
    Full(#[source] rusqlite::Error),
    /// Another process holds the file: closing it helps.
    #[error("the database is in use by another process")]
    Busy(#[source] rusqlite::Error),
    /// A value broke a rule of the domain: correcting it helps.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Any other fault of the database.
    #[error("the database failed")]
    Sqlite(#[source] rusqlite::Error),
    /// The folder or the file cannot be reached.
    #[error("the file system failed")]
    Io(#[from] std::io::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(Sqlite::DiskFull) => Self::Full(error),
            Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => Self::Busy(error),
            Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    /// Only stored text is parsed in this crate, so text that cannot be parsed is damage.
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let problem = match &error {
            StoreError::Invalid(invalid) => return invalid.clone().into(),
            StoreError::Newer { .. } => Self::new(ErrorCode::StorageNewer),
            StoreError::Full(_) => Self::new(ErrorCode::StorageFull),
            StoreError::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => {
                Self::new(ErrorCode::StorageFull)
            }
            StoreError::Busy(_) => Self::saying(
                ErrorCode::StorageBroken,
                "Another program is using Romp's data. Please close it and try again.",
            ),
            StoreError::Damaged(_) | StoreError::Sqlite(_) | StoreError::Io(_) => {
                Self::new(ErrorCode::StorageBroken)
            }
        };
        tracing::error!(error = %Chain(&error), "the store failed");
        problem
    }
}

/// An error with everything that caused it, on one line.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
