//! A device of a family and a server, in this process, each on a disk of its own; and an exchange between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use romp_domain::text::DeviceName;
use romp_domain::wire::{Link, SyncReply, SyncRequest};
use romp_domain::{Hlc, Problem, Role, UtcMs};
use romp_faulty_disk::Disk;
use romp_server::db::sqlite::SqliteDb;
use romp_server::db::{DbExt, DeviceRecord, Fault, SessionRecord};
use romp_server::secrets::{Secret, new_token};
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
    /// Its folder.
    folder: PathBuf,
    /// Its disk, where it has one of its own.
    disk: Option<Disk>,
    /// Its store, while it runs.
    pub store: Option<Store>,
    /// What must be in it.
    pub rows: Rows,
    clock: Arc<dyn romp_store::Clock>,
    seed: u64,
}

impl Device {
    /// A device that was never started, on a disk of its own.
    pub fn new(number: u128, clock: Arc<dyn romp_store::Clock>) -> Self {
        let disk = Disk::new();
        Self {
            disk: Some(disk.clone()),
            ..Self::in_folder(number, disk.folder(), clock)
        }
    }

    /// A device that has its database in a folder.
    pub fn in_folder(number: u128, folder: &Path, clock: Arc<dyn romp_store::Clock>) -> Self {
        Self {
            family: Family::new(number),
            folder: folder.to_owned(),
            disk: None,
            store: None,
            rows: Rows::default(),
            clock,
            seed: number as u64,
        }
    }

    /// A second, new device of the same family and with the same session.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            seed: self.seed + 1_000,
            ..Self::new(u128::from(self.seed), self.clock.clone())
        }
    }

    /// Its database.
    pub fn path(&self) -> PathBuf {
        self.folder.join("romp.db")
    }

    /// Its own disk.
    ///
    /// # Panics
    /// When it has none.
    pub fn disk(&self) -> &Disk {
        self.disk.as_ref().expect("it has a disk of its own")
    }

    /// Starts it where it does not run.
    pub fn start(&mut self) -> Result<(), StoreError> {
        if self.store.is_none() {
            let store = Store::open(&self.path(), self.clock.clone(), &SeededIds::new(self.seed))?;
            self.family.device = store.device()?;
            self.store = Some(store);
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

    /// Exchanges with a server in this process until both have everything.
    pub fn exchange(&self, server: &Server) -> Result<(), Problem> {
        let session = session(&self.family);
        self.exchange_with(|request| romp_server::sync::sync(server, &session, request.clone()))
    }

    /// Exchanges with whoever answers until both have everything.
    pub fn exchange_with<E: From<Problem>>(
        &self,
        answer: impl Fn(&SyncRequest) -> Result<SyncReply, E>,
    ) -> Result<(), E> {
        let replica = self.store().replica(None);
        loop {
            let request = replica.next_request()?;
            let reply = answer(&request)?;
            if replica.absorb(&request, reply)? == Next::Done {
                return Ok(());
            }
        }
    }

    /// How many of its mutations it knows the server to have.
    pub fn acknowledged(&self) -> Result<usize, String> {
        let look = Look::into(&self.path())?;
        let settled = look.all("SELECT count(*) FROM outbox WHERE state = 'acked'", |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(settled.first().map_or(0, |settled| *settled as usize))
    }
}

/// The token of a family's session.
pub fn token(family: &Family) -> Secret {
    new_token(&Repeating(family.session.0)).0
}

/// Fills everything with an id.
struct Repeating(Uuid);

impl romp_server::env::Random for Repeating {
    fn fill(&self, buffer: &mut [u8]) {
        let bytes = self.0.as_bytes();
        for (n, byte) in buffer.iter_mut().enumerate() {
            *byte = bytes[n % bytes.len()];
        }
    }
}

fn session(family: &Family) -> SessionRecord {
    SessionRecord {
        id: family.session,
        household: family.household,
        user: None,
        device: family.device,
        role: Role::Owner,
        token: new_token(&Repeating(family.session.0)).1,
        created_at: START,
        by_user: None,
        waiting: false,
        used_at: START,
        ended_at: None,
    }
}

/// Opens a server's database.
pub fn open_server(path: &Path, env: &Arc<Env>) -> Result<Arc<Server>, romp_server::db::sqlite::OpenError> {
    let db = SqliteDb::open(path)?;
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
        session: Some(family.session),
        held: Link::default(),
        last_hlc: Hlc(0),
        cursor: 0,
        seen_at: START,
    };
    server.db.write(move |tx| {
        tx.insert_household(household, START)?;
        tx.put_device(&device)?;
        tx.insert_session(&session)
    })
}
