//! Why a file could not be opened, in words for the person who runs the server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a database could not be opened. The file was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not a `SQLite` database, or a damaged one.
    #[error("{path} is not a database. It was left as it is.")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A database, but another program's.
    #[error("{path} is a database of another program. It was left as it is.")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer version.
    #[error(
        "{path} was written by a newer romp-server (tables of version {found}, this one knows {known}). Please update; the file was left as it is."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its tables.
        found: i64,
        /// The newest that this build knows.
        known: i64,
    },
    /// Written by a version between two releases: its tables lack a step that came later and stands before theirs.
    #[error(
        "{path} was made by a development version of romp-server that no later one goes on from (step {step} is missing or different). Please start with a new file, on which the families' devices tell everything again, or go back to a copy that a release made; the file was left as it is."
    )]
    Between {
        /// The file.
        path: PathBuf,
        /// The step.
        step: i64,
    },
    /// It was there before, and is not there any more.
    #[error(
        "{path} is not there, although it was used before: {path}-opened says so. Please put it back: it may be called {path}.before-restore-1, or there is a copy for `romp-server restore`. Nothing was made in its place, because devices would take an empty one for the end of their families' accounts. To begin with an empty one all the same, remove {path}-opened."
    )]
    Lost {
        /// Where it was.
        path: PathBuf,
    },
    /// This build links a `SQLite` with a known fault.
    #[error("this build's SQLite {version} can damage databases; 3.51.3 or newer is needed")]
    OldSqlite {
        /// Its version.
        version: &'static str,
    },
    /// A connection did not take a setting that data safety depends on.
    #[error("SQLite did not accept {setting}")]
    Setting {
        /// Which.
        setting: &'static str,
    },
    /// The file or its folder cannot be used.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Anything else that `SQLite` says.
    #[error("{path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
    /// The tables could not be brought up to date.
    #[error("the tables could not be brought up to date: {0}")]
    Migration(#[from] refinery::Error),
    /// No thread for the writer.
    #[error("no thread for the writer: {0}")]
    Thread(io::Error),
}

/// What `SQLite` says of a file, as one of these.
pub(super) fn explained(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            OpenError::NotADatabase { path }
        }
        Some(rusqlite::ErrorCode::CannotOpen) => OpenError::File {
            source: fs::metadata(&path)
                .and_then(|meta| {
                    if meta.is_dir() {
                        Err(io::ErrorKind::IsADirectory.into())
                    } else {
                        Ok(())
                    }
                })
                .err()
                .unwrap_or_else(|| io::ErrorKind::PermissionDenied.into()),
            path,
        },
        _ => OpenError::Sqlite { path, source },
    }
}
