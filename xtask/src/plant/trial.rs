//! One fault: planted, tested, taken out.

use std::fmt;
use std::fs::{self, File};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::copy::Copy;
use super::fault::Fault;
use crate::{Outcome, steps};

/// How long a stage may run. Some faults make a test wait for ever; without one, no stage takes two minutes.
const LIMIT: Duration = Duration::from_mins(6);

/// What became of a fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The first test that failed.
    Caught(String),
    /// The tests did not end.
    Hangs,
    /// Every test passed.
    Survived,
    /// One of its texts is not in its file exactly once.
    Stale,
    /// It says nothing about the tests.
    DoesNotCompile,
}

impl Verdict {
    /// Whether the tests have found the fault.
    pub(super) const fn is_caught(&self) -> bool {
        matches!(self, Self::Caught(_) | Self::Hangs)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caught(test) => f.write_str(test),
            Self::Hangs => f.write_str("tests that do not end any more"),
            Self::Survived => f.write_str("SURVIVED"),
            Self::Stale => f.write_str("STALE: its text is not in its file exactly once"),
            Self::DoesNotCompile => f.write_str("DOES NOT COMPILE"),
        }
    }
}

/// Runs a stage without a fault: it must pass, or nothing that is found means anything.
pub(super) fn pass(copy: &Copy, stage: &str) -> Outcome {
    match run(copy, stage)? {
        Run::Passed(0) => Err(format!("There is no such test: {stage}")),
        Run::Passed(_) => Ok(()),
        Run::Failed(test) => Err(format!("{test} fails without a fault.")),
        Run::TooLong => Err(format!("This takes too long without a fault: {stage}")),
        Run::NotBuilt => Err(format!("This does not compile without a fault: {stage}")),
    }
}

/// Plants a fault, runs its stages until one finds it, and takes it out.
pub(super) fn try_fault(copy: &Copy, fault: &Fault) -> Outcome<Verdict> {
    let verdict = if copy.plant(fault.edits)? {
        find(copy, fault.stages)
    } else {
        Ok(Verdict::Stale)
    };
    copy.heal(fault.edits)?;
    verdict
}

fn find(copy: &Copy, stages: &[&str]) -> Outcome<Verdict> {
    for stage in stages {
        match run(copy, stage)? {
            Run::Passed(_) => {}
            Run::Failed(test) => return Ok(Verdict::Caught(test)),
            Run::TooLong => return Ok(Verdict::Hangs),
            Run::NotBuilt => return Ok(Verdict::DoesNotCompile),
        }
    }
    Ok(Verdict::Survived)
}

/// What the tests of a stage said.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    /// All of so many.
    Passed(usize),
    /// This one first.
    Failed(String),
    /// They were ended.
    TooLong,
    /// None began.
    NotBuilt,
}

/// The words of a call of cargo for a stage. One test program with a test that failed is enough: no other is started.
fn test(stage: &str) -> impl Iterator<Item = &str> {
    let (cargos, tests) = stage.split_once(" -- ").unwrap_or((stage, ""));
    ["test", "--quiet", "--package"]
        .into_iter()
        .chain(cargos.split_whitespace())
        .chain(["--", "--format=pretty"])
        .chain(tests.split_whitespace())
}

fn run(copy: &Copy, stage: &str) -> Outcome<Run> {
    // Through a file, because a full pipe would stop the tests.
    let path = copy.root().with_file_name("output");
    let failed = |error| format!("{}: {error}", path.display());
    let output = File::create(&path).map_err(failed)?;
    let mut command = copy.cargo(test(stage));
    let ended = wait(command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null()))?;
    let said = String::from_utf8_lossy(&fs::read(&path).map_err(failed)?).into_owned();
    Ok(match ended {
        None => Run::TooLong,
        Some(status) if status.success() => Run::Passed(number_of_tests(&said)),
        Some(_) if !said.contains("running ") => Run::NotBuilt,
        Some(_) => Run::Failed(first_failed(&said)),
    })
}

/// Waits for the tests; none when they had to be ended.
fn wait(command: &mut Command) -> Outcome<Option<ExitStatus>> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = command.spawn().map_err(|error| not_started(command, &error))?;
    let started = Instant::now();
    loop {
        let state = child
            .try_wait()
            .map_err(|error| format!("The tests are lost: {error}"))?;
        if state.is_some() {
            return Ok(state);
        }
        if started.elapsed() > LIMIT {
            if cfg!(unix) {
                // Cargo's children, too.
                let group = format!("-{}", child.id());
                let _ = Command::new("kill").args(["-9", "--", &group]).status();
            }
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("This could not be started ({error}): {}", steps::line(command))
}

/// How many tests ran.
fn number_of_tests(said: &str) -> usize {
    said.lines()
        .filter_map(|line| {
            line.strip_prefix("running ")?
                .split(' ')
                .next()?
                .parse::<usize>()
                .ok()
        })
        .sum()
}

/// The first test that failed; what is known where none said so.
fn first_failed(said: &str) -> String {
    said.lines()
        .find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
        .unwrap_or("tests that broke off")
        .trim_end_matches(" - should panic")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\nrunning 2 tests\ntest a::one ... ok\ntest a::two ... FAILED\n\nrunning 1 test\ntest b ... FAILED\n";

    #[test]
    fn what_the_tests_say_is_understood() {
        assert_eq!(number_of_tests(SAID), 3);
        assert_eq!(first_failed(SAID), "a::two");
        assert_eq!(first_failed("running 1 test\n"), "tests that broke off");
    }

    #[test]
    fn a_stage_becomes_a_call_of_cargo() {
        let words: Vec<&str> = test("romp-sync --lib -- clock merge").collect();
        assert_eq!(
            words.join(" "),
            "test --quiet --package romp-sync --lib -- --format=pretty clock merge"
        );
    }
}
