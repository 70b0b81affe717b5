//! An account's deletion over HTTP: who may, and what those hear who come late.

use romp_domain::ErrorCode;
use romp_domain::policy::{Access, Endpoint};
use romp_domain::wire::PairRequest;
use romp_domain::{Role, time::DAY_MS};
use serde_json::json;

use super::call;
use crate::accounts::rig::{HERE, PASSWORD, Rig, device, pairing};
use crate::accounts::{DEVICES_TOLD_MS, create_pairing, pair, sign_out};
use crate::db::DbExt;

fn with(password: &str) -> serde_json::Value {
    json!({ "password": password })
}

/// A family with an owner's, a child's and a signed-out session, by their tokens.
fn family(rig: &Rig) -> [String; 3] {
    let owner = rig.owner(1);
    rig.consent(owner.household, true);
    let session = rig.session(&owner.token);
    let [child, left] = [(Role::Child, 50), (Role::Owner, 51)].map(|(role, n)| {
        let code = create_pairing(&rig.server, &session, &pairing(role))
            .unwrap()
            .code;
        let device = device(n);
        pair(&rig.server, HERE, PairRequest { code, device })
            .unwrap()
            .token
    });
    sign_out(&rig.server, &rig.session(&left)).unwrap();
    [owner.token, child, left]
}

#[tokio::test]
async fn after_the_deletion_every_late_request_hears_that_the_account_is_gone() {
    let rig = Rig::new();
    let other = rig.owner(2).token;
    let tokens = family(&rig);
    let reply = call(&rig, Endpoint::DeleteAccount, Some(&tokens[0]), &with(PASSWORD)).await;
    reply.json();
    for endpoint in Endpoint::ALL
        .iter()
        .filter(|endpoint| endpoint.access() != Access::Public)
    {
        for token in &tokens {
            let late = call(&rig, *endpoint, Some(token), &with(PASSWORD)).await;
            assert_eq!(late.status, 410, "{endpoint:?}");
            assert_eq!(late.code(), ErrorCode::AccountGone);
        }
    }
    let sync = json!({"protocol": 1, "cursor": 0, "clock": 0});
    call(&rig, Endpoint::Sync, Some(&other), &sync).await.json();
}

#[tokio::test]
async fn neither_a_childs_session_nor_no_session_deletes_anything() {
    let rig = Rig::new();
    let [owner, child, left] = family(&rig);
    for (token, expected) in [
        (Some(&*child), ErrorCode::Forbidden),
        (Some(&*left), ErrorCode::NotSignedIn),
        (None, ErrorCode::NotSignedIn),
    ] {
        let reply = call(&rig, Endpoint::DeleteAccount, token, &with(PASSWORD)).await;
        assert_eq!(reply.code(), expected);
    }
    let sync = json!({"protocol": 1, "cursor": 0, "clock": 0});
    call(&rig, Endpoint::Sync, Some(&owner), &sync).await.json();
}

#[tokio::test]
async fn after_half_a_year_the_tokens_are_forgotten() {
    let rig = Rig::new();
    let [owner, ..] = family(&rig);
    let delete = call(&rig, Endpoint::DeleteAccount, Some(&owner), &with(PASSWORD)).await;
    delete.json();
    let neighbour = rig.owner(2).token;
    let sync = json!({"protocol": 1, "cursor": 0, "clock": 0});
    let (gone, forgotten) = (ErrorCode::AccountGone, ErrorCode::NotSignedIn);
    for (days, expected) in [(89, gone), (89, gone), (3, forgotten)] {
        rig.pass(days * DAY_MS);
        // Whoever exchanges, once a day, takes along what is over.
        call(&rig, Endpoint::Sync, Some(&neighbour), &sync).await.json();
        let late = call(&rig, Endpoint::Sync, Some(&owner), &sync).await;
        assert_eq!(late.code(), expected, "{days}");
    }
    assert_eq!(DEVICES_TOLD_MS, 180 * DAY_MS);
    let hash = crate::secrets::token_hash(&owner).unwrap();
    assert!(!rig.server.db.read(move |tx| tx.was_erased(&hash)).unwrap());
}
