//! The way between an app and the server. Exchanges do not go at once: they are put into the mailbox, and the world
//! decides when, how often and whether they arrive. Calls about accounts are answered at once, or not at all.

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use romp_app::{Answer, Pokes, Server, Token};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{
    DeleteAccountRequest, PairRequest, PairingReply, PairingRequest, RegisterRequest, SessionReply,
    SignInRequest, SyncReply, SyncRequest,
};
use romp_domain::{ErrorCode, Problem};
use romp_server::accounts;
use serde_json::Value;

use crate::host::Host;

/// Where the answer to one request is put.
pub(crate) type Slot = Arc<Mutex<Option<Result<SyncReply, Problem>>>>;

/// A request that the app has handed to the network.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) token: String,
    pub(crate) request: SyncRequest,
    pub(crate) slot: Slot,
}

/// Everything a device has sent and the world has not seen yet.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    out: Mutex<Vec<Outgoing>>,
    offline: Mutex<bool>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailbox {
    pub(crate) fn take(&self) -> Vec<Outgoing> {
        std::mem::take(&mut *locked(&self.out))
    }

    pub(crate) fn set_offline(&self, offline: bool) {
        *locked(&self.offline) = offline;
    }

    pub(crate) fn is_offline(&self) -> bool {
        *locked(&self.offline)
    }
}

/// Puts an answer where the app waits for it.
pub(crate) fn answer(slot: &Slot, result: Result<SyncReply, Problem>) {
    *locked(slot) = Some(result);
}

/// The server as the apps know it, also after it was started again.
pub(crate) type SharedHost = Arc<Mutex<Host>>;

/// The host, for as long as something is asked of it.
pub(crate) fn hosted(host: &SharedHost) -> MutexGuard<'_, Host> {
    locked(host)
}

/// One device's way to the server.
pub(crate) struct Wire {
    pub(crate) host: SharedHost,
    pub(crate) mailbox: Arc<Mailbox>,
}

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

impl Wire {
    fn reach(&self) -> Result<MutexGuard<'_, Host>, Problem> {
        if self.mailbox.is_offline() {
            return Err(ErrorCode::Offline.into());
        }
        Ok(hosted(&self.host))
    }
}

impl Server for Wire {
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { accounts::register(&self.reach()?.server, HOME, request.clone()) })
    }

    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { accounts::sign_in(&self.reach()?.server, HOME, request.clone()) })
    }

    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { accounts::pair(&self.reach()?.server, HOME, request.clone()) })
    }

    fn pairing_create<'a>(
        &'a self,
        token: &'a Token,
        request: &'a PairingRequest,
    ) -> Answer<'a, PairingReply> {
        Box::pin(async move {
            let host = self.reach()?;
            let session = host.session(token.expose())?;
            accounts::create_pairing(&host.server, &session, request)
        })
    }

    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()> {
        Box::pin(async move {
            let host = self.reach()?;
            let session = host.session(token.expose())?;
            accounts::sign_out(&host.server, &session)
        })
    }

    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()> {
        Box::pin(async move {
            let host = self.reach()?;
            let session = host.session(token.expose())?;
            accounts::delete_account(&host.server, &session, request)
        })
    }

    /// Owners come and go, and forget their passwords, in other tests.
    fn ask<'a>(&'a self, _: Endpoint, _: Option<&'a Token>, _: Value) -> Answer<'a, Value> {
        Box::pin(async { Err(ErrorCode::Offline.into()) })
    }

    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply> {
        Box::pin(async move {
            let slot = Slot::default();
            locked(&self.mailbox.out).push(Outgoing {
                token: token.expose().to_owned(),
                request: request.clone(),
                slot: slot.clone(),
            });
            // Nobody is woken: the world polls whoever it has put an answer out for.
            poll_fn(|_| locked(&slot).take().map_or(Poll::Pending, Poll::Ready)).await
        })
    }

    fn events<'a>(&'a self, _: &'a Token) -> Answer<'a, Pokes> {
        Box::pin(async { Err(ErrorCode::Offline.into()) })
    }
}
