//! The disk itself: it loses what was not synced, and nothing else.

#![expect(
    clippy::unwrap_used,
    reason = "a disk that cannot be set up has failed the test"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use romp_faulty_disk::{Call, Disk, Fault, Survival};
use rusqlite::{Connection, ErrorCode};

fn connect(path: &Path, synchronous: &str) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = {synchronous};
         CREATE TABLE IF NOT EXISTS t (n INTEGER NOT NULL PRIMARY KEY, pad BLOB)"
    ))
    .unwrap();
    conn
}

fn insert(conn: &Connection, n: i64) -> rusqlite::Result<usize> {
    conn.execute("INSERT INTO t VALUES (?1, randomblob(3000))", [n])
}

fn count(conn: &Connection) -> i64 {
    conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap()
}

fn check(conn: &Connection) -> String {
    conn.query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap()
}

/// Commits a first row that lasts, then ten more with `synchronous`, loses the power, and says how many are there.
fn left_of_eleven(synchronous: &str, survival: Survival) -> i64 {
    let disk = Disk::new();
    let path = disk.path("t.db");
    let conn = connect(&path, "full");
    insert(&conn, 0).unwrap();
    conn.pragma_update(None, "synchronous", synchronous).unwrap();
    for n in 1..=10 {
        insert(&conn, n).unwrap();
    }
    disk.cut_power();
    assert!(insert(&conn, 11).is_err(), "nothing works without power");
    drop(conn);
    disk.restart(survival);
    let conn = connect(&path, "full");
    assert_eq!(check(&conn), "ok");
    count(&conn)
}

#[test]
fn a_power_cut_loses_commits_that_were_not_synced_and_none_that_were() {
    assert_eq!(left_of_eleven("off", Survival::Nothing), 1);
    assert_eq!(left_of_eleven("normal", Survival::Nothing), 1);
    assert_eq!(left_of_eleven("full", Survival::Nothing), 11);
    assert_eq!(left_of_eleven("off", Survival::Everything), 11);
    for seed in 0..50 {
        assert_eq!(left_of_eleven("full", Survival::Seeded(seed)), 11);
    }
    let some: Vec<_> = (0..50)
        .map(|seed| left_of_eleven("off", Survival::Seeded(seed)))
        .collect();
    assert!(some.contains(&1) && some.contains(&11) && some.iter().any(|left| (2..11).contains(left)));
}

/// Writes 40 rows and changes them all, with a rollback journal, cutting the power at every call of the change. Says
/// at how many calls the database was damaged or lacked something afterwards, and at how many there were.
fn damaged_by_cuts(synchronous: &str) -> (u64, u64) {
    let mut damaged = 0;
    for after in 0.. {
        let disk = Disk::new();
        let path = disk.path("t.db");
        let conn = connect(&path, synchronous);
        conn.pragma_update(None, "journal_mode", "delete").unwrap();
        for n in 0..40 {
            insert(&conn, n).unwrap();
        }
        disk.plan(disk.calls() + after, Fault::PowerCut);
        let done = conn.execute("UPDATE t SET n = -n, pad = randomblob(2900)", []);
        let hit = disk.hit().is_some();
        assert_eq!(done.is_err(), hit);
        drop(conn);
        if !hit {
            return (damaged, after);
        }
        disk.restart(Survival::Seeded(after));
        let conn = Connection::open(&path).unwrap();
        let sound: rusqlite::Result<String> = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0));
        let sums: rusqlite::Result<(i64, i64)> = conn.query_row(
            "SELECT count(*), sum(n) FROM t WHERE length(pad) IN (2900, 3000)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        let whole = matches!(sums, Ok((40, 780 | -780)));
        damaged += u64::from(sound.as_deref() != Ok("ok") || !whole);
    }
    unreachable!("the update ends")
}

#[test]
fn sectors_that_survive_at_random_damage_a_database_that_does_not_sync_and_none_that_does() {
    // Without a log only `extra` syncs the folder after the journal's end (sqlite.org/pragma.html#pragma_synchronous).
    let (damaged, calls) = damaged_by_cuts("extra");
    assert_eq!(damaged, 0, "of {calls}");
    for too_weak in ["full", "off"] {
        let (damaged, calls) = damaged_by_cuts(too_weak);
        assert!(damaged > calls / 20, "{too_weak}: {damaged} of {calls}");
    }
}

#[test]
fn a_fault_is_told_as_what_it_is_and_ends_when_it_should() {
    let disk = Disk::new();
    let conn = connect(&disk.path("t.db"), "full");
    insert(&conn, 0).unwrap();
    for (fault, code) in [
        (Fault::Full { from_then_on: false }, ErrorCode::DiskFull),
        (Fault::Fails { from_then_on: false }, ErrorCode::SystemIoFailure),
    ] {
        disk.plan(disk.calls(), fault);
        assert_eq!(insert(&conn, 1).unwrap_err().sqlite_error_code(), Some(code));
    }
    disk.plan(0, Fault::Full { from_then_on: true });
    for _ in 0..3 {
        assert!(insert(&conn, 1).is_err());
        assert_eq!(count(&conn), 1, "a full disk can be read");
    }
    assert_eq!(disk.hit().unwrap().call, Call::Write);
    disk.repair();
    insert(&conn, 1).unwrap();
    assert_eq!((count(&conn), check(&conn).as_str()), (2, "ok"));
}

