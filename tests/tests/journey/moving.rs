//! The way to a server program that is killed and comes back somewhere else.

use std::sync::{Arc, Mutex};

use romp_app::{Answer, HttpServer, Pokes, Server, Token};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{
    DeleteAccountRequest, PairRequest, PairingReply, PairingRequest, RegisterRequest, SessionReply,
    SignInRequest, SyncReply, SyncRequest,
};
use serde_json::Value;

/// Always the server at the address it has now.
#[derive(Clone)]
pub(crate) struct Moving(Arc<Mutex<Arc<HttpServer>>>);

impl Moving {
    pub(crate) fn at(address: &str) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(HttpServer::at(address).unwrap()))))
    }

    pub(crate) fn moved_to(&self, address: &str) {
        *self.0.lock().unwrap() = Arc::new(HttpServer::at(address).unwrap());
    }

    fn now(&self) -> Arc<HttpServer> {
        self.0.lock().unwrap().clone()
    }
}

impl Server for Moving {
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { self.now().register(request).await })
    }

    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { self.now().sign_in(request).await })
    }

    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply> {
        Box::pin(async move { self.now().pair(request).await })
    }

    fn pairing_create<'a>(
        &'a self,
        token: &'a Token,
        request: &'a PairingRequest,
    ) -> Answer<'a, PairingReply> {
        Box::pin(async move { self.now().pairing_create(token, request).await })
    }

    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()> {
        Box::pin(async move { self.now().sign_out(token).await })
    }

    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()> {
        Box::pin(async move { self.now().delete_account(token, request).await })
    }

    fn ask<'a>(&'a self, endpoint: Endpoint, token: Option<&'a Token>, body: Value) -> Answer<'a, Value> {
        Box::pin(async move { self.now().ask(endpoint, token, body).await })
    }

    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply> {
        Box::pin(async move { self.now().sync(token, request).await })
    }

    fn events<'a>(&'a self, token: &'a Token) -> Answer<'a, Pokes> {
        Box::pin(async move { self.now().events(token).await })
    }
}
