//! `cargo xtask simulate`: families, devices, a server and a bad network from seeds, as many as asked for.
//!
//! Built as a release: a million steps are the point of it. What the options mean is the program's to say.

use crate::cargo::cargo;
use crate::{Outcome, steps};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// What is handed on, such as `--seeds 0..200 --steps 2000` or `--story 7`; `--help` tells all.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn simulate(options: &Options) -> Outcome {
    let mut command = cargo([
        "run",
        "--release",
        "--quiet",
        "--package",
        "romp-simulation",
        "--",
    ]);
    steps::run(command.args(&options.arguments))
}
