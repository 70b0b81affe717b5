//! The program, as a child process.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// What a server was asked to work with.
pub(crate) struct Place {
    pub(crate) database: OsString,
    pub(crate) log: PathBuf,
}

impl Place {
    pub(crate) fn file(folder: &Path) -> Self {
        Self {
            database: folder.join("romp.db").into(),
            log: folder.join("log"),
        }
    }

    /// The program, told where its database is.
    pub(crate) fn program(&self) -> Command {
        program(&self.database)
    }

    /// An invitation, as it is printed.
    pub(crate) fn invite(&self) -> Output {
        ran(self.program().args(["invite", "--days", "2"]))
    }
}

pub(crate) fn program(database: &OsStr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_romp-server"));
    command.env("ROMP_DATABASE", database).env("ROMP_LOG", "trace");
    command
}

pub(crate) fn ran(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// A running server. It is stopped when the test ends, however that ends.
pub(crate) struct Running {
    process: Child,
    pub(crate) address: String,
}

impl Running {
    pub(crate) fn start(place: &Place) -> Self {
        Self::start_with(place, &[])
    }

    pub(crate) fn start_with(place: &Place, options: &[&str]) -> Self {
        let mut process = place
            .program()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(File::create(&place.log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .and_then(|url| url.split_once("://"))
            .unwrap()
            .1
            .to_owned();
        Self { process, address }
    }

    /// Sends a request and returns the connection, to read the reply from.
    pub(crate) fn send(&self, method: &str, path: &str, token: &str, body: &str) -> BufReader<TcpStream> {
        sent(&self.address, method, path, token, body).unwrap()
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        posted(&self.address, path, token, body).unwrap()
    }

    /// The most memory that it had so far, in KiB, where the system tells.
    pub(crate) fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Asks it to stop, and says whether it did so in order.
    pub(crate) fn terminate(&mut self) -> bool {
        self.signal("-TERM");
        self.process.wait().unwrap().success()
    }

    pub(crate) fn signal(&self, which: &str) {
        let signalled = ran(Command::new("kill").args([which, &self.process.id().to_string()]));
        assert!(signalled.status.success());
    }

    /// Ends it at once, as a power cut would (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn sent(
    address: &str,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> io::Result<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: romp\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    Ok(BufReader::new(stream))
}

/// The reply to a request; an error when there is none, or another one than 200.
pub(crate) fn posted(address: &str, path: &str, token: &str, body: &Value) -> io::Result<Value> {
    let mut reply = String::new();
    sent(address, "POST", path, token, &body.to_string())?.read_to_string(&mut reply)?;
    match reply.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(serde_json::from_str(body)?),
        _ => Err(io::Error::other(reply)),
    }
}

/// Lets a family in, with its first device.
pub(crate) fn registered(server: &Running, invitation: &str, password: &str) -> Value {
    server.post(
        "/v1/register",
        "",
        &json!({
            "invitation": invitation.trim(), "email": "planted@example.org", "password": password, "name": "Planted",
            "device": {"id": "00000000-0000-0000-0000-000000000001", "name": "Tablet"}
        }),
    )
}

/// A server with one family in it, and what the family's first device was answered.
pub(crate) fn inhabited(place: &Place, password: &str) -> (Running, Value) {
    let server = Running::start(place);
    let invitation = String::from_utf8(place.invite().stdout).unwrap();
    let session = registered(&server, &invitation, password);
    (server, session)
}
