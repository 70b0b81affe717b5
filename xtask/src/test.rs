//! `cargo xtask test`: everything, from missing packages to the real window, ending in one line of numbers.

use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};

use crate::cargo::cargo;
use crate::sizes::Weight;
use crate::steps::{self, Steps};
use crate::system::{self, Need};
use crate::{Outcome, check, children, fuzz, npm, python, schemathesis, simulate, ui};

pub(crate) fn test() -> ExitCode {
    let mut steps = Steps::new();
    let mut sum = Sum::default();
    let failures = match all(&mut steps, &mut sum) {
        Ok(()) => None,
        Err(sentence) => {
            // What fails outside a test counts as one failure: the last line must never look like success.
            sum.failed = sum.failed.max(1);
            Some(sentence)
        }
    };
    steps.print_times();
    if let Some(sentence) = &failures {
        println!("\n{sentence}");
    }
    if sum.ignored > 0 {
        println!("{} skipped", sum.ignored);
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if failures.is_some() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn all(steps: &mut Steps, sum: &mut Sum) -> Outcome {
    steps.step("System packages", || {
        system::install(&[Need::Build, Need::Window, Need::Npm, Need::Tests, Need::Python])
    })?;
    check::lint(steps)?;
    let weight = steps.step("The user interface", || ui::build(&ui::Options::default()))?;
    steps.step("The programs that the tests start", || {
        steps::run(&mut cargo([
            "build",
            "--package",
            "romp-server",
            "--package",
            "romp",
            "--bins",
        ]))
    })?;
    steps.step("Tools from npm", npm::install)?;
    steps.step("A mail server", python::install_mail_server)?;
    steps.step("Tests", || run_tests(sum))?;
    steps.step("Simulation", simulate::briefly)?;
    steps.step("Fuzzing, briefly", fuzz::briefly)?;
    let _ended_with_this = children::EndAll::on_interrupt()?;
    let asked = schemathesis::ask(steps, &schemathesis::Options::default())?;
    println!("{asked} requests of all kinds, none of which made the server fail");
    println!(
        "What takes longer: cargo xtask torture --stride 1, and all else that README.md lists under tests"
    );
    weight.map_or(Ok(()), Weight::within_budget)
}

fn run_tests(sum: &mut Sum) -> Outcome {
    let mut command = cargo(["test", "--workspace", "--no-fail-fast"]);
    if system::has_apt() {
        // Everything was installed above, so a test that finds something missing must not skip itself.
        command.env("ROMP_TESTS_SKIP_NOTHING", "1");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo test could not be started: {error}"))?;
    let lines = child.stdout.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
        println!("{line}");
        sum.add(&line);
    }
    let status = child
        .wait()
        .map_err(|error| format!("cargo test is lost: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err("Some tests failed, or could not be built; see the lines above.".to_owned())
}

/// Numbers of tests.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Sum {
    /// Adds a line like `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some((_, numbers)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in numbers.split("; ") {
            let Some((number, what)) = part.split_once(' ') else {
                continue;
            };
            let number = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_test_programs_are_summed() {
        let mut sum = Sum::default();
        for line in [
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.2s",
        ] {
            sum.add(line);
        }
        assert_eq!(
            sum,
            Sum {
                passed: 13,
                failed: 2,
                ignored: 1
            }
        );
    }
}
