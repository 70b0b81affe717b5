//! Programs started by a test. They end with the value that stands for them, with all that they started, also
//! when the test panics.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::tools;

/// A running program.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program. What it writes to standard error goes to `target/test-logs/<name>-<id>.log`.
    pub fn start(name: &str, command: &mut Command) -> Self {
        // A name of its own: others start the same program at the same time.
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let logs = tools::logs();
        let (test, n) = (std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let log = logs.join(format!("{name}.starting-{test}-{n}.log"));
        let file = File::create(&log).expect("a log can be written");
        let child = command
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} could not be started: {error}"));
        let _ = fs::rename(&log, logs.join(format!("{name}-{}.log", child.id())));
        Self { child }
    }

    /// Starts a program and waits for a line that begins with `start`; returns the rest of that line.
    pub fn start_and_await(name: &str, command: &mut Command, start: &str) -> (Self, String) {
        let mut process = Self::start(name, command.stdout(Stdio::piped()));
        let mut lines = BufReader::new(process.stdout()).lines().map_while(Result::ok);
        let found = lines.find_map(|line| line.strip_prefix(start).map(str::to_owned));
        let rest = found.unwrap_or_else(|| panic!("{name} ended before it was ready; see target/test-logs"));
        // Read on, so that the program never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        (process, rest)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its input; once.
    pub fn stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("the input is a pipe")
    }

    /// Its output; once.
    pub fn stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("the output is a pipe")
    }

    /// Ends it and all that it started, at once (SIGKILL), and waits until it is gone.
    pub fn kill(&mut self) {
        let below = descendants(self.child.id());
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !below.is_empty() {
            let ids = below.iter().map(u32::to_string);
            // Most of them are gone with their parent.
            let _ = Command::new("kill")
                .arg("-KILL")
                .args(ids)
                .stderr(Stdio::null())
                .status();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// All processes below `id`, as far as this system tells.
fn descendants(id: u32) -> Vec<u32> {
    let mut children = BTreeMap::<u32, Vec<u32>>::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok) {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let parent = fs::read_to_string(entry.path().join("stat"))
            .ok()
            .and_then(|stat| {
                // "id (name) state parent …", and the name may contain anything.
                stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
            });
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut found = Vec::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        let below = children.remove(&id).unwrap_or_default();
        found.extend(&below);
        open.extend(below);
    }
    found
}
