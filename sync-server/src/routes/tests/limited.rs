//! How often one may call, by address, session and household; and who an address is.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use romp_domain::ErrorCode;
use romp_domain::policy::{Endpoint, RateClass};
use serde_json::json;

use super::{Reply, call, request, send};
use crate::accounts::rig::{HERE, Rig, sign_in_request};
use crate::accounts::sign_in;
use crate::server::Settings;

/// A request over a connection from `peer`, with what it says of where it comes from.
async fn from(rig: &Rig, peer: &str, forwarded: &str, mut request: Request<Body>) -> Reply {
    let peer: SocketAddr = format!("{peer}:4000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request
        .headers_mut()
        .insert("x-forwarded-for", forwarded.parse().unwrap());
    request
        .headers_mut()
        .insert("x-request-id", "from-the-proxy".parse().unwrap());
    send(rig, request).await
}

fn behind_a_proxy() -> Rig {
    Rig::with(Settings {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..Settings::default()
    })
}

fn guess() -> Request<Body> {
    request("POST", Endpoint::SignIn.path(), None, "{}")
}

/// How many guesses pass until there are too many.
async fn passing(rig: &Rig, peer: &str, forwarded: impl Fn(u32) -> String) -> u32 {
    for n in 0..10_000 {
        if from(rig, peer, &forwarded(n), guess()).await.status == 429 {
            return n;
        }
    }
    panic!("they are not counted")
}

#[tokio::test]
async fn row_21_forged_forwarded_addresses_stay_in_the_same_bucket() {
    let rig = behind_a_proxy();
    let burst = RateClass::Guess.per_address().burst;
    let forged = |n: u32| format!("198.51.{}.{}, 192.0.2.1", n / 200, n % 200);
    assert_eq!(passing(&rig, "10.0.0.1", forged).await, burst);
    // Neither does it help not to come through the proxy: nothing of it is believed then.
    assert_eq!(passing(&rig, "192.0.2.7", forged).await, burst);
    let other = from(&rig, "10.0.0.1", "192.0.2.2", guess()).await;
    assert_ne!(other.status, 429, "others behind the proxy are others");
}

#[tokio::test]
async fn row_34_too_many_calls_of_a_session_are_told_when_to_come_back_and_others_go_on() {
    let rig = Rig::new();
    let (one, other) = (
        rig.owner(1).token,
        sign_in(&rig.server, HERE, sign_in_request(1, 2)).unwrap().token,
    );
    let limit = RateClass::Account.per_session().unwrap();
    let ask = async |token: &str| call(&rig, Endpoint::Sessions, Some(token), &json!({})).await;
    for _ in 0..limit.burst {
        assert_eq!(ask(&one).await.status, 200);
    }
    let refused = ask(&one).await;
    assert_eq!(refused.code(), ErrorCode::TooMany);
    let seconds: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert_eq!(ask(&other).await.status, 200);
    rig.pass(i64::from(seconds) * 1_000);
    assert_eq!(ask(&one).await.status, 200, "what it was told is true");
}

#[tokio::test]
async fn row_33_signs_of_life_have_limits_of_their_own() {
    let rig = behind_a_proxy();
    passing(&rig, "192.0.2.1", |_| String::new()).await;
    let live = request("GET", Endpoint::Live.path(), None, "");
    assert_eq!(from(&rig, "192.0.2.1", "", live).await.status, 200);
}

#[tokio::test]
async fn a_request_keeps_the_number_that_a_trusted_proxy_gave_it_and_nobody_elses() {
    let rig = behind_a_proxy();
    let live = || request("GET", Endpoint::Live.path(), None, "");
    let proxied = from(&rig, "10.0.0.1", "192.0.2.1", live()).await;
    assert_eq!(proxied.headers["x-request-id"], "from-the-proxy");
    let direct = from(&rig, "192.0.2.1", "", live()).await;
    assert_ne!(direct.headers["x-request-id"], "from-the-proxy");
}

#[tokio::test]
async fn row_33_what_is_not_there_is_not_asked_for_without_end_and_fills_no_log() {
    let rig = behind_a_proxy();
    let burst = RateClass::Account.per_address().burst;
    let asks = |path: &'static str| from(&rig, "192.0.2.1", "", request("GET", path, None, ""));
    let paths = ["/.env", "/wp-login.php", Endpoint::SignIn.path()];
    for n in 0..burst {
        let reply = asks(paths[n as usize % paths.len()]).await;
        assert_eq!(reply.code(), ErrorCode::NotFound);
    }
    let refused = asks("/.env").await;
    assert_eq!(refused.code(), ErrorCode::TooMany);
    assert!(refused.headers.contains_key("retry-after"));
    let other = from(&rig, "192.0.2.2", "", request("GET", "/.env", None, "")).await;
    assert_eq!(other.code(), ErrorCode::NotFound);
    // Too many guesses of an address have no lines either; each guess has one.
    passing(&rig, "192.0.2.1", |_| String::new()).await;
    let counted = rig.server.unlisted.take();
    let all = [
        (ErrorCode::NotFound, u64::from(burst) + 1),
        (ErrorCode::TooMany, 2),
    ];
    assert_eq!(counted, all.into());
    assert!(rig.server.unlisted.take().is_empty());
}
