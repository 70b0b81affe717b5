//! Runs jobs: takes a connection, runs the job in a transaction, and does it again where that is what PostgreSQL asks
//! for.
//!
//! A job that writes runs SERIALIZABLE: it reads before it writes, also rows of other families, and its rules were
//! made for a world in which nobody else does anything meanwhile (docs/decisions/0013). PostgreSQL ends one of two
//! transactions that do not fit together; that one is run again.
//!
//! Terms: a **race** is such an end; a **turn** is the right to be the only one that runs a job about a household
//! which has lost a race. With turns, many devices of one household wait for each other instead of racing again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use deadpool_postgres::Object;
use futures_executor::block_on;
use futures_util::FutureExt;
use romp_domain::HouseholdId;
use tokio_postgres::error::SqlState;

use super::PgDb;
use super::statements::{PgTx, READING, WRITING, told};
use crate::db::stored::panicked;
use crate::db::{Answer, Fault, Job};

/// How often a job is run before its caller is told to come back later.
const MOST_RUNS: u32 = 15;

/// How often a job is run again because something is there twice. In a race the second run finds what the first did
/// not see; otherwise nothing gets better.
const MOST_DOUBLES: u32 = 2;

/// The longest pause before a run, in milliseconds: about as long as the longest jobs take.
const LONGEST_PAUSE_MS: u64 = 64;

/// How a run ended.
enum Run {
    Done(Result<Answer, Fault>),
    Race {
        double: bool,
        about: Option<HouseholdId>,
        fault: Fault,
    },
}

pub(super) fn write(db: &PgDb, mut job: Job) -> Result<Answer, Fault> {
    let (mut turn, mut doubles) = (None, 0);
    for runs in 1.. {
        match run(db, &mut job, turn)? {
            Run::Done(result) => return result,
            Run::Race { double, about, fault } => {
                doubles += u32::from(double);
                if runs == MOST_RUNS || doubles > MOST_DOUBLES {
                    return Err(fault);
                }
                turn = turn.or(about);
                std::thread::sleep(pause(runs));
            }
        }
    }
    Err(Fault::Backend("a job was not run".into()))
}

/// Reads need not be repeated: nobody can be in their way.
pub(super) fn read(db: &PgDb, mut job: Job) -> Result<Answer, Fault> {
    let client = db.connection()?;
    let mut tx = PgTx::new(&client, READING);
    let result = called(&mut job, &mut tx);
    let begun = tx.begun;
    if begun {
        end(&client, "COMMIT");
    }
    result
}

/// Runs the job once. The outer error means that there was no connection.
fn run(db: &PgDb, job: &mut Job, turn: Option<HouseholdId>) -> Result<Run, Fault> {
    let client = db.connection()?;
    let Some(household) = turn else {
        return Ok(attempt(&client, job));
    };
    let key = turn_key(household);
    if let Err(error) = block_on(client.execute("SELECT pg_advisory_lock($1)", &[&key])) {
        // Whether the turn was given is not known; the server takes it back with the connection.
        drop(Object::take(client));
        return Err(Fault::Backend(told(&error)));
    }
    let outcome = attempt(&client, job);
    if block_on(client.execute("SELECT pg_advisory_unlock($1)", &[&key])).is_err() {
        drop(Object::take(client));
    }
    Ok(outcome)
}

fn attempt(client: &Object, job: &mut Job) -> Run {
    let mut tx = PgTx::new(client, WRITING);
    let result = called(job, &mut tx);
    let (begun, about) = (tx.begun, tx.home);
    let failure = match (tx.failure, &result) {
        (None, Ok(_)) if begun => block_on(client.batch_execute("COMMIT")).err(),
        (failure, _) => {
            if begun {
                end(client, "ROLLBACK");
            }
            failure
        }
    };
    let Some(error) = failure else {
        return Run::Done(result);
    };
    let fault = Fault::Backend(told(&error));
    match error.code() {
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => Run::Race {
            double: true,
            about,
            fault,
        },
        Some(code)
            if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED =>
        {
            Run::Race {
                double: false,
                about,
                fault,
            }
        }
        _ => Run::Done(Err(fault)),
    }
}

fn called(job: &mut Job, tx: &mut PgTx<'_>) -> Result<Answer, Fault> {
    catch_unwind(AssertUnwindSafe(|| job(tx))).unwrap_or_else(|_| Err(panicked()))
}

/// Ends a transaction whose outcome nobody waits for: sent, and answered before whatever is sent next.
fn end(client: &Object, how: &'static str) {
    let _ = client.batch_execute(how).now_or_never();
}

/// Half a household's id: its random half.
fn turn_key(household: HouseholdId) -> i64 {
    household.0.as_u128() as i64
}

/// Longer from run to run, and never the same for two that raced.
fn pause(runs: u32) -> Duration {
    let longest = (1_u64 << runs.min(16)).min(LONGEST_PAUSE_MS);
    // Without randomness they may race again; that is slower, not wrong.
    let chance = getrandom::u64().unwrap_or_default();
    Duration::from_micros(chance % (longest * 1_000))
}
