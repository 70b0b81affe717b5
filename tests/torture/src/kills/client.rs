//! A device's process is killed while it edits and exchanges. The server it exchanges with is in the same process
//! and dies with it, so that both files are hit in the middle of an exchange.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use romp_faulty_disk::Disk;
use romp_store::WallClock;

use super::{Life, Tally, repeat};
use crate::home::{Device, Env, admit, open_server};
use crate::inspect::Look;
use crate::server::{consequences, holds};
use crate::work::{Edit, Held, difference};

/// The program's word for [`run`].
pub const COMMAND: &str = "device";

/// What the process does until it is killed: edits, says of each that it is stored, and exchanges now and then.
pub fn run(folder: &Path) -> Result<(), String> {
    let mut device = Device::in_folder(1, folder, Arc::new(WallClock));
    device.start().map_err(|error| error.to_string())?;
    let server = open_server(&folder.join("server.db"), &Env::start()).map_err(|error| error.to_string())?;
    let count = Look::into(&device.path())?.all("SELECT count(*) FROM outbox", |row| row.get::<_, i64>(0))?;
    let mut out = io::stdout().lock();
    let mut say = |line: String| {
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(|error| error.to_string())
    };
    say("ready".to_owned())?;
    for n in count[0] as usize.. {
        Edit::blind(n, &device.family)
            .store(device.store())
            .map_err(|error| error.to_string())?;
        say(format!("{}", n + 1))?;
        if n.is_multiple_of(5) {
            device.exchange(&server).map_err(|problem| problem.to_string())?;
        }
    }
    Ok(())
}

/// Kills such processes of `program` so often.
pub fn kill_clients(program: &Path, kills: u32, seed: u64) -> Tally {
    let disk = Disk::new();
    let mut device = Device::in_folder(1, disk.folder(), Arc::new(WallClock));
    device.settle().expect("a sound disk");
    device.store = None;
    let server = open_server(&disk.path("server.db"), &Env::start()).expect("a sound disk");
    admit(&server, &device.family).expect("a sound disk");
    drop(server);
    let mut held = Held::default();
    repeat(kills, seed, |life| {
        let stored = one_life(program, disk.folder(), life)?;
        check(&mut device, &disk, stored, &mut held)
    })
}

/// Returns the last edit that the process has said to be stored.
fn one_life(program: &Path, folder: &Path, life: Life) -> Result<usize, String> {
    let mut child = Command::new(program)
        .arg(COMMAND)
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{} does not start: {error}", program.display()))?;
    let mut lines = BufReader::new(child.stdout.take().expect("the output is a pipe")).lines();
    let ready = lines.next();
    if !matches!(ready, Some(Ok(_))) {
        let said = child
            .wait_with_output()
            .map(|output| output.stderr)
            .unwrap_or_default();
        return Err(format!(
            "a device does not start: {}",
            String::from_utf8_lossy(&said)
        ));
    }
    let mut stored = None;
    for line in lines.by_ref().take(life.done).map_while(Result::ok) {
        stored = line.parse().ok();
    }
    std::thread::sleep(life.then);
    let killed = child.kill().and_then(|()| child.wait());
    // What it has said is in the pipe.
    stored = lines
        .map_while(Result::ok)
        .filter_map(|line| line.parse().ok())
        .last()
        .or(stored);
    match killed {
        Ok(status) if status.code().is_some() => Err(format!("it ended by itself: {status}")),
        Ok(_) => Ok(stored.unwrap_or(0)),
        Err(error) => Err(error.to_string()),
    }
}

/// Looks at both files as the process left them. Returns the number of mutations stored.
fn check(device: &mut Device, disk: &Disk, stored: usize, held: &mut Held) -> Result<usize, String> {
    let look = Look::into_sound(&device.path())?;
    let numbers = look.all("SELECT count(*), min(mid), max(mid) FROM outbox", |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, i64>(2)?,
        ))
    })?;
    let (count, first, last) = numbers[0];
    let known = device.rows.mutations.len();
    if (first, last) != (1, count) || (count as usize) < stored.max(known) {
        return Err(format!(
            "{} were stored, {count} are there, numbered {first} to {last}",
            stored.max(known)
        ));
    }
    for n in known..count as usize {
        let edit = Edit::blind(n, &device.family);
        device.rows.note(&edit);
    }
    difference(&device.rows.rows, &device.shown(&look)?).map_or(Ok(()), Err)?;
    let acknowledged = device.acknowledged()?;
    let look = Look::into_sound(&disk.path("server.db"))?;
    holds(&look, device, acknowledged, held)?;
    consequences(&look)?;
    Ok(count as usize)
}
