//! The file and its connections: what every connection must be like, and what must not be touched.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::open_error::{OpenError, explained};

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

/// A connection on which nothing is settled. Every one of this backend begins here.
fn opened(path: &Path) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < MIN_SQLITE {
        return Err(OpenError::OldSqlite {
            version: rusqlite::version(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| explained(path, error))
}

/// A connection to a file that is copied or is to be replaced, which waits for others so long. It is as careful as any
/// other, but leaves the way in which the file is journaled as it is.
///
/// The inner error is what `SQLite` said of the file.
pub(super) fn connect_to_copy(
    path: &Path,
    patience: Duration,
) -> Result<rusqlite::Result<Connection>, OpenError> {
    let connection = opened(path)?;
    let careful = connection
        .busy_timeout(patience)
        .and_then(|()| be_careful(&connection))
        .and_then(|()| not_taken(&connection));
    match careful {
        Ok(None) => Ok(Ok(connection)),
        Ok(Some(setting)) => Err(OpenError::Setting { setting }),
        Err(error) => Ok(Err(error)),
    }
}

/// A connection that writes. Looks at the file before it changes anything in it.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let connection = opened(path)?;
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

/// What the safety of data depends on, on every connection, as `SQLite` tells it when it is asked.
const CAREFUL: [(&str, i64); 4] = [
    // Full: a commit is on the disk.
    ("synchronous", 2),
    ("foreign_keys", 1),
    // What is deleted is overwritten with zeroes: see `scrub`.
    ("secure_delete", 1),
    ("trusted_schema", 0),
];

fn be_careful(connection: &Connection) -> rusqlite::Result<()> {
    CAREFUL
        .iter()
        .try_for_each(|(name, value)| connection.pragma_update(None, name, value))
}

/// The first of these settings that did not take: `SQLite` passes over what it does not know or cannot do.
fn not_taken(connection: &Connection) -> rusqlite::Result<Option<&'static str>> {
    for (name, value) in CAREFUL {
        if connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))? != value {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    be_careful(connection)?;
    // What a savepoint may need again, and sorting: nothing of it has to outlive the process.
    connection.pragma_update(None, "temp_store", "memory")?;
    // Negative: in KiB. The indexes of a busy server should not be read from the file again and again.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // Statements are planned once, not again for other values: planning takes longer than running them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Reads the settings back.
fn assert_settled(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let unsettled = || -> rusqlite::Result<Option<&'static str>> {
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let patience: i64 = connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
        Ok(match not_taken(connection)? {
            None if mode != "wal" => Some("journal_mode"),
            None if patience == 0 => Some("busy_timeout"),
            found => found,
        })
    };
    match unsettled().map_err(|error| explained(path, error))? {
        None => Ok(()),
        Some(setting) => Err(OpenError::Setting { setting }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
    fn a_folder_or_a_missing_folder_is_an_error_with_a_sentence() {
        let folder = folder();
        let missing = SqliteDb::open(&folder.path().join("no/such/place.db")).unwrap_err();
        assert!(matches!(missing, OpenError::File { .. }), "{missing}");
        let directory = SqliteDb::open(folder.path()).unwrap_err();
        assert!(matches!(directory, OpenError::File { .. }), "{directory}");
    }

    #[test]
    fn row_61_every_connection_is_careful_also_one_that_only_copies() {
        let folder = folder();
        let path = folder.path().join("romp.db");
        drop(SqliteDb::open(&path).unwrap());
        let copies = connect_to_copy(&path, BUSY_TIMEOUT).unwrap().unwrap();
        let all = [connect(&path).unwrap(), connect_read_only(&path).unwrap(), copies];
        for connection in all {
            let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            let settings = [
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "trusted_schema",
                "busy_timeout",
            ];
            assert_eq!(settings.map(|name| number(name).unwrap()), [2, 1, 1, 0, 5_000]);
            for (name, value) in CAREFUL {
                connection.pragma_update(None, name, 1 - value.min(1)).unwrap();
                assert_eq!(not_taken(&connection).unwrap(), Some(name));
                connection.pragma_update(None, name, value).unwrap();
            }
            assert_eq!(not_taken(&connection).unwrap(), None);
        }
        assert!(rusqlite::version_number() >= MIN_SQLITE);
    }

    #[test]
    fn a_missing_database_that_was_there_before_is_not_taken_for_a_new_one() {
        let folder = folder();
        let path = folder.path().join("romp.db");
        drop(SqliteDb::open(&path).unwrap());
        let kept = folder.path().join("romp.db.before-restore-1");
        fs::rename(&path, &kept).unwrap();
        let error = SqliteDb::open(&path).unwrap_err();
        assert!(matches!(error, OpenError::Lost { .. }), "{error}");
        for told in [
            "romp.db.before-restore-1",
            "romp.db-opened",
            "romp-server restore",
        ] {
            assert!(error.to_string().contains(told), "{told}: {error}");
        }
        assert!(!path.exists(), "none was made");
        fs::rename(&kept, &path).unwrap();
        drop(SqliteDb::open(&path).unwrap());
        fs::remove_file(&path).unwrap();
        fs::remove_file(folder.path().join("romp.db-opened")).unwrap();
        SqliteDb::open(&path).unwrap();
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
