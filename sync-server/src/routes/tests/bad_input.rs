//! What must be answered with a sentence: never a fault of the server, nothing written.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, SET_COOKIE};
use futures_util::FutureExt;
use romp_domain::policy::{Access, Endpoint, Method};
use romp_domain::wire::{MAX_BODY_BYTES, PROTOCOL};
use romp_domain::{ErrorCode, Role};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_stream::StreamExt;
use tower::ServiceExt;
use uuid::Uuid;

use super::requests::{ANOTHER, body};
use super::stored::stored;
use super::{call, request, send};
use crate::accounts::create_pairing;
use crate::accounts::rig::{Rig, pairing};
use crate::gateway::bodies::tests::{all_of, everything};
use crate::gateway::body::MAX_BYTES;

/// The endpoints that read a body.
fn reading() -> impl Iterator<Item = Endpoint> {
    let without = [Endpoint::SignOut, Endpoint::RotateToken, Endpoint::SendCodeAgain];
    Endpoint::ALL
        .iter()
        .copied()
        .filter(move |endpoint| endpoint.method() == Method::Post && !without.contains(endpoint))
}

fn token_for(rig: &Rig, endpoint: Endpoint) -> Option<String> {
    (endpoint.access() != Access::Public).then(|| rig.owner(1).token)
}

#[tokio::test]
async fn row_29_no_body_whatever_it_is_makes_the_server_fail() {
    let deep = "[".repeat(100_000);
    let long = json!({"email": "x".repeat(900_000), "code": "x", "role": "x"}).to_string();
    let bodies: [(&str, &[u8]); 14] = [
        ("nothing", b""),
        ("half", b"{\"email\":"),
        ("not JSON", b"<html>"),
        ("a list", b"[]"),
        ("null", b"null"),
        ("a number", b"1e999"),
        ("NaN", b"{\"cursor\": NaN}"),
        ("not UTF-8", b"{\"email\": \"\xC3\x28\"}"),
        ("half a surrogate", b"{\"email\": \"\\uD83D\"}"),
        ("an unknown field", b"{\"is_admin\": true}"),
        ("two values", b"{}{}"),
        (
            "wrong types",
            b"{\"email\":1,\"code\":[],\"role\":{},\"protocol\":\"1\",\"device\":7}",
        ),
        ("very deep", deep.as_bytes()),
        ("very long", long.as_bytes()),
    ];
    for endpoint in reading() {
        let rig = Rig::open();
        let token = token_for(&rig, endpoint);
        for (name, body) in bodies {
            let reply = send(
                &rig,
                request("POST", endpoint.path(), token.as_deref(), body.to_vec()),
            )
            .await;
            let problem = reply.problem();
            let nested = body == deep.as_bytes();
            let too_large = body.len() > MAX_BYTES && (endpoint != Endpoint::Sync || nested);
            assert_eq!(
                problem.code == ErrorCode::TooLarge,
                too_large,
                "{endpoint:?}, {name}"
            );
            if too_large {
                continue;
            }
            assert!(
                [400, 422].contains(&problem.code.status()),
                "{endpoint:?}, {name}: {problem:?}"
            );
        }
    }
}

#[tokio::test]
async fn row_43_a_form_or_text_that_a_page_could_send_unasked_is_not_read() {
    let rig = Rig::open();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ] {
        let mut simple = request("POST", Endpoint::Register.path(), None, "{}");
        simple.headers_mut().insert(CONTENT_TYPE, kind.parse().unwrap());
        assert_eq!(send(&rig, simple).await.code(), ErrorCode::BadRequest, "{kind}");
    }
}

#[tokio::test]
async fn row_25_what_announces_too_much_is_refused_before_anybody_asks_who_sent_it() {
    let rig = Rig::new();
    for endpoint in Endpoint::ALL {
        let method = if endpoint.method() == Method::Get {
            "GET"
        } else {
            "POST"
        };
        let mut large = request(method, endpoint.path(), None, "");
        large
            .headers_mut()
            .insert(CONTENT_LENGTH, (MAX_BODY_BYTES + 1).into());
        assert_eq!(
            send(&rig, large).await.code(),
            ErrorCode::TooLarge,
            "{endpoint:?}"
        );
    }
}

#[tokio::test]
async fn row_23_a_password_of_a_megabyte_is_too_large_wherever_one_is_typed() {
    let password = "x".repeat(MAX_BODY_BYTES - 100);
    for endpoint in [Endpoint::SignIn, Endpoint::Register, Endpoint::ResetPassword] {
        let rig = Rig::open();
        let body = json!({"email": "ann@example.org", "password": password}).to_string();
        let reply = send(&rig, request("POST", endpoint.path(), None, body)).await;
        assert_eq!(reply.code(), ErrorCode::TooLarge, "{endpoint:?}");
    }
}

