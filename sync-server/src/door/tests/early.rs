//! Who was turned away and asks on at once: it waits, and nobody else does.

use std::io::ErrorKind;

use axum::http::Request;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{EXCHANGE, LIVE, LONG, Open, PATIENT, SHORT, asked, asked_until, opened, opened_on, rest, with};
use crate::accounts::rig::Rig;
use crate::door::{Door, Patience};
use crate::server::Settings;

/// What comes early waits for longer than any test.
const STRICT: Patience = Patience {
    early: LONG,
    ..PATIENT
};

/// A connection that was turned away, and may be let in from now on.
async fn turned_away(open: &Open) -> TcpStream {
    let full = open.full().await;
    let mut stream = open.connect().await;
    let reply = asked_until(&mut stream, EXCHANGE, "}").await;
    assert!(reply.starts_with("HTTP/1.1 503"), "{reply}");
    drop(full);
    stream
}

/// Whether nothing has come.
fn is_silent(stream: &TcpStream) -> bool {
    matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

#[tokio::test]
async fn row_33_who_is_turned_away_and_asks_on_at_once_waits_and_nobody_else_does() {
    let open = with(STRICT).await;
    let mut stream = turned_away(&open).await;
    stream.write_all(EXCHANGE.as_bytes()).await.unwrap();
    for _ in 0..3 {
        // As many as that from the same address, all of which come later.
        let reply = asked_until(&mut open.connect().await, EXCHANGE, "}").await;
        assert!(reply.starts_with("HTTP/1.1 401"), "{reply}");
    }
    assert!(is_silent(&stream));
    assert_eq!(open.rig.server.turned_away.take(), 1);
}

#[tokio::test]
async fn row_33_what_is_no_exchange_never_waits_on_a_connection_that_was_turned_away() {
    let open = with(STRICT).await;
    let mut stream = turned_away(&open).await;
    assert!(asked(&mut stream, LIVE).await.starts_with("HTTP/1.1 200"));
    let sign_out = "POST /v1/sign-out HTTP/1.1\r\nHost: romp\r\nContent-Length: 0\r\n\r\n";
    let reply = asked_until(&mut stream, sign_out, "}").await;
    assert!(reply.starts_with("HTTP/1.1 401"), "{reply}");
}

#[tokio::test]
async fn row_33_what_came_early_is_let_in_after_its_wait_if_there_is_room_by_then() {
    let open = with(Patience {
        early: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = turned_away(&open).await;
    let reply = asked_until(&mut stream, EXCHANGE, "}").await;
    assert!(reply.starts_with("HTTP/1.1 401"), "{reply}");
}

#[tokio::test]
async fn row_33_a_trusted_proxys_connection_is_many_peoples_and_never_waits() {
    let rig = Rig::with(Settings {
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..Settings::default()
    });
    let door = Door {
        patience: STRICT,
        ..Door::default()
    };
    let open = opened_on(rig, door).await;
    let mut stream = turned_away(&open).await;
    let reply = asked_until(&mut stream, EXCHANGE, "}").await;
    assert!(reply.starts_with("HTTP/1.1 401"), "{reply}");
}

#[tokio::test]
async fn row_33_who_waits_for_having_come_early_makes_room_for_a_newcomer() {
    let door = Door {
        patience: STRICT,
        connections: 1,
        ..Door::default()
    };
    let open = opened(door).await;
    let mut stream = turned_away(&open).await;
    stream.write_all(EXCHANGE.as_bytes()).await.unwrap();
    let mut other = open.connect().await;
    assert!(asked(&mut other, LIVE).await.starts_with("HTTP/1.1 200"));
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn row_33_over_http_2_the_exchanges_of_a_connection_that_asks_on_wait_and_its_other_calls_do_not() {
    let open = with(STRICT).await;
    let (mut client, connection) = h2::client::handshake(open.connect().await).await.unwrap();
    let connection = tokio::spawn(connection);
    let ask = |method: &str, path: &str| {
        Request::builder()
            .method(method)
            .uri(format!("http://romp.example{path}"))
            .body(())
            .unwrap()
    };
    let full = open.full().await;
    client = client.ready().await.unwrap();
    let (refused, _) = client.send_request(ask("POST", "/v1/sync"), true).unwrap();
    assert_eq!(refused.await.unwrap().status(), 503);
    drop(full);
    client = client.ready().await.unwrap();
    let (early, _) = client.send_request(ask("POST", "/v1/sync"), true).unwrap();
    client = client.ready().await.unwrap();
    let (live, _) = client.send_request(ask("GET", "/health/live"), true).unwrap();
    tokio::select! {
        biased;
        early = early => panic!("{early:?}"),
        live = live => assert_eq!(live.unwrap().status(), 200),
    }
    connection.abort();
}
