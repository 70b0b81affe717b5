//! What every reply has, and what no reply has.

use axum::http::header::ORIGIN;
use romp_domain::ErrorCode;
use romp_domain::policy::{Endpoint, Method};
use serde_json::json;

use super::{call, request, send};
use crate::accounts::rig::Rig;

const ALWAYS: [&str; 6] = [
    "cache-control",
    "content-security-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
];

#[tokio::test]
async fn row_42_every_reply_has_the_security_headers_and_lets_no_other_site_in() {
    let rig = Rig::new();
    let paths = Endpoint::ALL
        .iter()
        .map(|endpoint| endpoint.path())
        .chain(["/", "/v2/sync", "/.env"]);
    for path in paths {
        for method in ["GET", "POST", "OPTIONS"] {
            for origin in ["https://elsewhere.example", "null"] {
                let mut from_elsewhere = request(method, path, None, "{}");
                from_elsewhere
                    .headers_mut()
                    .insert(ORIGIN, origin.parse().unwrap());
                let reply = send(&rig, from_elsewhere).await;
                assert!(
                    ALWAYS.iter().all(|name| reply.headers.contains_key(*name)),
                    "{method} {path}"
                );
                assert!(
                    !reply
                        .headers
                        .keys()
                        .any(|name| name.as_str().starts_with("access-control"))
                );
            }
        }
    }
}

#[tokio::test]
async fn row_01_what_is_not_in_the_policy_table_does_not_exist() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let long = format!("/{}", "x".repeat(5_000));
    for path in ["/", "/v1", "/v1/users", "/v2/sync", "/v1/sync?x=", &long] {
        for token in [None, Some(&*token)] {
            let reply = send(&rig, request("GET", path, token, "")).await;
            assert_eq!(reply.code(), ErrorCode::NotFound, "{path}");
            assert_eq!(reply.headers["content-type"], "application/json");
        }
    }
}

#[tokio::test]
async fn a_server_with_its_database_is_live_and_ready() {
    let rig = Rig::new();
    for endpoint in [Endpoint::Live, Endpoint::Ready] {
        assert_eq!(endpoint.method(), Method::Get);
        assert_eq!(call(&rig, endpoint, None, &json!({})).await.status, 200);
    }
}

#[tokio::test]
async fn events_come_as_a_stream_that_nothing_in_between_keeps_back() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let reply = call(&rig, Endpoint::Events, Some(&token), &json!({})).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "text/event-stream");
    assert_eq!(reply.headers["x-accel-buffering"], "no");
    assert_eq!(reply.headers["cache-control"], "no-store");
}
