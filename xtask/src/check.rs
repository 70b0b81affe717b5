//! `cargo xtask check`: what needs no test to be seen.

use std::process::Stdio;

use crate::cargo::cargo;
use crate::steps::{self, Steps};
use crate::system::{self, Need};
use crate::{Outcome, place};

pub(crate) fn check() -> Outcome {
    let mut steps = Steps::new();
    steps.step("System packages", || {
        system::install(&[Need::Build, Need::Window])
    })?;
    lint(&mut steps)?;
    steps.step("Documentation", || {
        let mut doc = cargo(["doc", "--workspace", "--no-deps", "--quiet"]);
        steps::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    steps.step("Licences and advisories", deny)?;
    steps.print_times();
    Ok(())
}

/// Formatting and lints, for this system; the wasm build has its own compiler run.
pub(crate) fn lint(steps: &mut Steps) -> Outcome {
    steps.step("Formatting", || {
        steps::run(&mut cargo(["fmt", "--all", "--check"]))
            .map_err(|sentence| format!("{sentence}\n`cargo fmt --all` puts it right."))
    })?;
    steps.step("Lints", || {
        let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        steps::run(&mut cargo(arguments))
    })
}

fn deny() -> Outcome {
    if place::on_path("cargo-deny").is_none() {
        println!("Skipped: cargo-deny is not installed (`cargo install cargo-deny`).");
        return Ok(());
    }
    steps::run(cargo(["deny", "--all-features", "check"]).stdin(Stdio::null()))
}
