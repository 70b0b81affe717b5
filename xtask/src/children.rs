//! Programs that run beside this one. Whatever way this one ends, none of them is left behind.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Outcome, steps};

static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Ends all children when this function's caller is done, and on Ctrl-C.
pub(crate) struct EndAll;

impl EndAll {
    /// From here on, all children end with this program.
    pub(crate) fn on_interrupt() -> Outcome<Self> {
        ctrlc::set_handler(|| {
            end_all();
            std::process::exit(130);
        })
        .map_err(|error| format!("Ctrl-C cannot be watched: {error}"))?;
        Ok(Self)
    }
}

impl Drop for EndAll {
    fn drop(&mut self) {
        end_all();
    }
}

/// Starts a program and returns its place in the list.
pub(crate) fn start(command: &mut Command) -> Outcome<usize> {
    let child = command
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| format!("This could not be started ({error}): {}", steps::line(command)))?;
    let mut running = running();
    running.push(child);
    Ok(running.len() - 1)
}

/// Starts a program and waits until it prints a line with `start`; returns the rest of that line. What it prints
/// afterwards is shown.
pub(crate) fn start_and_await(command: &mut Command, start_of_line: &str) -> Outcome<String> {
    let index = start(command.stdout(Stdio::piped()))?;
    let stdout = running()[index].stdout.take();
    let mut lines = stdout
        .map(BufReader::new)
        .into_iter()
        .flat_map(BufRead::lines)
        .map_while(Result::ok);
    let found = lines.find_map(|line| line.strip_prefix(start_of_line).map(str::to_owned));
    std::thread::spawn(move || lines.for_each(|line| println!("{line}")));
    found.ok_or_else(|| format!("This ended before it was ready: {}", steps::line(command)))
}

/// Waits until a program ends by itself.
pub(crate) fn wait(index: usize) -> Outcome<ExitStatus> {
    loop {
        // Looked at in turns, because the list must be free for Ctrl-C meanwhile.
        let state = running()[index].try_wait();
        match state {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => std::thread::sleep(Duration::from_millis(100)),
            Err(error) => return Err(format!("A program that was started is lost: {error}")),
        }
    }
}

fn end_all() {
    for child in running().iter_mut() {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn running() -> MutexGuard<'static, Vec<Child>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
