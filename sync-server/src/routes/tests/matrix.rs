//! Role × endpoint × whose it is: own, another household's, nobody's. Made from the policy table.

use romp_domain::policy::{Access, Endpoint};
use romp_domain::wire::InviteOwnerRequest;
use romp_domain::{ErrorCode, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{with_session, with_session_on};
use super::requests::{body, names};
use super::stored::stored;
use super::{Reply, call, request, send};
use crate::accounts::rig::{HERE, PASSWORD, Rig, sign_in_request};
use crate::accounts::{invite, sign_in};
use crate::owners::invite_owner;

/// Whether it names an owner.
const NAMING_OWNERS: [Endpoint; 3] = [
    Endpoint::ConfirmOwner,
    Endpoint::RefuseOwner,
    Endpoint::RemoveOwner,
];

fn guarded() -> impl Iterator<Item = (Endpoint, &'static [Role])> {
    Endpoint::ALL
        .iter()
        .filter_map(|endpoint| match endpoint.access() {
            Access::Public => None,
            Access::Roles(roles) => Some((*endpoint, roles)),
        })
}

#[tokio::test]
async fn row_02_a_child_is_refused_every_owner_endpoint_and_nothing_has_changed() {
    let (rig, token) = with_session(Role::Child);
    let own = rig.session(&token).id.0;
    let before = stored(&rig);
    let mut refused = 0;
    for (endpoint, _) in guarded().filter(|(_, roles)| !roles.contains(&Role::Child)) {
        let reply = call(&rig, endpoint, Some(&token), &body(endpoint, own)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code()),
            (403, ErrorCode::Forbidden),
            "{endpoint:?}"
        );
        assert_eq!(stored(&rig), before, "{endpoint:?}");
        refused += 1;
    }
    assert!(refused >= 14, "{refused}");
}

#[tokio::test]
async fn row_02_what_a_child_is_refused_is_read_and_done_for_an_owner() {
    for (endpoint, _) in guarded() {
        let rig = Rig::mailing();
        let owner = rig.owner(1);
        let nobody = NAMING_OWNERS.contains(&endpoint);
        let id = if nobody {
            Uuid::from_u128(0xDEAD)
        } else {
            owner.session.0
        };
        let reply = call(&rig, endpoint, Some(&owner.token), &body(endpoint, id)).await;
        let status = reply.status.as_u16();
        // What then stands against it is no matter of rights, and no matter of reading.
        let expected = match endpoint {
            _ if nobody => reply.code() == ErrorCode::NotFound,
            // Another one was mailed.
            Endpoint::VerifyEmail => reply.code() == ErrorCode::CodeInvalid,
            _ => status == 200,
        };
        assert!(
            expected,
            "{endpoint:?}: {status} {}",
            String::from_utf8_lossy(&reply.body)
        );
    }
}

/// A reply but for what no two servers have in common: these ids, what follows from their digits, the number of the
/// request, the epoch of a database.
fn in_common(reply: &Reply, ids: [Uuid; 2]) -> (u16, Vec<(String, String)>, String) {
    let own = ["x-request-id", "content-length"];
    let headers = reply
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}")));
    let mut text = String::from_utf8_lossy(&reply.body).into_owned();
    for id in ids {
        text = text.replace(&id.to_string(), "");
    }
    let mut body: Value = serde_json::from_str(&text).unwrap();
    for name in ["epoch", "ack_chain"] {
        body.as_object_mut().unwrap().remove(name);
    }
    (reply.status.as_u16(), headers.collect(), body.to_string())
}

