//! A transaction in progress: runs statements, remembers what went wrong.
//!
//! It begins with its first statement, in the same round trip, and every statement is prepared once per connection.

use std::collections::HashMap;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use futures_util::future::{join, join_all};
use romp_domain::{Fields, HouseholdId, Kind, PetId, SwipeId};
use romp_sync::Registers;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::patience::{Unanswered, wait};
use crate::db::{Fault, SwipeRecord};

/// How a transaction begins that may write.
pub(super) const WRITING: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
/// How one begins that only reads: everything it sees is of one moment.
pub(super) const READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Parameters of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection in the middle of a transaction.
pub(super) struct PgTx<'c> {
    client: &'c ClientWrapper,
    begin: &'static str,
    silence: Duration,
    /// Whether the transaction has begun.
    pub(super) begun: bool,
    /// The first statement that failed. The transaction is lost then, whatever its job makes of it.
    pub(super) failure: Option<Unanswered>,
    /// The household that the job is about: the first one whose row, device or session it found. See `jobs`.
    pub(super) home: Option<HouseholdId>,
    /// Rows that were fetched before they were asked for.
    pub(super) ahead: Ahead,
}

/// Rows of households that are about to be read, each to be taken once. A row that is written is no longer in here.
#[derive(Default)]
pub(super) struct Ahead {
    pub(super) settings: HashMap<HouseholdId, Option<Registers>>,
    pub(super) rows: HashMap<(HouseholdId, Kind), Vec<(Uuid, Fields)>>,
    pub(super) blocks: HashMap<HouseholdId, Vec<HouseholdId>>,
    pub(super) owners: HashMap<PetId, Option<HouseholdId>>,
    pub(super) swipes: HashMap<(HouseholdId, SwipeId), Option<SwipeRecord>>,
}

impl Ahead {
    /// Forgets what is about to change.
    pub(super) fn forget(&mut self, household: HouseholdId, kind: Kind) {
        self.settings.remove(&household);
        self.rows.remove(&(household, kind));
        match kind {
            Kind::Pet => {
                self.owners.clear();
                self.blocks.clear();
            }
            Kind::Block => {
                self.blocks.remove(&household);
            }
            Kind::Swipe => self.swipes.retain(|(of, _), _| *of != household),
            _ => {}
        }
    }
}

impl<'c> PgTx<'c> {
    pub(super) fn new(client: &'c ClientWrapper, begin: &'static str, silence: Duration) -> Self {
        Self {
            client,
            begin,
            silence,
            begun: false,
            failure: None,
            home: None,
            ahead: Ahead::default(),
        }
    }

    /// Notes which household this is about, unless that is known.
    pub(super) fn about(&mut self, household: HouseholdId) {
        self.home.get_or_insert(household);
    }

    /// Runs a statement and returns its rows.
    pub(super) fn query(&mut self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        let result = wait(self.silence, async {
            let statement = self.client.prepare_cached(sql).await?;
            let query = self.client.query(&statement, values);
            if self.begun {
                return query.await;
            }
            self.begun = true;
            // Sent one after the other, and answered together.
            let (begun, rows) = join(self.client.batch_execute(self.begin), query).await;
            begun.and(rows)
        });
        result.map_err(|error| self.failed(error))
    }

    /// Runs a statement that has no rows to return. Returns how many rows it changed.
    pub(super) fn execute(&mut self, sql: &'static str, values: Values<'_>) -> Result<u64, Fault> {
        let result = wait(self.silence, async {
            let statement = self.client.prepare_cached(sql).await?;
            let execute = self.client.execute(&statement, values);
            if self.begun {
                return execute.await;
            }
            self.begun = true;
            let (begun, changed) = join(self.client.batch_execute(self.begin), execute).await;
            begun.and(changed)
        });
        result.map_err(|error| self.failed(error))
    }

    /// Runs statements that do not need each other's results: sent one after the other, and answered together.
    pub(super) fn execute_together(&mut self, all: &[(&'static str, Values<'_>)]) -> Result<(), Fault> {
        if !self.begun {
            // The transaction has to begin before the first of them.
            return all
                .iter()
                .try_for_each(|(sql, values)| self.execute(sql, values).map(drop));
        }
        let client = self.client;
        let result = wait(self.silence, async {
            let mut statements = Vec::with_capacity(all.len());
            for (sql, _) in all {
                statements.push(client.prepare_cached(sql).await?);
            }
            let sent = statements
                .iter()
                .zip(all)
                .map(|(statement, (_, values))| client.execute(statement, values));
            // All are waited for, also after one has failed: the first failure says why, the others that it did.
            join_all(sent)
                .await
                .into_iter()
                .try_for_each(|changed| changed.map(drop))
        });
        result.map_err(|error| self.failed(error))
    }

    /// The only row, if there is one.
    pub(super) fn find<T>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        read: impl FnOnce(&Row) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.query(sql, values)?.first().map(read).transpose()
    }

    /// All rows.
    pub(super) fn all<T>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        read: impl FnMut(&Row) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.query(sql, values)?.iter().map(read).collect()
    }

    fn failed(&mut self, error: Unanswered) -> Fault {
        let fault = Fault::Backend(error.to_string());
        self.failure.get_or_insert(error);
        fault
    }
}

/// What may be logged of an error: PostgreSQL's own words repeat values, and those may be about a child.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => {
            let of = said.constraint().or(said.table()).or(said.column());
            let of = of.map_or(String::new(), |of| format!(" ({of})"));
            format!("PostgreSQL says {}{of}", said.code().code())
        }
        None if error.is_closed() => "the connection to PostgreSQL was closed".into(),
        None => "the connection to PostgreSQL failed".into(),
    }
}
