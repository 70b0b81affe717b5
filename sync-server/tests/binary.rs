//! The program as an operator runs it: started, asked, stopped; and what it says while it does.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_romp-server"));
    command
        .env("ROMP_DATABASE", folder.join("romp.db"))
        .env("ROMP_LOG", "trace");
    command
}

fn ran(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// A running server. It is stopped when the test ends, however that ends.
struct Running {
    process: Child,
    address: String,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let mut process = program(folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .unwrap()
            .to_owned();
        Self { process, address }
    }

    /// Sends a request and returns the connection, to read the reply from.
    fn send(&self, method: &str, path: &str, token: &str, body: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: romp\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        BufReader::new(stream)
    }

    fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let mut reply = String::new();
        self.send("POST", path, token, &body.to_string())
            .read_to_string(&mut reply)
            .unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{reply}");
        serde_json::from_str(body).unwrap()
    }

    fn terminate(&mut self) -> bool {
        let signalled = ran(Command::new("kill").args(["-TERM", &self.process.id().to_string()]));
        assert!(signalled.status.success());
        self.process.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_server_starts_lets_a_family_in_and_stops_without_having_told_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut server = Running::start(folder);
    let url = format!("http://{}", server.address);
    assert!(
        ran(program(folder).args(["healthcheck", "--url", &url]))
            .status
            .success()
    );

    let invited = ran(program(folder).args(["invite", "--days", "2"]));
    let invitation = String::from_utf8(invited.stdout).unwrap();
    assert_eq!(
        invitation.trim().len(),
        19,
        "the code alone is on standard output"
    );
    let password = "planted pass phrase";
    let owner = server.post(
        "/v1/register",
        "",
        &json!({
            "invitation": invitation.trim(), "email": "planted@example.org", "password": password, "name": "Planted",
            "device": {"id": "00000000-0000-0000-0000-000000000001", "name": "Tablet"}
        }),
    );
    let token = owner["token"].as_str().unwrap();
    let pairing = server.post("/v1/pairings", token, &json!({"role": "owner"}));

    let mut events = server.send("GET", "/v1/events", token, "");
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert!(
            events.read_line(&mut line).unwrap() > 0,
            "the stream ended before its first event"
        );
    }
    assert!(server.terminate(), "it stops although somebody is listening");
    assert!(
        events.read_to_string(&mut line).is_ok(),
        "the stream ended in order"
    );
    assert!(
        !ran(program(folder).args(["healthcheck", "--url", &url]))
            .status
            .success()
    );

    let log = fs::read_to_string(folder.join("log")).unwrap() + &String::from_utf8(invited.stderr).unwrap();
    assert!(log.contains("registered") && log.contains("stopping"), "{log}");
    let code = pairing["code"].as_str().unwrap();
    for secret in [
        token,
        password,
        invitation.trim(),
        code,
        "planted@example.org",
        "Planted",
    ] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[test]
fn a_file_that_is_no_database_is_named_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("romp.db"), "my diary").unwrap();
    let refused = ran(program(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]));
    assert!(!refused.status.success() && refused.stdout.is_empty());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("is not a database. It was left as it is."),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("romp.db")).unwrap(),
        "my diary"
    );
}

#[test]
fn a_copy_is_made_while_the_server_runs_and_put_back_when_it_has_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut server = Running::start(folder);
    let copy = folder.join("copy.db");
    let invitation = ran(program(folder).arg("invite"));
    let device = json!({"id": "00000000-0000-0000-0000-000000000001", "name": "Tablet"});
    let registration = json!({
        "invitation": String::from_utf8(invitation.stdout).unwrap().trim(), "email": "ann@example.org",
        "password": "planted pass phrase", "name": "Ann", "device": device
    });
    server.post("/v1/register", "", &registration);
    let backup = || ran(program(folder).arg("backup").arg("--to").arg(&copy));
    let restore = || ran(program(folder).arg("restore").arg("--from").arg(&copy));
    let said = |output: Output| String::from_utf8(output.stderr).unwrap();
    assert!(backup().status.success());
    assert!(said(backup()).contains("is there already"));
    assert!(said(restore()).contains("is in use. Please stop the server first."));

    assert!(server.terminate());
    assert!(restore().status.success());
    assert!(folder.join("romp.db.before-restore-1").exists());
    let server = Running::start(folder);
    let again = json!({"email": "ann@example.org", "password": "planted pass phrase", "device": device});
    assert!(server.post("/v1/sign-in", "", &again)["token"].is_string());
}
