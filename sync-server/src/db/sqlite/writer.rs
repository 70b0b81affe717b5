//! The writer: one thread, one connection, group commit.
//!
//! While the disk is busy with one group, the next one gathers; a group shares one wait for the disk. One job that is
//! refused takes nothing of the others with it. Most are refused before they have written anything: then there is
//! nothing to take back, and the group goes on. Otherwise the group is run again with a savepoint for each job; most
//! groups need none, and they are dear. Nobody is answered before the group is durable; when it cannot be made durable,
//! nobody is told that it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::tx::SqliteTx;
use super::{OpenError, scrub};
use crate::db::stored::panicked;
use crate::db::{Answer, Fault, Job};

/// Most jobs in one group. Bounds how long the first of them waits for the others.
const MAX_GROUP: usize = 256;

/// Nobody has wanted to write for so long: a good moment for what keeps writers waiting.
const QUIET: Duration = Duration::from_secs(1);

/// The least time between two rewritings of the whole file: whoever makes families only to delete them must not keep
/// all others from writing.
pub(super) const BETWEEN: Duration = Duration::from_hours(1);

/// A job and where to answer.
struct Ticket {
    job: Job,
    answer: SyncSender<Result<Answer, Fault>>,
}

/// The way to the writing thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// Taken when the writer is dropped, which ends the thread.
    queue: Option<Sender<Ticket>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(mut connection: Connection, between: Option<Duration>) -> Result<Self, OpenError> {
        let (queue, tickets) = channel();
        let thread = std::thread::Builder::new()
            .name("romp-writer".into())
            .spawn(move || {
                serve(&mut connection, &tickets, between);
            })
            .map_err(OpenError::Thread)?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs a job in the next group, and waits until it is durable.
    pub(super) fn run(&self, job: Job) -> Result<Answer, Fault> {
        let gone = || Fault::Backend("the writer has ended".into());
        let (answer, outcome) = sync_channel(1);
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(Ticket { job, answer }).map_err(|_| gone())?;
        outcome.recv().map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked with a job: those are caught.
            let _ = thread.join();
        }
    }
}

/// How long to wait for a job before the file is rewritten, when that was last done so long ago.
fn patience(since: Option<Duration>, between: Duration) -> Duration {
    let left = since.map_or(Duration::ZERO, |since| between.saturating_sub(since));
    QUIET.max(left)
}

