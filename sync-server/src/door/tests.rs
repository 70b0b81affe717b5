//! Connections that mean no good, over real sockets of this machine.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::Request;
use romp_domain::Hlc;
use romp_domain::policy::RateClass;
use romp_domain::wire::{Link, PROTOCOL, SyncRequest};
use romp_sync::codec;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Door, Patience, open};
use crate::accounts::rig::{Rig, sign_in_request};
use crate::accounts::sign_out;
use crate::db::DbExt;
use crate::gateway::load::Stage;

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
    asked_until(stream, request, "live").await
}

/// Asks, and reads one reply, which ends like this.
async fn asked_until(stream: &mut TcpStream, request: &str, end: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    while !reply.ends_with(end.as_bytes()) {
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
async fn row_33_beyond_what_may_wait_exchanges_are_turned_away_at_the_door_and_the_connection_stays() {
    let open = with(PATIENT).await;
    let lane = || open.rig.server.load.lane(Some(RateClass::Exchange));
    let mut turns = Vec::new();
    for _ in 0..64 {
        turns.push(lane().turn(Stage::Inside).await.unwrap());
    }
    let mut queue = Vec::new();
    for _ in 0..256 {
        let mut waits = Box::pin(lane().turn(Stage::Inside));
        tokio::select! {
            biased;
            _ = &mut waits => panic!("it need not wait"),
            () = std::future::ready(()) => queue.push(waits),
        }
    }
    let mut stream = open.connect().await;
    let mut told = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let reply = asked_until(
            &mut stream,
            "POST /v1/sync HTTP/1.1\r\nHost: romp\r\nContent-Length: 5\r\n\r\nhello",
            "}",
        )
        .await;
        assert!(reply.starts_with("HTTP/1.1 503"), "{reply}");
        assert!(reply.contains("cache-control: no-store"), "{reply}");
        let after = reply.lines().find(|line| line.starts_with("retry-after: "));
        told.insert(after.unwrap().to_owned());
    }
    assert!(told.len() > 1, "they do not all come back at once: {told:?}");
    assert!(asked(&mut stream, LIVE).await.starts_with("HTTP/1.1 200"));
    assert_eq!(open.rig.server.turned_away.take(), 8);
    drop((queue, turns));
    let reply = asked_until(
        &mut stream,
        "POST /v1/sync HTTP/1.1\r\nHost: romp\r\nContent-Length: 0\r\n\r\n",
        "}",
    )
    .await;
    assert!(reply.starts_with("HTTP/1.1 401"), "{reply}");
}

/// An end of a connection that counts what goes over it, both ways.
struct Counted<S>(S, Arc<AtomicUsize>);

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.0).poll_read(cx, buffer);
        self.1
            .fetch_add(buffer.filled().len() - before, Ordering::Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.0).poll_write(cx, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.1.fetch_add(written, Ordering::Relaxed);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn an_idle_exchange_over_http_2_takes_less_than_200_bytes_of_wire() {
    const EXCHANGES: usize = 100;
    let open = with(PATIENT).await;
    let session = open.rig.owner(1);
    let counted = Arc::new(AtomicUsize::new(0));
    let stream = Counted(open.connect().await, Arc::clone(&counted));
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut request = SyncRequest {
        protocol: PROTOCOL,
        device: Some(sign_in_request(1, 1).device.id),
        clock: Hlc::at_ms(open.rig.now().0),
        link: Some(Link::default()),
        ..SyncRequest::default()
    };
    let mut began = 0;
    for n in 0..EXCHANGES + 3 {
        // The first tell the epoch, the scope and the headers that are the same every time.
        if n == 3 {
            began = counted.load(Ordering::Relaxed);
        }
        let bytes = codec::encode_request(&request);
        let head = Request::post("http://romp.example:8080/v1/sync")
            .header("content-type", codec::CONTENT_TYPE)
            .header("content-length", bytes.len())
            .header("accept-encoding", "zstd")
            .header("authorization", format!("Bearer {}", session.token))
            .body(())
            .unwrap();
        client = client.ready().await.unwrap();
        let (reply, mut body) = client.send_request(head, false).unwrap();
        body.send_data(bytes.into(), true).unwrap();
        let reply = reply.await.unwrap();
        assert_eq!(reply.status(), 200);
        let mut body = reply.into_body();
        let mut all = Vec::new();
        while let Some(piece) = body.data().await {
            all.extend_from_slice(&piece.unwrap());
        }
        let reply = codec::decode_reply(all).unwrap();
        request.epoch = Some(reply.epoch);
        request.scope = Some(reply.scope);
        request.cursor = reply.cursor;
    }
    let each = (counted.load(Ordering::Relaxed) - began) / EXCHANGES;
    assert!(each < 200, "{each} bytes");
    connection.abort();
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