#[test]
fn a_torn_write_leaves_its_beginning() {
    let disk = Disk::new();
    let path = disk.path("t.db");
    let conn = connect(&path, "full");
    insert(&conn, 0).unwrap();
    let log = disk.path("t.db-wal");
    let before = fs::metadata(&log).unwrap().len();
    disk.plan(disk.calls(), Fault::Torn { bytes: 7 });
    assert!(insert(&conn, 1).is_err() && disk.is_off());
    drop(conn);
    disk.restart(Survival::Everything);
    assert_eq!(fs::metadata(&log).unwrap().len(), before + 7);
    let conn = connect(&path, "full");
    assert_eq!((count(&conn), check(&conn).as_str()), (1, "ok"));
}

#[test]
fn a_new_file_may_be_gone_and_a_deleted_one_may_be_back() {
    let disk = Disk::new();
    let path = disk.path("t.db");
    drop(connect(&path, "full"));
    let log = disk.path("t.db-wal");
    assert!(!log.exists(), "the last connection has deleted it");
    disk.restart(Survival::Nothing);
    assert!(log.exists(), "but nobody has synced the folder");
    insert(&connect(&path, "full"), 0).unwrap();
    disk.restart(Survival::Everything);
    assert!(!log.exists());
    assert_eq!(count(&connect(&path, "full")), 1);

    drop(Connection::open(disk.path("empty.db")).unwrap());
    assert!(disk.path("empty.db").exists());
    disk.restart(Survival::Nothing);
    assert!(!disk.path("empty.db").exists());
}

#[test]
fn disks_have_nothing_to_do_with_each_other_or_with_other_files() {
    let (broken, sound, folder) = (Disk::new(), Disk::new(), tempfile::tempdir().unwrap());
    let paths = [
        broken.path("t.db"),
        sound.path("t.db"),
        folder.path().join("t.db"),
    ];
    let conns = paths.map(|path| connect(&path, "full"));
    broken.cut_power();
    let results = conns.each_ref().map(|conn| insert(conn, 0).is_ok());
    assert_eq!(results, [false, true, true]);
    let gone = broken.folder().to_owned();
    drop((conns, broken));
    assert!(!gone.exists(), "a disk takes its files with it");
}

/// Makes a file through `std::fs`, and syncs it and its folder as asked; says what a power cut leaves of it.
#[cfg(target_os = "linux")]
fn left_of_a_new_file(syncs_file: bool, syncs_folder: bool) -> Option<String> {
    let disk = Disk::new();
    let path = disk.path("number");
    write(&path, "1", syncs_file);
    if syncs_folder {
        sync(disk.folder());
    }
    disk.cut_power();
    disk.restart(Survival::Nothing);
    fs::read_to_string(path).ok()
}

fn write(path: &Path, text: &str, syncs: bool) {
    let mut file = File::create(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    if syncs {
        file.sync_all().unwrap();
    }
}

#[cfg(target_os = "linux")]
fn sync(folder: &Path) {
    File::open(folder).unwrap().sync_all().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_lasts_when_it_was_synced_and_its_name_when_the_folder_was() {
    assert_eq!(left_of_a_new_file(true, false), None);
    assert_eq!(left_of_a_new_file(false, true).as_deref(), Some(""));
    assert_eq!(left_of_a_new_file(true, true).as_deref(), Some("1"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_renamed_file_has_its_old_name_until_the_folder_is_synced() {
    let disk = Disk::new();
    let (path, new) = (disk.path("number"), disk.path("number-new"));
    write(&path, "1", true);
    sync(disk.folder());
    write(&new, "2", true);
    fs::rename(&new, &path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "2");
    disk.restart(Survival::Nothing);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "1",
        "what was replaced is back"
    );
    write(&new, "2", true);
    fs::rename(&new, &path).unwrap();
    sync(disk.folder());
    fs::remove_file(&path).unwrap();
    disk.cut_power();
    disk.restart(Survival::Nothing);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "2",
        "what was removed is back"
    );
    disk.cut_power();
    write(&path, "3", false);
    disk.restart(Survival::Everything);
    fs::remove_file(&path).unwrap();
    assert!(!new.exists());
}

#[test]
fn the_first_commit_of_a_new_database_syncs_its_name() {
    for made_by_sqlite in [true, false] {
        let disk = Disk::new();
        let path = disk.path("t.db");
        if !made_by_sqlite {
            write(&path, "", false);
        }
        let conn = connect(&path, "full");
        insert(&conn, 1).unwrap();
        disk.cut_power();
        drop(conn);
        disk.restart(Survival::Nothing);
        assert_eq!(count(&connect(&path, "full")), 1);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_sync_through_std_fails_as_planned() {
    let disk = Disk::new();
    write(&disk.path("number"), "1", true);
    disk.plan(disk.calls(), Fault::Fails { from_then_on: false });
    assert!(File::open(disk.folder()).unwrap().sync_all().is_err());
    assert_eq!(disk.hit().unwrap().call, Call::Sync);
    disk.restart(Survival::Nothing);
    assert!(!disk.path("number").exists(), "so nothing lasts");
}
