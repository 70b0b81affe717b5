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
