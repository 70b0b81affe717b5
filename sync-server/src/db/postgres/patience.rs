//! How long an answer of the database is waited for.
//!
//! The database ends a statement that takes too long, and the system finds a host that is gone. Neither is of use where a
//! proxy stands between that goes on taking bytes for a database that does not answer any more: **silence**. It is waited
//! out once, by whoever meets it first; then its connections are given up.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_executor::block_on;
use tokio::time::timeout;

/// Longer than the database lets a statement run.
pub(super) const SILENCE: Duration = Duration::from_secs(25);

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// PostgreSQL, or the way to it, says so.
    Said(tokio_postgres::Error),
    /// Nothing was heard for too long.
    Silent,
}

impl From<tokio_postgres::Error> for Unanswered {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Said(error)
    }
}

/// What may be logged: PostgreSQL's own words repeat values, and those may be about a child.
impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(error) => f.write_str(&super::statements::told(error)),
            Self::Silent => f.write_str("PostgreSQL does not answer"),
        }
    }
}

/// Waits for an answer, for so long. Needs the clock of a runtime.
pub(super) async fn within<T>(
    silence: Duration,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Unanswered> {
    match timeout(silence, answer).await {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(Unanswered::Silent),
    }
}

/// The same on a thread that has nothing else to do.
pub(super) fn wait<T>(
    silence: Duration,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Unanswered> {
    block_on(within(silence, answer))
}
