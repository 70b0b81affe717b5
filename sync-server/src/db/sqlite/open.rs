//! The file and its connections: what every connection must be like, and what must not be touched.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

/// The oldest `SQLite` that does not lose the log in a race between two connections (fixed in 3.51.3).
const MIN_SQLITE: i32 = 3_051_003;

/// How long a statement waits for another process (a backup, a command of the operator) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements kept ready per connection; more than there are in this backend.
const CACHED_STATEMENTS: usize = 128;

/// The log is carried over into the file when it has this many pages (32 MB): pages that change often are then written
/// once for many commits.
const CHECKPOINT_PAGES: i64 = 8_000;

/// Pages kept in memory per connection.
const CACHE_KIB: i64 = 32 * 1024;

/// "Rmps", as the first migration writes it.
const APPLICATION_ID: i32 = 0x526D_7073;

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

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::pedantic,
    reason = "generated code"
)]
mod embedded {
    refinery::embed_migrations!("src/db/sqlite/migrations");
}

/// Makes the file if there is none, readable by nobody else: it holds addresses and password hashes.
pub(super) fn create_private(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(OpenError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// A connection that writes. Looks at the file before it changes anything in it.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < MIN_SQLITE {
        return Err(OpenError::OldSqlite {
            version: rusqlite::version(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| explained(path, error))?;
    connection
        .busy_timeout(BUSY_TIMEOUT)
        .map_err(|error| explained(path, error))?;
    recognise(&connection, path)?;
    settle(&connection).map_err(|error| explained(path, error))?;
    assert_settled(&connection, path)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn connect_read_only(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(|error| explained(path, error))?;
    Ok(connection)
}

/// Brings the tables up to date, all steps in one transaction.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let runner = embedded::migrations::runner();
    let known = runner
        .get_migrations()
        .iter()
        .map(|step| i64::from(step.version()))
        .max()
        .unwrap_or(0);
    let found = applied(connection).map_err(|error| explained(path, error))?;
    if found > known {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    if let Some(step) = amiss(connection, &runner).map_err(|error| explained(path, error))? {
        return Err(OpenError::Between {
            path: path.to_owned(),
            step,
        });
    }
    if found < known {
        runner.set_grouped(true).run(connection)?;
    }
    Ok(())
}

/// The first step that should have been taken on the way to where the tables are, and was not, or was another one.
fn amiss(connection: &Connection, runner: &refinery::Runner) -> rusqlite::Result<Option<i64>> {
    let found = applied(connection)?;
    if found == 0 {
        return Ok(None);
    }
    let mut checksum =
        connection.prepare("SELECT checksum FROM refinery_schema_history WHERE version = ?1")?;
    let mut steps: Vec<_> = runner
        .get_migrations()
        .iter()
        .filter(|step| i64::from(step.version()) <= found)
        .collect();
    steps.sort();
    for step in steps {
        let version = i64::from(step.version());
        let taken: Option<String> = checksum.query_row([version], |row| row.get(0)).optional()?;
        if taken != Some(step.checksum().to_string()) {
            return Ok(Some(version));
        }
    }
    Ok(None)
}

/// The version of the tables; 0 for a new file.
fn applied(connection: &Connection) -> rusqlite::Result<i64> {
    if !connection.table_exists(None, "refinery_schema_history")? {
        return Ok(0);
    }
    connection.query_one(
        "SELECT coalesce(max(version), 0) FROM refinery_schema_history",
        [],
        |row| row.get(0),
    )
}

/// Whether this is Romp's or empty.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let look = |sql| connection.query_one(sql, [], |row| row.get::<_, i32>(0));
    let tables = look("SELECT count(*) FROM sqlite_schema").map_err(|error| explained(path, error))?;
    let application = look("PRAGMA application_id").map_err(|error| explained(path, error))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    Ok(())
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten with zeroes: see `scrub`.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What a savepoint may need again, and sorting: nothing of it has to outlive the process.
    connection.pragma_update(None, "temp_store", "memory")?;
    // Negative: in KiB. The indexes of a busy server should not be read from the file again and again.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // Statements are planned once, not again for other values: planning takes longer than running them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// `SQLite` passes over settings that it does not know or cannot take, so they are read back.
fn assert_settled(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let mode: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(|error| explained(path, error))?;
    let checks = [
        ("journal_mode = wal", mode == "wal"),
        ("synchronous = full", number("synchronous").is_ok_and(|n| n == 2)),
        ("foreign_keys = on", number("foreign_keys").is_ok_and(|n| n == 1)),
        (
            "secure_delete = on",
            number("secure_delete").is_ok_and(|n| n == 1),
        ),
        ("busy_timeout", number("busy_timeout").is_ok_and(|n| n > 0)),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((setting, _)) => Err(OpenError::Setting { setting }),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sqlite::SqliteDb;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_file_that_is_not_a_database_is_refused_and_left_alone() {
        let folder = folder();
        let path = folder.path().join("notes.txt");
        for text in ["hello", &"not a database at all. ".repeat(400)] {
            fs::write(&path, text).unwrap();
            let error = SqliteDb::open(&path).unwrap_err();
            assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing was left beside it"
        );
    }

    #[test]
    fn another_programs_database_is_refused_and_left_alone() {
        let folder = folder();
        let path = folder.path().join("other.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE notes (text TEXT)")
            .unwrap();
        let before = fs::read(&path).unwrap();
        assert!(matches!(
            SqliteDb::open(&path).unwrap_err(),
            OpenError::Foreign { .. }
        ));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_newer_database_is_refused_and_left_alone() {
        let folder = folder();
        let path = folder.path().join("romp.db");
        drop(SqliteDb::open(&path).unwrap());
        let newer = "INSERT INTO refinery_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z', '0')";
        Connection::open(&path).unwrap().execute_batch(newer).unwrap();
        let before = fs::read(&path).unwrap();
        let error = SqliteDb::open(&path).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
        assert!(error.to_string().contains("newer romp-server"));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn the_tables_of_every_step_are_brought_up_to_date() {
        let mut steps: Vec<_> = embedded::migrations::runner()
            .get_migrations()
            .iter()
            .map(refinery::Migration::version)
            .collect();
        steps.sort_unstable();
        assert!(steps.len() > 1);
        for step in steps {
            let folder = folder();
            let path = folder.path().join("romp.db");
            create_private(&path).unwrap();
            let mut connection = connect(&path).unwrap();
            let older = embedded::migrations::runner().set_target(refinery::Target::Version(step));
            older.set_grouped(true).run(&mut connection).unwrap();
            assert_eq!(applied(&connection).unwrap(), i64::from(step));
            drop(connection);
            drop(SqliteDb::open(&path).unwrap_or_else(|error| panic!("from {step}: {error}")));
        }
    }

    #[test]
    fn the_tables_of_a_version_between_releases_are_refused_with_what_to_do_and_left_alone() {
        for (change, step) in [
            ("DELETE FROM refinery_schema_history WHERE version = 10", 10),
            (
                "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 20",
                20,
            ),
            // Newer tables than the missing step's are none of the newest.
            (
                "DELETE FROM refinery_schema_history WHERE version IN (10, 22, 30, 40)",
                10,
            ),
        ] {
            let folder = folder();
            let path = folder.path().join("romp.db");
            drop(SqliteDb::open(&path).unwrap());
            Connection::open(&path).unwrap().execute_batch(change).unwrap();
            let before = fs::read(&path).unwrap();
            let error = SqliteDb::open(&path).unwrap_err();
            assert!(
                matches!(error, OpenError::Between { step: found, .. } if found == step),
                "{error}"
            );
            assert!(error.to_string().contains("Please start with a new file"));
            assert_eq!(fs::read(&path).unwrap(), before);
        }
    }

    #[test]
    fn a_folder_or_a_missing_folder_is_an_error_with_a_sentence() {
        let folder = folder();
        let missing = SqliteDb::open(&folder.path().join("no/such/place.db")).unwrap_err();
        assert!(matches!(missing, OpenError::File { .. }), "{missing}");
        let directory = SqliteDb::open(folder.path()).unwrap_err();
        assert!(matches!(directory, OpenError::File { .. }), "{directory}");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let path = folder.path().join("romp.db");
        let _open = SqliteDb::open(&path).unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{mode:o}");
        }
    }

    #[test]
    fn opening_again_finds_everything_in_place() {
        let folder = folder();
        let path = folder.path().join("romp.db");
        drop(SqliteDb::open(&path).unwrap());
        let first = SqliteDb::open(&path).unwrap();
        let second = SqliteDb::open(&path).unwrap();
        drop((first, second));
    }
}
