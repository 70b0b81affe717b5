//! `romp-simulate`: runs seeds, and tells what happened.

#![expect(
    clippy::print_stdout,
    reason = "this is a command line tool: printing is its user interface"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use romp_simulation::{Counts, run, shrink};

/// A step makes many small values; the allocator of the C library takes a tenth of the time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Families, devices, a server and a bad network, from seeds.")]
struct Options {
    /// Which seeds, such as 0..200.
    #[arg(long, default_value = "0..200", value_parser = seeds)]
    seeds: std::ops::Range<u64>,
    /// Entries of each plan.
    #[arg(long, default_value_t = 2_000)]
    steps: usize,
    /// Tells what happens in one seed, whether or not it fails.
    #[arg(long)]
    story: Option<u64>,
    /// Stops at the first violation.
    #[arg(long)]
    first: bool,
    /// Leaves failing plans as long as they are.
    #[arg(long)]
    no_shrink: bool,
}

fn seeds(text: &str) -> Result<std::ops::Range<u64>, String> {
    let parse = |part: &str| {
        part.parse::<u64>()
            .map_err(|_| "seeds look like 0..200".to_owned())
    };
    match text.split_once("..") {
        Some((from, to)) => Ok(parse(from)?..parse(to)?),
        None => parse(text).map(|seed| seed..seed + 1),
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(seed) = options.story {
        let told = run(seed, options.steps, true);
        for line in &told.story {
            println!("{line}");
        }
        if let Some((_, violation)) = &told.violation {
            println!("VIOLATED {}: {}", violation.invariant, violation.detail);
        }
        println!("trace {:016x}", told.trace);
        return code(told.violation.is_some());
    }
    let started = Instant::now();
    let mut sum = Counts::default();
    let mut failed: Vec<u64> = Vec::new();
    let (mut done, mut slow_s) = (0_u64, 0.0_f64);
    for seed in options.seeds.clone() {
        let began = Instant::now();
        let ended = run(seed, options.steps, false);
        slow_s = slow_s.max(began.elapsed().as_secs_f64());
        add(&mut sum, &ended.counts);
        done += 1;
        if let Some((at, violation)) = ended.violation {
            failed.push(seed);
            println!(
                "seed {seed} violates {} after {at} entries: {}",
                violation.invariant, violation.detail
            );
            if options.first || failed.len() == 1 && !options.no_shrink {
                if !options.no_shrink {
                    tell(seed, options.steps);
                }
                if options.first {
                    break;
                }
            }
        }
        if done.is_multiple_of(20) {
            let steps_per_s = sum.steps as f64 / started.elapsed().as_secs_f64();
            println!("{done} seeds, {} steps, {steps_per_s:.0} steps/s", sum.steps);
        }
    }
    report(&sum, done, started.elapsed().as_secs_f64(), slow_s, &failed);
    code(!failed.is_empty())
}

fn code(failed: bool) -> ExitCode {
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn tell(seed: u64, steps: usize) {
    let Some(shrunk) = shrink(seed, steps) else {
        println!("seed {seed} does not fail a second time: the run is not deterministic");
        return;
    };
    println!("\nThe story of seed {seed}, {} entries:", shrunk.entries);
    for line in &shrunk.story {
        println!("  {line}");
    }
    println!(
        "  VIOLATED {}: {}\n",
        shrunk.violation.invariant, shrunk.violation.detail
    );
}

fn add(sum: &mut Counts, counts: &Counts) {
    fn merge<K: Clone + Ord>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
        for (name, n) in from {
            *into.entry(name.clone()).or_default() += n;
        }
    }
    merge(&mut sum.done, &counts.done);
    merge(&mut sum.faults, &counts.faults);
    sum.steps += counts.steps;
    sum.exchanges += counts.exchanges;
    sum.commits += counts.commits;
    for (into, from) in sum.judged.iter_mut().zip(counts.judged) {
        *into += from;
    }
}

fn report(sum: &Counts, seeds: u64, seconds: f64, slowest_s: f64, failed: &[u64]) {
    let line = |name: &str, counts: Vec<String>| println!("{name}: {}", counts.join(", "));
    line(
        "done",
        sum.done.iter().map(|(name, n)| format!("{name} {n}")).collect(),
    );
    line(
        "faults",
        sum.faults.iter().map(|(name, n)| format!("{name} {n}")).collect(),
    );
    let [applied, refused, matches, confirmed] = sum.judged;
    println!(
        "mutations {applied} of which refused {refused}; matches {matches}; playdates confirmed {confirmed}; exchanges {}",
        sum.exchanges
    );
    println!(
        "{seeds} seeds, {} steps in {seconds:.1} s, {:.0} steps/s, slowest seed {slowest_s:.2} s; violations: {} {failed:?}",
        sum.steps,
        sum.steps as f64 / seconds,
        failed.len()
    );
}
