//! A real mail server on this machine, which delivers to a file: `tests/mail/mail_server.py`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::Process;
use crate::tools;

/// Whom the mail server lets in.
pub const USER: &str = "romp";
/// With which password.
pub const PASSWORD: &str = "let-me-in";

/// A running mail server.
pub struct MailServer {
    folder: TempDir,
    _process: Process,
    port: u16,
}

/// What a mail server asks for.
#[derive(Debug, Clone, Copy)]
pub enum Door<'a> {
    /// Encryption, and then [`USER`] with this password.
    Locked {
        /// The password it takes.
        password: &'a str,
        /// The folder with `certificate.pem` and `key.pem`.
        certificate: &'a Path,
    },
    /// Nothing; it does not know encryption.
    Open,
}

impl MailServer {
    /// Whether there is one; says so if not.
    #[must_use]
    pub fn available(test: &str) -> bool {
        tools::available(test, &[], &[python()])
    }

    /// Starts one; on port 0 it takes a free one.
    pub fn start(port: u16, door: Door) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mut command = Command::new(python());
        command
            .arg(tools::root().join("tests/mail/mail_server.py"))
            .args(["--port", &port.to_string(), "--events"])
            .arg(folder.path().join("events"));
        if let Door::Locked {
            password,
            certificate,
        } = door
        {
            command
                .arg("--certificate")
                .arg(certificate.join("certificate.pem"))
                .arg("--key")
                .arg(certificate.join("key.pem"))
                .args(["--password", password]);
        }
        let (process, port) = Process::start_and_await("mail-server", &mut command, "listening on ");
        Self {
            folder,
            _process: process,
            port: port.parse().expect("a port is a number"),
        }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What happened, in order: `hello`, `sign_in`, `mail`.
    pub fn events(&self, what: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("events")).unwrap_or_default();
        // The last line may be half written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let events = whole
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["what"] == what).collect()
    }
}

fn python() -> PathBuf {
    tools::target().join("mail-server/venv/bin/python")
}
