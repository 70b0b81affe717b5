//! The program on a PostgreSQL database, alone and with others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use romp_postgres_cluster::{Database, cluster};
use serde_json::{Value, json};
use uuid::Uuid;

use super::program::{Place, Running, posted, program, ran, registered};
use super::starts_and_stops;

const DEVICES: usize = 5;
const EDITS: usize = 30;

fn place(database: &Database<'_>, folder: &tempfile::TempDir, log: &str) -> Place {
    Place {
        database: database.url().into(),
        log: folder.path().join(log),
    }
}

#[test]
fn a_server_on_postgresql_starts_lets_a_family_in_and_stops_without_having_told_a_secret() {
    let Some(cluster) = cluster("a server on PostgreSQL") else {
        return;
    };
    let (database, folder) = (cluster.empty(), tempfile::tempdir().unwrap());
    starts_and_stops(&place(&database, &folder, "log"));
    assert_eq!(database.sql("SELECT count(*) FROM users"), "1");
}

#[test]
fn a_database_that_does_not_answer_is_named_in_a_sentence_and_its_password_never() {
    let url = "postgres://ann:planted@127.0.0.1:1/romp";
    let refused = ran(program(url.as_ref()).arg("invite"));
    assert!(!refused.status.success() && refused.stdout.is_empty());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("PostgreSQL at 127.0.0.1:1 cannot be reached"),
        "{said}"
    );
    let help = ran(program(url.as_ref()).args(["invite", "--help"]));
    let shown = String::from_utf8(help.stdout).unwrap();
    assert!(shown.contains("ROMP_DATABASE"), "{shown}");
    assert!(
        !said.contains("planted") && !shown.contains("planted"),
        "{said}{shown}"
    );
}

fn device(n: usize) -> Value {
    json!({"id": Uuid::from_u128(n as u128 + 1), "name": "Tablet"})
}

/// One new child, as the `mid`-th change of a device.
fn edit(mid: usize, id: Uuid) -> Value {
    json!({
        "protocol": 2, "cursor": 0, "clock": 1 << 16,
        "mutations": [{"mid": mid, "hlc": mid << 16, "kind": "child", "id": id, "op": "patch",
            "fields": {"nickname": "Mia", "avatar": "fox", "age_band": "7-9"}}]
    })
}

/// The rows of a kind that a new device is sent.
fn pulled(server: &Running, token: &str, kind: &str) -> BTreeMap<String, u64> {
    let (mut rows, mut cursor) = (BTreeMap::new(), 0);
    loop {
        let request = json!({"protocol": 2, "cursor": cursor, "clock": 1 << 16});
        let reply = server.post("/v1/sync", token, &request);
        for row in reply["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["kind"] == kind)
        {
            rows.insert(
                row["id"].as_str().unwrap().to_owned(),
                row["seq"].as_u64().unwrap(),
            );
        }
        if reply["more"] == false {
            return rows;
        }
        cursor = reply["cursor"].as_u64().unwrap();
    }
}

#[test]
fn of_two_servers_one_is_killed_while_devices_push_and_nothing_acknowledged_is_lost() {
    let Some(cluster) = cluster("a killed server") else {
        return;
    };
    let (database, folder) = (cluster.empty(), tempfile::tempdir().unwrap());
    let places = ["one", "two"].map(|log| place(&database, &folder, log));
    let [mut one, two] = places.each_ref().map(Running::start);
    let invitation = String::from_utf8(places[0].invite().stdout).unwrap();
    let password = "planted pass phrase";
    let owner = registered(&one, &invitation, password);
    let sign_in = |n: usize| {
        let request = json!({"email": "planted@example.org", "password": password, "device": device(n)});
        two.post("/v1/sign-in", "", &request)["token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut tokens = vec![owner["token"].as_str().unwrap().to_owned()];
    tokens.extend((1..DEVICES).map(sign_in));

    let (acknowledged, count) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0));
    let addresses = [one.address.clone(), two.address.clone()];
    let (halfway, is_halfway) = mpsc::channel();
    std::thread::scope(|scope| {
        for (n, token) in tokens.iter().enumerate() {
            let (addresses, acknowledged, count, halfway) =
                (&addresses, &acknowledged, &count, halfway.clone());
            scope.spawn(move || {
                for mid in 1..=EDITS {
                    let id = Uuid::from_u128((n * 1_000 + mid) as u128);
                    // To one server and the other in turns; what is not answered is sent again to the one that stays.
                    let first = posted(&addresses[mid % 2], "/v1/sync", token, &edit(mid, id));
                    let reply = first.unwrap_or_else(|_| {
                        posted(&addresses[1], "/v1/sync", token, &edit(mid, id)).unwrap()
                    });
                    assert_eq!(reply["results"][0]["outcome"], "applied", "{reply}");
                    assert_eq!(reply["ack_mid"], mid);
                    acknowledged.lock().unwrap().insert(id.to_string());
                    if count.fetch_add(1, Ordering::SeqCst) == DEVICES * EDITS / 2 {
                        halfway.send(()).unwrap();
                    }
                }
            });
        }
        is_halfway.recv().unwrap();
        one.kill();
    });
    let rows = pulled(&two, &sign_in(99), "child");
    let acknowledged = acknowledged.into_inner().unwrap();
    assert_eq!(acknowledged.len(), DEVICES * EDITS);
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), acknowledged);
    let numbers: BTreeSet<_> = rows.values().collect();
    assert_eq!(
        numbers.len(),
        rows.len(),
        "one commit each, although some were sent twice"
    );
}
