//! The way to a server, as a trait: over HTTP in the app, in the same process in tests.
//!
//! Bodies are `romp_domain::wire`, paths and methods `romp_domain::policy::Endpoint`. Deliberately absent:
//! retries and back-off (they are `background`'s) and anything that keeps a token.

mod address;
mod http;

use std::future::Future;
use std::pin::Pin;

use futures_util::Stream;
use romp_domain::policy::Endpoint;
use romp_domain::wire::{
    DeleteAccountRequest, PairRequest, PairingReply, PairingRequest, RegisterRequest, SessionReply,
    SignInRequest, SyncReply, SyncRequest,
};
use romp_domain::{ErrorCode, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use http::HttpServer;

/// An answer under way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Problem>> + Send + 'a>>;

/// The household's newest commit, each time there is one. Ends when the connection does.
pub type Pokes = Pin<Box<dyn Stream<Item = Result<u64, Problem>> + Send>>;

/// A bearer token. Does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the header and the vault.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What a device can ask of a server.
pub trait Server: Send + Sync {
    /// A new household.
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply>;
    /// An owner's new session.
    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply>;
    /// A session by code.
    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply>;
    /// A code for another device.
    fn pairing_create<'a>(
        &'a self,
        token: &'a Token,
        request: &'a PairingRequest,
    ) -> Answer<'a, PairingReply>;
    /// The end of the session.
    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()>;
    /// The end of the family's account.
    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()>;
    /// Any other endpoint whose request and answer are JSON; see [`ask`].
    fn ask<'a>(&'a self, endpoint: Endpoint, token: Option<&'a Token>, body: Value) -> Answer<'a, Value>;
    /// Push and pull.
    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply>;
    /// Pokes, from now on.
    fn events<'a>(&'a self, token: &'a Token) -> Answer<'a, Pokes>;
}

/// Asks an endpoint with its wire types. An answer of another form is none of a server of ours.
pub(crate) async fn ask<B: Serialize, R: DeserializeOwned>(
    server: &dyn Server,
    endpoint: Endpoint,
    token: Option<&Token>,
    body: &B,
) -> Result<R, Problem> {
    let body = serde_json::to_value(body).map_err(|_| ErrorCode::Internal)?;
    let answer = server.ask(endpoint, token, body).await?;
    serde_json::from_value(answer).map_err(|_| ErrorCode::ServerAddress.into())
}
