//! Opening files that are not what they should be: a typed error, and the file as it was.

mod common;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use common::Device;
use romp_domain::{ErrorCode, Problem};
use romp_store::{Account, SeededIds, Store, StoreError, WallClock};

fn refused(path: &Path) -> ErrorCode {
    let before = fs::read(path).expect("the file system works");
    let error = Store::open(path, Arc::new(WallClock), &SeededIds::new(1)).expect_err("it cannot be opened");
    assert_eq!(
        fs::read(path).expect("the file system works"),
        before,
        "the file was touched"
    );
    Problem::from(error).code
}

/// A database with some content in one file, as bytes.
fn whole_database() -> Vec<u8> {
    let device = Device::new();
    for n in 0..200 {
        device.name_pet(n, "Rex");
    }
    let path = device.path();
    let Device { dir, store, .. } = device;
    drop(store);
    let bytes = fs::read(path).expect("the file system works");
    drop(dir);
    bytes
}

fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().expect("the file system works");
    let path = dir.path().join("romp.db");
    fs::write(&path, bytes).expect("the file system works");
    (dir, path)
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    for bytes in [
        &b"hello"[..],
        &[0xFF; 10_000],
        b"SQLite format 3\0 and then nothing of the kind",
    ] {
        let (_dir, path) = file(bytes);
        assert_eq!(refused(&path), ErrorCode::StorageBroken);
    }
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let (_dir, path) = file(b"");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    drop(conn);
    assert_eq!(refused(&path), ErrorCode::StorageBroken);
}

#[test]
fn a_truncated_file_is_refused_and_left_alone() {
    let whole = whole_database();
    for length in [
        1,
        100,
        4096,
        5000,
        whole.len() / 2,
        whole.len() - 4096,
        whole.len() - 1,
    ] {
        let (_dir, path) = file(&whole[..length]);
        assert_eq!(
            refused(&path),
            ErrorCode::StorageBroken,
            "{length} of {}",
            whole.len()
        );
    }
}

#[test]
fn flipped_bytes_are_an_error_or_harmless_and_never_a_panic() {
    let whole = whole_database();
    for position in (0..whole.len()).step_by(997) {
        let mut bytes = whole.clone();
        bytes[position] ^= 0xFF;
        let (_dir, path) = file(&bytes);
        match Store::open(&path, Arc::new(WallClock), &SeededIds::new(1)) {
            Err(_) => assert_eq!(fs::read(&path).unwrap(), bytes, "byte {position}"),
            Ok(store) => drop(store.read(|reader| reader.list::<romp_domain::Pet>())),
        }
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let (_dir, path) = file(&whole_database());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
         VALUES (999, 'from_the_future', '2030-01-01T00:00:00Z', '1'); PRAGMA wal_checkpoint(TRUNCATE);",
    )
    .unwrap();
    drop(conn);
    assert_eq!(refused(&path), ErrorCode::StorageNewer);
}

#[test]
fn an_empty_file_is_a_new_device() {
    let (_dir, path) = file(b"");
    assert!(Store::open(&path, Arc::new(WallClock), &SeededIds::new(1)).is_ok());
}

#[test]
fn a_folder_in_the_files_place_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = Store::open(dir.path(), Arc::new(WallClock), &SeededIds::new(1)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)));
}

#[test]
fn the_device_keeps_its_id_and_its_account() {
    let device = Device::new();
    let id = device.store.device().unwrap();
    let account = Account {
        household: romp_domain::HouseholdId(common::id(1)),
        server: "https://romp.example".into(),
        email: None,
        role: romp_domain::Role::Owner,
        device: Some("Ann's phone".to_owned().try_into().unwrap()),
        session: Some(romp_domain::SessionId(common::id(2))),
    };
    device.store.write(|writer| writer.join(&account)).unwrap();
    let device = device.restarted();
    assert_eq!(device.store.device().unwrap(), id);
    assert_eq!(device.store.account().unwrap(), Some(account.clone()));
    device.store.write(|writer| writer.end_session()).unwrap();
    assert_eq!(
        device.store.account().unwrap(),
        Some(Account {
            session: None,
            ..account
        })
    );
}
