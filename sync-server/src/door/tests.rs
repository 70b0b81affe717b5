//! Connections that mean no good, over real sockets of this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Door, Patience, open};
use crate::accounts::rig::Rig;
use crate::accounts::sign_out;
use crate::db::DbExt;

const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: romp\r\n\r\n";
/// Longer than any test.
const LONG: Duration = Duration::from_hours(1);
const SHORT: Duration = Duration::from_millis(300);

/// Nobody is ever tired of a line.
const PATIENT: Patience = Patience {
    first: LONG,
    headers: LONG,
    idle: LONG,
    unread: LONG,
};

struct Open {
    address: SocketAddr,
    close: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    rig: Rig,
}

async fn opened(door: Door) -> Open {
    let rig = Rig::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (close, closed) = oneshot::channel();
    let server = Arc::clone(&rig.server);
    let serving = tokio::spawn(async move {
        let closed = async { drop(closed.await) };
        open(&server, listener, door, closed).await
    });
    Open {
        address,
        close,
        serving,
        rig,
    }
}

async fn with(patience: Patience) -> Open {
    let door = Door {
        patience,
        ..Door::default()
    };
    opened(door).await
}

impl Open {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Everything that comes until the other end closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end as well.
    drop(stream.read_to_end(&mut all).await);
    String::from_utf8_lossy(&all).into_owned()
}

/// Asks, and reads one reply.
async fn asked(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    while !reply.ends_with(b"live") {
        assert_ne!(stream.read_buf(&mut reply).await.unwrap(), 0, "it was closed");
    }
    String::from_utf8(reply).unwrap()
}

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

/// The request for a session's event stream.
fn events(token: &str) -> Vec<u8> {
    format!("GET /v1/events HTTP/1.1\r\nHost: romp\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn row_27_an_event_stream_outlives_every_deadline() {
    let brief = Patience {
        first: SHORT,
        headers: SHORT,
        idle: SHORT,
        unread: SHORT,
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
    let mut stream = open.connect().await;
    stream.write_all(&events(&session.token)).await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"data: 0\n\n\r\n") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "it was closed");
    }
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
    let mut stream = open.connect().await;
    stream.write_all(&events(&session.token)).await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"data: 0\n\n\r\n") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "it was closed");
    }
    stream.write_all(LIVE.as_bytes()).await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn whatever_is_spoken_may_come_in_single_bytes() {
    let open = with(PATIENT).await;
    let mut http_1 = open.connect().await;
    let mut http_2 = open.connect().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for (stream, bytes) in [(&mut http_1, LIVE.as_bytes()), (&mut http_2, preface)] {
        stream.set_nodelay(true).unwrap();
        for byte in bytes {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
    }
    assert!(asked(&mut http_1, "").await.starts_with("HTTP/1.1 200"));
    // A frame's header: three bytes of length, and 4 for settings.
    let mut header = [0; 4];
    http_2.read_exact(&mut header).await.unwrap();
    assert_eq!(header[3], 4);
}

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