#[tokio::test]
async fn row_25_only_exchanges_may_be_larger_than_sixteen_kilobytes() {
    let rig = Rig::open();
    let owner = rig.owner(1);
    let at_most = |bytes: usize| format!("{{{}", " ".repeat(bytes - 1));
    for endpoint in [Endpoint::SignIn, Endpoint::Rename, Endpoint::Sync] {
        for (bytes, fits) in [(MAX_BYTES, true), (MAX_BYTES + 1, endpoint == Endpoint::Sync)] {
            let asked = request("POST", endpoint.path(), Some(&owner.token), at_most(bytes));
            let code = send(&rig, asked).await.code();
            let expected = if fits {
                ErrorCode::BadRequest
            } else {
                ErrorCode::TooLarge
            };
            assert_eq!(code, expected, "{endpoint:?} {bytes}");
        }
    }
}

#[tokio::test]
async fn row_33_an_exchange_beyond_what_may_be_on_its_way_is_told_when_to_come_back() {
    let rig = Rig::open();
    let owner = rig.owner(1);
    let body = json!({"protocol": PROTOCOL, "clock": 0, "cursor": 0});
    let exchange = || call(&rig, Endpoint::Sync, Some(&owner.token), &body);
    let bodies = &rig.server.bodies;
    let own = all_of(bodies, owner.session);
    let refused = exchange().await.problem();
    assert_eq!(
        (refused.code, refused.retry_after_s),
        (ErrorCode::TooMany, Some(2))
    );
    drop(own);
    let others = everything(bodies);
    exchange().await.json();
    let mut much = body.clone();
    much["mutations"] = (1..40).map(a_change).collect();
    let refused = call(&rig, Endpoint::Sync, Some(&owner.token), &much).await;
    let refused = refused.problem();
    assert_eq!(
        (refused.code, refused.retry_after_s),
        (ErrorCode::Unavailable, Some(2))
    );
    drop(others);
    call(&rig, Endpoint::Sync, Some(&owner.token), &much).await.json();
}

/// A change that is refused by itself.
fn a_change(mid: u64) -> Value {
    json!({"mid": mid, "hlc": 1 << 16, "kind": "child", "op": "patch", "fields": {},
        "id": "00000000-0000-0000-0000-000000000007"})
}

#[tokio::test]
async fn row_33_bodies_that_never_end_keep_nobody_from_an_exchange() {
    let rig = Rig::open();
    let (slow, other) = (rig.owner(1), rig.owner(2));
    let sibling = rig.paired(&slow, Role::Owner, 50);
    let much = Bytes::from(vec![b' '; MAX_BODY_BYTES - 1]);
    let bodies = &rig.server.bodies;
    let mut waiting = JoinSet::new();
    for _ in 0..4 {
        let begun =
            tokio_stream::iter([Ok::<_, std::io::Error>(much.clone())]).chain(tokio_stream::pending());
        let body = Body::from_stream(begun);
        let asking = request("POST", Endpoint::Sync.path(), Some(&slow.token), body);
        waiting.spawn(Arc::clone(&rig.server).router().oneshot(asking));
    }
    while !all_of(bodies, slow.session).is_empty() {
        tokio::task::yield_now().await;
    }
    let mut body = json!({"protocol": PROTOCOL, "clock": 1 << 16, "cursor": 0});
    call(&rig, Endpoint::Sync, Some(&sibling.token), &body)
        .await
        .json();
    body["mutations"] = (1..400).map(a_change).collect();
    call(&rig, Endpoint::Sync, Some(&other.token), &body).await.json();
    assert_eq!(waiting.len(), 4);
}

#[tokio::test]
async fn row_33_changes_take_memory_until_they_are_stored_and_who_only_waits_takes_none() {
    let rig = Rig::open();
    let owner = rig.owner(1);
    let mut body = json!({"protocol": PROTOCOL, "clock": 1 << 16, "cursor": 0});
    let bodies = &rig.server.bodies;
    for changes in [false, true] {
        if changes {
            body["mutations"] = json!([a_change(1)]);
        }
        let mut looking = Vec::new();
        while let Some(turn) = rig.server.families.turn(owner.household).now_or_never() {
            looking.push(turn.unwrap());
        }
        let mut exchange = Box::pin(call(&rig, Endpoint::Sync, Some(&owner.token), &body));
        let waits = tokio::time::timeout(Duration::from_millis(200), &mut exchange).await;
        assert!(waits.is_err(), "others of the family go first");
        assert_eq!(all_of(bodies, owner.session).len(), if changes { 3 } else { 4 });
        drop(looking);
        exchange.await.json();
        assert_eq!(all_of(bodies, owner.session).len(), 4);
    }
}

