//! The whole of it as a command: a table of what was done, how often, and what was lost.

#![cfg(unix)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool prints"
)]

use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap::{Parser, ValueEnum};
use romp_torture::device::DevicePatient;
use romp_torture::kills::{client, server};
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
    /// The first of them that meets faults: a workload can be swept in parts
    #[arg(long, value_name = "OPERATION", default_value_t = 0)]
    from: usize,
    /// The disk fails at one call in so many; 1 is every call
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    /// Only disks that fail in these ways
    #[arg(long, value_enum, num_args = 1.., default_values_t = Mode::ALL)]
    modes: Vec<Mode>,
    /// Only these
    #[arg(long, value_enum, num_args = 1.., default_values_t = [Whose::Server, Whose::Device])]
    disks: Vec<Whose>,
    /// Decides the moments of the kills
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How much is done at the same time; as much as there are cores
    #[arg(long)]
    jobs: Option<NonZero<usize>>,
}

/// Whose disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whose {
    /// The server's
    Server,
    /// A device's
    Device,
}

/// One line of the table, and what there is to do for it.
#[derive(Debug, Clone, Copy)]
enum Part {
    Kills(Whose),
    Sweep(Whose, Mode),
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
    // The longest first, so that nothing long is left at the end.
    let sweeps = |whose| options.modes.iter().map(move |mode| Part::Sweep(whose, *mode));
    let mut parts: Vec<Part> = options.disks.iter().flat_map(|whose| sweeps(*whose)).collect();
    if options.kills > 0 {
        parts.extend(options.disks.iter().map(|whose| Part::Kills(*whose)));
    }
    let jobs = options.jobs.or_else(|| thread::available_parallelism().ok());
    let left = Mutex::new(parts.into_iter());
    let (told, lines) = channel();
    let mut is_bad = false;
    thread::scope(|scope| {
        for _ in 0..jobs.map_or(1, NonZero::get) {
            let (left, told) = (&left, told.clone());
            scope.spawn(move || work(options, left, &told));
        }
        drop(told);
        for line in lines {
            println!("{line}");
            is_bad |= line.is_bad();
        }
    });
    if is_bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Does one part after the other until none is left.
fn work(options: &Torture, left: &Mutex<impl Iterator<Item = Part>>, told: &Sender<Line>) {
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(part) = next() {
        let line = match part {
            Part::Kills(whose) => kill(options, whose),
            Part::Sweep(whose, mode) => fail_disk(options, whose, mode),
        };
        if told.send(line).is_err() {
            return;
        }
    }
}

fn kill(options: &Torture, whose: Whose) -> Line {
    // Where this program does not find itself, that is what the line says.
    let device = std::env::current_exe().unwrap_or_default();
    match whose {
        Whose::Server => {
            let server = device.with_file_name(format!("romp-server{}", std::env::consts::EXE_SUFFIX));
            Line::of_kills(
                "server",
                &server::kill_servers(&server, options.kills, options.seed),
            )
        }
        Whose::Device => Line::of_kills(
            "device",
            &client::kill_clients(&device, options.kills, options.seed),
        ),
    }
}

fn fail_disk(options: &Torture, whose: Whose, mode: Mode) -> Line {
    let (operations, stride) = (options.from..options.operations, options.stride);
    match whose {
        Whose::Server => {
            let mut patient = ServerPatient::new();
            let disk = patient.disk();
            let tally = sweep(&mut patient, &disk, operations, mode, stride);
            Line::of_sweep("server", mode, stride, &tally)
        }
        Whose::Device => {
            let mut patient = DevicePatient::new();
            let disk = patient.disk();
            let tally = sweep(&mut patient, &disk, operations, mode, stride);
            Line::of_sweep("device", mode, stride, &tally)
        }
    }
}
