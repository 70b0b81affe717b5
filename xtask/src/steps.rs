//! Steps of a command: announced, timed, and listed with their times at the end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// The steps done so far.
pub(crate) struct Steps {
    started: Instant,
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Announces a step, does it and notes the time it took.
    pub(crate) fn step<T>(&mut self, title: &'static str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        println!("\n== {title}");
        let started = Instant::now();
        let outcome = work();
        self.done.push((title, started.elapsed()));
        outcome
    }

    /// The time of each step, and of all together.
    pub(crate) fn print_times(&self) {
        println!();
        for (title, time) in &self.done {
            println!("{:>8.1} s  {title}", time.as_secs_f64());
        }
        println!("{:>8.1} s  in all", self.started.elapsed().as_secs_f64());
    }
}

/// Runs a program to its end, with its output shown.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("This failed ({status}): {}", line(command)))
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "This failed ({}): {}\n{}",
        output.status,
        line(command),
        said.trim_end()
    ))
}

/// A program as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("This could not be started ({error}): {}", line(command))
}
