//! The way over HTTP: what is sent, and what is made of answers, good and bad.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use futures_util::StreamExt;
use romp_app::{HttpServer, Server, Token};
use romp_domain::wire::{PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Fields, Hlc, Kind, Mutation, Op, Problem, Row};
use romp_sync::codec::{decode_request, encode_reply};
use romp_sync::compress::{Inflater, compressed};
use uuid::Uuid;

/// A server that answers one request with these bytes, and gives back what it was sent.
fn answering(answer: impl Into<Vec<u8>>) -> (HttpServer, JoinHandle<Vec<u8>>) {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!("http://{}/base/", listener.local_addr().expect("it is bound"));
    let sent_to = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody comes");
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let n = stream.read(&mut buffer).expect("it can be read");
            request.extend_from_slice(&buffer[..n]);
            let Some((head, body)) = parts(&request) else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break;
            }
        }
        stream.write_all(&answer).expect("it can be written");
        request
    });
    (
        HttpServer::at(&address).expect("this machine is an address"),
        sent_to,
    )
}

/// A request's head, as text, and its body.
fn parts(request: &[u8]) -> Option<(String, &[u8])> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((
        String::from_utf8_lossy(&request[..end]).into_owned(),
        &request[end + 4..],
    ))
}

/// A reply to an exchange.
fn binary(headers: &str, body: &[u8]) -> Vec<u8> {
    let kind = "content-type: application/x-protobuf";
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n{kind}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn token() -> Token {
    Token::new("the-token")
}

fn request() -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        cursor: 3,
        clock: Hlc(7),
        ..SyncRequest::default()
    }
}

async fn refusal(answer: impl Into<Vec<u8>>) -> Problem {
    let (server, sent_to) = answering(answer);
    let problem = server
        .sync(&token(), &request())
        .await
        .expect_err("it is refused");
    sent_to.join().expect("it was asked");
    problem
}

#[tokio::test]
async fn an_exchange_goes_to_its_path_with_the_token_and_the_body() {
    let reply = SyncReply {
        ack_seq: 9,
        clock: Hlc(8),
        cursor: 9,
        ..SyncReply::default()
    };
    let (server, sent_to) = answering(binary("", &encode_reply(&reply)));
    assert_eq!(server.sync(&token(), &request()).await.unwrap(), reply);
    let sent = sent_to.join().unwrap();
    let (head, body) = parts(&sent).unwrap();
    assert!(head.starts_with("POST /base/v1/sync HTTP/1.1\r\n"), "{head}");
    for line in [
        "authorization: Bearer the-token",
        "content-type: application/x-protobuf",
        "accept-encoding: zstd",
    ] {
        assert!(head.lines().any(|told| told == line), "{head}");
    }
    assert_eq!(decode_request(body.to_vec()).unwrap(), request());
}

#[tokio::test]
async fn what_is_long_is_compressed_in_both_directions() {
    let mutation = Mutation {
        mid: 1,
        hlc: Hlc(1),
        base_seq: None,
        waited: false,
        kind: Kind::Pet,
        id: Uuid::nil(),
        op: Op::Patch {
            fields: Fields(
                [("about".to_owned(), "woof ".repeat(500).into())]
                    .into_iter()
                    .collect(),
            ),
        },
    };
    let long = SyncRequest {
        mutations: vec![mutation.into()],
        ..request()
    };
    let row = Row {
        kind: "pet".into(),
        id: Uuid::nil(),
        seq: 1,
        fields: Some(Fields::removal()),
    };
    let reply = SyncReply {
        rows: vec![row; 300],
        ..SyncReply::default()
    };
    let less = compressed(&encode_reply(&reply)).unwrap();
    let (server, sent_to) = answering(binary("content-encoding: zstd\r\n", &less));
    assert_eq!(server.sync(&token(), &long).await.unwrap(), reply);
    let sent = sent_to.join().unwrap();
    let (head, body) = parts(&sent).unwrap();
    assert!(
        head.lines().any(|told| told == "content-encoding: zstd"),
        "{head}"
    );
    assert!(body.len() < 200, "{}", body.len());
    let mut inflater = Inflater::new(1 << 20).unwrap();
    inflater.take(body).unwrap();
    assert_eq!(decode_request(inflater.finish().unwrap()).unwrap(), long);
}

#[tokio::test]
async fn an_answer_that_unfolds_to_more_than_any_page_is_not_taken_in() {
    let bomb = compressed(&vec![0; 64 << 20]).unwrap();
    assert!(bomb.len() < 16 << 10);
    let code = refusal(binary("content-encoding: zstd\r\n", &bomb)).await.code;
    assert_eq!(code, ErrorCode::TooLarge);
    let broken = refusal(binary("content-encoding: zstd\r\n", b"not compressed"))
        .await
        .code;
    assert_eq!(broken, ErrorCode::ServerAddress);
    let unreadable = refusal(binary("", b"\xFF")).await.code;
    assert_eq!(unreadable, ErrorCode::NotUnderstood);
}

