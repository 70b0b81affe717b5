//! More connections or exchanges than there may be at once, and a door that closes while some are at work.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{EXCHANGE, LIVE, PATIENT, asked, asked_until, opened, rest, with};
use crate::door::Door;

#[tokio::test]
async fn row_27_too_many_connections_from_one_address_are_refused() {
    let door = Door {
        per_address: 2,
        patience: PATIENT,
        ..Door::default()
    };
    let open = opened(door).await;
    let mut two = [open.connect().await, open.connect().await];
    for stream in &mut two {
        asked(stream, LIVE).await;
    }
    assert_eq!(rest(&mut open.connect().await).await, "");
    drop(two);
}

#[tokio::test]
async fn row_33_beyond_what_may_wait_exchanges_are_turned_away_at_the_door_and_the_connection_stays() {
    let open = with(PATIENT).await;
    let full = open.full().await;
    let mut stream = open.connect().await;
    let mut told = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let reply = asked_until(&mut stream, EXCHANGE, "}").await;
        assert!(reply.starts_with("HTTP/1.1 503"), "{reply}");
        assert!(reply.contains("cache-control: no-store"), "{reply}");
        let after = reply.lines().find(|line| line.starts_with("retry-after: "));
        told.insert(after.unwrap().to_owned());
    }
    assert!(told.len() > 1, "they do not all come back at once: {told:?}");
    assert!(asked(&mut stream, LIVE).await.starts_with("HTTP/1.1 200"));
    assert_eq!(open.rig.server.turned_away.take(), 8);
    drop(full);
    let reply = asked_until(&mut stream, EXCHANGE, "}").await;
    assert!(reply.starts_with("HTTP/1.1 401"), "{reply}");
}

#[tokio::test]
async fn row_35_what_was_asked_before_the_door_closed_is_answered_and_idle_connections_end() {
    let open = with(PATIENT).await;
    let session = open.rig.owner(1);
    let mut idle = open.connect().await;
    asked(&mut idle, LIVE).await;
    let mut half = open.connect().await;
    let body = serde_json::json!({"protocol": 2, "cursor": 0, "clock": 0}).to_string();
    let head = format!(
        "POST /v1/sync HTTP/1.1\r\nHost: romp\r\nContent-Type: application/json\r\nAuthorization: Bearer {}\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        session.token,
        body.len()
    );
    half.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: so it has begun with the request.
    let mut goes_on = [0; 25];
    half.read_exact(&mut goes_on).await.unwrap();
    assert!(goes_on.starts_with(b"HTTP/1.1 100"));
    open.close.send(()).unwrap();
    assert_eq!(rest(&mut idle).await, "");
    half.write_all(body.as_bytes()).await.unwrap();
    let reply = rest(&mut half).await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    open.serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(open.address).await.is_err());
}