/// Runs groups until there will be no more jobs. After a household was deleted, the file is rewritten in a quiet
/// moment, but with so much time `between` at least; at the latest when the writer ends. Not at all without that.
fn serve(connection: &mut Connection, tickets: &Receiver<Ticket>, between: Option<Duration>) {
    let must_rewrite =
        |connection: &Connection| between.is_some() && scrub::erasures(connection).is_ok_and(|n| n > 0);
    let between = between.unwrap_or(BETWEEN);
    let mut rewrite_when_quiet = must_rewrite(connection);
    let mut rewritten: Option<Instant> = None;
    loop {
        let first = if rewrite_when_quiet {
            tickets.recv_timeout(patience(rewritten.map(|at| at.elapsed()), between))
        } else {
            tickets.recv().map_err(RecvTimeoutError::from)
        };
        match first {
            Ok(first) => {
                let mut group = vec![first];
                group.extend(tickets.try_iter().take(MAX_GROUP - 1));
                commit_group(connection, group);
                rewrite_when_quiet = must_rewrite(connection);
            }
            Err(RecvTimeoutError::Timeout) => {
                if scrub::rewrite(connection) {
                    rewritten = Some(Instant::now());
                }
                // If that failed, the next group is soon enough to try again.
                rewrite_when_quiet = false;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if must_rewrite(connection) {
        scrub::rewrite(connection);
    }
}

/// Runs the jobs in one transaction, commits it, and answers them.
fn commit_group(connection: &mut Connection, group: Vec<Ticket>) {
    let mut jobs = Vec::with_capacity(group.len());
    let mut answers = Vec::with_capacity(group.len());
    for ticket in group {
        jobs.push(ticket.job);
        answers.push(ticket.answer);
    }
    let before = scrub::erasures(connection);
    let results = run_group(connection, &mut jobs).unwrap_or_else(|error| {
        // Whatever is left of the transaction must not leak into the next group.
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        let detail = error.to_string();
        jobs.iter().map(|_| Err(Fault::Backend(detail.clone()))).collect()
    });
    if scrub::erasures(connection) != before {
        scrub::empty_log(connection);
    }
    for (answer, result) in answers.into_iter().zip(results) {
        // A caller that stopped waiting has lost interest, not its data.
        let _ = answer.send(result);
    }
}

/// One result per job, all of them durable; or none, and then nothing is.
fn run_group(connection: &Connection, jobs: &mut [Job]) -> rusqlite::Result<Vec<Result<Answer, Fault>>> {
    if let Some(answers) = run_together(connection, jobs)? {
        return Ok(answers);
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let results = jobs
        .iter_mut()
        .map(|job| run_apart(connection, job))
        .collect::<rusqlite::Result<_>>()?;
    connection.execute_batch("COMMIT")?;
    Ok(results)
}

/// All jobs in one transaction, if none of them has to be taken back. Otherwise nothing has happened.
fn run_together(
    connection: &Connection,
    jobs: &mut [Job],
) -> rusqlite::Result<Option<Vec<Result<Answer, Fault>>>> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs.iter_mut() {
        let rows_written = connection.total_changes();
        let result = run(connection, job);
        let left_no_trace =
            matches!(result, Err(Fault::Refused(_))) && connection.total_changes() == rows_written;
        if result.is_err() && !left_no_trace {
            // Some faults of the disk have rolled it back already.
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK")?;
            }
            return Ok(None);
        }
        answers.push(result);
    }
    connection.execute_batch("COMMIT")?;
    Ok(Some(answers))
}

/// Runs one job. The outer error means that the whole group is lost: some faults of the disk end the transaction.
fn run_apart(connection: &Connection, job: &mut Job) -> rusqlite::Result<Result<Answer, Fault>> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = run(connection, job);
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    Ok(result)
}

fn run(connection: &Connection, job: &mut Job) -> Result<Answer, Fault> {
    catch_unwind(AssertUnwindSafe(|| job(&mut SqliteTx(connection)))).unwrap_or_else(|_| Err(panicked()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use romp_domain::{ErrorCode, HouseholdId, Problem, UtcMs};
    use uuid::Uuid;

    use super::*;
    use crate::db::sqlite::SqliteDb;
    use crate::db::sqlite::open::connect;
    use crate::db::{Db, DbExt};

    fn house(n: u128) -> HouseholdId {
        HouseholdId(Uuid::from_u128(n))
    }

    fn open() -> (tempfile::TempDir, SqliteDb) {
        let folder = tempfile::tempdir().unwrap();
        let db = SqliteDb::open(&folder.path().join("romp.db")).unwrap();
        (folder, db)
    }

    fn exists(db: &dyn Db, n: u128) -> bool {
        db.read(move |tx| tx.household(house(n))).unwrap().is_some()
    }

    #[test]
    fn many_threads_write_at_once_and_every_answer_is_in_the_file() {
        let (folder, db) = open();
        let db = Arc::new(db);
        let threads: Vec<_> = (1..=16_u128)
            .map(|thread| {
                let db = Arc::clone(&db);
                std::thread::spawn(move || {
                    for n in 0..25 {
                        let id = house(thread * 1_000 + n);
                        let refused = n % 5 == 4;
                        let result = db.write(move |tx| {
                            tx.insert_household(id, UtcMs(1))?;
                            if refused {
                                Err(Problem::new(ErrorCode::Stale).into())
                            } else {
                                tx.next_seq(id)
                            }
                        });
                        assert_eq!(result.is_err(), refused);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        drop(db);
        let again = SqliteDb::open(&folder.path().join("romp.db")).unwrap();
        for thread in 1..=16_u128 {
            for n in 0..25 {
                assert_eq!(exists(&again, thread * 1_000 + n), n % 5 != 4);
            }
        }
    }

    /// Runs jobs as one group, and returns how often each was run, and whether it is told that it was refused.
    fn run_counted(connection: &mut Connection, jobs: Vec<Job>) -> Vec<(usize, bool)> {
        let (mut group, mut outcomes) = (Vec::new(), Vec::new());
        for mut job in jobs {
            let runs = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&runs);
            let (answer, outcome) = sync_channel(1);
            let job: Job = Box::new(move |tx| {
                counted.fetch_add(1, Ordering::SeqCst);
                job(tx)
            });
            group.push(Ticket { job, answer });
            outcomes.push((runs, outcome));
        }
        commit_group(connection, group);
        let told = outcomes.into_iter().map(|(runs, outcome)| {
            (
                runs.load(Ordering::SeqCst),
                matches!(outcome.recv().unwrap(), Err(Fault::Refused(_))),
            )
        });
        told.collect()
    }

    fn founding(n: u128) -> Job {
        Box::new(move |tx| {
            tx.insert_household(house(n), UtcMs(1))?;
            Ok(Box::new(()) as Answer)
        })
    }

    fn refused() -> Fault {
        Problem::new(ErrorCode::BadRequest).into()
    }

    #[test]
    fn a_job_that_is_refused_before_it_writes_makes_nobody_run_twice() {
        let (folder, db) = open();
        drop(db);
        let path = folder.path().join("romp.db");
        let mut connection = connect(&path).unwrap();
        let reading: Job = Box::new(|tx| {
            tx.household(house(1))?;
            Err(refused())
        });
        let told = run_counted(&mut connection, vec![founding(1), reading, founding(2)]);
        assert_eq!(told, [(1, false), (1, true), (1, false)]);
        drop(connection);
        let db = SqliteDb::open(&path).unwrap();
        assert!(exists(&db, 1) && exists(&db, 2));
    }

    #[test]
    fn a_job_that_is_refused_after_it_wrote_leaves_no_trace_and_takes_nothing_with_it() {
        let (folder, db) = open();
        drop(db);
        let path = folder.path().join("romp.db");
        let mut connection = connect(&path).unwrap();
        let writing: Job = Box::new(|tx| {
            tx.next_seq(house(1))?;
            tx.insert_household(house(3), UtcMs(1))?;
            Err(refused())
        });
        let told = run_counted(&mut connection, vec![founding(1), writing, founding(2)]);
        assert_eq!(told, [(2, false), (2, true), (1, false)]);
        drop(connection);
        let db = SqliteDb::open(&path).unwrap();
        assert!(exists(&db, 1) && exists(&db, 2) && !exists(&db, 3));
        let head = db.read(|tx| tx.household(house(1))).unwrap().unwrap().head_seq;
        assert_eq!(head, 0, "the number that was taken came back");
    }

    #[test]
    fn a_job_that_panics_takes_nothing_with_it_and_the_writer_lives_on() {
        let (_folder, db) = open();
        let panicking = db.write(|tx| -> Result<(), Fault> {
            tx.insert_household(house(1), UtcMs(1))?;
            panic!("a fault in a rule")
        });
        assert!(matches!(panicking, Err(Fault::Refused(problem)) if problem.code == ErrorCode::Internal));
        db.write(|tx| tx.insert_household(house(2), UtcMs(1))).unwrap();
        assert!(!exists(&db, 1) && exists(&db, 2));
        let reading = db.read(|_| -> Result<(), Fault> { panic!("a fault in a rule") });
        assert!(reading.is_err() && exists(&db, 2));
    }

    #[test]
    fn when_a_group_cannot_be_committed_nobody_is_told_that_it_was() {
        let (folder, db) = open();
        drop(db);
        // Without a log, a reader on another connection keeps a commit from being completed.
        let path = folder.path().join("romp.db");
        let mut connection = Connection::open(&path).unwrap();
        connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        connection.pragma_update(None, "journal_mode", "delete").unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM households").unwrap();

        let (mut group, mut outcomes) = (Vec::new(), Vec::new());
        for n in 1..=3 {
            let (answer, outcome) = sync_channel(1);
            let job: Job = Box::new(move |tx| {
                tx.insert_household(house(n), UtcMs(1))
                    .map(|()| Box::new(()) as Answer)
            });
            group.push(Ticket { job, answer });
            outcomes.push(outcome);
        }
        commit_group(&mut connection, group);
        for outcome in outcomes {
            assert!(matches!(outcome.recv().unwrap(), Err(Fault::Backend(_))));
        }
        reader.execute_batch("COMMIT").unwrap();
        assert!(connection.is_autocommit(), "nothing is left open");
        drop((connection, reader));
        assert!(!exists(&SqliteDb::open(&path).unwrap(), 1));
    }

    #[test]
    fn row_33_the_file_is_rewritten_in_a_quiet_second_and_once_an_hour_at_most() {
        let minutes = |n| Some(Duration::from_mins(n));
        assert_eq!(patience(None, BETWEEN), QUIET);
        assert_eq!(patience(minutes(0), BETWEEN), Duration::from_hours(1));
        assert_eq!(patience(minutes(59), BETWEEN), Duration::from_mins(1));
        assert_eq!(patience(minutes(61), BETWEEN), QUIET);
    }

    #[test]
    fn a_job_that_only_reads_cannot_write() {
        let (_folder, db) = open();
        let result = db.read(|tx| tx.insert_household(house(1), UtcMs(1)));
        assert!(matches!(result, Err(Fault::Backend(_))));
        assert!(!exists(&db, 1));
    }
}
