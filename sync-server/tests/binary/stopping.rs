//! What happens to what was acknowledged when the operator asks the server to stop.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use super::program::{Place, Running, inhabited, posted};

fn status(server: &Running, path: &str) -> u16 {
    let Ok(mut stream) = TcpStream::connect(&server.address) else {
        return 0;
    };
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: romp\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply[9..12].parse().unwrap()
}

fn child(mid: usize, id: Uuid) -> Value {
    json!({
        "protocol": 2, "cursor": 0, "clock": 1 << 16,
        "mutations": [{"mid": mid, "hlc": mid << 16, "kind": "child", "id": id, "op": "patch",
            "fields": {"nickname": "Mia", "avatar": "fox", "age_band": "7-9"}}]
    })
}

#[test]
fn row_35_a_server_that_is_asked_to_stop_says_that_it_is_not_ready_and_still_serves() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Running::start_with(&Place::file(folder.path()), &["--stop-delay", "3600"]);
    assert_eq!(status(&server, "/health/ready"), 200);
    server.signal("-TERM");
    while status(&server, "/health/ready") != 503 {
        std::thread::yield_now();
    }
    assert_eq!(status(&server, "/health/live"), 200);
    // Asked again, it does not wait any longer.
    assert!(server.terminate());
    assert_eq!(status(&server, "/health/live"), 0);
}

#[test]
fn row_35_stopped_in_the_middle_of_pushes_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::file(folder.path());
    let password = "planted pass phrase";
    let (mut server, _) = inhabited(&place, password);
    let sign_in = |server: &Running, n: u128| {
        let device = json!({"id": Uuid::from_u128(n), "name": "Tablet"});
        let body = json!({"email": "planted@example.org", "password": password, "device": device});
        let reply = server.post("/v1/sign-in", "", &body);
        reply["token"].as_str().unwrap().to_owned()
    };
    let tokens: Vec<_> = (10..14).map(|n| sign_in(&server, n)).collect();
    let (acknowledged, count) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0));
    let (address, over) = (server.address.clone(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for (n, token) in tokens.iter().enumerate() {
            let (acknowledged, count, address, over) = (&acknowledged, &count, &address, &over);
            scope.spawn(move || {
                for mid in 1.. {
                    let id = Uuid::from_u128((n * 100_000 + mid) as u128);
                    let Ok(reply) = posted(address, "/v1/sync", token, &child(mid, id)) else {
                        // Refused or cut off: nobody was told that it is kept.
                        over.store(true, Ordering::SeqCst);
                        return;
                    };
                    assert_eq!(reply["results"][0]["outcome"], "applied", "{reply}");
                    acknowledged.lock().unwrap().insert(id.to_string());
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while count.load(Ordering::SeqCst) < 50 {
            std::thread::yield_now();
        }
        assert!(!over.load(Ordering::SeqCst), "nobody was refused before");
        assert!(server.terminate(), "it stops in order, under load");
    });
    let log = folder.path().join("romp.db-wal");
    let left = std::fs::metadata(&log).map_or(0, |file| file.len());
    assert_eq!(left, 0, "the write-ahead log was carried over");
    let server = Running::start(&place);
    let token = sign_in(&server, 99);
    let (mut kept, mut cursor) = (BTreeSet::new(), 0);
    loop {
        let request = json!({"protocol": 2, "cursor": cursor, "clock": 1 << 16});
        let reply = server.post("/v1/sync", &token, &request);
        let rows = reply["rows"].as_array().unwrap().iter();
        kept.extend(rows.map(|row| row["id"].as_str().unwrap().to_owned()));
        if reply["more"] == false {
            break;
        }
        cursor = reply["cursor"].as_u64().unwrap();
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "{} of {}", lost.len(), acknowledged.len());
}
