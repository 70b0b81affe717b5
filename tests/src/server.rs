//! The real server as a child process, with a database of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::Process;
use crate::tools;

/// The demo household's owner, as `romp-server demo` makes it.
pub const DEMO_EMAIL: &str = "demo@romp.example";
/// The demo owner's password.
pub const DEMO_PASSWORD: &str = "romp-demo-password";

/// A server on a free port of this machine.
pub struct ServerProcess {
    folder: TempDir,
    process: Process,
    url: String,
}

impl ServerProcess {
    /// Starts one with an empty database.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self::start_in(folder)
    }

    /// Starts one with a neighbourhood of real pets, the same for the same seed.
    pub fn start_with_demo(households: u32, seed: u64) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let demo = tools::root().join("assets/demo");
        let mut command = Command::new(program());
        command
            .arg("demo")
            .arg("--pets")
            .arg(demo.join("seattle-pets.csv"))
            .arg("--places")
            .arg(demo.join("zip-centroids.csv"))
            .arg("--database")
            .arg(database(folder.path()))
            .args([
                "--households",
                &households.to_string(),
                "--seed",
                &seed.to_string(),
            ]);
        run(&mut command);
        Self::start_in(folder)
    }

    /// Starts one with an empty database and with this environment.
    pub fn start_with(environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self::start_as(folder, environment)
    }

    /// Starts one that lets anybody register, and whose mail goes into a folder.
    pub fn start_with_mail() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let way = format!("file:{}", folder.path().join("mail").display());
        let environment = [
            ("ROMP_MAIL", way.as_str()),
            ("ROMP_MAIL_FROM", "Romp <romp@example.org>"),
            ("ROMP_OPEN_REGISTRATION", "true"),
        ];
        Self::start_as(folder, &environment)
    }

    /// The mails in its folder, the oldest first.
    pub fn mails(&self) -> Vec<String> {
        let mut mails: Vec<_> = fs::read_dir(self.folder.path().join("mail"))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .filter_map(|file| {
                let written = file.metadata().ok()?.modified().ok()?;
                Some((written, fs::read_to_string(file.path()).ok()?))
            })
            .collect();
        mails.sort();
        mails.into_iter().map(|(_, text)| text).collect()
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        let name = format!("romp-server-{}.log", self.process.id());
        fs::read_to_string(tools::logs().join(name)).unwrap_or_default()
    }

    /// Where it listens, as an address.
    pub fn address(&self) -> SocketAddr {
        let address = self.url.trim_start_matches("http://").parse();
        address.expect("a server without TLS is at http:// and an address")
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes an invitation code.
    pub fn invite(&self) -> String {
        run(Command::new(program())
            .arg("invite")
            .arg("--database")
            .arg(database(self.folder.path())))
    }

    /// What families report, as whoever runs the server reads it.
    pub fn reports(&self) -> String {
        run(Command::new(program())
            .arg("reports")
            .arg("--database")
            .arg(database(self.folder.path())))
    }

    /// Ends it at once, as a power cut would, and starts it again with the same data, on another port.
    #[must_use]
    pub fn killed_and_started_again(mut self) -> Self {
        self.process.kill();
        Self::start_in(self.folder)
    }

    fn start_in(folder: TempDir) -> Self {
        Self::start_as(folder, &[])
    }

    fn start_as(folder: TempDir, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--database"])
            .arg(database(folder.path()))
            .envs(environment.iter().copied());
        let (process, url) = Process::start_and_await("romp-server", &mut command, "listening on ");
        Self { folder, process, url }
    }
}

/// The server's program.
pub fn program() -> PathBuf {
    tools::program("romp-server")
}

fn database(folder: &Path) -> PathBuf {
    folder.join("romp.sqlite")
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("romp-server can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "romp-server failed ({}): {said}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
