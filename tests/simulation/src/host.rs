//! The server of a run: the real one, on a real database, with a clock and randomness that follow from the seed. It
//! can be killed and started again from what is durable, and answers in process or through its router.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use romp_domain::policy::Endpoint;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::Email;
use romp_domain::wire::{DeleteAccountRequest, SyncReply, SyncRequest};
use romp_domain::{DeviceId, Entity, ErrorCode, Household, HouseholdId, Kind, Problem, Role, UserId, UtcMs};
use romp_server::accounts::{self, PAIRING_MS};
use romp_server::db::sqlite::SqliteDb;
use romp_server::db::{DbExt, PairingRecord, SessionRecord, UserRecord};
use romp_server::env::{Clock, Random};
use romp_server::passwords::{Passwords, Work};
use romp_server::secrets::{new_pairing_code, token_hash};
use romp_server::server::{Server, Settings};
use tokio::sync::watch;
use tower::ServiceExt;
use uuid::Uuid;

use crate::spy::{Handler, SpyDb};

/// True time.
#[derive(Debug, Default)]
pub(crate) struct TrueTime(AtomicI64);

impl TrueTime {
    pub(crate) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

impl Clock for TrueTime {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that follow from the seed.
#[derive(Debug)]
struct Seeded(AtomicU64);

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let mut dice = crate::dice::Dice::new(self.0.fetch_add(1, Ordering::SeqCst));
            chunk.copy_from_slice(&dice.next().to_be_bytes()[..chunk.len()]);
        }
    }
}

/// What owners type.
pub(crate) const PASSWORD: &str = "a long password of ours";

/// The files of a database that is in use.
const FILES: [&str; 2] = ["", "-wal"];

/// The file beside a database.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Copies a database as it is on the disk at this moment, as a kill would leave it: the log is not tidied up.
pub(crate) fn copy_database(from: &Path, to: &Path) {
    for ending in FILES {
        let source = beside(from, ending);
        if source.exists() {
            std::fs::copy(source, beside(to, ending)).unwrap();
        }
    }
}

/// Copies the database of a server that runs, which may be rewriting its file. What is read keeps the log from
/// beginning anew; so whatever is torn in the copy of the file is whole in the copy of the log.
fn copy_in_use(from: &Path, to: &Path) {
    let reader = rusqlite::Connection::open(from).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")
        .unwrap();
    copy_database(from, to);
}

/// An empty database with all its tables, made once: migrations take longer than a hundred steps.
fn empty() -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        drop(SqliteDb::open(&path).unwrap());
        std::fs::read(&path).unwrap()
    })
}

/// For so long the server may take to rewrite its file before whoever waits goes on, and finds what is left in it.
const REWRITE_MS: u32 = 20_000;

pub(crate) struct Host {
    pub(crate) server: Arc<Server>,
    pub(crate) handler: Handler,
    pub(crate) clock: Arc<TrueTime>,
    random: Arc<Seeded>,
    folder: PathBuf,
    path: PathBuf,
    started: u32,
    /// One who listens for each family.
    ears: BTreeMap<HouseholdId, watch::Receiver<u64>>,
    runtime: tokio::runtime::Runtime,
}

