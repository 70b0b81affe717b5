//! A device of a family and a server, in this process, each on a disk of its own; and an exchange between them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use romp_domain::text::DeviceName;
use romp_domain::{Hlc, Problem, Role, UtcMs};
use romp_faulty_disk::Disk;
use romp_server::db::sqlite::SqliteDb;
use romp_server::db::{DbExt, DeviceRecord, Fault, SessionRecord};
use romp_server::server::{Server, Settings};
use romp_store::{SeededIds, Store, StoreError};
use romp_sync::Replica;
use romp_sync::exchange::Next;

use uuid::Uuid;

use crate::family::{Family, OWN, START};
use crate::inspect::Look;
use crate::work::{Key, Rows};

/// The time and the randomness of all devices and the server: nothing happens by itself.
#[derive(Debug)]
pub struct Env {
    now: AtomicI64,
    drawn: AtomicU64,
}

impl Env {
    /// At the start.
    pub fn start() -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(START.0),
            drawn: AtomicU64::new(1),
        })
    }

    /// A minute for each operation.
    pub fn is_at(&self, operation: usize) {
        self.now
            .store(START.0 + operation as i64 * 60_000, Ordering::SeqCst);
    }

    fn now(&self) -> UtcMs {
        UtcMs(self.now.load(Ordering::SeqCst))
    }
}

impl romp_store::Clock for Env {
    fn now(&self) -> UtcMs {
        self.now()
    }
}

impl romp_server::env::Clock for Env {
    fn now(&self) -> UtcMs {
        self.now()
    }
}

impl romp_server::env::Random for Env {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let next = self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// A family's device.
pub struct Device {
    /// Whose.
    pub family: Family,
    /// Its disk.
    pub disk: Disk,
    /// Its store, while it runs.
    pub store: Option<Store>,
    /// What must be in it.
    pub rows: Rows,
    env: Arc<Env>,
}

impl Device {
    /// A device that was never started.
    pub fn new(number: u128, env: &Arc<Env>) -> Self {
        Self {
            family: Family::new(number),
            disk: Disk::new(),
            store: None,
            rows: Rows::default(),
            env: env.clone(),
        }
    }

    /// Its database.
    pub fn path(&self) -> PathBuf {
        self.disk.path("romp.db")
    }

    /// Starts it where it does not run.
    pub fn start(&mut self) -> Result<(), StoreError> {
        if self.store.is_none() {
            self.store = Some(Store::open(&self.path(), self.env.clone(), &SeededIds::new(1))?);
        }
        Ok(())
    }

    /// Its store.
    ///
    /// # Panics
    /// When it does not run.
    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("the device runs")
    }

    /// Starts it for the first time, and gives it everything to take part.
    pub fn settle(&mut self) -> Result<(), StoreError> {
        self.start()?;
        self.family
            .settle(self.store.as_ref().expect("the device runs"), &mut self.rows)
    }

    /// The rows of its family that a person sees on it.
    pub fn shown(&self, look: &Look) -> Result<BTreeMap<Key, String>, String> {
        let shown = look.all("SELECT kind, id, shown FROM row WHERE shown IS NOT NULL", |row| {
            Ok(((row.get(0)?, Uuid::from_bytes(row.get(1)?)), row.get(2)?))
        })?;
        let is_own = |((kind, _), _): &(Key, String)| OWN.iter().any(|known| known.word() == kind);
        Ok(shown.into_iter().filter(is_own).collect())
    }

    /// Exchanges with a server until both have everything.
    pub fn exchange(&self, server: &Server) -> Result<(), Problem> {
        let (replica, session) = (self.store().replica(None), session(&self.family));
        loop {
            let request = replica.next_request()?;
            let reply = romp_server::sync::sync(server, &session, request.clone())?;
            if replica.absorb(&request, reply)? == Next::Done {
                return Ok(());
            }
        }
    }
}

fn session(family: &Family) -> SessionRecord {
    let number = family.session.0.as_u128().to_be_bytes();
    SessionRecord {
        id: family.session,
        household: family.household,
        user: None,
        device: family.device,
        role: Role::Owner,
        token: std::array::from_fn(|n| number[n % 16]),
        created_at: START,
        used_at: START,
        ended_at: None,
    }
}

/// Opens a server's database.
pub fn open_server(disk: &Disk, env: &Arc<Env>) -> Result<Arc<Server>, romp_server::db::sqlite::OpenError> {
    let db = SqliteDb::open(&disk.path("server.db"))?;
    Ok(Server::new(
        Arc::new(db),
        env.clone(),
        env.clone(),
        Settings::default(),
    ))
}

/// Gives a family an account.
pub fn admit(server: &Server, family: &Family) -> Result<(), Fault> {
    let (session, household) = (session(family), family.household);
    let device = DeviceRecord {
        id: family.device,
        household,
        name: DeviceName::new("Tablet").expect("a name"),
        last_mid: 0,
        last_hlc: Hlc(0),
        cursor: 0,
    };
    server.db.write(move |tx| {
        tx.insert_household(household, START)?;
        tx.put_device(&device)?;
        tx.insert_session(&session)
    })
}
