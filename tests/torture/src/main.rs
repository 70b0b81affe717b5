//! The whole of it as a command: a table of what was done, how often, and what was lost.

#![cfg(unix)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool prints"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use romp_torture::device::DevicePatient;
use romp_torture::kills::{Until, client, server};
use romp_torture::report::Line;
use romp_torture::server::ServerPatient;
use romp_torture::sweep::{Mode, sweep};

/// Disks that fail and processes that are killed. Ends with an error if anything acknowledged was lost.
#[derive(Debug, Parser)]
struct Torture {
    /// How often the server, and then a device, is killed
    #[arg(long, default_value_t = 500)]
    kills: u32,
    /// Operations of a workload whose disk fails
    #[arg(long, default_value_t = 1_000)]
    operations: usize,
    /// The disk fails at one call in so many; 1 is every call, and takes more than an hour
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    /// Decides the moments of the kills
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|word| word == client::COMMAND) {
        return run_device(arguments.next().map(PathBuf::from));
    }
    torture(&Torture::parse())
}

/// The process that is killed.
fn run_device(folder: Option<PathBuf>) -> ExitCode {
    let ended = folder
        .ok_or_else(|| "which folder?".to_owned())
        .and_then(|folder| client::run(&folder));
    if let Err(sentence) = ended {
        eprintln!("{sentence}");
    }
    ExitCode::FAILURE
}

fn torture(options: &Torture) -> ExitCode {
    let mut bad = false;
    let mut tell = |line: Line| {
        println!("{line}");
        bad |= line.is_bad();
    };
    let until = Until::Kills(options.kills);
    let server = romp_tests::tools::program("romp-server");
    tell(Line::of_kills(
        "server",
        &server::kill_servers(&server, until, options.seed),
    ));
    match std::env::current_exe() {
        Ok(device) => tell(Line::of_kills(
            "device",
            &client::kill_clients(&device, until, options.seed),
        )),
        Err(error) => eprintln!("no device is killed, because this program does not find itself: {error}"),
    }
    for mode in Mode::ALL {
        let mut patient = DevicePatient::new();
        let disk = patient.disk();
        let tally = sweep(&mut patient, &disk, options.operations, mode, options.stride);
        tell(Line::of_sweep("device", mode, options.stride, &tally));
        let mut patient = ServerPatient::new();
        let disk = patient.disk();
        let tally = sweep(&mut patient, &disk, options.operations, mode, options.stride);
        tell(Line::of_sweep("server", mode, options.stride, &tally));
    }
    if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
