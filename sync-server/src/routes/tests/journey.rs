//! A family's accounts over HTTP, from the invitation to the last sign-out.

use std::fs;

use romp_domain::ErrorCode;
use romp_domain::policy::Endpoint;
use serde_json::{Value, json};

use super::{call, request, send};
use crate::accounts::invite;
use crate::accounts::rig::Rig;

const PASSWORD: &str = "planted pass phrase";

fn device(n: u32) -> Value {
    json!({"id": format!("00000000-0000-0000-0000-{n:012}"), "name": "Tablet"})
}

fn token(reply: &Value) -> &str {
    reply["token"].as_str().unwrap()
}

async fn registered(rig: &Rig) -> Value {
    let invitation = invite(&rig.server, 1).unwrap();
    let body = json!({
        "invitation": invitation.expose(), "email": "ann@example.org", "password": PASSWORD, "name": "Ann",
        "device": device(1)
    });
    call(rig, Endpoint::Register, None, &body).await.json()
}

async fn paired(rig: &Rig, owner: &str, role: &str, device_number: u32) -> Value {
    let code = call(
        rig,
        Endpoint::CreatePairing,
        Some(owner),
        &json!({"role": role, "password": PASSWORD}),
    )
    .await
    .json();
    let body = json!({"code": code["code"], "device": device(device_number)});
    call(rig, Endpoint::Pair, None, &body).await.json()
}

fn sync() -> Value {
    json!({"protocol": 1, "cursor": 0, "clock": 0})
}

#[tokio::test]
async fn a_family_registers_signs_in_pairs_a_childs_tablet_and_signs_out() {
    let rig = Rig::new();
    let owner = registered(&rig).await;
    assert_eq!(owner["role"], "owner");
    call(&rig, Endpoint::Sync, Some(token(&owner)), &sync())
        .await
        .json();

    let credentials = json!({"email": " ANN@example.org ", "password": PASSWORD, "device": device(2)});
    let second = call(&rig, Endpoint::SignIn, None, &credentials).await.json();
    assert_eq!(second["household"], owner["household"]);

    let early = call(
        &rig,
        Endpoint::CreatePairing,
        Some(token(&owner)),
        &json!({"role": "child", "password": PASSWORD}),
    )
    .await;
    assert_eq!(early.code(), ErrorCode::ConsentMissing);
    rig.consent(serde_json::from_value(owner["household"].clone()).unwrap(), true);
    let child = paired(&rig, token(&owner), "child", 3).await;
    assert_eq!(child["role"], "child");
    call(&rig, Endpoint::Sync, Some(token(&child)), &sync())
        .await
        .json();

    for session in [&owner, &child] {
        call(&rig, Endpoint::SignOut, Some(token(session)), &json!({}))
            .await
            .json();
        let after = call(&rig, Endpoint::Sync, Some(token(session)), &sync()).await;
        assert_eq!(after.code(), ErrorCode::NotSignedIn);
    }
    call(&rig, Endpoint::Sync, Some(token(&second)), &sync())
        .await
        .json();
}

#[tokio::test]
async fn sign_out_needs_no_body() {
    let rig = Rig::new();
    let owner = registered(&rig).await;
    let mut bare = request("POST", Endpoint::SignOut.path(), Some(token(&owner)), "");
    bare.headers_mut().remove("content-type");
    assert_eq!(send(&rig, bare).await.status, 200);
}

#[tokio::test]
async fn too_many_guesses_are_told_when_to_come_back() {
    let rig = Rig::new();
    registered(&rig).await;
    let guess = json!({"email": "ann@example.org", "password": "wrong", "device": device(1)});
    for _ in 0..10 {
        assert_eq!(
            call(&rig, Endpoint::SignIn, None, &guess).await.code(),
            ErrorCode::WrongCredentials
        );
    }
    let refused = call(&rig, Endpoint::SignIn, None, &guess).await;
    assert_eq!(refused.code(), ErrorCode::TooMany);
    assert_eq!(refused.headers["retry-after"], "901");
}

#[tokio::test]
async fn who_has_the_database_still_cannot_sign_in() {
    let rig = Rig::new();
    let owner = registered(&rig).await;
    let waiting = call(
        &rig,
        Endpoint::CreatePairing,
        Some(token(&owner)),
        &json!({"role": "owner", "password": PASSWORD}),
    )
    .await
    .json();
    let unused = invite(&rig.server, 1).unwrap();

    let mut dump = Vec::new();
    for file in fs::read_dir(rig.folder.path()).unwrap() {
        dump.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let contains = |text: &str| dump.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains("ann@example.org"), "the dump is of the right files");
    let letters = unused.expose().replace('-', "");
    for secret in [
        token(&owner),
        PASSWORD,
        waiting["code"].as_str().unwrap(),
        unused.expose(),
        &letters,
    ] {
        assert!(!contains(secret), "a secret is stored as it is");
    }
    let stored = rig.session(token(&owner)).token;
    let stored = stored
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let forged = call(&rig, Endpoint::Sync, Some(&stored), &sync()).await;
    assert_eq!(forged.code(), ErrorCode::NotSignedIn);
}
