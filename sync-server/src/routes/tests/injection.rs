//! Texts that a database might take for its own language, wherever a text is typed, on both databases.

use std::sync::Arc;

use axum::body::to_bytes;
use romp_domain::policy::{Endpoint, Method};
use romp_domain::{DeviceId, ErrorCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use super::request;
use crate::db::Db;
use crate::db::sqlite::SqliteDb;
use crate::env::{SystemClock, SystemRandom};
use crate::passwords::Work;
use crate::server::{Server, Settings};

/// What ends a text, goes on as a statement, and makes the rest a remark.
const HOSTILE: [&str; 5] = [
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "\"; DELETE FROM sessions; --",
    "$1 ?1 :name @p %s %_ {}",
    "\\'; SELECT pg_sleep(9); /*",
];

async fn called(server: &Arc<Server>, endpoint: Endpoint, token: Option<&str>, body: &Value) -> (u16, Value) {
    let method = match endpoint.method() {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let asked = request(method, endpoint.path(), token, body.to_string());
    let reply = Arc::clone(server).router().oneshot(asked).await.unwrap();
    let status = reply.status().as_u16();
    let body = to_bytes(reply.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// All of them are typed on a server with this database.
async fn typed_on(db: Arc<dyn Db>) {
    let settings = Settings {
        open_registration: true,
        hashing: Work::LEAST,
        unlimited: true,
        ..Settings::default()
    };
    let server = Server::new(db, Arc::new(SystemClock), Arc::new(SystemRandom), settings);
    let code = |(_, body): &(u16, Value)| body["code"].as_str().unwrap_or_default().to_owned();
    for (n, text) in HOSTILE.into_iter().enumerate() {
        let device = |m: usize| json!({"id": DeviceId(Uuid::from_u128((n * 10 + m) as u128)), "name": text});
        let email = format!("o'brien-{n}@example.org");
        let password = format!("{text} {n} velvet anchor");
        let body = json!({"email": email, "password": password, "name": text, "device": device(1)});
        let (status, registered) = called(&server, Endpoint::Register, None, &body).await;
        assert_eq!(status, 200, "{text}: {registered}");
        let token = registered["token"].as_str().unwrap();
        // Nothing that is typed in the place of a secret is one.
        let sign_in =
            |email: &str, password: &str| json!({"email": email, "password": password, "device": device(2)});
        for (email, password) in [(&*email, text), ("x'or'1'='1@example.org", &password)] {
            let wrong = called(&server, Endpoint::SignIn, None, &sign_in(email, password)).await;
            assert_eq!(
                code(&wrong),
                ErrorCode::WrongCredentials.word(),
                "{text}: {wrong:?}"
            );
        }
        let join = json!({"code": text, "email": "eve@example.org", "password": password, "name": text, "device": device(3)});
        for (endpoint, body) in [
            (Endpoint::Pair, json!({"code": text, "device": device(3)})),
            (Endpoint::JoinAsOwner, join),
        ] {
            let wrong = called(&server, endpoint, None, &body).await;
            assert_eq!(wrong.0, ErrorCode::CodeInvalid.status(), "{text}: {wrong:?}");
        }
        let wrong = called(&server, Endpoint::Me, Some(text), &json!({})).await;
        assert_eq!(code(&wrong), ErrorCode::NotSignedIn.word());
        // What is stored is what was typed, and is read back as such.
        let (_, signed_in) = called(&server, Endpoint::SignIn, None, &sign_in(&email, &password)).await;
        assert_eq!(signed_in["household"], registered["household"], "{text}");
        let (_, me) = called(&server, Endpoint::Me, Some(token), &json!({})).await;
        assert_eq!(
            (&me["me"]["name"], &me["me"]["email"]),
            (&text.into(), &email.as_str().into())
        );
        let longer = format!("{text} {text}");
        let renamed = called(&server, Endpoint::Rename, Some(token), &json!({ "name": longer })).await;
        assert_eq!(renamed.0, 200, "{text}: {renamed:?}");
        let (_, listed) = called(&server, Endpoint::Sessions, Some(token), &json!({})).await;
        let listed = listed["sessions"].as_array().unwrap();
        assert_eq!(listed.len(), 2, "{text}");
        for session in listed {
            assert_eq!(
                (&session["device"], &session["owner"]),
                (&text.into(), &longer.as_str().into())
            );
        }
        let (_, log) = called(&server, Endpoint::Activity, Some(token), &json!({})).await;
        assert_eq!(log["log"].as_array().unwrap().len(), 3, "{text}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_31_text_that_would_be_sql_is_just_text() {
    let folder = tempfile::tempdir().unwrap();
    let db = SqliteDb::open(&folder.path().join("romp.db")).unwrap();
    typed_on(Arc::new(db)).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn row_31_text_that_would_be_sql_is_just_text_to_postgresql_too() {
    if let Some(db) = crate::db::postgres::tests::fresh("text that would be SQL") {
        typed_on(db).await;
    }
}
