//! `cargo xtask bench sync`: Romp's sync server beside servers of other projects, in the same run, on this machine.
//!
//! Everything is built for release, the peers are installed from their registries into a folder outside of the
//! repository, and `romp-bench` is started once for each measurement, on the core that the server does not have. What
//! is said of a peer is the median of its runs. The load itself is in `tests/bench`.
//!
//! Deliberately absent: judgement. A peer that cannot be installed, or cannot do a workload, is left blank, with the
//! reason below the table.

mod machine;
mod peers;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::steps::{self, Steps};
use crate::{Outcome, cargo, place};
use machine::Moment;
use peers::{Install, Peer};
use table::Table;

/// The core of the load; the servers are pinned to core 0 by `romp-bench`.
const LOAD_CORE: &str = "1";

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Measures the sync server and its peers.
    Sync(Options),
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Runs of each measurement; the median is told
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Only these workloads, such as W1,W5
    #[arg(long, value_delimiter = ',', ignore_case = true)]
    only: Vec<Workload>,
    /// Only these peers beside Romp, such as atuin,anki; or none
    #[arg(long, value_delimiter = ',')]
    peers: Option<Vec<String>>,
    /// Less of everything that takes long
    #[arg(long)]
    quick: bool,
}

/// What is measured; `romp-bench` says what each is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Workload {
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

impl Workload {
    const ALL: [(Self, &str, &str); 9] = [
        (
            Self::W1,
            "w1",
            "1,000 devices push 100 swipes each on 64 connections, then pull",
        ),
        (Self::W2, "w2", "a fresh device pulls 10,000 rows"),
        (
            Self::W3,
            "w3",
            "one device writes every second, another follows, 500 listen",
        ),
        (
            Self::W4,
            "w4",
            "a device comes back: 1,000 own and 1,000 other changes",
        ),
        (Self::W5, "w5", "nothing to sync, with 10,000 rows"),
        (
            Self::W6,
            "w6",
            "a fresh device after nine in ten of 10,000 rows were removed",
        ),
        (
            Self::W7,
            "w7",
            "5 devices, 10,000 changes, lost answers, 10 kills",
        ),
        (Self::W8, "w8", "10,000 idle connections"),
        (Self::W9, "w9", "three times as much is asked as can be done"),
    ];
}

pub(crate) fn bench(bench: &Bench) -> Outcome {
    let Bench::Sync(options) = bench;
    let mut steps = Steps::new();
    steps.step("Building the server and the load", build)?;
    let wanted = peers::wanted(options.peers.as_deref())?;
    let mut table = Table::default();
    let mut installed = Vec::new();
    for peer in wanted {
        match steps.step(peer.title, || peer.install()) {
            Ok(version) => {
                println!("{version}");
                table.version(peer.name, &version);
                installed.push(peer);
            }
            Err(sentence) => table.note(peer.name, None, &format!("cannot be measured here: {sentence}")),
        }
    }
    let scratch = place::target().join("bench/scratch");
    fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    for (workload, name, title) in Workload::ALL {
        if !options.only.is_empty() && !options.only.contains(&workload) {
            continue;
        }
        steps.step(title, || {
            // In turn, because no machine is equally fast all the time. One that cannot is not asked again.
            let mut able: Vec<_> = installed.iter().collect();
            for run in 1..=options.runs {
                able.retain(|peer| {
                    println!("{} {name}, run {run} of {}", peer.name, options.runs);
                    measure(peer, name, &scratch, options.quick, &mut table)
                });
            }
            Ok(())
        })?;
    }
    table.print();
    let path = place::target().join("bench/sync.json");
    fs::write(&path, table.json()).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("\nAll numbers are in {}.", path.display());
    steps.print_times();
    Ok(())
}

fn build() -> Outcome {
    steps::run(&mut cargo::cargo([
        "build",
        "--release",
        "-p",
        "romp-server",
        "-p",
        "romp-bench",
    ]))
}

/// Makes one measurement. Returns whether another one makes sense; why not is noted.
fn measure(peer: &Peer, workload: &str, scratch: &Path, quick: bool, table: &mut Table) -> bool {
    let mut command = Command::new("taskset");
    command
        .args(["-c", LOAD_CORE])
        .arg(release("romp-bench"))
        .args(["--peer", peer.name, "--workload", workload, "--server"])
        .arg(release("romp-server"))
        .arg("--peers")
        .arg(peers::folder())
        .arg("--scratch")
        .arg(scratch)
        .current_dir(place::root());
    if quick {
        command.arg("--quick");
    }
    let before = Moment::now();
    match steps::output(&mut command) {
        Ok(text) => {
            let machine = Moment::now()
                .zip(before)
                .and_then(|(now, before)| now.since(before));
            let lines = text
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok())
                .chain(machine.into_iter().flatten());
            table.add(peer.name, workload, lines)
        }
        Err(sentence) => {
            table.note(peer.name, Some(workload), &sentence);
            false
        }
    }
}

fn release(program: &str) -> PathBuf {
    place::target()
        .join("release")
        .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}
