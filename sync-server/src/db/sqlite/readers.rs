//! The readers: a few connections that cannot write. Each job sees one snapshot, whatever is written meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use super::tx::SqliteTx;
use crate::db::stored::panicked;
use crate::db::{Answer, Fault, Job};

/// The connections that nobody is reading with.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readers")
    }
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            idle: Mutex::new(connections),
            returned: Condvar::new(),
        }
    }

    /// Runs a job on one snapshot. Waits while all connections are in use.
    pub(super) fn run(&self, mut job: Job) -> Result<Answer, Fault> {
        let connection = self.borrow();
        let result = read(&connection, &mut job);
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        self.returned.notify_one();
        result
    }

    fn borrow(&self) -> Connection {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = idle.pop() {
                return connection;
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn read(connection: &Connection, job: &mut Job) -> Result<Answer, Fault> {
    connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
    catch_unwind(AssertUnwindSafe(|| job(&mut SqliteTx(connection)))).unwrap_or_else(|_| Err(panicked()))
}
