//! `cargo xtask simulate`: families, devices, a server and a bad network from seeds, as many as asked for.
//!
//! Built with optimisation: a million steps are the point of it. What the options mean is the program's to say.

use std::process::Command;

use crate::cargo::cargo;
use crate::{Outcome, place, steps};

/// What every run of all tests simulates: more than a million steps, in so many seeds of so many entries each.
const SEEDS: &str = "0..200";
const STEPS: &str = "5000";

/// What is built with optimisation for it, which takes less long than it saves. All else is as for the other tests: a
/// whole build of its own takes longer.
const OPTIMISED: [&str; 7] = [
    "romp-app",
    "romp-domain",
    "romp-matching",
    "romp-server",
    "romp-simulation",
    "romp-store",
    "romp-sync",
];

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

/// Simulates what every run of all tests affords.
pub(crate) fn briefly() -> Outcome {
    let mut build = cargo(["build", "--package", "romp-simulation"]);
    for package in OPTIMISED {
        build.args([
            "--config".to_owned(),
            format!("profile.dev.package.{package}.opt-level=2"),
        ]);
    }
    steps::run(&mut build)?;
    let mut command = Command::new(place::program("romp-simulation"));
    steps::run(command.args(["--seeds", SEEDS, "--steps", STEPS, "--every-fault"]))?;
    println!("Others: cargo xtask simulate --seeds 200..400 --steps 5000");
    Ok(())
}
