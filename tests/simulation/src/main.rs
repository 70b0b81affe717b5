//! `romp-simulate`: runs seeds, and tells what happened.

#![expect(
    clippy::print_stdout,
    reason = "this is a command line tool: printing is its user interface"
)]

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Parser;
use romp_simulation::{Counts, FAULTS, Run, run, shrink};

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
    /// How many seeds at a time; as many as there are processors, unless it is said.
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Stops at the first violation.
    #[arg(long)]
    first: bool,
    /// Fails where something that can go wrong never did.
    #[arg(long)]
    every_fault: bool,
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
    let jobs = options.jobs.or_else(|| std::thread::available_parallelism().ok());
    let next = AtomicU64::new(options.seeds.start);
    let sum = Mutex::new(Sum::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.map_or(1, NonZeroUsize::get) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= options.seeds.end {
                        return;
                    }
                    let began = Instant::now();
                    let ended = run(seed, options.steps, false);
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    sum.add(seed, &ended, began.elapsed().as_secs_f64());
                    if options.first && !sum.failed.is_empty() {
                        next.store(options.seeds.end, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(seed) = sum.failed.first().filter(|_| !options.no_shrink) {
        tell(*seed, options.steps);
    }
    let missing = sum.report();
    code(!sum.failed.is_empty() || options.every_fault && missing)
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

/// What all runs came to.
struct Sum {
    started: Instant,
    counts: Counts,
    seeds: u64,
    /// In order.
    failed: BTreeSet<u64>,
    slowest_s: f64,
}

impl Sum {
    fn new() -> Self {
        Self {
            started: Instant::now(),
            counts: Counts::default(),
            seeds: 0,
            failed: BTreeSet::new(),
            slowest_s: 0.0,
        }
    }

    fn add(&mut self, seed: u64, ended: &Run, took_s: f64) {
        self.counts.add(&ended.counts);
        self.seeds += 1;
        self.slowest_s = self.slowest_s.max(took_s);
        if let Some((at, violation)) = &ended.violation {
            self.failed.insert(seed);
            println!(
                "seed {seed} violates {} after {at} entries: {}",
                violation.invariant, violation.detail
            );
        }
        if self.seeds.is_multiple_of(20) {
            println!(
                "{} seeds, {} steps, {:.0} steps/s",
                self.seeds,
                self.counts.steps,
                self.counts.steps as f64 / self.started.elapsed().as_secs_f64()
            );
        }
    }

    /// Prints everything. Returns whether a fault never happened.
    fn report(&self) -> bool {
        let list = |counts: Vec<String>| counts.join(", ");
        let Counts {
            done,
            faults,
            steps,
            exchanges,
            judged: [applied, refused, matches, confirmed],
            ..
        } = &self.counts;
        println!(
            "done: {}",
            list(done.iter().map(|(name, n)| format!("{name} {n}")).collect())
        );
        println!(
            "faults: {}",
            list(faults.iter().map(|(name, n)| format!("{name} {n}")).collect())
        );
        println!(
            "mutations {applied} of which refused {refused}; matches {matches}; playdates confirmed {confirmed}; exchanges {exchanges}"
        );
        let seconds = self.started.elapsed().as_secs_f64();
        println!(
            "{} seeds, {steps} steps in {seconds:.1} s, {:.0} steps/s, slowest seed {:.2} s; violations: {} {:?}",
            self.seeds,
            *steps as f64 / seconds,
            self.slowest_s,
            self.failed.len(),
            self.failed
        );
        let missing: Vec<&str> = FAULTS
            .into_iter()
            .filter(|fault| !faults.contains_key(fault))
            .collect();
        if !missing.is_empty() {
            println!("never happened: {missing:?}");
        }
        !missing.is_empty()
    }
}
