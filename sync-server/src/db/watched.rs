//! A database that notes whether its last write failed: a full disk is found out by writing only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Answer, Db, Fault, Job};
use crate::pokes::Pokes;

/// The same database, with a note.
pub(crate) struct Watched {
    inner: Arc<dyn Db>,
    failing: Arc<AtomicBool>,
}

impl Watched {
    /// `failing` becomes true when a write fails for the database's reasons, and false when one succeeds.
    pub(crate) fn new(inner: Arc<dyn Db>, failing: Arc<AtomicBool>) -> Self {
        Self { inner, failing }
    }
}

impl Db for Watched {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        let answer = self.inner.run_write(job);
        match &answer {
            Ok(_) => self.failing.store(false, Ordering::SeqCst),
            Err(Fault::Backend(_)) => self.failing.store(true, Ordering::SeqCst),
            // The rules refused it; whether it could have been written is not known.
            Err(Fault::Refused(_)) => {}
        }
        answer
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        self.inner.run_read(job)
    }

    fn join(&self, pokes: &Arc<Pokes>) {
        self.inner.join(pokes);
    }
}
