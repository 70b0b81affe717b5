//! What can be sent over a socket and by no proper client.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use super::program::{Place, Running, registered};

/// Sends bytes, closes that direction, and returns everything that comes.
fn sent(server: &Running, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    // The server may have refused and closed before the end.
    let _ = stream.write_all(bytes);
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8_lossy(&reply).into_owned()
}

fn started() -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(&Place::file(folder.path()));
    (folder, server)
}

/// The statuses of all replies in what came.
fn statuses(replies: &str) -> Vec<u16> {
    replies
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|reply| reply[..3].parse().unwrap())
        .collect()
}

#[test]
fn row_11_no_spelling_of_a_request_line_gets_past_the_guard() {
    let (_folder, server) = started();
    for method in [
        "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "post", "Post", "CONNECT", "BREW",
    ] {
        for path in [
            "/v1/sync",
            "/v1/sync/",
            "/V1/SYNC",
            "//v1/sync",
            "/v1//sync",
            "/v1/%73ync",
            "/v1/%2e/sync",
            "/v1/./sync",
            "/v1/x/../sync",
            "/health/live/../../v1/sync",
            "/v1/sync%2f",
            "/v1/sync;x=y",
            "/v1\\sync",
            "http://romp/v1/sync",
            "*",
        ] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: romp\r\nX-HTTP-Method-Override: POST\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
            );
            let reply = sent(&server, request.as_bytes());
            for status in statuses(&reply) {
                assert!([400, 401, 404].contains(&status), "{method} {path}: {status}");
            }
            assert!(!reply.contains("X-HTTP-Method-Override"), "nothing is echoed");
        }
    }
}

#[test]
fn row_32_a_request_has_one_length_and_nothing_hides_behind_its_end() {
    let (_folder, server) = started();
    let hidden = "GET /health/live HTTP/1.1\r\nHost: romp\r\n\r\n";
    let post = "POST /v1/sync HTTP/1.1\r\nHost: romp\r\nContent-Type: application/json\r\n";
    for framing in [
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 0\r\nContent-Length: 40\r\n",
        "Content-Length: 0, 40\r\n",
        "Content-Length: +0\r\n",
        "Content-Length: 0x0\r\n",
        "Content-Length : 0\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: \x0bchunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
    ] {
        let smuggled = format!("{post}{framing}\r\n0\r\n\r\n{hidden}");
        let reply = sent(&server, smuggled.as_bytes());
        let statuses = statuses(&reply);
        // Refused, and the connection with it; or read as one thing that ends where it says.
        assert!(
            !statuses.contains(&200) && statuses.len() <= 1,
            "{framing:?}: {statuses:?}"
        );
    }
    // The proper way: two requests, two replies.
    let proper = format!("{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n{hidden}");
    let closing = proper.replace("live HTTP/1.1\r\n", "live HTTP/1.1\r\nConnection: close\r\n");
    assert_eq!(statuses(&sent(&server, closing.as_bytes())), [401, 200]);
}

#[test]
fn row_25_a_body_beyond_the_limit_is_refused_however_it_is_announced() {
    let (_folder, server) = started();
    let head =
        "POST /v1/sign-in HTTP/1.1\r\nHost: romp\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let announced = format!("{head}Content-Length: 1048577\r\n\r\n");
    assert_eq!(statuses(&sent(&server, announced.as_bytes())), [413]);
    let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..40 {
        chunked.extend(b"8000\r\n");
        chunked.extend(b" ".repeat(0x8000));
        chunked.extend(b"\r\n");
    }
    assert_eq!(statuses(&sent(&server, &chunked)), [413]);
    // Without a length there is no body.
    let none = format!("{head}\r\n");
    assert_eq!(statuses(&sent(&server, none.as_bytes())), [400]);
}

#[test]
fn row_41_at_its_most_talkative_the_log_tells_nothing_of_anybody() {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::file(folder.path());
        let mut server = Running::start_with(&place, &["--log-format", format]);
        let invitation = String::from_utf8(place.invite().stdout).unwrap();
        let password = "planted pass phrase";
        let owner = registered(&server, &invitation, password);
        let token = owner["token"].as_str().unwrap().to_owned();
        let child = json!({
            "protocol": 2, "cursor": 0, "clock": 1 << 16,
            "mutations": [{"mid": 1, "hlc": 1 << 16, "kind": "child", "id": "00000000-0000-0000-0000-000000000007",
                "op": "patch", "fields": {"nickname": "Plantedchild", "avatar": "fox", "age_band": "7-9"}}]
        });
        server.post("/v1/sync", &token, &child);
        let pairing = server.post(
            "/v1/pairings",
            &token,
            &json!({"role": "owner", "password": password}),
        );
        let planted = "GET /v1/plantedpath?plantedquery=1 HTTP/1.1\r\nHost: romp\r\nConnection: close\r\n\
                       Plantedheader: plantedvalue\r\nX-Request-Id: plantedid\r\nCookie: plantedcookie\r\n\r\n";
        assert_eq!(statuses(&sent(&server, planted.as_bytes())), [404]);
        let wrong = "POST /v1/sign-in HTTP/1.1\r\nHost: romp\r\nConnection: close\r\nContent-Length: 29\r\n\
                     Content-Type: application/json\r\n\r\n{\"email\":\"plantedtypo\",\"x\":1}";
        assert_eq!(statuses(&sent(&server, wrong.as_bytes())), [422]);
        sent(
            &server,
            b"GET /health/live HTTP/1.1\r\nHost: romp\r\nConnection: close\r\n\r\n",
        );
        assert!(server.terminate());
        let log = std::fs::read_to_string(&place.log).unwrap();
        assert!(log.contains("answered") && log.contains("sign_in"), "{log}");
        assert!(log.contains("DEBUG"), "it is talkative");
        let small = log.to_lowercase();
        assert!(!small.contains("planted"), "{log}");
        for secret in [
            &token,
            invitation.trim(),
            pairing["code"].as_str().unwrap(),
            "127.0.0.1",
            owner["session"].as_str().unwrap(),
            owner["household"].as_str().unwrap(),
        ] {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
        let lines = log.lines().filter(|line| line.contains("answered"));
        assert!(lines.clone().count() >= 5);
        for line in lines {
            assert!(line.contains("duration_ms") && line.contains("status"), "{line}");
        }
    }
}
