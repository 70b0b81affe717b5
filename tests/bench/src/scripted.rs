//! Peers that bring their own client. A script starts the peer's server, another drives it with the peer's client and
//! prints what it found as lines of JSON, as this program does; the wire is counted by the script. The server's core,
//! its processor time and its memory are watched from here.
//!
//! A server is called with a port and a folder; a driver with the workload, the port, a folder for its devices, and
//! `quick` or `full`. A driver says `{"begin": true}` and `{"phase": name}` around what the processor time is wanted of.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Program, disk_bytes, free_port, on_server_core};
use crate::report::Report;
use crate::{Measurement, Outcome, Peer};

/// How a peer is started and driven.
struct Script {
    name: &'static str,
    program: PathBuf,
    server: PathBuf,
    driver: PathBuf,
}

impl Script {
    fn of(measurement: &Measurement) -> Outcome<Self> {
        let node = |name: &'static str| Self {
            name,
            program: PathBuf::from("node"),
            server: measurement.scripts.join(format!("{name}-server.mjs")),
            driver: measurement.scripts.join(format!("{name}.mjs")),
        };
        match measurement.peer {
            Peer::Pouchdb => Ok(node("pouchdb")),
            Peer::Tinybase => Ok(node("tinybase")),
            Peer::Automerge => Ok(node("automerge")),
            Peer::Anki => Ok(Self {
                name: "anki",
                program: measurement.peers.join("anki/bin/python"),
                server: measurement.scripts.join("anki_server.py"),
                driver: measurement.scripts.join("anki_driver.py"),
            }),
            Peer::Romp | Peer::RompPg | Peer::Atuin => Err("this peer has no script".into()),
        }
    }

    fn command(&self, mut command: Command, script: &Path, peers: &Path) -> Command {
        command.arg(script).env("PEER", peers.join(self.name));
        command
    }
}

/// Makes one measurement of a peer with a script.
pub(crate) fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let script = Script::of(measurement)?;
    let folder = TempDir::with_prefix_in(format!("{}-", script.name), &measurement.scratch)
        .map_err(|error| format!("{}: {error}", measurement.scratch.display()))?;
    let (data, devices) = (folder.path().join("data"), folder.path().join("devices"));
    for folder in [&data, &devices] {
        std::fs::create_dir(folder).map_err(|error| error.to_string())?;
    }
    let peers = std::path::absolute(&measurement.peers).map_err(|error| error.to_string())?;
    let log = measurement.scratch.join(format!("{}.log", script.name));
    let address: SocketAddr = free_port()?;
    let port = address.port().to_string();
    let mut server = script.command(on_server_core(&script.program), &script.server, &peers);
    let server = Program::start_and_connect(server.arg(&port).arg(&data), &log, address)?;

    let mut driver = script.command(Command::new(&script.program), &script.driver, &peers);
    driver
        .arg(format!("{:?}", measurement.workload).to_lowercase())
        .args([&port])
        .arg(&devices)
        .arg(if measurement.quick { "quick" } else { "full" });
    let mut driver = Driver::start(&mut driver)?;
    let mut cpu = server.cpu_s();
    while let Some(line) = driver.next_line() {
        // Whatever else the peer's client prints is not for us.
        let Ok(line) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        match line.get("phase").and_then(Value::as_str) {
            None if line.get("begin").is_some() => cpu = server.cpu_s(),
            None => report.passed_on(line),
            Some(name) => {
                let now = server.cpu_s();
                report.value(&format!("{name}server CPU"), (now - cpu) * 1_000.0, "ms");
                report.value(&format!("{name}server RSS"), server.rss_bytes(), "B");
                cpu = now;
            }
        }
    }
    driver.end()?;
    report.value("disk in all", disk_bytes(&data), "B");
    server.stop()
}

/// A running driver; ended with the value that stands for it.
struct Driver {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Driver {
    fn start(command: &mut Command) -> Outcome<Self> {
        let failed = |error: std::io::Error| format!("a driver could not be started: {error}");
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
        let out = child.stdout.take().ok_or("no standard output")?;
        Ok(Self {
            child,
            lines: BufReader::new(out).lines(),
        })
    }

    fn next_line(&mut self) -> Option<String> {
        self.lines.next()?.ok()
    }

    fn end(&mut self) -> Outcome {
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the driver ended with {status}"))
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
