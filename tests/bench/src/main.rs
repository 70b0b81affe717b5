//! One measurement: one workload on one peer, once. `cargo xtask bench sync` starts it as often as it needs to, pinned
//! to the core that the server does not have, and reads what it prints: one JSON value a line.
//!
//! Terms: a **peer** is a server that is measured, Romp's own included; a **driver** is the client that puts the load
//! on it; a **device** is one client of a peer, whatever the peer calls it.
//!
//! Deliberately absent: medians, tables, installing, comparing. They are xtask's.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line tool: printing is its interface"
)]

mod atuin;
mod http;
mod load;
mod process;
mod report;
mod romp;
mod scripted;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use report::Report;

/// Why a measurement could not be made; a sentence.
type Outcome<T = ()> = Result<T, String>;

/// A server that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Peer {
    /// Romp on `SQLite`.
    Romp,
    /// Romp on `PostgreSQL`.
    RompPg,
    /// Atuin's server on `SQLite`.
    Atuin,
    /// `PouchDB` with express-pouchdb.
    Pouchdb,
    /// `TinyBase` with its web socket server.
    Tinybase,
    /// Anki's sync server.
    Anki,
    /// Automerge with its sync server.
    Automerge,
}

/// A workload; what each is about is said where it is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    W1,
    W2,
    W3,
    W4,
    W5,
    W6,
    W7,
    W8,
    W9,
}

/// One measurement.
#[derive(Debug, Parser)]
#[command(name = "romp-bench")]
struct Measurement {
    /// Which server
    #[arg(long)]
    peer: Peer,
    /// Which work
    #[arg(long)]
    workload: Workload,
    /// Romp's server, built for release
    #[arg(long, default_value = "target/release/romp-server")]
    server: PathBuf,
    /// Where the peers are installed
    #[arg(long)]
    peers: PathBuf,
    /// Where the scripts are that drive the peers which bring their own client
    #[arg(long, default_value = "tests/bench/peers")]
    scripts: PathBuf,
    /// Where databases are made and removed again; on the disk that is to be measured
    #[arg(long)]
    scratch: PathBuf,
    /// Less of everything that takes long
    #[arg(long)]
    quick: bool,
}

fn main() -> ExitCode {
    let measurement = Measurement::parse();
    let mut report = Report::default();
    match measurement.make(&mut report) {
        Ok(()) => {
            report.print();
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

impl Measurement {
    fn make(&self, report: &mut Report) -> Outcome {
        // One thread: the load has one core, and a second thread would only be in its way.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("no runtime: {error}"))?;
        match self.peer {
            Peer::Romp | Peer::RompPg => runtime.block_on(romp::measure(self, report)),
            Peer::Atuin => runtime.block_on(atuin::measure(self, report)),
            Peer::Pouchdb | Peer::Tinybase | Peer::Anki | Peer::Automerge => scripted::measure(self, report),
        }
    }
}
