//! The measured programs: started on their core, watched through `/proc`, ended with the value that stands for them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// The core of the measured servers; the load has the other one.
pub(crate) const SERVER_CORE: &str = "0";

/// How long a server may take until it answers.
const READY: Duration = Duration::from_mins(1);

/// What `/proc/<pid>/stat` counts in, in seconds: `USER_HZ`, which is 100 on every Linux this runs on.
const TICK_S: f64 = 0.01;

/// A program that will run on the server's core.
pub(crate) fn on_server_core(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", SERVER_CORE]).arg(program);
    command
}

/// A running program.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    /// The process of a database server that works for it.
    beside: Option<u32>,
}

impl Program {
    /// Starts a program; what it says about itself goes to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Outcome<Self> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(|error| format!("{}: {error}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{command:?} could not be started: {error}"))?;
        Ok(Self { child, beside: None })
    }

    /// Starts a program and waits for a line on its standard output that begins with `start`; returns the rest of it.
    pub(crate) fn start_and_await(command: &mut Command, log: &Path, start: &str) -> Outcome<(Self, String)> {
        let mut program = Self::start(command.stdout(Stdio::piped()), log)?;
        let out = program.child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let rest = lines
            .find_map(|line| line.strip_prefix(start).map(str::to_owned))
            .ok_or_else(|| format!("{command:?} ended before it was ready; see {}", log.display()))?;
        // Read on, so that the program never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok((program, rest))
    }

    /// Starts a program and waits until it answers HTTP on `address`, whatever it answers.
    pub(crate) fn start_and_connect(command: &mut Command, log: &Path, address: SocketAddr) -> Outcome<Self> {
        let mut program = Self::start(command.stdout(Stdio::null()), log)?;
        let until = Instant::now() + READY;
        while !answers(address) {
            let ended = !matches!(program.child.try_wait(), Ok(None));
            if ended || Instant::now() > until {
                return Err(format!("{command:?} does not answer; see {}", log.display()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(program)
    }

    /// The same program, whose processor time and memory include those of another process and what that started.
    pub(crate) fn with(mut self, beside: Option<u32>) -> Self {
        self.beside = beside;
        self
    }

    /// Its process, the one beside it, and every living process that these started, directly or not.
    fn family(&self) -> Vec<u32> {
        let mut parents = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            if let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok())
                && let Some(parent) = stat(pid).and_then(|stat| stat.get(1)?.parse::<u32>().ok())
            {
                parents.insert(pid, parent);
            }
        }
        let mut family = vec![self.child.id()];
        family.extend(self.beside);
        let mut at = 0;
        while let Some(parent) = family.get(at).copied() {
            family.extend(parents.iter().filter(|(_, p)| **p == parent).map(|(pid, _)| *pid));
            at += 1;
        }
        family
    }

    /// Processor time that it and its children have used, in seconds, in steps of a hundredth.
    pub(crate) fn cpu_s(&self) -> f64 {
        let own = [Some(self.child.id()), self.beside];
        let ticks = |pid: u32| -> f64 {
            let Some(stat) = stat(pid) else { return 0.0 };
            // utime, stime; and those of children that have ended: cutime, cstime.
            let fields = if own.contains(&Some(pid)) { 11..15 } else { 11..13 };
            stat.get(fields)
                .unwrap_or_default()
                .iter()
                .filter_map(|field| field.parse::<f64>().ok())
                .sum()
        };
        self.family().into_iter().map(ticks).sum::<f64>() * TICK_S
    }

    /// Memory that it and its children have in use, in bytes. What processes share is counted once for each.
    pub(crate) fn rss_bytes(&self) -> f64 {
        let of = |pid: u32| -> f64 {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
            kib.unwrap_or_default() * 1_024.0
        };
        self.family().into_iter().map(of).sum()
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Outcome {
        self.signal("-TERM")?;
        self.child
            .wait()
            .map(drop)
            .map_err(|error| format!("a server is lost: {error}"))
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn signal(&self, signal: &str) -> Outcome {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        match sent {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("kill {signal}: {other:?}")),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The fields of `/proc/<pid>/stat` from the third on (the second is a name that may contain blanks).
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// Whether somebody answers HTTP there. A server may listen before it can.
fn answers(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(READY))?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        stream.read(&mut [0; 16])
    };
    ask().is_ok_and(|bytes| bytes > 0)
}

/// A port that nothing listens on.
pub(crate) fn free_port() -> Outcome<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map_err(|error| error.to_string())
}

/// Bytes of all files below a folder.
pub(crate) fn disk_bytes(folder: &Path) -> f64 {
    let mut bytes = 0.0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(found) if found.is_dir() => bytes += disk_bytes(&entry.path()),
            Ok(found) => bytes += found.len() as f64,
            Err(_) => {}
        }
    }
    bytes
}
