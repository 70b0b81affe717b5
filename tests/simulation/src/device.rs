//! One device: the real app on a folder of its own, with a clock that may be wrong, and the call it is waiting on.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use romp_app::{App, Config, ManualClock, MemoryVault, SeededIds, Vault, VaultError};
use romp_domain::calls::Call;
use romp_domain::view::SecretStore;
use romp_domain::{Problem, Role, UtcMs, ZoneName};
use romp_faulty_disk::{Disk, Fault, Survival};
use romp_store::Store;
use romp_sync::Replica;

use crate::dice::Dice;
use crate::host::copy_database;
use crate::oracle::device::Observer;
use crate::wire::{Mailbox, SharedHost, Wire};

/// Name of the database in the data folder.
const DATABASE: &str = "romp.db";

/// Where every device believes its server to be.
pub(crate) const SERVER: &str = "https://romp.example";

type Running = Pin<Box<dyn Future<Output = Result<(), Problem>>>>;

/// A call that waits for the network.
pub(crate) struct Flight {
    pub(crate) id: u64,
    running: Running,
    /// Decides about what it sends.
    pub(crate) dice: Dice,
    /// Whether the network is good to it.
    pub(crate) perfect: bool,
    pub(crate) rounds: u32,
}

/// The system's keyring: what it keeps outlives the app.
#[derive(Debug, Default)]
pub(crate) struct Keyring(MemoryVault);

impl Vault for Keyring {
    fn load(&self) -> Result<Option<String>, VaultError> {
        self.0.load()
    }

    fn save(&self, token: &str) -> Result<(), VaultError> {
        self.0.save(token)
    }

    fn clear(&self) -> Result<(), VaultError> {
        self.0.clear()
    }

    fn kind(&self) -> SecretStore {
        SecretStore::Keyring
    }
}

/// Where a device keeps its data.
#[derive(Debug)]
pub(crate) enum Home {
    /// A folder that never fails.
    Folder(PathBuf),
    /// A disk that may.
    Disk(Disk),
}

impl Home {
    fn path(&self) -> PathBuf {
        match self {
            Self::Folder(path) => path.clone(),
            Self::Disk(disk) => disk.folder().to_owned(),
        }
    }
}

/// A device that is there.
pub(crate) struct Device {
    pub(crate) app: Arc<App>,
    pub(crate) home: Home,
    /// The fault that its disk has in store, and at which call.
    doom: Option<(u64, Fault)>,
    /// Its disk failed, or will: what it cannot do is no fault of the program's.
    pub(crate) in_trouble: bool,
    pub(crate) vault: Arc<Keyring>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) clock: Arc<ManualClock>,
    ids: Arc<SeededIds>,
    host: SharedHost,
    /// How wrong its clock is.
    pub(crate) skew_ms: i64,
    pub(crate) flight: Option<Flight>,
    pub(crate) observer: Observer,
}

/// A database with all its tables and without an identity, made once.
fn empty() -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DATABASE);
        let clock = Arc::new(ManualClock::at(UtcMs(0)));
        drop(Store::open(&path, clock, &SeededIds::new(0)).unwrap());
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.execute("DELETE FROM meta WHERE key = 'device_id'", [])
            .unwrap();
        conn.close().unwrap();
        std::fs::read(&path).unwrap()
    })
}

