//! How a sync looks on the wire. Nothing else in this program knows.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use romp_domain::wire::{Epoch, Link, PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Fields, Kind, Mutation, Op, Problem, Sent};
use romp_sync::codec::{self, decode_reply, encode_request};
use romp_sync::compress::{self, compressed};
use romp_sync::{ClockState, Transport, link_after};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::town::SignedIn;

use crate::Outcome;
use crate::http::{Answer, Ask, Connection, Version, Wire};

/// A device that keeps no rows: what it sends, and how far it is.
pub(crate) struct RawDevice {
    session: SignedIn,
    epoch: Option<Epoch>,
    scope: Option<u64>,
    anew: Option<u64>,
    cursor: u64,
    link: Link,
    clock: ClockState,
}

impl RawDevice {
    /// A new one, with its session.
    pub(crate) fn new(session: SignedIn) -> Self {
        Self {
            session,
            epoch: None,
            scope: None,
            anew: None,
            cursor: 0,
            link: Link::default(),
            clock: ClockState::default(),
        }
    }

    /// The request that pushes these patches and pulls what there is.
    pub(crate) fn sync(&mut self, patches: Vec<(Kind, Uuid, Fields)>) -> Ask {
        self.request(patches, false)
    }

    /// The request that pushes these patches and says that it will ask for rows later. A device that has pulled once
    /// is told what became of them and no rows.
    pub(crate) fn push(&mut self, patches: Vec<(Kind, Uuid, Fields)>) -> Ask {
        self.request(patches, true)
    }

    fn request(&mut self, patches: Vec<(Kind, Uuid, Fields)>, more: bool) -> Ask {
        let now = wall_ms();
        let before = self.link;
        let mut mutations = Vec::with_capacity(patches.len());
        for (kind, id, fields) in patches {
            let mutation = Sent::Known(Mutation {
                mid: self.link.mid + 1,
                hlc: self.clock.tick(now),
                base_seq: None,
                waited: false,
                kind,
                id,
                op: Op::Patch { fields },
            });
            self.link = link_after(self.link, &mutation);
            mutations.push(mutation);
        }
        let request = SyncRequest {
            protocol: PROTOCOL,
            device: Some(self.session.device),
            epoch: self.epoch,
            cursor: self.cursor,
            scope: self.scope,
            anew: self.anew,
            clock: self.clock.tick(now),
            link: Some(before),
            adopt: false,
            digest: None,
            wait_s: 0,
            more,
            mutations,
        };
        ask(&self.session.token, &request)
    }

    /// The request that listens for changes.
    pub(crate) fn events(token: &str) -> Ask {
        Ask::get("/v1/events", authorised(token))
    }

    /// Reads an answer and moves the cursor.
    pub(crate) fn absorb(&mut self, answer: &Answer) -> Outcome<SyncReply> {
        let reply = read(answer)?;
        if self.cursor == 0 {
            self.anew = Some(reply.head);
        }
        if !reply.more {
            self.anew = None;
        }
        self.epoch = Some(reply.epoch);
        self.scope = Some(reply.scope);
        self.cursor = reply.cursor;
        Ok(reply)
    }
}

/// A device's way to the server, for the real store's exchange.
pub(crate) struct Line {
    address: SocketAddr,
    token: String,
    wire: Wire,
    connection: Mutex<Option<Connection>>,
}

impl Line {
    /// Connects when it is first used, and again whenever the connection was lost.
    pub(crate) fn new(address: SocketAddr, token: String, wire: Wire) -> Self {
        Self {
            address,
            token,
            wire,
            connection: Mutex::new(None),
        }
    }

    async fn exchange(&self, request: &SyncRequest) -> Outcome<SyncReply> {
        let mut kept = self.connection.lock().await;
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => Connection::open(self.address, Version::One, &self.wire).await?,
        };
        let answer = connection.ask(ask(&self.token, request)).await?;
        *kept = Some(connection);
        read(&answer)
    }
}

impl Transport for Line {
    async fn sync(&self, request: &SyncRequest) -> Result<SyncReply, Problem> {
        self.exchange(request)
            .await
            .map_err(|sentence| Problem::saying(ErrorCode::Offline, sentence))
    }
}

/// As the app's client sends it: binary, compressed where that is less.
fn ask(token: &str, request: &SyncRequest) -> Ask {
    let mut headers = authorised(token);
    headers.push(("content-type", codec::CONTENT_TYPE.to_owned()));
    headers.push(("accept-encoding", compress::CONTENT_ENCODING.to_owned()));
    let bytes = encode_request(request);
    match compressed(&bytes) {
        Some(less) => {
            headers.push(("content-encoding", compress::CONTENT_ENCODING.to_owned()));
            Ask::post("/v1/sync", headers, less)
        }
        None => Ask::post("/v1/sync", headers, bytes),
    }
}

/// The headers that the app's client sends with every request.
fn authorised(token: &str) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {token}")),
        ("accept", "*/*".to_owned()),
    ]
}

fn read(answer: &Answer) -> Outcome<SyncReply> {
    decode_reply(answer.read()?).map_err(|error| format!("an answer cannot be read: {error}"))
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_millis() as i64)
}
