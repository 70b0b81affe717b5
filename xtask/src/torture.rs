//! `cargo xtask torture`: disks that fail and processes that are killed, for as long as it takes.
//!
//! Built with optimisation: a hundred thousand faults are the point of it. What the options mean is the program's to say.

use clap::Args;

use crate::cargo::cargo;
use crate::{Outcome, steps};

#[derive(Args)]
pub(crate) struct Options {
    /// What `romp-torture` understands, such as `--kills 500` or `--stride 1`; see `-- --help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn torture(options: &Options) -> Outcome {
    // The server is another program than the one that kills it.
    steps::run(&mut cargo([
        "build",
        "--profile",
        "trial",
        "--package",
        "romp-server",
        "--package",
        "romp-torture",
        "--bins",
    ]))?;
    steps::run(
        cargo([
            "run",
            "--quiet",
            "--profile",
            "trial",
            "--package",
            "romp-torture",
            "--",
        ])
        .args(&options.arguments),
    )
}
