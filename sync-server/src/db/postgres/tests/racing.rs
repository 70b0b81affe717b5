//! Jobs that get in each other's way.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use romp_domain::{DeviceId, ErrorCode, Fields, HouseholdId, Kind, Problem, UtcMs};
use romp_sync::{Registers, Stamp};
use serde_json::json;
use uuid::Uuid;

use super::{TestDb, fresh};
use crate::db::{Db, DbExt, Fault, Tx};

fn house(n: u128) -> HouseholdId {
    HouseholdId(Uuid::from_u128(n))
}

fn with_households(test: &str, count: u128) -> Option<Arc<TestDb>> {
    let db = fresh(test)?;
    db.write(move |tx| (1..=count).try_for_each(|n| tx.insert_household(house(n), UtcMs(1))))
        .unwrap();
    Some(db)
}

/// Reads a number out of a row and writes the next one: what a lost update would show in.
fn count_up(tx: &mut dyn Tx, household: HouseholdId) -> Result<u64, Fault> {
    let id = Uuid::from_u128(7);
    let before = tx.row(household, Kind::Child, id)?;
    let count = before.and_then(|row| row.fields.0["count"].as_u64()).unwrap_or(0) + 1;
    let fields: Fields = serde_json::from_value(json!({ "count": count })).unwrap();
    let stamp = Stamp(romp_domain::Hlc(count), DeviceId(Uuid::nil()));
    tx.put_row(household, Kind::Child, id, &Registers::of(&fields, stamp))?;
    tx.next_seq(household)?;
    Ok(count)
}

#[test]
fn row_56_of_many_that_read_and_then_write_the_same_row_none_is_lost() {
    let Some(first) = with_households("lost updates", 1) else {
        return;
    };
    let pools = [Arc::clone(&first), Arc::new(first.again())];
    let together = Barrier::new(12);
    let mut counts: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12)
            .map(|n| {
                let (db, together) = (&pools[n % 2], &together);
                scope.spawn(move || {
                    together.wait();
                    (0..10)
                        .map(|_| db.write(|tx| count_up(tx, house(1))).unwrap())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    counts.sort_unstable();
    assert_eq!(counts, (1..=120).collect::<Vec<_>>());
    assert_eq!(
        first.read(|tx| tx.household(house(1))).unwrap().unwrap().head_seq,
        120
    );
}

#[test]
fn a_long_job_comes_to_its_end_beside_short_ones_that_never_pause() {
    let Some(db) = with_households("a long job beside short ones", 1) else {
        return;
    };
    let (done, runs) = (AtomicBool::new(false), Arc::new(AtomicU32::new(0)));
    let other = db.again();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                other.write(|tx| count_up(tx, house(1))).unwrap();
            }
        });
        let counted = Arc::clone(&runs);
        let result = db.write(move |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            tx.household(house(1))?;
            // As long as a push of many rows, which takes its number at the end.
            std::thread::sleep(std::time::Duration::from_millis(100));
            count_up(tx, house(1))
        });
        done.store(true, Ordering::SeqCst);
        result.unwrap();
    });
    assert!(runs.load(Ordering::SeqCst) < 15);
}

#[test]
fn row_56_two_that_each_read_what_the_other_writes_do_not_both_see_nothing() {
    let Some(first) = with_households("write skew", 2) else {
        return;
    };
    let second = first.again();
    for round in 0..20 {
        let id = Uuid::from_u128(100 + round);
        let together = Arc::new(Barrier::new(2));
        let look = |db: &dyn Db, own: u128, other: u128| {
            let (together, tried) = (Arc::clone(&together), AtomicU32::new(0));
            db.write(move |tx| {
                let fields: Fields = serde_json::from_value(json!({"said": "yes"})).unwrap();
                let row = Registers::of(&fields, Stamp(romp_domain::Hlc(1), DeviceId(Uuid::nil())));
                let seen = tx.row(house(other), Kind::Child, id)?.is_some();
                if tried.fetch_add(1, Ordering::SeqCst) == 0 {
                    together.wait();
                }
                tx.put_row(house(own), Kind::Child, id, &row)?;
                Ok(seen)
            })
            .unwrap()
        };
        let seen = std::thread::scope(|scope| {
            let one = scope.spawn(|| look(&*first, 1, 2));
            let other = scope.spawn(|| look(&second, 2, 1));
            [one.join().unwrap(), other.join().unwrap()]
        });
        assert!(seen[0] || seen[1], "both said yes, and neither noticed");
    }
}

