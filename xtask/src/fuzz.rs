//! `cargo xtask fuzz`: the decoders of `tests/fuzz` against bytes that nobody thought of, guided by which of their
//! branches these reach.
//!
//! libFuzzer comes with a crate and is built by the C++ compiler; the compiler of this repository notes branches by
//! options that are stable. So nothing has to be installed. What was found before is kept in `target/fuzz/corpus`;
//! what every run starts from is committed in `tests/fuzz/corpus`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::cargo;
use crate::{Outcome, place, steps};

/// A note at every branch and at every comparison, in a form that libFuzzer reads
/// (<https://clang.llvm.org/docs/SanitizerCoverage.html>).
const GUIDED: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Longest input, in bytes: decoders find their limits by number, not by size.
const LONGEST: u32 = 4096;

/// An input that takes longer than this many seconds is a fault.
const SLOWEST_S: u32 = 5;

/// Most memory that a target may take, in MiB: inputs are small, and what they may grow to is bounded by the wire.
const MOST_MIB: u32 = 1024;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long each target is tried.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only these; the folders in tests/fuzz/corpus are their names.
    #[arg(long, value_name = "TARGET", num_args = 1..)]
    only: Vec<String>,
}

pub(crate) fn fuzz(options: &Options) -> Outcome {
    let program = build()?;
    let mut targets = targets()?;
    if let Some(unknown) = options.only.iter().find(|name| !targets.contains(name)) {
        return Err(format!(
            "There is no target called {unknown}. There are: {}.",
            targets.join(", ")
        ));
    }
    if !options.only.is_empty() {
        targets.retain(|name| options.only.contains(name));
    }
    for target in &targets {
        run(&program, target, options.seconds)?;
    }
    println!(
        "\n{} decoders, {} s each: no input made one panic.",
        targets.len(),
        options.seconds
    );
    Ok(())
}

/// A few seconds of each target, for the test run.
pub(crate) fn briefly() -> Outcome {
    fuzz(&Options {
        seconds: 3,
        only: Vec::new(),
    })
}

fn build() -> Outcome<PathBuf> {
    let host = host()?;
    let folder = place::target().join("fuzz").join("build");
    // With a target named, build scripts and macros are built without the notes: they have nowhere to put them.
    let mut command = cargo(["build", "--package", "romp-fuzz", "--features", "guided"]);
    command.args(["--profile", "fuzz", "--target", &host]);
    command.env("CARGO_TARGET_DIR", &folder).env("RUSTFLAGS", GUIDED);
    steps::run(&mut command)?;
    let name = format!("romp-fuzz{}", std::env::consts::EXE_SUFFIX);
    Ok(folder.join(host).join("fuzz").join(name))
}

/// The machine's own target, as the compiler calls it.
fn host() -> Outcome<String> {
    let said = steps::output(Command::new("rustc").arg("-vV").current_dir(place::root()))?;
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "rustc does not say for which machine it is.".to_owned())
}

fn committed() -> PathBuf {
    place::root().join("tests/fuzz/corpus")
}

fn targets() -> Outcome<Vec<String>> {
    let entries = std::fs::read_dir(committed()).map_err(|error| format!("No corpus: {error}"))?;
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn run(program: &Path, target: &str, seconds: u32) -> Outcome {
    let kept = place::target().join("fuzz").join("corpus").join(target);
    let faults = place::target().join("fuzz").join("faults").join(target);
    for folder in [&kept, &faults] {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut command = Command::new(program);
    command
        .env("ROMP_FUZZ_TARGET", target)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-timeout={SLOWEST_S}"))
        .arg(format!("-rss_limit_mb={MOST_MIB}"))
        .arg(format!("-artifact_prefix={}/", faults.display()))
        .args(["-print_final_stats=1", "-print_funcs=0", "-verbosity=0"])
        .arg(&kept)
        .arg(committed().join(target));
    let output = command
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!(
            "{said}\n{target} failed. The input that did it is in {}. Once the fault is mended, keep it in {}.",
            faults.display(),
            committed().join(target).display()
        ));
    }
    println!("{target:<16}{:>10} inputs", inputs(&said).unwrap_or("?"));
    Ok(())
}

/// How many inputs were tried, as libFuzzer says at its end.
fn inputs(said: &str) -> Option<&str> {
    let line = said
        .lines()
        .find(|line| line.starts_with("stat::number_of_executed_units:"))?;
    line.split_whitespace().nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_inputs_is_read_from_what_the_fuzzer_says() {
        let said = "INFO: Seed: 1\nstat::number_of_executed_units: 14868\nstat::peak_rss_mb: 37\n";
        assert_eq!(inputs(said), Some("14868"));
        assert_eq!(inputs("nothing"), None);
    }

    #[test]
    fn every_folder_of_the_corpus_is_a_target() {
        assert!(targets().is_ok_and(|names| names.contains(&"pin".to_owned())));
    }
}
