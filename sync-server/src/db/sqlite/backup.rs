//! Copies of the database, and going back to one.
//!
//! A copy is made with `SQLite`'s own means while the server runs: it holds everything that was acknowledged before
//! it began, and nothing in part. A copy of the file alone would lack what is still in the log.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use romp_domain::wire::Epoch;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode};

use super::beside::{beside, folder, sync_folder};
use super::{OpenError, SqliteDb, open, open_error, witness};
use crate::db::{DbExt, Fault};

/// Why there is no copy, or why the database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something where the file should go.
    #[error("{path} is there already. It was left as it is.")]
    Exists {
        /// What.
        path: PathBuf,
    },
    /// Somebody uses the database that is to be replaced.
    #[error("{path} is in use. Please stop the server first.")]
    InUse {
        /// Which.
        path: PathBuf,
    },
    /// The copy is not whole.
    #[error("{path} is damaged: {verdict}")]
    Damaged {
        /// The copy.
        path: PathBuf,
        /// What `SQLite` finds.
        verdict: String,
    },
    /// One of the two cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// `SQLite` cannot copy.
    #[error("the copy failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file system failed.
    #[error("{path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The new epoch could not be stored.
    #[error(transparent)]
    Epoch(#[from] Fault),
}

/// How long to wait for a moment in which another process lets the copy begin.
const PATIENCE: Duration = Duration::from_secs(5);

/// Copies the database at `from`, which may be in use, to the new file `to`.
///
/// Until the copy is whole and durable there is nothing at `to`; a file with `.part` behind its name is left by a
/// copy that was interrupted, and replaced by the next.
pub fn backup(from: &Path, to: &Path) -> Result<(), BackupError> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    let part = beside(to, ".part");
    copy(from, &part)?;
    // A link never replaces a file that somebody has made in the meantime; not every file system has links.
    match fs::hard_link(&part, to) {
        Ok(()) => remove(&part)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        Err(_) => fs::rename(&part, to).map_err(in_file(to))?,
    }
    sync_folder(to).map_err(in_file(folder(to)))
}

/// Puts the copy at `from` in the place of `database`, which nobody may use, and begins `epoch`: devices notice by it
/// that the server has forgotten something, and send it again. Returns where the old database is kept.
///
/// On an error everything is as it was.
pub fn restore(database: &Path, from: &Path, epoch: Epoch) -> Result<Option<PathBuf>, BackupError> {
    let old = database.symlink_metadata().is_ok();
    let _alone = if old { alone(database)? } else { None };
    let new = beside(database, ".part");
    copy(from, &new)?;
    let db = SqliteDb::open(&new)?;
    db.write(move |tx| tx.set_epoch(epoch))?;
    drop(db);
    witness::forget(&new).map_err(in_file(&new))?;
    File::open(&new)
        .and_then(|file| file.sync_all())
        .map_err(in_file(&new))?;
    let kept = if old { Some(keep(database)?) } else { None };
    if let Err(error) = fs::rename(&new, database) {
        if let Some(kept) = kept {
            give_back(&kept, database)?;
        }
        return Err(in_file(database)(error));
    }
    witness::forget(database).map_err(in_file(database))?;
    sync_folder(database).map_err(in_file(folder(database)))?;
    Ok(kept)
}

/// Makes a whole, sound and durable copy at `to`, where there is nothing of value.
fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        remove(&beside(to, ending))?;
    }
    let source =
        open::connect_to_copy(from, PATIENCE)?.map_err(|error| open_error::explained(from, error))?;
    open::recognise(&source, from)?;
    open::create_private(to)?;
    let mut target = open::connect_to_copy(to, PATIENCE)??;
    // In one step: writers go on meanwhile, and none of what they write makes it begin again.
    match Backup::new(&source, &mut target)?.step(-1)? {
        StepResult::Done => {}
        _ => {
            return Err(BackupError::InUse {
                path: from.to_owned(),
            });
        }
    }
    let verdict: String = target.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(BackupError::Damaged {
            path: from.to_owned(),
            verdict,
        });
    }
    target.close().map_err(|(_, error)| error)?;
    File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(in_file(to))
}

/// Makes sure that nobody uses a database and nobody begins to, as long as the answer lives. Moves what is in the log
/// into the file. A file that is no database any more can be used by nobody.
fn alone(database: &Path) -> Result<Option<Connection>, BackupError> {
    let take = |connection: Connection| -> rusqlite::Result<Connection> {
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        // Only who is alone can leave the log.
        connection.pragma_update(None, "journal_mode", "delete")?;
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        Ok(connection)
    };
    let taken = open::connect_to_copy(database, Duration::ZERO)?.and_then(take);
    match taken.map_err(|error| (error.sqlite_error_code(), error)) {
        Ok(connection) => Ok(Some(connection)),
        Err((Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _)) => Err(BackupError::InUse {
            path: database.to_owned(),
        }),
        Err((Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt), _)) => Ok(None),
        Err((_, error)) => Err(error.into()),
    }
}

