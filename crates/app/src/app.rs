//! The app itself: its parts, opening it, and telling others that something changed.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::view::SecretStore;
use romp_domain::{Entity, ErrorCode, Fields, Household, Kind, Problem, Role, UtcMs, ZoneName};
use romp_store::{Clock, Ids, Reader, Store, StoreError, Writer, private};
use serde_json::json;
use tokio::sync::{Mutex, Notify, watch};

use crate::config::{Config, Connect};
use crate::gate::Gate;
use crate::link::Link;
use crate::lock::Lock;
use crate::tokens::Tokens;
use crate::vault::Vault;

/// What a person is told whose keyring did not let go of the token.
const LEFT_IN_VAULT: &str = "The key to the family's account is still in this computer's keyring. Unlock the keyring and \
start Romp again: it takes the key out then.";

/// Name of the database in the data folder.
const DATABASE: &str = "romp.db";

/// Everything the app can do. Shared: all its functions take `&self`.
pub struct App {
    pub(crate) store: Store,
    pub(crate) vault: Box<dyn Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) connect: Connect,
    pub(crate) data_dir: PathBuf,
    pub(crate) zone: ZoneName,
    /// What waits between two tries of the PIN.
    pub(crate) gate: Gate,
    /// How the device stands with its server.
    pub(crate) link: Link,
    /// Held while a device joins, so that two calls cannot join two families.
    pub(crate) joining: Mutex<()>,
    /// Held during an exchange: one at a time.
    pub(crate) exchanging: Mutex<()>,
    /// Told after every local change; the background listens.
    pub(crate) wake: Notify,
    /// Told when an exchange that a person asked for got through, or a session began; the background, which may be waiting
    /// for the server to be better, listens.
    pub(crate) reached: Notify,
    changes: watch::Sender<u64>,
    /// The last to go: until then the folder is in use.
    _lock: Lock,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Opens the data in the folder, making what is missing. Data that cannot be read is left as it is. A folder that
    /// another app has open is refused.
    pub fn open(config: Config) -> Result<Arc<Self>, Problem> {
        private::folder(&config.data_dir).map_err(StoreError::from)?;
        let lock = Lock::take(&config.data_dir)?;
        let path = config.data_dir.join(DATABASE);
        let store = Store::open(&path, Arc::clone(&config.clock), config.ids.as_ref())?;
        let app = Self {
            store,
            vault: config.vault,
            clock: config.clock,
            ids: config.ids,
            connect: config.connect,
            data_dir: config.data_dir,
            zone: config.zone,
            gate: Gate::new(config.stopwatch),
            link: Link::default(),
            joining: Mutex::new(()),
            exchanging: Mutex::new(()),
            wake: Notify::new(),
            reached: Notify::new(),
            changes: watch::Sender::new(0),
            _lock: lock,
        };
        app.remove_leftovers()?;
        app.resume_session()?;
        Ok(Arc::new(app))
    }

    /// Rises after every local change, every pull that changed something, and every change of the connection.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn tell_changed(&self) {
        self.changes.send_modify(|n| *n += 1);
    }

    pub(crate) fn now(&self) -> UtcMs {
        self.clock.now()
    }

    /// The family's settings. What nobody has set, or what this device has not been told yet, is as in a family that
    /// has not said anything.
    pub(crate) fn household(&self, reader: &Reader<'_>) -> Result<Household, StoreError> {
        let set = reader.fields(Kind::Household, HOUSEHOLD_ROW)?.unwrap_or_default();
        Ok(self.unset_household().with_known(&set))
    }

    /// A family that has not said anything yet: it agrees to nothing, and lives where the machine does.
    pub(crate) fn unset_household(&self) -> Household {
        Household::new(self.zone.clone())
    }

    /// Tells the machine's zone as the family's, unless one is set.
    pub(crate) fn tell_zone(&self, writer: &Writer<'_>) -> Result<(), StoreError> {
        let set = writer.fields(Kind::Household, HOUSEHOLD_ROW)?.unwrap_or_default();
        if !set.0.contains_key("zone") {
            let zone = Fields([("zone".to_owned(), json!(self.zone))].into_iter().collect());
            writer.patch(Kind::Household, HOUSEHOLD_ROW, &zone)?;
        }
        Ok(())
    }

    /// Today, where the family lives.
    pub(crate) fn today(&self, zone: &ZoneName) -> Date {
        let now = Timestamp::from_millisecond(self.now().0).unwrap_or(Timestamp::UNIX_EPOCH);
        now.to_zoned(zone.rules()).date()
    }

    /// Takes up the session of the last run, if its token is still in the vault. Where there is none, no token is kept.
    fn resume_session(&self) -> Result<(), Problem> {
        let account = self.store.account()?;
        let session = account.as_ref().and_then(|account| account.session);
        let (Some(account), Some(session)) = (account, session) else {
            self.clear_leftover();
            return Ok(());
        };
        let vaulted = self.store.vaulted()?;
        if vaulted == Some(false) {
            // It was in memory. What a keyring may hold is of a session before it.
            self.clear_vault();
            return self.resume_without_token();
        }
        match self.vault.load() {
            Ok(kept) => {
                let Some(tokens) = kept.as_deref().and_then(Tokens::of_text) else {
                    return self.resume_without_token();
                };
                match (self.connect)(&account.server) {
                    Ok(server) => self.link.open(session, server, tokens),
                    Err(problem) => self.link.fail(problem.message),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the vault cannot be read");
                // An earlier version did not note it: then a system without a keyring had it in memory.
                if vaulted.is_none() && self.vault.kind() == SecretStore::Memory {
                    return self.resume_without_token();
                }
                self.link.fail(ErrorCode::NotSignedIn.sentence().to_owned());
            }
        }
        Ok(())
    }

    /// Takes the session up after all, if the system's keyring was not there at the start and is by now. (One that is there
    /// and locked asks the person; that is not done again and again.)
    pub(crate) fn resume_late(&self) {
        let joined = self.store.account().ok().flatten();
        let waits = joined.is_some_and(|account| account.session.is_some());
        if !waits
            || self.vault.kind() == SecretStore::Keyring
            || self.store.vaulted().ok() != Some(Some(true))
        {
            return;
        }
        if let Err(problem) = self.resume_now() {
            tracing::warn!(code = problem.code.word(), "the session was not taken up");
        }
        if self.link.session().is_some() {
            self.tell_changed();
        }
    }

    /// Takes the session up, unless there is one, or the device is about to get one.
    pub(crate) fn resume_now(&self) -> Result<(), Problem> {
        let Ok(_alone) = self.joining.try_lock() else {
            return Ok(());
        };
        if self.link.session().is_some() {
            return Ok(());
        }
        self.resume_session()
    }

    /// Nobody could tell a child's device without its token ever to forget: its session is as good as ended. An owner's
    /// keeps everything, and signs in again.
    fn resume_without_token(&self) -> Result<(), Problem> {
        if self.store.device_role()? == Role::Child {
            self.forget_as_child()?;
            self.forget_session()?;
            self.link.fail(ErrorCode::NotSignedIn.sentence().to_owned());
        }
        Ok(())
    }

    /// Takes a token out of the vault that stayed there when it could not be cleared.
    fn clear_leftover(&self) {
        match self.vault.load() {
            Ok(None) => {}
            Ok(Some(_)) => self.clear_vault(),
            Err(error) => tracing::warn!(%error, "the vault cannot be read"),
        }
    }

    /// Takes the token out of the vault. Where that fails, the person is told: the token may still open the account.
    pub(crate) fn clear_vault(&self) {
        if let Err(error) = self.vault.clear() {
            tracing::warn!(%error, "the vault cannot be cleared");
            self.link.fail(LEFT_IN_VAULT.to_owned());
        }
    }
}
