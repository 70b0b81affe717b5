//! A proxy that goes on taking bytes for a database that does not answer any more.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use romp_domain::{HouseholdId, UtcMs};
use romp_postgres_cluster::cluster;
use uuid::Uuid;

use super::PgDb;
use crate::db::{Db, DbExt};
use crate::pokes::Pokes;

/// How long an answer is waited for here.
const SILENCE: Duration = Duration::from_millis(400);

/// Passes bytes on between clients and PostgreSQL, until it is told to swallow them.
struct Proxy {
    address: SocketAddr,
    swallows: Arc<AtomicBool>,
    connections: Arc<AtomicU32>,
}

impl Proxy {
    fn before(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            swallows: Arc::default(),
            connections: Arc::default(),
        };
        let (swallows, connections) = (Arc::clone(&proxy.swallows), Arc::clone(&proxy.connections));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                let client = client.unwrap();
                let Ok(server) = UnixStream::connect(&socket) else {
                    return;
                };
                let (client_too, server_too) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (up, down) = (Arc::clone(&swallows), Arc::clone(&swallows));
                std::thread::spawn(move || pass(client_too, server, &up));
                std::thread::spawn(move || {
                    pass(server_too, &client, &down);
                    // The database has ended its side.
                    drop(client.shutdown(Shutdown::Both));
                });
            }
        });
        proxy
    }
}

fn pass(mut from: impl Read, mut to: impl Write, swallows: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !swallows.load(Ordering::SeqCst) && to.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

fn insert(db: &PgDb, n: u128) -> Result<(), crate::db::Fault> {
    db.write(move |tx| tx.insert_household(HouseholdId(Uuid::from_u128(n)), UtcMs(1)))
}

fn is_there(db: &PgDb, n: u128) -> Result<bool, crate::db::Fault> {
    let found = db.read(move |tx| tx.household(HouseholdId(Uuid::from_u128(n))));
    found.map(|found| found.is_some())
}

#[test]
fn row_36_a_database_that_falls_silent_behind_a_proxy_is_waited_for_once_and_found_again() {
    let Some(cluster) = cluster("a silent database") else {
        return;
    };
    let database = cluster.like("romp", |url| drop(PgDb::open(url).unwrap()));
    let proxy = Proxy::before(database.socket());
    let (user, place) = database.url().split_once('@').unwrap();
    let (_, name) = place.rsplit_once('/').unwrap();
    let url = format!("{user}@{}/{name}", proxy.address);
    let db = PgDb::open_waiting(&url, SILENCE).unwrap();
    let pokes = Arc::new(Pokes::default());
    db.join(&pokes);
    insert(&db, 1).unwrap();
    // Several connections are there when it falls silent.
    std::thread::scope(|scope| {
        for n in 2..8 {
            let db = &db;
            scope.spawn(move || insert(db, n).unwrap());
        }
    });
    proxy.swallows.store(true, Ordering::SeqCst);
    let before = proxy.connections.load(Ordering::SeqCst);
    for n in 0..6_u128 {
        // Whichever comes first: neither is answered by a good connection any more, and none waits for ever.
        let answered = if n % 2 == 0 {
            is_there(&db, 1).map(drop)
        } else {
            insert(&db, 100 + n)
        };
        assert!(answered.is_err(), "{n}");
    }
    let sought = proxy.connections.load(Ordering::SeqCst) - before;
    assert!(sought > 0, "after the first silence it is looked for anew");
    let started = PgDb::open_waiting(&url, SILENCE).map(drop);
    assert!(
        started.unwrap_err().to_string().contains("nobody answers there"),
        "nor does a start wait for ever"
    );
    proxy.swallows.store(false, Ordering::SeqCst);
    assert!(is_there(&db, 1).unwrap(), "and found again by whoever comes next");
    insert(&db, 50).unwrap();
    assert!(is_there(&db, 50).unwrap());
    for n in (1..6).step_by(2) {
        assert!(
            !is_there(&db, 100 + n).unwrap(),
            "what was not answered was not stored"
        );
    }
}