/// Gives the database a second name beside its place, which the new one takes: so there is one at every moment. A log
/// that could not be emptied goes along with the old one, before the new one could meet it.
fn keep(database: &Path) -> Result<PathBuf, BackupError> {
    let names = (1..=u32::MAX).map(|n| beside(database, &format!(".before-restore-{n}")));
    let mut free = names.filter(|path| path.symlink_metadata().is_err());
    let kept = free.next().ok_or_else(|| BackupError::Exists {
        path: database.to_owned(),
    })?;
    let log = |of| beside(of, "-wal");
    rename(&log(database), &log(&kept))?;
    // Not every file system has links.
    if fs::hard_link(database, &kept).is_err()
        && let Err(error) = rename(database, &kept)
    {
        rename(&log(&kept), &log(database))?;
        return Err(error);
    }
    remove(&beside(database, "-shm"))?;
    Ok(kept)
}

/// Gives a kept database its place again, with its log.
fn give_back(kept: &Path, database: &Path) -> Result<(), BackupError> {
    // Of two names of one file this leaves both: POSIX.
    rename(kept, database)?;
    remove(kept)?;
    rename(&beside(kept, "-wal"), &beside(database, "-wal"))
}

/// Renames a file, where there is one.
fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(in_file(from)(error)),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(in_file(path)(error)),
        _ => Ok(()),
    }
}

fn in_file(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File {
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use romp_domain::{HouseholdId, UtcMs};
    use uuid::Uuid;

    use super::*;

    fn house(n: u128) -> HouseholdId {
        HouseholdId(Uuid::from_u128(1_000 + n))
    }

    fn add(db: &SqliteDb, n: u128) {
        db.write(move |tx| tx.insert_household(house(n), UtcMs(1)))
            .unwrap();
    }

    fn has(db: &SqliteDb, n: u128) -> bool {
        db.read(move |tx| tx.household(house(n))).unwrap().is_some()
    }

    fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (db, copy) = (folder.path().join("romp.db"), folder.path().join("copy.db"));
        (folder, db, copy)
    }

    #[test]
    fn a_copy_of_a_database_in_use_holds_all_that_was_acknowledged_before_and_replaces_nothing() {
        let (folder, path, copied) = folder();
        let db = std::sync::Arc::new(SqliteDb::open(&path).unwrap());
        for n in 0..100 {
            add(&db, n);
        }
        let busy = db.clone();
        let writer = std::thread::spawn(move || (100..200).for_each(|n| add(&busy, n)));
        backup(&path, &copied).unwrap();
        writer.join().unwrap();

        let refused = backup(&path, &copied).unwrap_err();
        assert!(matches!(refused, BackupError::Exists { .. }), "{refused}");
        let copy = SqliteDb::open(&copied).unwrap();
        assert!((0..100).all(|n| has(&copy, n)));
        assert!(has(&db, 199), "the original goes on");
        drop((db, copy));
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            4,
            "nothing is left beside them but how often they were opened"
        );
    }

    #[test]
    fn what_is_no_database_of_ours_is_not_copied() {
        let (_folder, path, copied) = folder();
        assert!(backup(&path, &copied).is_err(), "there is none");
        assert!(!path.exists(), "and none was made");
        fs::write(&path, "my diary, in which nothing is like a database ".repeat(99)).unwrap();
        assert!(matches!(
            backup(&path, &copied).unwrap_err(),
            BackupError::Open(_)
        ));
        assert!(!copied.exists());
    }

    #[test]
    fn going_back_keeps_what_there_was_and_begins_an_epoch() {
        let (_folder, path, copied) = folder();
        let db = SqliteDb::open(&path).unwrap();
        db.write(|tx| tx.set_epoch(Epoch(7))).unwrap();
        add(&db, 1);
        backup(&path, &copied).unwrap();
        add(&db, 2);
        let refused = restore(&path, &copied, Epoch(8)).unwrap_err();
        assert!(matches!(refused, BackupError::InUse { .. }), "{refused}");
        assert!(has(&db, 2), "nothing has happened");
        drop(db);

        let kept = restore(&path, &copied, Epoch(8)).unwrap().unwrap();
        let (now, then) = (SqliteDb::open(&path).unwrap(), SqliteDb::open(&kept).unwrap());
        assert_eq!((has(&now, 1), has(&now, 2)), (true, false));
        assert_eq!(now.read(|tx| tx.epoch()).unwrap(), Epoch(8));
        assert!(has(&then, 1) && has(&then, 2));
        drop(now);
        let again = restore(&path, &copied, Epoch(9)).unwrap().unwrap();
        assert_ne!(again, kept, "each is kept under a name of its own");
    }

    #[test]
    fn a_damaged_database_can_be_replaced_and_a_damaged_copy_replaces_nothing() {
        let (_folder, path, copied) = folder();
        let db = SqliteDb::open(&path).unwrap();
        add(&db, 1);
        backup(&path, &copied).unwrap();
        drop(db);
        let diary = "my diary, in which nothing is like a database ".repeat(99);
        fs::write(&path, &diary).unwrap();
        let kept = restore(&path, &copied, Epoch(2)).unwrap().unwrap();
        assert_eq!(fs::read_to_string(kept).unwrap(), diary);
        assert!(has(&SqliteDb::open(&path).unwrap(), 1));

        let mut bytes = fs::read(&copied).unwrap();
        bytes.truncate(bytes.len() - 8_192);
        fs::write(&copied, bytes).unwrap();
        assert!(restore(&path, &copied, Epoch(3)).is_err());
        assert!(has(&SqliteDb::open(&path).unwrap(), 1));
    }
}
