//! What was made through `std::fs` beside a database, after a power cut: it is there under its name, or what was
//! before is.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what has no fault planned must work")]

use std::fs;

use romp_domain::wire::Epoch;
use romp_domain::{HouseholdId, UtcMs};
use romp_faulty_disk::{Disk, Fault, Survival};
use romp_server::db::DbExt;
use romp_server::db::sqlite::{SqliteDb, backup, restore};
use uuid::Uuid;

fn add(db: &SqliteDb, n: u128) {
    db.write(move |tx| tx.insert_household(HouseholdId(Uuid::from_u128(n)), UtcMs(1)))
        .unwrap();
}

fn has(db: &SqliteDb, n: u128) -> bool {
    db.read(move |tx| tx.household(HouseholdId(Uuid::from_u128(n))))
        .unwrap()
        .is_some()
}

fn cut(disk: &Disk) {
    disk.cut_power();
    disk.restart(Survival::Nothing);
}

#[test]
fn a_copy_that_is_done_is_there_after_a_power_cut() {
    let disk = Disk::new();
    let (path, copy) = (disk.path("romp.db"), disk.path("copy.db"));
    let db = SqliteDb::open(&path).unwrap();
    add(&db, 1);
    backup(&path, &copy).unwrap();
    disk.cut_power();
    drop(db);
    disk.restart(Survival::Nothing);
    assert!(!disk.path("copy.db.part").exists());
    assert!(has(&SqliteDb::open(&copy).unwrap(), 1));
    assert!(has(&SqliteDb::open(&path).unwrap(), 1));
}

#[test]
fn a_database_that_was_put_back_is_there_after_a_power_cut_and_so_is_the_one_before() {
    let disk = Disk::new();
    let (path, copy) = (disk.path("romp.db"), disk.path("copy.db"));
    let db = SqliteDb::open(&path).unwrap();
    add(&db, 1);
    backup(&path, &copy).unwrap();
    add(&db, 2);
    drop(db);
    let kept = restore(&path, &copy, Epoch(8)).unwrap().unwrap();
    cut(&disk);
    let (now, then) = (SqliteDb::open(&path).unwrap(), SqliteDb::open(&kept).unwrap());
    assert_eq!((has(&now, 1), has(&now, 2)), (true, false));
    assert_eq!(now.read(|tx| tx.epoch()).unwrap(), Epoch(8));
    assert!(has(&then, 1) && has(&then, 2));
}

/// Puts a copy back and loses the power at one call of that, after the next that changes something. Says at which.
fn cut_while_going_back(after: u64, seed: u64) -> Option<u64> {
    let disk = Disk::new();
    let (path, copy) = (disk.path("romp.db"), disk.path("copy.db"));
    let db = SqliteDb::open(&path).unwrap();
    db.write(|tx| tx.set_epoch(Epoch(7))).unwrap();
    add(&db, 1);
    backup(&path, &copy).unwrap();
    add(&db, 2);
    drop(db);
    let first = disk.calls();
    disk.plan(first + after, Fault::PowerCutAfterChange);
    let is_done = restore(&path, &copy, Epoch(8)).is_ok();
    let Some(hit) = disk.hit() else {
        assert!(is_done, "it failed without a fault");
        return None;
    };
    disk.restart(Survival::Seeded(seed));
    assert!(path.exists(), "cut at {hit:?}: there is no database");
    let db = SqliteDb::open(&path).unwrap();
    // Any other epoch makes devices send again what is lacking.
    let is_new = db.read(|tx| tx.epoch()).unwrap() != Epoch(7);
    assert!(is_new || !is_done, "cut at {hit:?}: it was said to be done");
    assert_eq!((has(&db, 1), has(&db, 2)), (true, !is_new), "cut at {hit:?}");
    Some(hit.index - first)
}

#[test]
fn whenever_going_back_is_cut_off_one_of_the_two_databases_is_in_its_place() {
    for seed in 0..2 {
        let cuts = std::iter::successors(Some(0), |after| cut_while_going_back(*after, seed)).count();
        assert!(cuts > 20, "{cuts} cuts");
    }
}

#[test]
fn an_older_database_put_in_its_place_after_a_power_cut_is_noticed() {
    let disk = Disk::new();
    let (path, copy) = (disk.path("romp.db"), disk.path("copy.db"));
    let db = SqliteDb::open(&path).unwrap();
    db.write(|tx| tx.set_epoch(Epoch(5))).unwrap();
    backup(&path, &copy).unwrap();
    drop(db);
    cut(&disk);
    // Its log was empty; that it was removed may be forgotten.
    let _ = fs::remove_file(disk.path("romp.db-wal"));
    fs::copy(&copy, &path).unwrap();
    assert_eq!(
        SqliteDb::open(&path).unwrap().read(|tx| tx.epoch()).unwrap(),
        Epoch(0)
    );
}
