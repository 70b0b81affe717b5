//! Looking into a database file from outside.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Row};

/// How long to wait for whoever uses the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// A look into a file, with whatever its log holds.
pub struct Look(Connection);

impl Look {
    /// Opens a file. When it is closed again, its log stays as it is, for whoever uses the file in earnest.
    pub fn into(path: &Path) -> Result<Self, String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let conn = Connection::open_with_flags(path, flags)?;
            conn.busy_timeout(PATIENCE)?;
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            Ok(Self(conn))
        };
        open().map_err(|error: rusqlite::Error| error.to_string())
    }

    /// Opens a file and checks that it is sound. The error says what is not.
    pub fn into_sound(path: &Path) -> Result<Self, String> {
        let look = Self::into(path)?;
        let verdict = look.all("PRAGMA integrity_check", |row| row.get::<_, String>(0))?;
        if verdict != ["ok"] {
            return Err(format!("not sound: {verdict:?}"));
        }
        let loose = look.all("PRAGMA foreign_key_check", |row| row.get::<_, String>(0))?;
        if !loose.is_empty() {
            return Err(format!("rows that point nowhere: {loose:?}"));
        }
        Ok(look)
    }

    /// All rows of a question.
    pub fn all<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, String> {
        let rows = || {
            self.0
                .prepare(sql)?
                .query_map([], read)?
                .collect::<Result<_, _>>()
        };
        rows().map_err(|error: rusqlite::Error| format!("{sql}: {error}"))
    }
}
