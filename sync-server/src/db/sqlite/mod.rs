//! The embedded backend: one `SQLite` file.
//!
//! Terms: the **writer** is the one thread that writes; a **group** is the jobs that it commits together, so that
//! many callers share one wait for the disk; a **reader** is a connection that sees one snapshot per job.
//!
//! Files: `open` (the file and its connections), `open_error` (why that fails), `tables` (their steps), `backup`,
//! `beside` (files beside the database), `witness` (one of these), `writer`, `readers`, `scrub` (so that deleted means
//! gone), `tx` (the trait's methods), and one file of statements per part of the trait.
//!
//! Deliberately absent: rules, SQL put together at run time, and a second writer.

mod accounts;
mod across;
mod backup;
mod beside;
mod columns;
mod devices;
mod erased;
mod feed;
mod log;
mod open;
mod open_error;
mod own_rows;
mod owners;
mod readers;
mod scrub;
mod server_rows;
mod sessions;
mod swipe_notes;
mod swipe_puts;
mod swipe_stamps;
mod swipes;
mod tables;
mod tx;
mod witness;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use backup::{BackupError, backup, restore};
pub use open_error::OpenError;

use super::{Answer, Db, Fault, Job};
use readers::Readers;
use writer::Writer;

/// Connections that read at the same time. More do not help: a read takes microseconds, and a server has few cores.
const READERS: usize = 4;

/// A database in one `SQLite` file.
#[derive(Debug)]
pub struct SqliteDb {
    // Readers are dropped first, so that the writer's is the last connection and tidies the log up when it closes.
    readers: Readers,
    writer: Writer,
    path: PathBuf,
}

impl SqliteDb {
    /// Opens the file, or makes it where there is none, and brings its tables up to date.
    ///
    /// A file that is not Romp's, or that a newer Romp wrote, is left as it is.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_rewriting(path, writer::BETWEEN)
    }

    /// As [`SqliteDb::open`], beside a server that may run: what keeps others from writing for long is left to that.
    pub fn open_beside(path: &Path) -> Result<Self, OpenError> {
        Self::opened(path, None)
    }

    /// As [`SqliteDb::open`], with so much time between two rewritings of the file: for those who look into it, and cannot
    /// wait for an hour.
    pub fn open_rewriting(path: &Path, between: Duration) -> Result<Self, OpenError> {
        Self::opened(path, Some(between))
    }

    fn opened(path: &Path, between: Option<Duration>) -> Result<Self, OpenError> {
        if witness::misses(path) {
            return Err(OpenError::Lost {
                path: path.to_owned(),
            });
        }
        open::create_private(path)?;
        let mut first = open::connect(path)?;
        tables::migrate(&mut first, path)?;
        // A crash may leave a long log; without this, every start after it would read all of it again.
        first
            .query_one("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .map_err(|error| open_error::explained(path, error))?;
        witness::count(&mut first, path).map_err(|error| open_error::explained(path, error))?;
        let connections = (0..READERS)
            .map(|_| open::connect_read_only(path))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            readers: Readers::new(connections),
            writer: Writer::start(first, between)?,
            path: path.to_owned(),
        })
    }
}

impl Drop for SqliteDb {
    fn drop(&mut self) {
        let counted =
            open::connect(&self.path).map(|mut connection| witness::count(&mut connection, &self.path));
        if !matches!(counted, Ok(Ok(()))) {
            tracing::warn!("closing the database was not counted");
        }
    }
}

impl Db for SqliteDb {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        self.writer.run(job)
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        self.readers.run(job)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Backend(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_keeps_the_contract() {
        crate::db::contract::run(|| {
            let folder = tempfile::tempdir().unwrap();
            let db = SqliteDb::open(&folder.path().join("romp.db")).unwrap();
            Box::new(crate::db::contract::Kept { db, folder })
        });
    }
}
