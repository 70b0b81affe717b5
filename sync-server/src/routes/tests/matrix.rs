//! Role × endpoint × whose it is: own, another household's, nobody's. Made from the policy table.

use romp_domain::policy::{Access, Endpoint};
use romp_domain::{ErrorCode, Role};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{with_session, with_session_on};
use super::{call, request, send};
use crate::accounts::rig::{HERE, PASSWORD, Rig, sign_in_request};
use crate::accounts::{invite, sign_in};

/// A body that its endpoint reads and would act on, naming `session`, `row` or `user` where it takes an id: what is
/// refused is refused for who asks. No arm for all others: a new endpoint has to say what it reads.
fn body(endpoint: Endpoint, id: Uuid) -> Value {
    let password = PASSWORD;
    match endpoint {
        Endpoint::RevokeSession => json!({ "session": id, "password": password }),
        Endpoint::Activity => json!({ "session": id }),
        Endpoint::Sync => json!({"protocol": 2, "cursor": 0, "clock": 1 << 16, "mutations": [{
            "mid": 1, "hlc": 1 << 16, "kind": "playdate", "id": id, "op": "act", "act": "cancel", "expect_rev": 1
        }]}),
        Endpoint::DeleteAccount | Endpoint::RevokeOthers => json!({ "password": password }),
        Endpoint::CreatePairing => json!({"role": "owner", "password": password}),
        Endpoint::VerifyEmail => json!({"code": "ABCD2345"}),
        Endpoint::ChangePassword => json!({"current": password, "password": ANOTHER}),
        Endpoint::SetAddress => json!({"email": "mallory@example.org", "password": password}),
        Endpoint::Rename => json!({"name": "Mallory"}),
        Endpoint::InviteOwner => json!({ "email": null }),
        Endpoint::ConfirmOwner | Endpoint::RemoveOwner => json!({"user": id, "password": password}),
        Endpoint::RefuseOwner => json!({ "user": id }),
        Endpoint::SignOut
        | Endpoint::SendCodeAgain
        | Endpoint::Me
        | Endpoint::RotateToken
        | Endpoint::Sessions
        | Endpoint::Events => json!({}),
        Endpoint::Live
        | Endpoint::Ready
        | Endpoint::OpenApi
        | Endpoint::Register
        | Endpoint::SignIn
        | Endpoint::Pair
        | Endpoint::ForgotPassword
        | Endpoint::ResetPassword
        | Endpoint::JoinAsOwner => panic!("{endpoint:?} is for everybody"),
    }
}

/// Strong enough to be taken.
const ANOTHER: &str = "velvet anchor cinnamon orbit";

/// Whether [`body`] names something that a family has from the beginning.
const NAMING: [Endpoint; 3] = [Endpoint::RevokeSession, Endpoint::Activity, Endpoint::Sync];

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

/// Everything that is stored, but when sessions were used and what is noted of calls.
fn stored(rig: &Rig) -> Vec<(String, i64)> {
    let db = Connection::open(rig.folder.path().join("romp.db")).unwrap();
    let mut tables = db
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
        )
        .unwrap();
    let names: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let count = |sql: String| db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let mut all: Vec<_> = names
        .into_iter()
        .filter(|name| !["audit", "call"].iter().any(|noted| name.contains(noted)))
        .map(|name| {
            let rows = count(format!("SELECT count(*) FROM \"{name}\""));
            (name, rows)
        })
        .collect();
    let live = count("SELECT count(*) FROM sessions WHERE ended_at IS NULL".into());
    all.push(("live sessions".into(), live));
    all
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

#[tokio::test]
async fn row_03_another_familys_owner_gets_the_same_answer_as_nobody() {
    let rig = Rig::new();
    let (ours, theirs) = (rig.owner(1), rig.owner(2));
    let user = |token: &str| rig.session(token).user.unwrap().0;
    let before = stored(&rig);
    for endpoint in NAMING_OWNERS {
        let mut answers = Vec::new();
        for id in [user(&theirs.token), theirs.household.0, Uuid::from_u128(0xDEAD)] {
            let reply = call(&rig, endpoint, Some(&ours.token), &body(endpoint, id)).await;
            assert_eq!(reply.code(), ErrorCode::NotFound, "{endpoint:?}");
            answers.push(reply.body);
        }
        assert!(answers.windows(2).all(|two| two[0] == two[1]), "{endpoint:?}");
    }
    assert_eq!(stored(&rig), before);
}

#[tokio::test]
async fn row_03_what_is_another_familys_gets_the_same_answer_as_what_does_not_exist() {
    for endpoint in NAMING {
        let rig = Rig::new();
        let (ours, theirs) = (rig.owner(1), rig.owner(2));
        let session = |id: Uuid| body(endpoint, id);
        let nobodys = Uuid::from_u128(0xDEAD);
        let mut answers = Vec::new();
        for id in [theirs.session.0, theirs.household.0, nobodys] {
            let reply = call(&rig, endpoint, Some(&ours.token), &session(id)).await;
            // What they have in common is not the number of the exchange.
            let text = String::from_utf8(reply.body)
                .unwrap()
                .replace(&id.to_string(), "");
            let text = text.replace("\"ack_seq\":1,", "").replace("\"ack_seq\":2,", "");
            answers.push((reply.status, text));
        }
        if endpoint == Endpoint::Sync {
            assert!(answers.iter().all(|(_, text)| text.contains("\"not_found\"")));
        } else {
            assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:?}");
        }
        let alive = call(
            &rig,
            Endpoint::Sync,
            Some(&theirs.token),
            &json!({"protocol": 2, "cursor": 0, "clock": 0}),
        )
        .await;
        assert_eq!(alive.status, 200, "{endpoint:?}");
        let own = call(&rig, endpoint, Some(&ours.token), &session(ours.session.0)).await;
        assert_eq!(own.status, 200, "{endpoint:?}: one's own is there");
    }
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
