//! The project's own commands. `cargo xtask run` and `cargo xtask test` are all that anybody has to type.
//!
//! A command is a list of steps, each in the module of its name; every step prints what it does, and one that
//! fails says in a sentence what to do about it. Deliberately absent: rules of Romp, and anything that a release
//! needs at run time.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line tool: printing is its user interface"
)]

mod bench;
mod bindgen;
mod cargo;
mod check;
mod children;
mod fuzz;
mod npm;
mod place;
mod plant;
mod python;
mod run;
mod schemathesis;
mod screens;
mod security;
mod simulate;
mod sizes;
mod steps;
mod system;
mod test;
mod torture;
mod ui;
mod unused;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a step gives back; the error is a sentence for the person at the terminal.
pub(crate) type Outcome<T = ()> = Result<T, String>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Romp's own commands.")]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything, starts a server with a neighbourhood and opens the app with a demo family signed in.
    Run(run::Options),
    /// Installs what the tests need and runs all of them.
    Test,
    /// Checks formatting and lints, as the test run does first, and documentation, licences and advisories.
    Check,
    /// Builds the user interface into target/ui.
    Ui(ui::Options),
    /// Makes the pictures in docs/screens.
    Screens,
    /// Makes disks fail and kills processes, and tells what was lost: nothing should be.
    Torture(torture::Options),
    /// Measures.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Simulates families, devices, a server and a bad network, from seeds.
    #[command(disable_help_flag = true)]
    Simulate(simulate::Options),
    /// Asks a server thousands of things that its description allows or not; nothing may make it fail.
    Schemathesis(schemathesis::Options),
    /// Tries the decoders of tests/fuzz with bytes that nobody thought of, guided by coverage.
    Fuzz(fuzz::Options),
    /// Plants faults in a copy of the code, one at a time, and tells which of them the tests find: all should be.
    Plant(plant::Options),
    /// Tells which rule of the safety plan is proved by which test, and whether it passes.
    Security(security::Options),
}

fn main() -> ExitCode {
    let outcome = match Xtask::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Test => return test::test(),
        Command::Check => check::check(),
        Command::Ui(options) => ui::ui(&options),
        Command::Screens => screens::screens(),
        Command::Torture(options) => torture::torture(&options),
        Command::Bench(options) => bench::bench(&options),
        Command::Simulate(options) => simulate::simulate(&options),
        Command::Schemathesis(options) => schemathesis::schemathesis(&options),
        Command::Fuzz(options) => fuzz::fuzz(&options),
        Command::Plant(options) => plant::plant(&options),
        Command::Security(options) => security::security(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\n{sentence}");
            ExitCode::FAILURE
        }
    }
}