impl Device {
    /// A device out of the box.
    pub(crate) fn new(host: &SharedHost, home: Home, seed: u64, now: i64, skew_ms: i64) -> Self {
        let folder = home.path();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(DATABASE), empty()).unwrap();
        let clock = Arc::new(ManualClock::at(UtcMs(now + skew_ms)));
        let vault = Arc::new(Keyring::default());
        Self::started(host, home, clock, vault, Arc::new(SeededIds::new(seed)), skew_ms)
    }

    fn started(
        host: &SharedHost,
        home: Home,
        clock: Arc<ManualClock>,
        vault: Arc<Keyring>,
        ids: Arc<SeededIds>,
        skew_ms: i64,
    ) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let folder = home.path();
        let mut config = Config::new(folder.clone(), Box::new(vault.clone()));
        config.clock = clock.clone();
        config.ids = ids.clone();
        config.zone = ZoneName::new("America/Los_Angeles").unwrap();
        let (to_host, to_mailbox) = (host.clone(), mailbox.clone());
        config.connect = Box::new(move |_| {
            Ok(Arc::new(Wire {
                host: to_host.clone(),
                mailbox: to_mailbox.clone(),
            }))
        });
        let app = App::open(config).unwrap();
        let observer = Observer::open(&folder.join(DATABASE));
        Self {
            app,
            home,
            doom: None,
            in_trouble: false,
            vault,
            mailbox,
            clock,
            ids,
            host: host.clone(),
            skew_ms,
            flight: None,
            observer,
        }
    }

    /// Killed, and started again from what is durable: in a new folder, or on the same disk after its power was cut.
    pub(crate) fn killed(self, folder: PathBuf, survival: Survival) -> Self {
        if let Home::Folder(old) = &self.home {
            std::fs::create_dir_all(&folder).unwrap();
            copy_database(&old.join(DATABASE), &folder.join(DATABASE));
        }
        let Self {
            app,
            home,
            vault,
            clock,
            ids,
            host,
            skew_ms,
            flight,
            observer,
            ..
        } = self;
        if let Home::Disk(disk) = &home {
            // Nothing that is dropped now can tidy up.
            disk.cut_power();
        }
        drop((flight, app));
        let memory = observer.into_memory();
        let home = match home {
            Home::Folder(old) => {
                drop(std::fs::remove_dir_all(old));
                Home::Folder(folder)
            }
            Home::Disk(disk) => {
                disk.restart(survival);
                Home::Disk(disk)
            }
        };
        let mut again = Self::started(&host, home, clock, vault, ids, skew_ms);
        again.observer.remember(memory);
        again
    }

    /// Lets the disk fail at the `after`-th call from now, where there is a disk that can.
    pub(crate) fn doom(&mut self, after: u64, fault: Fault) -> bool {
        let Home::Disk(disk) = &self.home else {
            return false;
        };
        self.doom = Some((disk.calls() + after, fault));
        self.in_trouble = true;
        self.resume();
        true
    }

    /// Whether the power was lost.
    pub(crate) fn is_off(&self) -> bool {
        matches!(&self.home, Home::Disk(disk) if disk.is_off())
    }

    /// The fault that its disk has in store, or that has struck and was not looked at yet.
    pub(crate) fn trouble(&self) -> Option<Fault> {
        self.doom.map(|(_, fault)| fault)
    }

    /// Nothing fails while the oracle looks. Returns what has struck since it last looked.
    pub(crate) fn pause(&mut self) -> Option<Fault> {
        let (Home::Disk(disk), Some((at, fault))) = (&self.home, self.doom) else {
            return None;
        };
        let struck = disk.hit().is_some();
        self.doom = (!struck).then(|| (at.saturating_sub(disk.calls()), fault));
        disk.repair();
        struck.then_some(fault)
    }

    /// What was in store is again, the oracle's calls not counted.
    pub(crate) fn unpause(&mut self) {
        if let (Home::Disk(disk), Some((left, fault))) = (&self.home, self.doom) {
            self.doom = Some((disk.calls() + left, fault));
            self.resume();
        }
    }

    fn resume(&self) {
        if let (Home::Disk(disk), Some((at, fault))) = (&self.home, self.doom) {
            disk.plan(at, fault);
        }
    }

    /// No fault is in store any more.
    pub(crate) fn spare(&mut self) {
        if let (Home::Disk(disk), Some(_)) = (&self.home, self.doom.take()) {
            disk.repair();
        }
        self.in_trouble = false;
    }

    /// A copy of everything on it, as another device.
    pub(crate) fn cloned(&self, folder: PathBuf, seed: u64) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        copy_database(&self.database(), &folder.join(DATABASE));
        let vault = Keyring::default();
        if let Ok(Some(token)) = self.vault.load() {
            vault.save(&token).unwrap();
        }
        let now = romp_app::Clock::now(&*self.clock);
        let ids = Arc::new(SeededIds::new(seed));
        let clock = Arc::new(ManualClock::at(now));
        Self::started(
            &self.host,
            Home::Folder(folder),
            clock,
            Arc::new(vault),
            ids,
            self.skew_ms,
        )
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.home.path().join(DATABASE)
    }

    /// What the device's clock shows from here on.
    pub(crate) fn set_time(&self, now: i64) {
        self.clock.set(UtcMs(now + self.skew_ms));
    }

    /// A call that needs no network: it is answered at once.
    pub(crate) fn call<C: Call>(&self, call: C) -> Result<C::Reply, Problem> {
        let mut running = std::pin::pin!(self.app.call(call));
        match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(reply) => reply,
            Poll::Pending => unreachable!("only calls that need no network are made like this"),
        }
    }

    /// Begins a call that needs the network. One that was under way is given up, as after a timeout.
    pub(crate) fn begin<C: Call + 'static>(&mut self, id: u64, call: C, dice: Dice, perfect: bool)
    where
        C::Reply: 'static,
    {
        self.flight = None;
        let app = self.app.clone();
        let running = Box::pin(async move { app.call(call).await.map(drop) });
        self.flight = Some(Flight {
            id,
            running,
            dice,
            perfect,
            rounds: 0,
        });
    }

    /// Goes on with the call under way. The result when it is done.
    pub(crate) fn go_on(&mut self) -> Option<Result<(), Problem>> {
        let flight = self.flight.as_mut()?;
        match flight
            .running
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(result) => {
                self.flight = None;
                Some(result)
            }
            Poll::Pending => None,
        }
    }

    /// Takes in an answer that nobody waits for any more, as a connection that was forgotten would hand it over.
    pub(crate) fn absorb_late(
        &self,
        session: Option<romp_domain::SessionId>,
        request: &romp_domain::wire::SyncRequest,
        reply: romp_domain::wire::SyncReply,
    ) -> Result<(), Problem> {
        let store = Store::open(&self.database(), self.clock.clone(), &*self.ids)?;
        store.replica(session).absorb(request, reply).map(drop)
    }

    pub(crate) fn session(&self) -> Option<romp_domain::SessionId> {
        self.observer.account().and_then(|account| account.session)
    }

    pub(crate) fn role(&self) -> Role {
        self.observer
            .account()
            .map_or(Role::Owner, |account| account.role)
    }
}
