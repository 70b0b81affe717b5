//! Runs jobs: takes a connection, runs the job in a transaction, and does it again where that is what PostgreSQL asks
//! for.
//!
//! A job that writes runs SERIALIZABLE: it reads before it writes, also rows of other families, and its rules were
//! made for a world in which nobody else does anything meanwhile (docs/decisions/0013). PostgreSQL ends one of two
//! transactions that do not fit together; that one is run again. So is a job whose connection is lost before its commit.
//!
//! Terms: a **race** is such an end; a **turn** is the right to be the only one that runs a job about a household
//! which has lost a race. With turns, many devices of one household wait for each other instead of racing again. A job
//! that goes on losing, because it takes longer than the pause between those that have not lost yet, **holds** the household
//! from its beginning.

use std::error::Error;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use deadpool_postgres::Object;
use futures_util::FutureExt;
use romp_domain::HouseholdId;
use tokio::runtime::Runtime;
use tokio_postgres::error::{Severity, SqlState};

use super::PgDb;
use super::patience::{Unanswered, wait};
use super::statements::{PgTx, READING, WRITING};
use crate::db::stored::panicked;
use crate::db::{Answer, Fault, Job};

/// How often a job is run before its caller is told to come back later.
const MOST_RUNS: u32 = 15;

/// After so many runs, a job holds the household.
const RUNS_BEFORE_HOLDING: u32 = 3;

/// The first statement of a job that holds a household: whoever changes it waits.
const HOLD: &str = "SELECT 1 FROM households WHERE id = $1 FOR NO KEY UPDATE";

/// How often a job is run again because something is there twice. In a race the second run finds what the first did
/// not see; otherwise nothing gets better.
const MOST_DOUBLES: u32 = 2;

/// The longest pause before a run, in milliseconds: about as long as the longest jobs take.
const LONGEST_PAUSE_MS: u64 = 64;

/// How a run ended.
enum Run {
    Done(Result<Answer, Fault>),
    /// Nothing was stored, and another run may do better.
    Again {
        double: bool,
        about: Option<HouseholdId>,
        fault: Fault,
    },
}

pub(super) fn write(db: &PgDb, mut job: Job) -> Result<Answer, Fault> {
    // For its clock: this thread waits, and not for ever.
    let _runtime = db.runtime.as_ref().map(Runtime::enter);
    repeated(|turn, holds| run(db, &mut job, turn, holds))
}

/// Nobody can be in a reader's way; but its connection may be lost.
pub(super) fn read(db: &PgDb, mut job: Job) -> Result<Answer, Fault> {
    let _runtime = db.runtime.as_ref().map(Runtime::enter);
    repeated(|_, _| {
        let client = db.connection()?;
        let mut tx = PgTx::new(&client, READING, db.silence);
        let result = called(&mut job, &mut tx);
        let (begun, failure) = (tx.begun, tx.failure);
        if let Some(error) = failure.filter(is_lost) {
            give_up(db, client, matches!(error, Unanswered::Silent));
            return Ok(again(&error, None));
        }
        if begun {
            end(&client, "COMMIT");
        }
        Ok(Run::Done(result))
    })
}