#[tokio::test]
async fn a_problem_of_the_server_arrives_as_it_was_said() {
    let said = Problem::saying(ErrorCode::TooMany, "Slowly.").after(17);
    let body = serde_json::to_string(&said).unwrap();
    assert_eq!(
        refusal(http("429 Too Many Requests", "retry-after: 5\r\n", &body)).await,
        said
    );
    let newer = r#"{"code": "x_new", "message": "Too many moons."}"#;
    assert_eq!(
        refusal(http("422 Unprocessable Content", "retry-after: 5\r\n", newer)).await,
        Problem::saying(ErrorCode::NotUnderstood, "Too many moons.").after(5)
    );
    let busy = refusal(http("429 Too Many Requests", "retry-after: 5\r\n", newer)).await;
    assert_eq!((busy.code, busy.retry_after_s), (ErrorCode::TooMany, Some(5)));
    let ended = serde_json::to_string(&Problem::new(ErrorCode::NotSignedIn)).unwrap();
    assert_eq!(
        refusal(http("401 Unauthorized", "", &ended)).await.code,
        ErrorCode::NotSignedIn
    );
}

#[tokio::test]
async fn an_answer_that_is_not_of_a_romp_server_never_ends_the_session() {
    for (status, expected) in [
        ("401 Unauthorized", ErrorCode::Unavailable),
        ("403 Forbidden", ErrorCode::Unavailable),
        ("500 Internal Server Error", ErrorCode::Unavailable),
        ("502 Bad Gateway", ErrorCode::Unavailable),
        ("404 Not Found", ErrorCode::ServerAddress),
        ("413 Content Too Large", ErrorCode::TooLarge),
        ("200 OK", ErrorCode::ServerAddress),
    ] {
        assert_eq!(
            refusal(http(status, "", "<html>a portal</html>")).await.code,
            expected,
            "{status}"
        );
    }
    let busy = refusal(http("503 Service Unavailable", "retry-after: 60\r\n", "")).await;
    assert_eq!(
        (busy.code, busy.retry_after_s),
        (ErrorCode::Unavailable, Some(60))
    );
    let garbage = refusal("these are not the bytes of an answer\r\n\r\n").await;
    assert_eq!(garbage.code, ErrorCode::Offline);
}

#[tokio::test]
async fn a_token_follows_no_redirect() {
    let elsewhere = "location: http://127.0.0.1:9/v1/sync\r\n";
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        assert_eq!(
            refusal(http(status, elsewhere, "")).await.code,
            ErrorCode::ServerAddress,
            "{status}"
        );
    }
}

#[tokio::test]
async fn where_nobody_listens_the_device_is_offline() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let server = HttpServer::at(&format!("http://127.0.0.1:{port}")).unwrap();
    assert_eq!(
        server.sync(&token(), &request()).await.unwrap_err().code,
        ErrorCode::Offline
    );
    assert_eq!(
        server.sign_out(&token()).await.unwrap_err().code,
        ErrorCode::Offline
    );
}

#[tokio::test]
async fn an_answer_without_a_body_is_enough_for_signing_out() {
    let (server, sent_to) = answering(http("204 No Content", "", ""));
    server.sign_out(&token()).await.unwrap();
    assert!(sent_to.join().unwrap().starts_with(b"POST /base/v1/sign-out "));
}

#[tokio::test]
async fn pokes_come_one_by_one_until_the_stream_ends() {
    let body = ": keep-alive\n\ndata: 4\n\ndata: 5\n\n";
    let (server, sent_to) = answering(http("200 OK", "content-type: text/event-stream\r\n", body));
    let pokes: Vec<_> = server.events(&token()).await.unwrap().collect().await;
    assert_eq!(pokes, [Ok(4), Ok(5)]);
    assert!(sent_to.join().unwrap().starts_with(b"GET /base/v1/events "));
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_not_taken_for_one() {
    let (server, sent_to) = answering(http("200 OK", "content-type: text/html\r\n", "data: 4\n\n"));
    let problem = server.events(&token()).await.err().expect("it is refused");
    sent_to.join().unwrap();
    assert_eq!(problem.code, ErrorCode::ServerAddress);
}

/// What is said in the log, by Romp and by everything that it is made of.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody fails").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn row_41_at_its_most_talkative_the_way_over_http_tells_nothing_of_what_goes_over_it() {
    let log = Log::default();
    let to = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || to.clone())
        .init();
    let token = Token::new("Zeisig-token");
    let row = Row {
        kind: "child".into(),
        id: Uuid::nil(),
        seq: 1,
        fields: Some(Fields(
            [("nickname".to_owned(), "Zeisig".into())].into_iter().collect(),
        )),
    };
    let reply = SyncReply {
        rows: vec![row],
        ..SyncReply::default()
    };
    let (server, sent_to) = answering(binary("x-zeisig: Zeisig\r\n", &encode_reply(&reply)));
    server.sync(&token, &request()).await.unwrap();
    assert!(String::from_utf8_lossy(&sent_to.join().unwrap()).contains("Zeisig"));
    // And when it cannot be read, is refused, or nobody answers.
    for answer in [
        http("200 OK", "content-type: text/html\r\n", "Zeisig"),
        http("500 Zeisig", "", "Zeisig"),
        "Zeisig".to_owned(),
        String::new(),
    ] {
        let (server, sent_to) = answering(answer);
        server.sync(&token, &request()).await.unwrap_err();
        sent_to.join().unwrap();
    }
    let nobody = HttpServer::at("http://127.0.0.1:1/zeisig/").unwrap();
    assert_eq!(
        nobody.sync(&token, &request()).await.unwrap_err().code,
        ErrorCode::Offline
    );
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).to_lowercase();
    assert!(text.contains("the server cannot be reached"), "it is listened to");
    let lines: Vec<_> = text.lines().filter(|line| line.contains("zeisig")).collect();
    assert!(lines.is_empty(), "{lines:?}");
}
