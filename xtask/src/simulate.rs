//! `cargo xtask simulate`: families, devices, a server and a bad network from seeds, as many as asked for.
//!
//! Built with optimisation: a million steps are the point of it. What the options mean is the program's to say.

use std::process::Command;

use crate::cargo::cargo;
use crate::{Outcome, place, steps};

/// What every run of all tests simulates: `SEEDS` seeds of so many entries each.
const SEEDS: &str = "0..200";
const STEPS: &str = "600";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// What is handed on, such as `--seeds 0..200 --steps 2000` or `--story 7`; `--help` tells all.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn simulate(options: &Options) -> Outcome {
    let mut command = cargo([
        "run",
        "--profile",
        "trial",
        "--quiet",
        "--package",
        "romp-simulation",
        "--",
    ]);
    steps::run(command.args(&options.arguments))
}

/// Simulates what every run of all tests affords, with the program that was built with them: a build for release takes
/// longer than it saves.
pub(crate) fn briefly() -> Outcome {
    let mut command = Command::new(place::program("romp-simulation"));
    steps::run(command.args(["--seeds", SEEDS, "--steps", STEPS, "--every-fault"]))?;
    println!("All of it, more than a million steps: cargo xtask simulate --seeds 0..200 --steps 5000");
    Ok(())
}
