//! A file beside the database that remembers how often it was opened and closed.
//!
//! The number is in both. When the database's is the smaller one, somebody put an older file in its place without
//! saying so (`romp-server restore` says so): its epoch ends here, and devices send again what it lacks. Only a net
//! below the net: a copy made since the last start, put back after a crash, is not found out this way, but by the
//! devices, whose cursors and numbers lie beyond it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::beside::{beside, sync_folder};

/// Counts this opening or closing in both places. Ends the epoch of a database that is older than it should be.
pub(super) fn count(connection: &mut Connection, path: &Path) -> rusqlite::Result<()> {
    let seen = seen(path);
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let counted: i64 = tx
        .query_one("SELECT opened FROM epoch", [], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    if counted < seen {
        tracing::warn!(
            "the database is older than when it was last used; devices will send again what it lacks"
        );
        tx.execute("UPDATE epoch SET epoch = 0", [])?;
    }
    let next = counted.max(seen).saturating_add(1);
    tx.execute(
        "INSERT INTO epoch (one, epoch, opened) VALUES (1, 0, ?1) ON CONFLICT (one) DO UPDATE SET opened = ?1",
        [next],
    )?;
    tx.commit()?;
    if let Err(error) = write(path, next) {
        tracing::warn!(%error, "the file beside the database cannot be written");
    }
    Ok(())
}

/// Whether a database was opened here before, and is not there any more.
pub(super) fn misses(path: &Path) -> bool {
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    !is_there(path) && is_there(&beside(path, "-opened"))
}

/// Forgets what was counted for a path: another file comes in its place, and somebody says so.
pub(super) fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(beside(path, "-opened")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What the file says; 0 when there is none or nothing in it that can be read.
fn seen(path: &Path) -> i64 {
    fs::read_to_string(beside(path, "-opened"))
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

fn write(path: &Path, number: i64) -> io::Result<()> {
    let new = beside(path, "-opened-new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(format!("{number}\n").as_bytes())?;
    // Or a power cut may leave an empty file under the name, or the one before.
    file.sync_all()?;
    fs::rename(new, beside(path, "-opened"))?;
    sync_folder(path)
}

#[cfg(test)]
mod tests {
    use romp_domain::wire::Epoch;

    use super::*;
    use crate::db::DbExt;
    use crate::db::sqlite::SqliteDb;

    fn epoch(path: &Path) -> Epoch {
        SqliteDb::open(path).unwrap().read(|tx| tx.epoch()).unwrap()
    }

    #[test]
    fn an_older_file_put_in_the_place_of_the_database_ends_its_epoch() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("romp.db"), folder.path().join("copy"));
        let db = SqliteDb::open(&path).unwrap();
        db.write(|tx| tx.set_epoch(Epoch(5))).unwrap();
        drop(db);
        fs::copy(&path, &copy).unwrap();
        assert_eq!(epoch(&path), Epoch(5), "it is the same file");
        assert_eq!(epoch(&path), Epoch(5));
        fs::copy(&copy, &path).unwrap();
        assert_eq!(epoch(&path), Epoch(0), "it is an older one");
    }

    #[test]
    fn a_copy_made_while_the_server_ran_is_older_once_it_has_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("romp.db"), folder.path().join("copy"));
        let db = SqliteDb::open(&path).unwrap();
        db.write(|tx| tx.set_epoch(Epoch(5))).unwrap();
        crate::db::sqlite::backup(&path, &copy).unwrap();
        drop(db);
        fs::copy(&copy, &path).unwrap();
        assert_eq!(epoch(&path), Epoch(0));
    }

    #[test]
    fn a_database_without_the_file_beside_it_is_taken_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("romp.db");
        let db = SqliteDb::open(&path).unwrap();
        db.write(|tx| tx.set_epoch(Epoch(5))).unwrap();
        drop(db);
        fs::remove_file(beside(&path, "-opened")).unwrap();
        assert_eq!(epoch(&path), Epoch(5));
        fs::write(beside(&path, "-opened"), "nonsense").unwrap();
        assert_eq!(epoch(&path), Epoch(5));
    }
}