impl Host {
    pub(crate) fn new(folder: &Path, seed: u64) -> Self {
        let path = folder.join("server-0.db");
        std::fs::write(&path, empty()).unwrap();
        let clock = Arc::new(TrueTime::default());
        let random = Arc::new(Seeded(AtomicU64::new(seed.wrapping_mul(1 << 32))));
        let handler = Handler::default();
        let server = start(&path, &handler, &clock, &random);
        // The router hands its work to a blocking thread and waits for it: one request at a time, so one thread.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        Self {
            server,
            handler,
            clock,
            random,
            folder: folder.to_owned(),
            path,
            started: 0,
            ears: BTreeMap::new(),
            runtime,
        }
    }

    /// Listens for a family's commits, from now on.
    pub(crate) fn listen(&mut self, household: HouseholdId) {
        let pokes = &self.server.pokes;
        self.ears
            .entry(household)
            .or_insert_with(|| pokes.subscribe(household));
    }

    /// The last commit that whoever listens has been told of.
    pub(crate) fn heard(&self, household: HouseholdId) -> u64 {
        self.ears.get(&household).map_or(0, |ear| *ear.borrow())
    }

    /// Where its database is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Kills the process and starts it again on what is durable.
    pub(crate) fn restart(&mut self) {
        let old = self.path.clone();
        let new = self.next_path();
        copy_in_use(&old, &new);
        self.start_on(new);
        for ending in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(beside(&old, ending)));
        }
    }

    /// Copies the database away, as a backup would.
    pub(crate) fn back_up(&self, to: &Path) {
        copy_in_use(&self.path, to);
    }

    /// Puts a backup in the place of the database, and says that its history is another one from here on.
    pub(crate) fn restore(&mut self, from: &Path) {
        let new = self.next_path();
        copy_database(from, &new);
        self.start_on(new);
        let epoch = romp_server::sync::epoch(&*self.random);
        self.server.db.write(move |tx| tx.set_epoch(epoch)).unwrap();
    }

    /// Loses the database, and begins with an empty one. Families register again on their owners' devices.
    pub(crate) fn wipe(&mut self) {
        let new = self.next_path();
        std::fs::write(&new, empty()).unwrap();
        self.start_on(new);
    }

    /// Whether the server knows a family.
    pub(crate) fn knows(&self, household: HouseholdId) -> bool {
        let found = self.server.db.read(move |tx| tx.household(household));
        found.is_ok_and(|found| found.is_some())
    }

    /// What whoever runs the server does for a family of which no owner has a device any more: enters it under its id.
    pub(crate) fn enter(&self, household: HouseholdId) {
        let now = self.clock.now();
        self.server
            .db
            .write(move |tx| tx.insert_household(household, now))
            .unwrap();
    }

    /// An owner of a family, who knows [`PASSWORD`].
    pub(crate) fn owner(&self, household: HouseholdId) -> Result<(UserId, Email), Problem> {
        let id = UserId(Uuid::from_u128(household.0.as_u128() ^ 1));
        if let Some(user) = self.server.db.read(move |tx| tx.user(id))? {
            return Ok((id, user.email));
        }
        let email: Email = format!("{}@romp.example", household.0).try_into().unwrap();
        let user = UserRecord {
            id,
            household,
            email: email.clone(),
            name: "Ann".to_owned().try_into().unwrap(),
            password_hash: Passwords::with(Work::LEAST).hash(&*self.random, PASSWORD)?,
            created_at: self.clock.now(),
            verified_at: None,
            confirmed_at: Some(self.clock.now()),
        };
        self.server.db.write(move |tx| tx.insert_user(&user))?;
        Ok((id, email))
    }

    /// Deletes the account of the family of a session, as the owner who knows the password. Returns when the file is
    /// rewritten.
    pub(crate) fn delete_family(&self, token: &str) -> Result<(), Problem> {
        let mut session = self.session(token)?;
        session.user = Some(self.owner(session.household)?.0);
        let request = DeleteAccountRequest {
            password: PASSWORD.to_owned().try_into().unwrap(),
        };
        accounts::delete_account(&self.server, &session, &request)?;
        let conn = rusqlite::Connection::open(&self.path).unwrap();
        let due = || conn.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
        for _ in 0..REWRITE_MS {
            if due().unwrap() == 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    fn next_path(&mut self) -> PathBuf {
        self.started += 1;
        self.folder.join(format!("server-{}.db", self.started))
    }

    fn start_on(&mut self, path: PathBuf) {
        self.handler = Handler::default();
        self.ears.clear();
        self.server = start(&path, &self.handler, &self.clock, &self.random);
        self.path = path;
    }

    /// A pairing code, as an owner of the household would make it, whether or not one has a session now.
    pub(crate) fn code(&self, household: HouseholdId, role: Role) -> Result<String, Problem> {
        let (secret, code) = new_pairing_code(&*self.random);
        let pairing = PairingRecord {
            made_by: None,
            made_in: None,
            code,
            household,
            role,
            expires_at: self.clock.now().plus_ms(PAIRING_MS),
        };
        self.server.db.write(move |tx| {
            if tx.household(household)?.is_none() {
                return Err(Problem::new(ErrorCode::NotFound).into());
            }
            let settings = tx.row(household, Kind::Household, HOUSEHOLD_ROW)?;
            let settings = settings.and_then(|row| Household::read_known(&row.fields));
            let consent = settings.is_some_and(|settings| settings.child_consent.is_some());
            if role == Role::Child && !consent {
                return Err(Problem::new(ErrorCode::ConsentMissing).into());
            }
            tx.insert_pairing(&pairing)
        })?;
        Ok(secret.into_text())
    }

    /// Whether somebody who knows the password is signed in as a device.
    pub(crate) fn is_signed_in_on(&self, household: HouseholdId, device: DeviceId) -> bool {
        let found = self.server.db.read(move |tx| tx.sessions_of(household));
        let live = |session: &SessionRecord| session.ended_at.is_none() && session.user.is_some();
        let sessions = found.unwrap_or_default();
        sessions
            .iter()
            .any(|session| live(session) && session.device == device)
    }

    /// The session that a token stands for, as the gateway finds it.
    pub(crate) fn session(&self, token: &str) -> Result<SessionRecord, Problem> {
        let hash = token_hash(token).ok_or(ErrorCode::NotSignedIn)?;
        let found = self.server.db.read(move |tx| tx.session_by_token(&hash))?;
        if let Some(session) = found.filter(|session| session.ended_at.is_none()) {
            return Ok(session);
        }
        let erased = self.server.db.read(move |tx| tx.was_erased(&hash))?;
        Err(if erased {
            ErrorCode::AccountGone
        } else {
            ErrorCode::NotSignedIn
        }
        .into())
    }

    /// One exchange, by the use case itself.
    pub(crate) fn sync(&self, token: &str, request: SyncRequest) -> Result<SyncReply, Problem> {
        romp_server::sync::sync(&self.server, &self.session(token)?, request)
    }

    /// One exchange, by the router: guard, limits, JSON both ways.
    pub(crate) fn sync_over_http(&self, token: &str, request: &SyncRequest) -> Result<SyncReply, Problem> {
        let body = Body::from(serde_json::to_vec(request).unwrap());
        let request = Request::builder()
            .method("POST")
            .uri(Endpoint::Sync.path())
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(body)
            .unwrap();
        self.runtime.block_on(async {
            let response = self.server.router().oneshot(request).await.unwrap();
            let good = response.status().is_success();
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            if good {
                Ok(serde_json::from_slice(&bytes).unwrap())
            } else {
                Err(serde_json::from_slice(&bytes).unwrap())
            }
        })
    }
}

fn start(path: &Path, handler: &Handler, clock: &Arc<TrueTime>, random: &Arc<Seeded>) -> Arc<Server> {
    let db = SpyDb::new(
        SqliteDb::open_rewriting(path, Duration::ZERO).unwrap(),
        handler.clone(),
    );
    // Its devices do in a minute what takes others a day.
    let settings = Settings {
        unlimited: true,
        open_registration: true,
        // Nobody guesses here, and hashing was a third of all that is done.
        hashing: Work::LEAST,
        ..Settings::default()
    };
    Server::new(Arc::new(db), clock.clone(), random.clone(), settings)
}
