//! Event streams: they outlast every deadline, end in order, and nothing is asked beside them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{LIVE, Open, PATIENT, SHORT, rest, with};
use crate::accounts::sign_out;
use crate::db::DbExt;
use crate::door::Patience;

/// The request for a session's event stream.
fn events(token: &str) -> Vec<u8> {
    format!("GET /v1/events HTTP/1.1\r\nHost: romp\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
}

/// A session's event stream, read up to the first number, and what came until then.
async fn told_of_the_first(open: &Open, token: &str) -> (TcpStream, Vec<u8>) {
    let mut stream = open.connect().await;
    stream.write_all(&events(token)).await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"data: 0\n\n\r\n") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "it was closed");
    }
    (stream, seen)
}

#[tokio::test]
async fn row_27_an_event_stream_outlives_every_deadline() {
    let brief = Patience {
        first: SHORT,
        headers: SHORT,
        idle: SHORT,
        unread: SHORT,
        early: SHORT,
    };
    let open = with(brief).await;
    let session = open.rig.owner(1);
    let mut stream = open.connect().await;
    stream.write_all(&events(&session.token)).await.unwrap();
    let mut seen = Vec::new();
    let mut until = async |text: &str| {
        while !String::from_utf8_lossy(&seen).contains(text) {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "it was closed");
        }
    };
    until("data: 0").await;
    tokio::time::sleep(2 * SHORT).await;
    let household = session.household;
    let head = open
        .rig
        .server
        .db
        .write(move |tx| tx.next_seq(household))
        .unwrap();
    open.rig.server.pokes.announce(household, head);
    until("data: 1").await;
}

#[tokio::test]
async fn an_event_stream_is_told_in_chunks_up_to_its_last() {
    let open = with(PATIENT).await;
    let session = open.rig.owner(1);
    let (mut stream, seen) = told_of_the_first(&open, &session.token).await;
    sign_out(&open.rig.server, &open.rig.session(&session.token)).unwrap();
    let end = rest(&mut stream).await;
    let head = String::from_utf8(seen).unwrap();
    assert!(head.contains("\r\ntransfer-encoding: chunked\r\n"), "{head}");
    assert!(head.ends_with("\r\n\r\n9\r\ndata: 0\n\n\r\n"), "{head}");
    assert_eq!(end, "0\r\n\r\n");
}

#[tokio::test]
async fn row_32_whoever_asks_on_while_an_event_stream_goes_on_is_cut_off_unanswered() {
    let open = with(PATIENT).await;
    let session = open.rig.owner(1);
    let (mut stream, _) = told_of_the_first(&open, &session.token).await;
    stream.write_all(LIVE.as_bytes()).await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
}
