//! What the server in memory answers to each call.

use std::sync::atomic::Ordering;
use std::time::Duration;

use romp_domain::policy::Endpoint;
use romp_domain::wire::{
    DeleteAccountRequest, PairRequest, PairingReply, PairingRequest, RegisterRequest, SessionReply,
    SignInRequest, SyncReply, SyncRequest,
};
use romp_domain::{ErrorCode, Problem, UtcMs};
use serde_json::{Value, json};

use super::{FakeServer, PASSWORD};
use crate::testing::NOW;
use crate::{Answer, Pokes, Server, Token};

/// An exchange that waits, until it has its answer or is dropped.
struct Waiting<'a>(&'a FakeServer, bool);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        if !self.1 {
            self.0.dropped_waits.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl FakeServer {
    /// Whether whoever signs in only waits to belong to the family.
    fn makes_wait(&self) -> bool {
        let refused = &self.state().refuses_exchanges;
        refused
            .as_ref()
            .is_some_and(|problem| problem.code == ErrorCode::OwnerWaiting)
    }

    /// Waits for a commit after `head`.
    async fn news(&self, head: u64, wait_s: u32) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut waiting = Waiting(self, false);
        let mut heads = self.head.subscribe();
        let longest = Duration::from_secs(wait_s.into());
        let _ = tokio::time::timeout(longest, heads.wait_for(|now| *now > head)).await;
        waiting.1 = true;
    }
}

fn answer<'a, T: Send + 'a>(result: Result<T, Problem>) -> Answer<'a, T> {
    Box::pin(std::future::ready(result))
}

impl Server for FakeServer {
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply> {
        let mut state = self.state();
        state.registrations.push(request.clone());
        if request.household.is_some() {
            // This one never loses a family.
            return answer(Err(ErrorCode::AlreadyJoined.into()));
        }
        drop(state);
        answer(self.open(request.device.id))
    }

    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply> {
        if self.reachable() && request.password.expose() != PASSWORD {
            return answer(Err(ErrorCode::WrongCredentials.into()));
        }
        answer(self.open(request.device.id))
    }

    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply> {
        answer(self.open(request.device.id))
    }

    fn pairing_create<'a>(&'a self, token: &'a Token, _: &'a PairingRequest) -> Answer<'a, PairingReply> {
        let reply = |_| PairingReply {
            code: "ABCD2345".into(),
            expires_at: UtcMs(NOW),
        };
        answer(self.session(token).map(reply))
    }

    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()> {
        let known = self.session(token).map(drop);
        if known.is_ok() {
            self.state().sessions.remove(token.expose());
        }
        answer(known)
    }

    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()> {
        let known = self.session(token).map(drop);
        if known.is_ok() && request.password.expose() != PASSWORD {
            return answer(Err(ErrorCode::WrongCredentials.into()));
        }
        if known.is_ok() {
            self.deletes_account();
        }
        answer(known)
    }

    fn ask<'a>(&'a self, endpoint: Endpoint, token: Option<&'a Token>, body: Value) -> Answer<'a, Value> {
        if let (Endpoint::RotateToken, Some(token)) = (endpoint, token) {
            return answer(self.next_token(token).map(|next| json!({"token": next})));
        }
        if let (Endpoint::ChangePassword, Some(token)) = (endpoint, token) {
            let reply = self.change_password(token, &body);
            self.heard(endpoint, body);
            let mut holds = self.holds.subscribe();
            return Box::pin(async move {
                let _ = holds.wait_for(|holds| !holds).await;
                reply
            });
        }
        let reply = match endpoint {
            Endpoint::JoinAsOwner => {
                let device = serde_json::from_value(body["device"]["id"].clone()).unwrap();
                serde_json::to_value(self.open(device).unwrap()).unwrap()
            }
            Endpoint::InviteOwner => json!({"code": "ABCD-2345-EFGH-6789", "expires_at": NOW}),
            Endpoint::Me => {
                let me = json!({"user": uuid::Uuid::nil(), "name": "Ann", "email": "ann@romp.example", "verified": true,
                    "confirmed": !self.makes_wait()});
                json!({"me": me, "owners": [], "unverified": false, "mail": true})
            }
            Endpoint::Sessions => json!({"sessions": []}),
            Endpoint::Activity => json!({"log": []}),
            _ => Value::Null,
        };
        self.heard(endpoint, body);
        let known = token.map_or(Ok(()), |token| self.session(token).map(drop));
        answer(known.map(|()| reply))
    }

    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply> {
        let reply = self.exchange(token, request);
        let mut holds = self.holds.subscribe();
        Box::pin(async move {
            let _ = holds.wait_for(|holds| !holds).await;
            let reply = reply?;
            if request.wait_s == 0 || !request.mutations.is_empty() || reply.cursor != request.cursor {
                return Ok(reply);
            }
            self.news(reply.head, request.wait_s).await;
            self.exchange(token, request)
        })
    }

    fn events<'a>(&'a self, token: &'a Token) -> Answer<'a, Pokes> {
        self.state().streams += 1;
        let cut = self.state().cuts_streams;
        let head = self.head.subscribe();
        answer(self.session(token).map(|_| {
            if cut {
                let nothing: Pokes = Box::pin(futures_util::stream::empty());
                return nothing;
            }
            let pokes: Pokes = Box::pin(futures_util::stream::unfold(head, |mut head| async {
                head.changed().await.ok()?;
                let seq = *head.borrow_and_update();
                Some((Ok(seq), head))
            }));
            pokes
        }))
    }
}