fn repeated(mut run: impl FnMut(Option<HouseholdId>, bool) -> Result<Run, Fault>) -> Result<Answer, Fault> {
    let (mut turn, mut doubles) = (None, 0);
    for runs in 1.. {
        match run(turn, runs > RUNS_BEFORE_HOLDING)? {
            Run::Done(result) => return result,
            Run::Again { double, about, fault } => {
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

/// Runs the job once. The outer error means that there was no connection.
fn run(db: &PgDb, job: &mut Job, turn: Option<HouseholdId>, holds: bool) -> Result<Run, Fault> {
    let client = db.connection()?;
    let key = turn.map(turn_key);
    if let Some(key) = key
        && let Err(error) = wait(db.silence, client.execute("SELECT pg_advisory_lock($1)", &[&key]))
    {
        // Whether the turn was given is not known; the server takes it back with the connection.
        give_up(db, client, matches!(error, Unanswered::Silent));
        return Ok(if is_lost(&error) {
            again(&error, turn)
        } else {
            Run::Done(Err(Fault::Backend(error.to_string())))
        });
    }
    let (outcome, mut end) = attempt(db, &client, job, turn.filter(|_| holds));
    if end == Line::Good
        && let Some(key) = key
    {
        let returned = wait(
            db.silence,
            client.execute("SELECT pg_advisory_unlock($1)", &[&key]),
        );
        end = match returned {
            Ok(_) => Line::Good,
            Err(Unanswered::Silent) => Line::Silent,
            Err(Unanswered::Said(_)) => Line::Lost,
        };
    }
    if end != Line::Good {
        give_up(db, client, end == Line::Silent);
    }
    Ok(outcome)
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Good,
    Lost,
    Silent,
}

impl Line {
    fn after(error: &Unanswered) -> Self {
        match error {
            Unanswered::Silent => Self::Silent,
            error if is_lost(error) => Self::Lost,
            Unanswered::Said(_) => Self::Good,
        }
    }
}

/// Runs the job and commits. Also says what became of the connection.
fn attempt(db: &PgDb, client: &Object, job: &mut Job, held: Option<HouseholdId>) -> (Run, Line) {
    let mut tx = PgTx::new(client, WRITING, db.silence);
    let holding = held.map_or(Ok(0), |household| tx.execute(HOLD, &[&household.0]));
    let result = match holding {
        Ok(_) => called(job, &mut tx),
        Err(fault) => Err(fault),
    };
    let (begun, about, failure) = (tx.begun, tx.home, tx.failure);
    if let Some(error) = failure {
        let line = Line::after(&error);
        if line == Line::Good {
            end(client, "ROLLBACK");
        }
        let outcome = match race(&error) {
            _ if line != Line::Good => again(&error, about),
            Some(double) => Run::Again {
                double,
                about,
                fault: Fault::Backend(error.to_string()),
            },
            None => Run::Done(Err(Fault::Backend(error.to_string()))),
        };
        return (outcome, line);
    }
    if result.is_err() || !begun {
        if begun {
            end(client, "ROLLBACK");
        }
        return (Run::Done(result), Line::Good);
    }
    let Err(error) = wait(db.silence, client.batch_execute("COMMIT")) else {
        return (Run::Done(result), Line::Good);
    };
    let fault = Fault::Backend(error.to_string());
    match race(&error) {
        Some(double) => (Run::Again { double, about, fault }, Line::Good),
        // With a connection that is lost now, nobody knows whether it is stored: the caller has to ask.
        None if matches!(error, Unanswered::Silent) => (Run::Done(Err(fault)), Line::Silent),
        None => (Run::Done(Err(fault)), Line::Lost),
    }
}

/// Another run on another connection; none after a silence, which lasted long enough.
fn again(error: &Unanswered, about: Option<HouseholdId>) -> Run {
    let fault = Fault::Backend(error.to_string());
    match error {
        Unanswered::Silent => Run::Done(Err(fault)),
        Unanswered::Said(_) => Run::Again {
            double: false,
            about,
            fault,
        },
    }
}

/// Whether a job lost a race; and if so, whether because something is there twice.
fn race(error: &Unanswered) -> Option<bool> {
    let Unanswered::Said(error) = error else {
        return None;
    };
    let code = error.code()?;
    if *code == SqlState::UNIQUE_VIOLATION {
        return Some(true);
    }
    let raced = *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED;
    raced.then_some(false)
}

/// Whether the connection has gone with this error: it was cut, the server has ended its side, or nothing is heard of it.
fn is_lost(error: &Unanswered) -> bool {
    let Unanswered::Said(error) = error else {
        return true;
    };
    match error.as_db_error() {
        Some(said) => matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic)),
        None => error.is_closed() || error.source().is_some_and(<dyn Error>::is::<io::Error>),
    }
}

/// Closes a connection instead of giving it back; where nothing is heard of it any more, those that wait for a job with it:
/// whoever comes next connects anew, and finds out at once whether that works.
fn give_up(db: &PgDb, client: Object, silent: bool) {
    drop(Object::take(client));
    if silent {
        db.pool.retain(|_, _| false);
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