#[tokio::test]
async fn row_03_what_is_another_familys_gets_the_same_answer_as_what_does_not_exist() {
    let mut asked = 0;
    for endpoint in guarded().map(|(endpoint, _)| endpoint).filter(|one| names(*one)) {
        let mut answers = Vec::new();
        // A server for each: nothing that was asked before makes a difference.
        for which in 0..7 {
            let rig = Rig::new();
            let (ours, theirs) = (rig.owner(1), rig.owner(2));
            let child = rig.paired(&theirs, Role::Child, 60);
            let by = rig.session(&theirs.token);
            let invitation = invite_owner(&rig.server, &by, InviteOwnerRequest { email: None }).unwrap();
            let mut joining = body(Endpoint::JoinAsOwner, Uuid::nil());
            joining["code"] = invitation.code.into();
            let waiting = call(&rig, Endpoint::JoinAsOwner, None, &joining).await.json();
            let waiting = rig.session(waiting["token"].as_str().unwrap());
            let id = [
                Uuid::from_u128(0xDEAD),
                theirs.session.0,
                theirs.household.0,
                child.session.0,
                by.user.unwrap().0,
                waiting.user.unwrap().0,
                waiting.id.0,
            ][which];
            let before = stored(&rig);
            let reply = call(&rig, endpoint, Some(&ours.token), &body(endpoint, id)).await;
            if endpoint != Endpoint::Sync {
                assert_eq!(stored(&rig), before, "{endpoint:?}");
            }
            answers.push(in_common(&reply, [id, ours.session.0]));
            for alive in [&theirs.token, &child.token] {
                let sync = json!({"protocol": 2, "cursor": 0, "clock": 0});
                let alive = call(&rig, Endpoint::Sync, Some(alive), &sync).await;
                assert_eq!(alive.status, 200, "{endpoint:?}");
            }
            if !NAMING_OWNERS.contains(&endpoint) {
                let own = body(endpoint, ours.session.0);
                let own = call(&rig, endpoint, Some(&ours.token), &own).await;
                assert_eq!(own.status, 200, "{endpoint:?}: one's own is there");
            }
        }
        let nothing = if endpoint == Endpoint::Activity {
            "\"calls\":[]"
        } else {
            "\"not_found\""
        };
        assert!(answers[0].2.contains(nothing), "{endpoint:?}: {answers:?}");
        for answer in &answers {
            assert_eq!(answer, &answers[0], "{endpoint:?}");
        }
        asked += 1;
    }
    assert_eq!(asked, 6);
}

#[tokio::test]
async fn row_04_no_variant_of_a_request_gets_further_than_the_request() {
    // Too often would be too often for all of them alike, and say nothing.
    let (rig, child) = with_session_on(Rig::unlimited(), Role::Child);
    let before = stored(&rig);
    for (endpoint, roles) in guarded() {
        let tokens = [None, Some(&*child)];
        for token in tokens
            .into_iter()
            .filter(|token| token.is_none() || !roles.contains(&Role::Child))
        {
            let good = body(endpoint, Uuid::nil());
            let plain = call(&rig, endpoint, token, &good).await.code();
            let bodies = [
                json!([good]),
                json!({"request": good}),
                json!({"role": "owner", "household": Uuid::nil()}),
                json!(null),
            ];
            for body in bodies {
                assert_eq!(
                    call(&rig, endpoint, token, &body).await.code(),
                    plain,
                    "{endpoint:?}"
                );
            }
            for (method, path) in [
                ("PUT", endpoint.path().to_owned()),
                ("PATCH", endpoint.path().to_owned()),
                ("DELETE", endpoint.path().to_owned()),
                ("POST", format!("{}?role=owner&_method=GET", endpoint.path())),
                ("GET", format!("{}?role=owner&_method=POST", endpoint.path())),
            ] {
                let mut variant = request(method, &path, token, good.to_string());
                for (name, value) in [
                    ("x-http-method-override", "POST"),
                    ("x-original-url", "/health/live"),
                    ("x-rewrite-url", "/health/live"),
                    ("x-forwarded-user", "owner"),
                    ("x-role", "owner"),
                ] {
                    variant.headers_mut().insert(name, value.parse().unwrap());
                }
                let reply = send(&rig, variant).await.code();
                assert!(
                    reply == plain || reply == ErrorCode::NotFound,
                    "{method} {path}: {reply:?}"
                );
            }
        }
    }
    assert_eq!(stored(&rig), before);
}

#[tokio::test]
async fn row_12_what_was_ended_is_not_there_any_more_and_a_failed_registration_leaves_nothing() {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let second = sign_in(&rig.server, HERE, sign_in_request(1, 2)).unwrap();
    let revoke = json!({ "session": second.session, "password": PASSWORD });
    let first = call(&rig, Endpoint::RevokeSession, Some(&owner.token), &revoke).await;
    assert_eq!(first.status, 200);
    let sync = json!({"protocol": 2, "cursor": 0, "clock": 0});
    let late = call(&rig, Endpoint::Sync, Some(&second.token), &sync).await;
    assert_eq!(late.code(), ErrorCode::NotSignedIn);
    let again = call(&rig, Endpoint::RevokeSession, Some(&owner.token), &revoke).await;
    assert!([200, 404].contains(&again.status.as_u16()), "{}", again.status);

    let invitation = invite(&rig.server, 1).unwrap();
    let before = stored(&rig);
    let register = |email: &str, n: u32| {
        json!({
            "invitation": invitation.expose(), "email": email, "password": PASSWORD, "name": "Ann",
            "device": {"id": format!("00000000-0000-0000-0000-{n:012}"), "name": "Tablet"}
        })
    };
    let taken = register("owner1@example.org", 9);
    assert_eq!(
        call(&rig, Endpoint::Register, None, &taken).await.code(),
        ErrorCode::EmailTaken
    );
    assert_eq!(stored(&rig), before, "and the invitation still works");
    call(&rig, Endpoint::Register, None, &register("new@example.org", 9))
        .await
        .json();
}
