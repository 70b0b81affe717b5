//! Everything that is stored, to see that nothing of it has changed.

use std::collections::BTreeMap;

use romp_domain::policy::Endpoint;
use romp_domain::wire::PROTOCOL;
use rusqlite::Connection;
use serde_json::json;
use uuid::Uuid;

use super::call;
use super::requests::body;
use crate::accounts::rig::{PASSWORD, Rig};

/// Tables that a refused call may write: what is noted of it.
const NOTES: [&str; 2] = ["audit", "calls"];

/// The only column that it may change: when its session was last in use.
const IN_USE: (&str, &str) = ("sessions", "used_at");

/// Every row of every table but [`NOTES`], with every column but [`IN_USE`], as text.
pub(super) fn stored(rig: &Rig) -> BTreeMap<String, Vec<String>> {
    let db = Connection::open(rig.folder.path().join("romp.db")).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut found = db.prepare(sql).unwrap();
        let rows = found.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let tables = texts("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
    let mut all = BTreeMap::new();
    for table in tables.into_iter().filter(|table| !NOTES.contains(&&**table)) {
        let columns = texts(&format!("SELECT name FROM pragma_table_xinfo('{table}')"));
        let told: Vec<_> = columns
            .iter()
            .filter(|column| (&*table, &***column) != IN_USE)
            .map(|column| format!("quote(\"{column}\")"))
            .collect();
        let mut rows = texts(&format!("SELECT {} FROM \"{table}\"", told.join(" || ',' || ")));
        rows.sort_unstable();
        all.insert(table, rows);
    }
    all
}

#[tokio::test]
async fn whatever_an_owner_changes_of_the_account_is_seen_in_what_is_stored() {
    let rig = Rig::mailing();
    let owner = rig.owner(1);
    let fields = json!({"nickname": "Pip", "avatar": "fox", "age_band": "7-9"});
    let child = json!({"protocol": PROTOCOL, "cursor": 0, "clock": 1 << 16, "mutations": [{"mid": 1, "hlc": 1 << 16,
        "kind": "child", "id": Uuid::from_u128(7), "op": "patch", "fields": fields}]});
    let plain = |endpoint| (endpoint, body(endpoint, Uuid::nil()));
    let calls = [
        plain(Endpoint::Rename),
        plain(Endpoint::SetAddress),
        plain(Endpoint::RotateToken),
        plain(Endpoint::CreatePairing),
        plain(Endpoint::InviteOwner),
        (Endpoint::Sync, child),
        plain(Endpoint::ChangePassword),
    ];
    let mut token = owner.token;
    let mut before = stored(&rig);
    for (endpoint, asked) in calls {
        let reply = call(&rig, endpoint, Some(&token), &asked).await.json();
        if let Some(next) = reply["token"].as_str() {
            next.clone_into(&mut token);
        }
        let after = stored(&rig);
        assert_ne!(after, before, "{endpoint:?}");
        before = after;
    }
    // And only the notes of it where nothing was changed.
    for endpoint in [Endpoint::Me, Endpoint::Sessions, Endpoint::Activity] {
        let reply = call(&rig, endpoint, Some(&token), &json!({})).await;
        assert_eq!((reply.status.as_u16(), stored(&rig)), (200, before.clone()));
    }
    let wrong = json!({"name": "Mallory", "password": PASSWORD});
    call(&rig, Endpoint::Rename, Some(&token), &wrong).await.problem();
    assert_eq!(stored(&rig), before);
}
