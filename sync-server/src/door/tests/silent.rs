//! Who sends nothing, sends slowly or never reads is not waited for.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{LIVE, PATIENT, SHORT, asked, opened, rest, with};
use crate::door::{Door, Patience};

#[tokio::test]
async fn row_27_two_thousand_silent_connections_are_closed_and_hold_nobody_up() {
    let door = Door {
        patience: Patience {
            first: Duration::from_secs(3),
            ..PATIENT
        },
        per_address: 4_000,
        ..Door::default()
    };
    let open = opened(door).await;
    let mut silent = Vec::new();
    for _ in 0..2_000 {
        silent.push(open.connect().await);
    }
    let mut other = open.connect().await;
    assert!(asked(&mut other, LIVE).await.starts_with("HTTP/1.1 200"));
    for mut stream in silent {
        assert_eq!(rest(&mut stream).await, "");
    }
    assert!(asked(&mut other, LIVE).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn row_27_slow_headers_of_the_first_request_and_of_later_ones_are_not_waited_for() {
    let first = with(Patience {
        first: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = first.connect().await;
    let (mut reading, mut writing) = stream.split();
    let slowly = async {
        loop {
            // The other end is gone when this fails.
            if writing.write_all(b"G").await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut byte = [0];
    tokio::select! {
        () = slowly => {}
        read = reading.read(&mut byte) => assert_eq!(read.unwrap_or(0), 0),
    }

    let later = with(Patience {
        headers: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = later.connect().await;
    asked(&mut stream, LIVE).await;
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nX: ")
        .await
        .unwrap();
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn row_27_a_connection_on_which_nothing_is_asked_any_more_is_closed() {
    let open = with(Patience {
        idle: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = open.connect().await;
    asked(&mut stream, LIVE).await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn row_27_who_begins_http_2_and_asks_nothing_is_not_waited_for() {
    let open = with(Patience {
        first: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = open.connect().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    stream.write_all(preface).await.unwrap();
    // Its settings come, and then its end.
    rest(&mut stream).await;
}

#[tokio::test]
async fn row_27_who_never_reads_the_answers_is_not_served_for_ever() {
    let open = with(Patience {
        unread: SHORT,
        ..PATIENT
    })
    .await;
    let mut stream = open.connect().await;
    while stream.write_all(LIVE.repeat(1_000).as_bytes()).await.is_ok() {}
}

#[tokio::test]
async fn row_27_who_opens_no_window_on_http_2_is_not_served_for_ever() {
    let open = with(Patience {
        unread: SHORT,
        ..PATIENT
    })
    .await;
    let mut unwilling = h2::client::Builder::new();
    unwilling.initial_window_size(0);
    let (mut client, connection) = unwilling
        .handshake::<_, Bytes>(open.connect().await)
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let live = Request::get("http://romp.example/health/live").body(()).unwrap();
    let (reply, _) = client.send_request(live, true).unwrap();
    let reply = reply.await.unwrap();
    assert_eq!(reply.status(), 200);
    // It ends by itself: nothing of it is let go before.
    drop(connection.await.unwrap());
    drop((client, reply));
}

#[tokio::test]
async fn what_takes_several_pieces_over_http_2_is_whole() {
    let open = with(PATIENT).await;
    let (mut client, connection) = h2::client::handshake(open.connect().await).await.unwrap();
    let connection = tokio::spawn(connection);
    let described = Request::get("http://romp.example/v1/openapi.json")
        .body(())
        .unwrap();
    let (reply, _) = client.send_request(described, true).unwrap();
    let mut body = reply.await.unwrap().into_body();
    let mut all = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece.unwrap();
        body.flow_control().release_capacity(piece.len()).unwrap();
        all.extend_from_slice(&piece);
    }
    assert_eq!(String::from_utf8(all).unwrap(), crate::openapi::text().unwrap());
    connection.abort();
}
