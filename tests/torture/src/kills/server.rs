//! The server's program is killed while devices exchange with it over HTTP.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Problem};
use romp_faulty_disk::Disk;
use romp_store::WallClock;
use romp_tests::http;

use super::{Life, Tally, repeat};
use crate::home::{Device, Env, admit, open_server, token};
use crate::inspect::Look;
use crate::server::{consequences, holds};
use crate::work::{Edit, Held};

/// Families that exchange at the same time.
const FAMILIES: u128 = 3;

/// How often to look whether it is time for a kill.
const LOOK_EVERY: Duration = Duration::from_micros(200);

/// Most edits that one exchange takes along.
const EDITS: usize = 4;

/// Kills the server at `program` so often.
pub fn kill_servers(program: &Path, kills: u32, seed: u64) -> Tally {
    let disk = Disk::new();
    let database = disk.path("server.db");
    let env = Env::start();
    let mut devices: Vec<_> = (1..=FAMILIES)
        .map(|number| (Device::new(number, Arc::new(WallClock)), Held::default()))
        .collect();
    let server = open_server(&database, &env).expect("a sound disk");
    for (device, _) in &mut devices {
        device.settle().expect("a sound disk");
        admit(&server, &device.family).expect("a sound disk");
    }
    drop(server);
    repeat(kills, seed, |life| {
        let (child, address) = start(program, &database)?;
        let mut child = Killed(child);
        let look = Look::into_sound(&database)?;
        let mut sum = 0;
        for (device, held) in &mut devices {
            let acknowledged = device.acknowledged()?;
            holds(&look, device, acknowledged, held)?;
            sum += acknowledged;
        }
        consequences(&look)?;
        drop(look);
        work(&mut devices, address, &mut child, life)?;
        Ok(sum)
    })
}

/// Ends with its value.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &Path, database: &Path) -> Result<(Child, SocketAddr), String> {
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--database"])
        .arg(database)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{} does not start: {error}", program.display()))?;
    let mut line = String::new();
    let out = child.stdout.take().expect("the output is a pipe");
    let read = BufReader::new(out).read_line(&mut line);
    let address = line
        .trim()
        .strip_prefix("listening on http://")
        .and_then(|address| address.parse().ok());
    if let (Ok(_), Some(address)) = (read, address) {
        return Ok((child, address));
    }
    drop(Killed(child));
    Err(format!("the server did not start; it said {line:?}"))
}

/// All devices edit and exchange as fast as they can until the server is killed.
fn work(
    devices: &mut [(Device, Held)],
    address: SocketAddr,
    child: &mut Killed,
    life: Life,
) -> Result<(), String> {
    let (killed, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (killed, done) = (&killed, &done);
        let workers: Vec<_> = devices
            .iter_mut()
            .map(|(device, _)| scope.spawn(move || edit_and_exchange(device, address, killed, done)))
            .collect();
        // A worker that has ended has something to say.
        while done.load(Ordering::SeqCst) < life.done && !workers.iter().any(ScopedJoinHandle::is_finished) {
            std::thread::sleep(LOOK_EVERY);
        }
        std::thread::sleep(life.then);
        // Before, not after: an exchange that fails from here on may.
        killed.store(true, Ordering::SeqCst);
        let _ = child.0.kill();
        let _ = child.0.wait();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("a device does not panic"))
    })
}

fn edit_and_exchange(
    device: &mut Device,
    address: SocketAddr,
    killed: &AtomicBool,
    done: &AtomicUsize,
) -> Result<(), String> {
    while !killed.load(Ordering::SeqCst) {
        let n = device.rows.mutations.len();
        for n in n..=n + n % EDITS {
            let edit = Edit::blind(n, &device.family);
            edit.store(device.store()).map_err(|error| error.to_string())?;
            device.rows.note(&edit);
        }
        let token = token(&device.family);
        match device.exchange_with(|request| post(address, token.expose(), request)) {
            Ok(()) => drop(done.fetch_add(1, Ordering::SeqCst)),
            Err(_) if killed.load(Ordering::SeqCst) => {}
            Err(problem) => return Err(format!("a server that lives refused: {problem}")),
        }
    }
    Ok(())
}

fn post(address: SocketAddr, token: &str, request: &SyncRequest) -> Result<SyncReply, Problem> {
    let body = serde_json::to_string(request).expect("a request is JSON");
    let headers = [
        ("Host", "romp"),
        ("Content-Type", "application/json"),
        ("Authorization", &format!("Bearer {token}")),
    ];
    let reply = http::request(address, "POST /v1/sync", &headers, &body)
        .map_err(|_| Problem::new(ErrorCode::Offline))?;
    serde_json::from_str(&reply.body).map_err(|_| {
        serde_json::from_str::<Problem>(&reply.body).unwrap_or_else(|_| Problem::new(ErrorCode::Offline))
    })
}
