//! Opening the file: looked at before it is touched, made whole or not at all, and never used with weaker settings.
//!
//! A file that cannot be used is left byte for byte as it was: all doubts are settled on a read-only connection.
//! Migrations are numbered and only ever added; each runs in a transaction of its own.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use refinery::{Migration, Runner};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::{StoreError, private};

/// "ROMP", as the first migration writes it into the file.
const APPLICATION_ID: i64 = 1_380_928_848;

/// Older versions can corrupt a WAL database under concurrent checkpoints (sqlite.org/wal.html#walresetbug).
const SQLITE_AT_LEAST: i32 = 3_051_003;

/// Statements kept ready; more than there are in this crate. With the default of 16 an exchange plans them over and over.
const CACHED_STATEMENTS: usize = 64;

/// Pages kept in memory, in KiB: all of a family's rows, so that what one answer changes is not written out and read
/// again before it is complete.
const CACHE_KIB: i64 = 8 * 1024;

/// The log is carried over into the file when it has this many pages (16 MB): a new device pulls everything into the log,
/// and each page goes into the file once.
const CHECKPOINT_PAGES: i64 = 4_000;

/// How long to wait for another process, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const MIGRATIONS: [(&str, &str); 7] = [
    (
        "V1__rows_and_outbox",
        include_str!("../migrations/V1__rows_and_outbox.sql"),
    ),
    (
        "V2__swipe_log_and_practice",
        include_str!("../migrations/V2__swipe_log_and_practice.sql"),
    ),
    (
        "V3__chain_and_bases",
        include_str!("../migrations/V3__chain_and_bases.sql"),
    ),
    ("V4__parked", include_str!("../migrations/V4__parked.sql")),
    ("V5__over", include_str!("../migrations/V5__over.sql")),
    ("V6__waited", include_str!("../migrations/V6__waited.sql")),
    ("V7__whose", include_str!("../migrations/V7__whose.sql")),
];

/// Opens the database at `path`, making or migrating it where needed.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < SQLITE_AT_LEAST {
        return Err(StoreError::Damaged(format!(
            "SQLite {} is too old",
            rusqlite::version()
        )));
    }
    let written = length(path)?;
    let version = if written == 0 {
        if length(&beside(path, "-wal"))? > 0 {
            return Err(StoreError::Damaged(
                "the log is there, the database is not".into(),
            ));
        }
        create(path)?;
        MIGRATIONS.len() as i64
    } else {
        // With a log beside it the file may lag behind its own header: a checkpoint was cut short.
        if written < promised_length(path)? && length(&beside(path, "-wal"))? == 0 {
            return Err(StoreError::Damaged("the end of the file is missing".into()));
        }
        let version = inspect(path)?;
        for ending in ["", "-wal", "-shm"] {
            private::tighten(&beside(path, ending));
        }
        version
    };
    let mut conn = connect(path)?;
    if version < MIGRATIONS.len() as i64 {
        migrate(&mut conn)?;
    }
    Ok(conn)
}

fn length(path: &Path) -> Result<u64, StoreError> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(found.len()),
        Ok(_) => Err(StoreError::Damaged("not a file".into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// The length that the header promises: page size and page count (<https://sqlite.org/fileformat2.html>, 1.3).
/// `SQLite` itself fills a last page that is cut short with zeroes.
fn promised_length(path: &Path) -> Result<u64, StoreError> {
    let mut header = [0; 32];
    if fs::File::open(path)?.read_exact(&mut header).is_err() || !header.starts_with(b"SQLite format 3\0") {
        return Err(StoreError::Damaged("not a database".into()));
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    Ok(page * u64::from(pages))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes a complete database beside `path` and moves it there, so that no half-made one is ever found.
fn create(path: &Path) -> Result<(), StoreError> {
    let new = beside(path, "-new");
    for ending in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(&new, ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    // The log and the shared memory beside it get the rights of the file.
    private::file(&new)?;
    let mut conn = connect(&new)?;
    migrate(&mut conn)?;
    conn.close().map_err(|(_, error)| error)?;
    fs::rename(&new, path)?;
    sync_folder(path)?;
    Ok(())
}

/// Makes a rename last (POSIX: the folder's entry is data of the folder).
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix)
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Judges an existing file without changing it, and tells its schema version.
fn inspect(path: &Path) -> Result<i64, StoreError> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Err(StoreError::Damaged("another program's database".into()));
    }
    let verdict: String = conn.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    let found: Option<i64> = conn
        .query_row("SELECT max(version) FROM refinery_schema_history", [], |row| {
            row.get(0)
        })
        .optional()
        .map_err(|error| StoreError::Damaged(error.to_string()))?
        .flatten();
    let known = MIGRATIONS.len() as i64;
    match found {
        None => Err(StoreError::Damaged("no schema version".into())),
        Some(found) if found > known => Err(StoreError::Newer { found, known }),
        Some(found) => Ok(found),
    }
}

/// A connection with every setting in place and read back.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // `fullfsync` matters on macOS only, where an ordinary fsync leaves data in the drive's cache.
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;",
    )?;
    // Negative: in KiB.
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // Otherwise a statement is planned anew whenever a value is bound that could make another plan better.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let settings = (
        number("synchronous")?,
        number("foreign_keys")?,
        number("busy_timeout")?,
    );
    if mode != "wal" || settings != (2, 1, BUSY_TIMEOUT.as_millis() as i64) {
        return Err(StoreError::Damaged(format!(
            "settings refused: {mode} {settings:?}"
        )));
    }
    Ok(conn)
}

fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let failed = |error: refinery::Error| {
        let cause =
            std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<rusqlite::Error>());
        match cause.and_then(rusqlite::Error::sqlite_error) {
            Some(code) => rusqlite::Error::SqliteFailure(*code, Some(error.to_string())).into(),
            None => StoreError::Damaged(error.to_string()),
        }
    };
    let migrations: Result<Vec<_>, _> = MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect();
    Runner::new(&migrations.map_err(failed)?)
        .run(conn)
        .map(drop)
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_strict_and_no_half_made_file_stays_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("romp.db");
        fs::write(dir.path().join("romp.db-new"), "left by a crash").unwrap();
        let conn = open(&path).unwrap();
        let loose: i64 = conn
            .query_row(
                "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 0
                 AND name NOT LIKE 'sqlite_%' AND name <> 'refinery_schema_history'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(loose, 0);
        assert!(!dir.path().join("romp.db-new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file_also_where_an_earlier_version_made_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("romp.db");
        let modes = || {
            let entries = fs::read_dir(dir.path())
                .unwrap()
                .map(|entry| entry.unwrap().path());
            let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            entries.map(|path| (mode(&path), path)).collect::<Vec<_>>()
        };
        let mut connections = Vec::new();
        for again in [false, true] {
            if again {
                for (_, path) in modes() {
                    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
                }
            }
            let conn = open(&path).unwrap();
            conn.execute_batch("CREATE TABLE IF NOT EXISTS x (n INTEGER) STRICT; INSERT INTO x VALUES (1)")
                .unwrap();
            let found = modes();
            assert_eq!(
                found.len(),
                3,
                "the file, its log and its shared memory: {found:?}"
            );
            assert!(found.iter().all(|(mode, _)| *mode == 0o600), "{found:?}");
            connections.push(conn);
        }
    }

    #[test]
    fn a_log_without_its_database_is_not_taken_for_a_new_device() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("romp.db");
        fs::write(beside(&path, "-wal"), "unsaved work").unwrap();
        assert!(matches!(open(&path), Err(StoreError::Damaged(_))));
        assert!(!path.exists());
    }
}