#[test]
fn jobs_that_take_two_households_in_opposite_order_both_end() {
    let Some(first) = with_households("deadlocks", 2) else {
        return;
    };
    let second = first.again();
    let work = |db: &dyn Db, order: [u128; 2]| {
        for _ in 0..15 {
            db.write(move |tx| {
                order
                    .into_iter()
                    .try_for_each(|n| tx.next_seq(house(n)).map(drop))
            })
            .unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| work(&*first, [1, 2]));
        scope.spawn(|| work(&second, [2, 1]));
    });
    for n in [1, 2] {
        assert_eq!(
            first
                .read(move |tx| tx.household(house(n)))
                .unwrap()
                .unwrap()
                .head_seq,
            30
        );
    }
}

#[test]
fn a_job_that_hides_a_failed_statement_is_not_answered_as_if_it_were_stored() {
    let Some(db) = with_households("a hidden failure", 1) else {
        return;
    };
    let hidden = db.write(|tx| {
        tx.insert_household(house(2), UtcMs(1))?;
        let _ = tx.insert_household(house(1), UtcMs(1));
        Ok(())
    });
    assert!(matches!(hidden, Err(Fault::Backend(_))), "{hidden:?}");
    assert_eq!(db.read(|tx| tx.household(house(2))).unwrap(), None);
}

#[test]
fn what_is_there_twice_for_good_is_not_tried_for_ever() {
    let Some(db) = with_households("a hopeless job", 1) else {
        return;
    };
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let result = db.write(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.insert_household(house(1), UtcMs(1))
    });
    let Err(Fault::Backend(said)) = result else {
        panic!("{result:?}")
    };
    assert!(
        said.contains("23505") && said.contains("households_pkey"),
        "{said}"
    );
    assert!((2..=5).contains(&runs.load(Ordering::SeqCst)), "{runs:?}");
}

#[test]
fn a_job_that_panics_or_is_refused_leaves_nothing_and_its_connection_goes_on() {
    let Some(db) = with_households("a panic in a job", 1) else {
        return;
    };
    for _ in 0..40 {
        let panicking = db.write(|tx| -> Result<(), Fault> {
            tx.insert_household(house(2), UtcMs(1))?;
            panic!("a fault in a rule")
        });
        assert!(matches!(panicking, Err(Fault::Refused(problem)) if problem.code == ErrorCode::Internal));
        let refused = db.write(|tx| -> Result<(), Fault> {
            tx.insert_household(house(2), UtcMs(1))?;
            Err(Problem::new(ErrorCode::Stale).into())
        });
        assert!(refused.is_err());
    }
    assert_eq!(db.read(|tx| tx.household(house(2))).unwrap(), None);
}

#[test]
fn a_job_that_only_reads_cannot_write_and_sees_one_moment() {
    let Some(db) = with_households("reading", 1) else {
        return;
    };
    assert!(matches!(
        db.read(|tx| tx.next_seq(house(1))),
        Err(Fault::Backend(_))
    ));
    let other = Arc::clone(&db);
    let seen = db
        .read(move |tx| {
            let before = tx.household(house(1))?;
            other.write(|tx| tx.next_seq(house(1)))?;
            Ok((before, tx.household(house(1))?))
        })
        .unwrap();
    assert_eq!(seen.0, seen.1);
    assert_eq!(db.read(|tx| tx.household(house(1))).unwrap().unwrap().head_seq, 1);
}

fn hang_up(db: &TestDb) {
    db.database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'romp-server'",
    );
}

#[test]
fn lost_connections_are_replaced_and_nobody_notices() {
    let Some(db) = with_households("lost connections", 1) else {
        return;
    };
    hang_up(&db);
    db.write(|tx| tx.next_seq(house(1))).unwrap();
    hang_up(&db);
    assert_eq!(db.read(|tx| tx.household(house(1))).unwrap().unwrap().head_seq, 1);
}

#[test]
fn a_connection_that_is_lost_in_mid_job_costs_another_run() {
    let Some(db) = with_households("a connection lost in mid-job", 1) else {
        return;
    };
    let (other, runs) = (Arc::clone(&db), AtomicU32::new(0));
    let number = db.write(move |tx| {
        let number = tx.next_seq(house(1))?;
        if runs.fetch_add(1, Ordering::SeqCst) == 0 {
            hang_up(&other);
        }
        tx.household(house(1))?;
        Ok(number)
    });
    assert_eq!(number.unwrap(), 1, "the lost run left nothing");
    assert_eq!(db.read(|tx| tx.household(house(1))).unwrap().unwrap().head_seq, 1);
}
