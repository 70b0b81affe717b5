//! The real server in this process: the whole HTTP interface without a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use romp_app::{Answer, Pokes, Server, Token};
use romp_domain::policy::{Endpoint, Method};
use romp_domain::wire::{
    DeleteAccountRequest, PairRequest, PairingReply, PairingRequest, RegisterRequest, SessionReply,
    SignInRequest, SyncReply, SyncRequest,
};
use romp_domain::{ErrorCode, Problem, UtcMs};
use romp_server::db::sqlite::SqliteDb;
use romp_server::env::{Clock, SystemRandom};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

/// A clock that stands.
pub(crate) struct ServerClock(AtomicI64);

impl ServerClock {
    pub(crate) fn at(now: UtcMs) -> Self {
        Self(AtomicI64::new(now.0))
    }
}

impl Clock for ServerClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

/// A server with a database of its own.
pub(crate) struct InProcess {
    server: Arc<romp_server::server::Server>,
    folder: tempfile::TempDir,
}

impl InProcess {
    pub(crate) fn new(clock: Arc<ServerClock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = SqliteDb::open(&folder.path().join("server.db")).unwrap();
        let settings = romp_server::server::Settings::default();
        let server = romp_server::server::Server::new(Arc::new(db), clock, Arc::new(SystemRandom), settings);
        Self { server, folder }
    }

    /// Where its database is.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops it. What is left is its files.
    pub(crate) fn stopped(self) -> tempfile::TempDir {
        drop(self.server);
        self.folder
    }

    pub(crate) fn invite(&self) -> String {
        romp_server::accounts::invite(&self.server, 7)
            .unwrap()
            .expose()
            .to_owned()
    }

    fn post<'a, B: Serialize + Sync, T: DeserializeOwned>(
        &'a self,
        endpoint: Endpoint,
        token: Option<&'a Token>,
        body: &'a B,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            let method = match endpoint.method() {
                Method::Get => "GET",
                Method::Post => "POST",
            };
            let mut request = Request::builder()
                .method(method)
                .uri(endpoint.path())
                .header("content-type", "application/json");
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {}", token.expose()));
            }
            let request = request
                .body(Body::from(serde_json::to_vec(body).unwrap()))
                .unwrap();
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

impl Server for InProcess {
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply> {
        self.post(Endpoint::Register, None, request)
    }

    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply> {
        self.post(Endpoint::SignIn, None, request)
    }

    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply> {
        self.post(Endpoint::Pair, None, request)
    }

    fn pairing_create<'a>(
        &'a self,
        token: &'a Token,
        request: &'a PairingRequest,
    ) -> Answer<'a, PairingReply> {
        self.post(Endpoint::CreatePairing, Some(token), request)
    }

    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()> {
        self.post(Endpoint::SignOut, Some(token), &())
    }

    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()> {
        self.post(Endpoint::DeleteAccount, Some(token), request)
    }

    fn ask<'a>(&'a self, endpoint: Endpoint, token: Option<&'a Token>, body: Value) -> Answer<'a, Value> {
        Box::pin(async move { self.post(endpoint, token, &body).await })
    }

    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply> {
        self.post(Endpoint::Sync, Some(token), request)
    }

    fn events<'a>(&'a self, _: &'a Token) -> Answer<'a, Pokes> {
        Box::pin(async { Err(Problem::new(ErrorCode::Offline)) })
    }
}
