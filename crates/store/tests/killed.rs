//! A process that is killed at any moment loses nothing it has confirmed, and leaves a sound database.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use common::{acked, id, pet};
use romp_domain::Pet;
use romp_store::{SeededIds, Store, StoreError, WallClock};
use romp_sync::Replica;

/// Set for the child: where its database is.
const DATABASE: &str = "ROMP_TEST_DATABASE";

const KILLS: u128 = 20;

fn open(path: &Path) -> Store {
    Store::open(path, Arc::new(WallClock), &SeededIds::new(1)).expect("the database opens")
}

/// The child: writes for ever, and says on its standard output what it has confirmed. Does nothing in the parent.
#[test]
fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE).map(PathBuf::from) else {
        return;
    };
    let store = open(&path);
    let first = store.read(|reader| reader.list::<Pet>()).unwrap().len() as u128;
    for n in first.. {
        store
            .write(|writer| writer.put(id(n), &pet(&format!("Rex {n}"))))
            .unwrap();
        writeln!(std::io::stderr(), "{n}").unwrap();
        if n % 7 == 0 {
            let request = store.replica(None).next_request().unwrap();
            // A commit that is not pulled yet: the rows stay on top.
            let reply = acked(&request, n as u64 + 1);
            store.replica(None).absorb(&request, reply).unwrap();
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_it_confirmed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("romp.db");
    let mut confirmed = 0;
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["writes_until_it_is_killed", "--exact", "--nocapture"])
            .env(DATABASE, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // Each round ends after another number of writes; the kill then falls wherever it falls.
        for line in lines.take(3 + round as usize * 2) {
            confirmed = line.unwrap().parse().unwrap_or(confirmed);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        check(&path, confirmed);
    }
    assert!(confirmed > KILLS);
}

fn check(path: &Path, confirmed: u128) {
    let store = open(path);
    let rows = store
        .read(|reader| reader.list::<Pet>())
        .expect("the database answers");
    let names: Vec<_> = rows
        .iter()
        .map(|(id, pet)| {
            (
                id.as_u128(),
                pet.name.clone().expect("the database answers").to_string(),
            )
        })
        .collect();
    assert!(
        names.len() as u128 > confirmed,
        "{confirmed} was confirmed, {} rows are there",
        names.len()
    );
    assert!((0..).zip(&names).all(|(n, row)| *row == (n, format!("Rex {n}"))));
    let pending = store
        .read(|reader| Ok::<_, StoreError>(reader.pending()?.count))
        .expect("the database answers");
    assert!(pending <= names.len() as u32);
    drop(store);

    let conn = rusqlite::Connection::open(path).expect("the database answers");
    let text = |sql: &str| {
        conn.query_row(sql, [], |row| row.get::<_, String>(0))
            .expect("the database answers")
    };
    let number = |sql: &str| {
        conn.query_row(sql, [], |row| row.get::<_, i64>(0))
            .expect("the database answers")
    };
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let rows = names.len() as i64;
    assert_eq!(
        number("SELECT count(*) FROM outbox"),
        rows,
        "one mutation for each row"
    );
    assert_eq!(
        (
            number("SELECT min(mid) FROM outbox"),
            number("SELECT max(mid) FROM outbox")
        ),
        (1, rows)
    );
}
