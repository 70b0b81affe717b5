//! One device with the real app core, and the network between it and the server, which can be off or bad.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use romp_app::{Answer, App, Config, ManualClock, MemoryVault, Pokes, SeededIds, Server, Token};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{
    DeleteAccountRequest, PairRequest, PairingReply, PairingRequest, RegisterRequest, SessionReply,
    SignInRequest, SyncReply, SyncRequest,
};
use romp_domain::{ErrorCode, Problem, UtcMs, ZoneName, calls};
use serde_json::Value;

/// What is wrong with a device's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    Good,
    /// Every request arrives twice; the device hears the second answer.
    Twice,
    /// The first answer of every exchange gets lost on the way back.
    LosesAnswers,
}

struct Wire {
    server: Arc<dyn Server>,
    online: Arc<AtomicBool>,
    network: Network,
    lost: AtomicBool,
}

impl Wire {
    fn reach(&self) -> Result<&dyn Server, Problem> {
        if self.online.load(Ordering::SeqCst) {
            Ok(&*self.server)
        } else {
            Err(ErrorCode::Offline.into())
        }
    }
}

impl Server for Wire {
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { self.reach()?.register(request).await })
    }

    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { self.reach()?.sign_in(request).await })
    }

    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { self.reach()?.pair(request).await })
    }

    fn pairing_create<'a>(
        &'a self,
        token: &'a Token,
        request: &'a PairingRequest,
    ) -> Answer<'a, PairingReply> {
        Box::pin(async move { self.reach()?.pairing_create(token, request).await })
    }

    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()> {
        Box::pin(async move { self.reach()?.sign_out(token).await })
    }

    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()> {
        Box::pin(async move { self.reach()?.delete_account(token, request).await })
    }

    fn ask<'a>(&'a self, endpoint: Endpoint, token: Option<&'a Token>, body: Value) -> Answer<'a, Value> {
        Box::pin(async move { self.reach()?.ask(endpoint, token, body).await })
    }

    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply> {
        Box::pin(async move {
            let server = self.reach()?;
            if self.network == Network::Twice {
                server.sync(token, request).await?;
            }
            let reply = server.sync(token, request).await?;
            if self.network == Network::LosesAnswers && !self.lost.fetch_xor(true, Ordering::SeqCst) {
                return Err(ErrorCode::Offline.into());
            }
            Ok(reply)
        })
    }

    fn events<'a>(&'a self, token: &'a Token) -> Answer<'a, Pokes> {
        Box::pin(async move { self.reach()?.events(token).await })
    }
}

/// A device.
pub(crate) struct Device {
    pub(crate) app: Arc<App>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    online: Arc<AtomicBool>,
}

impl Device {
    /// A new device, offline. Its clock shows `now`, right or wrong.
    pub(crate) fn new<C>(connect: &Arc<C>, now: UtcMs, network: Network, seed: u64) -> Self
    where
        C: Fn(&str) -> Result<Arc<dyn Server>, Problem> + Send + Sync + 'static,
    {
        let folder = tempfile::tempdir().unwrap();
        let online = Arc::new(AtomicBool::new(false));
        let mut config = Config::new(PathBuf::from(folder.path()), Box::new(MemoryVault::default()));
        let clock = Arc::new(ManualClock::at(now));
        config.clock = clock.clone();
        config.ids = Arc::new(SeededIds::new(seed));
        config.zone = ZoneName::new("America/Los_Angeles").unwrap();
        let (connect, switch) = (connect.clone(), online.clone());
        config.connect = Box::new(move |address| {
            let (server, online) = (connect(address)?, switch.clone());
            Ok(Arc::new(Wire {
                server,
                online,
                network,
                lost: AtomicBool::new(false),
            }))
        });
        Self {
            app: App::open(config).unwrap(),
            folder,
            clock,
            online,
        }
    }

    pub(crate) fn go_online(&self) {
        self.online.store(true, Ordering::SeqCst);
    }

    pub(crate) fn go_offline(&self) {
        self.online.store(false, Ordering::SeqCst);
    }

    /// Goes online, exchanges, goes offline. A lost answer is asked for again, as the app's own loop would.
    pub(crate) async fn sync(&self) {
        self.go_online();
        let first = self.app.call(calls::SyncNow {}).await;
        if first.is_err() {
            self.app.call(calls::SyncNow {}).await.unwrap();
        }
        self.go_offline();
    }
}