#[tokio::test]
async fn row_25_what_does_not_announce_itself_is_read_up_to_the_limit() {
    let rig = Rig::new();
    let piece = Bytes::from(vec![b' '; 64 * 1024]);
    let endless = || {
        let piece = piece.clone();
        tokio_stream::iter(std::iter::repeat(())).map(move |()| Ok::<_, std::io::Error>(piece.clone()))
    };
    let public = request(
        "POST",
        Endpoint::SignIn.path(),
        None,
        Body::from_stream(endless()),
    );
    assert_eq!(send(&rig, public).await.code(), ErrorCode::TooLarge);
    let unasked = request("POST", Endpoint::Sync.path(), None, Body::from_stream(endless()));
    assert_eq!(
        send(&rig, unasked).await.code(),
        ErrorCode::NotSignedIn,
        "not read at all"
    );
    let broken = tokio_stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("gone"))]);
    let reply = send(
        &rig,
        request("POST", Endpoint::SignIn.path(), None, Body::from_stream(broken)),
    )
    .await;
    assert_eq!(reply.code(), ErrorCode::BadRequest);
}

#[tokio::test]
async fn row_05_more_than_was_asked_for_is_refused_and_not_quietly_dropped() {
    const EXTRA: [&str; 7] = [
        "role",
        "household_id",
        "family_id",
        "user",
        "approved_by",
        "is_admin",
        "enabled_endpoints",
    ];
    for endpoint in reading() {
        let rig = Rig::open();
        let token = token_for(&rig, endpoint);
        let good = body(endpoint, Uuid::from_u128(0xDEAD));
        let before = stored(&rig);
        for pointer in ["", "/device"] {
            for extra in EXTRA {
                let mut more = good.clone();
                let Some(within) = more.pointer_mut(pointer).and_then(Value::as_object_mut) else {
                    continue;
                };
                if within.insert(extra.to_owned(), "owner".into()).is_some() {
                    continue;
                }
                let problem = call(&rig, endpoint, token.as_deref(), &more).await.problem();
                assert_eq!(problem.code, ErrorCode::UnknownField, "{endpoint:?} {extra}");
                assert!(problem.message.contains(extra), "{problem:?}");
            }
        }
        assert_eq!(stored(&rig), before, "{endpoint:?}");
        // Without it, the same is read.
        let reply = call(&rig, endpoint, token.as_deref(), &good).await;
        let unread = [ErrorCode::UnknownField, ErrorCode::BadRequest];
        assert!(
            reply.status == 200 || !unread.contains(&reply.code()),
            "{endpoint:?}"
        );
    }
}

#[tokio::test]
async fn row_43_no_reply_sets_a_cookie_or_heeds_one() {
    let rig = Rig::open();
    let owner = rig.owner(1);
    let child = rig.paired(&owner, Role::Child, 50);
    let by = rig.session(&owner.token);
    let code = create_pairing(&rig.server, &by, &pairing(Role::Owner))
        .unwrap()
        .code;
    let (mut done, mut refused) = (0, 0);
    // Deleting the account is among them: those that end something come last.
    let ends = |endpoint: &Endpoint| {
        [
            Endpoint::ChangePassword,
            Endpoint::SignOut,
            Endpoint::DeleteAccount,
        ]
        .contains(endpoint)
    };
    let (last, first): (Vec<&Endpoint>, Vec<_>) = Endpoint::ALL.iter().partition(|endpoint| ends(endpoint));
    for endpoint in first.into_iter().chain(last) {
        let mut good = body(*endpoint, owner.session.0);
        match endpoint {
            Endpoint::Pair => good["code"] = code.clone().into(),
            Endpoint::RevokeSession => good["session"] = child.session.0.to_string().into(),
            Endpoint::DeleteAccount => good["password"] = ANOTHER.into(),
            _ => {}
        }
        for (token, asked) in [
            (None, &json!({})),
            (Some(&child.token), &good),
            (Some(&owner.token), &json!({})),
            (Some(&owner.token), &good),
        ] {
            let method = if endpoint.method() == Method::Get {
                "GET"
            } else {
                "POST"
            };
            let mut asking = request(
                method,
                endpoint.path(),
                token.map(String::as_str),
                asked.to_string(),
            );
            asking
                .headers_mut()
                .insert(COOKIE, "session=planted; __Host-session=planted".parse().unwrap());
            let reply = send(&rig, asking).await;
            assert!(
                !reply.headers.contains_key(SET_COOKIE),
                "{endpoint:?}: {:?}",
                reply.headers
            );
            if reply.status == 200 {
                done += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(done >= 20 && refused >= 40, "{done} done, {refused} refused");
    // Whose token is in a cookie is not signed in.
    let other = rig.owner(2);
    let mut asking = request("GET", Endpoint::Me.path(), None, "");
    let cookie = format!("Authorization=Bearer {0}; token={0}; session={0}", other.token);
    asking.headers_mut().insert(COOKIE, cookie.parse().unwrap());
    assert_eq!(send(&rig, asking).await.code(), ErrorCode::NotSignedIn);
}
