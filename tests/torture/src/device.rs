//! The device store on a disk that fails; the server it exchanges with is on a sound one.

use std::collections::BTreeMap;
use std::sync::Arc;

use romp_faulty_disk::{Disk, Survival};
use romp_server::server::Server;
use uuid::Uuid;

use crate::family::Family;
use crate::home::{Device, Env, admit, open_server};
use crate::inspect::Look;
use crate::sweep::Patient;
use crate::work::{Edit, Key, difference};

/// What an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// An edit.
    Edit,
    /// An exchange with the server, which brings cards and takes the edits.
    Exchange,
    /// An ordinary end and start of the app.
    Reopen,
    /// A start after the app has died with its log full.
    Recover,
}

const fn operation(n: usize) -> Operation {
    match n {
        0 => Operation::Reopen,
        _ if n % 60 == 19 => Operation::Reopen,
        _ if n % 60 == 9 => Operation::Recover,
        _ if n % 9 == 8 => Operation::Exchange,
        _ => Operation::Edit,
    }
}

/// A device, and the world around it.
pub struct DevicePatient {
    device: Device,
    others: Vec<Family>,
    server: Arc<Server>,
    env: Arc<Env>,
    edit: Option<Edit>,
    _server_disk: Disk,
}

impl DevicePatient {
    /// A device that was never started, and a server with another family.
    pub fn new() -> Self {
        let env = Env::start();
        let server_disk = Disk::new();
        let server = open_server(&server_disk.path("server.db"), &env).expect("a sound disk");
        let (device, mut other) = (Device::new(1, env.clone()), Device::new(2, env.clone()));
        other.settle().expect("a sound disk");
        admit(&server, &other.family).expect("a sound disk");
        other.exchange(&server).expect("a sound disk");
        Self {
            device,
            others: vec![other.family],
            server,
            env,
            edit: None,
            _server_disk: server_disk,
        }
    }

    /// The disk that fails.
    pub fn disk(&self) -> Disk {
        self.device.disk().clone()
    }

    /// What is in the file, which is sound.
    fn look(&self) -> Result<Found, String> {
        let look = Look::into_sound(&self.device.path())?;
        let told = look.all("SELECT mid FROM outbox WHERE state = 'rejected'", |row| {
            row.get::<_, i64>(0)
        })?;
        if !told.is_empty() {
            return Err(format!("refused: {told:?}"));
        }
        let outbox = look.all("SELECT mid, kind, id FROM outbox ORDER BY mid", |row| {
            Ok((
                row.get::<_, i64>(0)? as usize,
                (row.get(1)?, Uuid::from_bytes(row.get(2)?)),
            ))
        })?;
        let shown = self.device.shown(&look)?;
        Ok(Found { outbox, shown })
    }

    /// Whether that is what must be there, no more and no less.
    fn compare(&self, found: &Found) -> Result<(), String> {
        let rows = &self.device.rows;
        let wanted = (1..).zip(rows.mutations.iter().map(|(key, _)| key));
        if !wanted.eq(found.outbox.iter().map(|(mid, key)| (*mid, key))) {
            return Err(format!(
                "the outbox should hold {} mutations and holds {}, the last {:?}",
                rows.mutations.len(),
                found.outbox.len(),
                found.outbox.last()
            ));
        }
        difference(&rows.rows, &found.shown).map_or(Ok(()), Err)
    }

    fn inspect(&self) -> Result<(), String> {
        self.compare(&self.look()?)
    }
}

/// What a store holds.
struct Found {
    /// The numbers and rows of its mutations.
    outbox: Vec<(usize, Key)>,
    shown: BTreeMap<Key, String>,
}

impl Default for DevicePatient {
    fn default() -> Self {
        Self::new()
    }
}

impl Patient for DevicePatient {
    fn prepare(&mut self, n: usize) {
        self.env.is_at(n);
        if self.device.rows.mutations.is_empty() && n > 0 {
            self.device.settle().expect("nothing is planned");
            admit(&self.server, &self.device.family).expect("a sound disk");
        }
        if operation(n) == Operation::Recover {
            // The log stays as it is: nobody tidies up.
            self.device.disk().cut_power();
            self.end();
            self.device.disk().restart(Survival::Everything);
        }
        self.edit = (operation(n) == Operation::Edit)
            .then(|| Edit::nth(n, &self.device.family, &self.device.rows, &self.others));
    }

    fn operate(&mut self, n: usize) -> Result<(), String> {
        match operation(n) {
            Operation::Edit => {
                let edit = self.edit.as_ref().expect("prepared");
                edit.store(self.device.store())
                    .map(drop)
                    .map_err(|error| error.to_string())
            }
            Operation::Exchange => self
                .device
                .exchange(&self.server)
                .map_err(|problem| problem.to_string()),
            Operation::Reopen => {
                self.end();
                self.start()
            }
            Operation::Recover => self.start(),
        }
    }

    fn end(&mut self) {
        self.device.store = None;
    }

    fn start(&mut self) -> Result<(), String> {
        self.device.start().map_err(|error| error.to_string())
    }

    fn check(&mut self, n: usize, acknowledged: bool) -> Result<bool, String> {
        let Some(edit) = self.edit.take() else {
            self.inspect()?;
            return Ok(acknowledged);
        };
        let found = self.look()?;
        // Each edit is one mutation: whether there is one more decides which of the two states must be there.
        let has_happened = found.outbox.len() > self.device.rows.mutations.len();
        if has_happened || acknowledged {
            self.device.rows.note(&edit);
        }
        self.compare(&found).map_err(|wrong| {
            if acknowledged {
                format!("{edit:?} was acknowledged: {wrong}")
            } else {
                format!("{n} has happened in part: {wrong}")
            }
        })?;
        Ok(has_happened)
    }

    fn finish(&mut self) -> Result<(), String> {
        self.device
            .exchange(&self.server)
            .map_err(|problem| problem.to_string())?;
        self.inspect()?;
        // What the server has, told to a device that has nothing.
        let mut fresh = self.device.another();
        fresh.start().map_err(|error| error.to_string())?;
        fresh
            .exchange(&self.server)
            .map_err(|problem| problem.to_string())?;
        let look = Look::into_sound(&fresh.path())?;
        let shown = fresh.shown(&look)?;
        difference(&self.device.rows.rows, &shown)
            .map_or(Ok(()), |wrong| Err(format!("at the server: {wrong}")))
    }
}
