//! `cargo xtask plant`: faults are planted in the code, one at a time, and the tests must find each of them.
//!
//! A **fault** is a few texts of the code and what stands in their place; a **stage** is a part of the tests, the
//! cheapest that should find it first. Everything happens in a copy under `target/plant`, built beside it. A fault
//! whose text is not there exactly once is **stale**; one that all its stages pass over has **survived**: a test is
//! missing, or the fault does no harm and another one should stand in its place.
//!
//! Deliberately absent: faults made at random, most of which do no harm and tell nothing.

mod copy;
mod fault;
mod faults;
mod trial;

use std::collections::BTreeSet;
use std::time::Instant;

use crate::Outcome;
use copy::Copy;
use fault::Fault;
use trial::{Verdict, try_fault};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Plants only these; see `--list`.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// Tells the faults and plants none.
    #[arg(long)]
    list: bool,
}

pub(crate) fn plant(options: &Options) -> Outcome {
    let chosen = choose(&options.only)?;
    if options.list {
        for fault in &chosen {
            println!("{:<50}{}", fault.name, fault.edits[0].file);
        }
        println!("\n{} faults.", chosen.len());
        return Ok(());
    }
    let copy = Copy::make()?;
    println!("Without a fault, the tests pass:");
    for stage in stages(&chosen) {
        let started = Instant::now();
        trial::pass(&copy, stage)?;
        println!("{:>6.0} s  {stage}", started.elapsed().as_secs_f64());
    }
    println!("\nWith one:");
    let mut verdicts = Vec::with_capacity(chosen.len());
    for fault in chosen {
        let started = Instant::now();
        let verdict = try_fault(&copy, fault)?;
        let seconds = started.elapsed().as_secs_f64();
        println!("{seconds:>6.0} s  {:<50}{verdict}", fault.name);
        verdicts.push((fault.name, verdict));
    }
    score(&verdicts)
}

/// The faults with these names, or all.
fn choose(only: &[String]) -> Outcome<Vec<&'static Fault>> {
    let all: Vec<&'static Fault> = faults::all().collect();
    if let Some(unknown) = only
        .iter()
        .find(|name| all.iter().all(|fault| fault.name != **name))
    {
        return Err(format!(
            "There is no fault called {unknown}. `cargo xtask plant --list` tells all."
        ));
    }
    Ok(all
        .into_iter()
        .filter(|fault| only.is_empty() || only.iter().any(|name| name == fault.name))
        .collect())
}

fn stages(chosen: &[&'static Fault]) -> BTreeSet<&'static str> {
    chosen.iter().flat_map(|fault| fault.stages).copied().collect()
}

fn score(verdicts: &[(&str, Verdict)]) -> Outcome {
    println!("\n| fault | caught by |\n|---|---|");
    for (name, verdict) in verdicts {
        println!("| {name} | {verdict} |");
    }
    let caught = verdicts.iter().filter(|(_, verdict)| verdict.is_caught()).count();
    println!("\n{caught} of {} caught.", verdicts.len());
    if caught == verdicts.len() {
        Ok(())
    } else {
        Err("Some faults were not caught. One that survived needs a test; one that is stale, or does not compile, needs \
             a new text in xtask/src/plant/faults."
            .to_owned())
    }
}
