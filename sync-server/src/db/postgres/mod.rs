//! The backend for several servers: a PostgreSQL database.
//!
//! Terms: a **turn** and a **race**: see `jobs`; a **note** is what one server process tells the others of a commit:
//! see `bus`.
//!
//! Files: `open` (the URL), `open_error` (why that fails), `tables` (their steps), `tls`, `jobs` (transactions), `patience` (how long is waited), `bus`
//! (the other processes), `statements` and `values` (how statements are run, how values look), `tx` (the trait's
//! methods), and one file of statements per part of the trait.
//!
//! Deliberately absent: rules, SQL put together at run time, and a way through a pooler that hands a connection to
//! another client between two transactions (`LISTEN` and turns belong to a connection).

mod accounts;
mod across;
pub(crate) mod bus;
mod devices;
mod erased;
mod feed;
mod jobs;
mod log;
mod open;
mod open_error;
mod own_rows;
mod owners;
mod patience;
mod server_rows;
mod sessions;
mod statements;
mod swipes;
mod tables;
mod tls;
mod tx;
mod values;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool_postgres::{Object, Pool, PoolError};
use futures_executor::block_on;
use tokio::runtime::Runtime;

pub use open_error::OpenError;

use super::{Answer, Db, Fault, Job};
use crate::pokes::Pokes;
use bus::{Outgrown, Tempo, Way};

/// A PostgreSQL database.
pub struct PgDb {
    pool: Pool,
    way: Way,
    /// Moves bytes between the connections and the network; taken when this is dropped. Of its own, because jobs are
    /// run from threads inside and outside of the server's runtime.
    runtime: Option<Runtime>,
    /// How long an answer is waited for.
    silence: Duration,
    outgrown: Outgrown,
}

impl fmt::Debug for PgDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgDb")
            .field("pool", &self.pool.status())
            .finish_non_exhaustive()
    }
}

impl PgDb {
    fn join_at(&self, pokes: &Arc<Pokes>, tempo: Tempo) {
        if let Some(runtime) = &self.runtime {
            bus::start(
                runtime,
                self.way.clone(),
                self.pool.clone(),
                pokes,
                tempo,
                &self.outgrown,
                self.silence,
            );
        }
    }

    /// A connection that nobody else uses. Waits while all are in use.
    fn connection(&self) -> Result<Object, Fault> {
        if self.outgrown.load(Ordering::SeqCst) {
            return Err(Fault::Backend(
                "a newer romp-server has changed the tables".into(),
            ));
        }
        // Connecting needs the clock and the network of the runtime that this thread has entered.
        block_on(self.pool.get()).map_err(|error| {
            Fault::Backend(match error {
                PoolError::Timeout(_) => "no connection to PostgreSQL in time".into(),
                PoolError::Backend(error) => statements::told(&error),
                _ => "no connection to PostgreSQL".into(),
            })
        })
    }
}

impl Db for PgDb {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        jobs::write(self, job)
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        jobs::read(self, job)
    }

    fn join(&self, pokes: &Arc<Pokes>) {
        self.join_at(pokes, Tempo::default());
    }
}

impl Drop for PgDb {
    fn drop(&mut self) {
        self.pool.close();
        if let Some(runtime) = self.runtime.take() {
            // Not waited for: whoever drops this may be inside another runtime, where waiting is not allowed.
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
pub(crate) mod tests;
