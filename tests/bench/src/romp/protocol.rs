//! How a sync looks on the wire. Nothing else in this program knows.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use romp_domain::wire::{PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Fields, Kind, Mutation, Op, Problem};
use romp_sync::{ClockState, Transport};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::Outcome;
use crate::http::{Ask, Connection, Version, Wire};

/// A device that keeps no rows: what it sends, and how far it is.
pub(crate) struct RawDevice {
    token: String,
    cursor: u64,
    last_mid: u64,
    clock: ClockState,
}

impl RawDevice {
    /// A new one, with its session's token.
    pub(crate) fn new(token: String) -> Self {
        Self {
            token,
            cursor: 0,
            last_mid: 0,
            clock: ClockState::default(),
        }
    }

    /// The request that pushes these patches and pulls what there is.
    pub(crate) fn sync(&mut self, patches: Vec<(Kind, Uuid, Fields)>) -> Outcome<Ask> {
        let now = wall_ms();
        let mut mutations = Vec::with_capacity(patches.len());
        for (kind, id, fields) in patches {
            self.last_mid += 1;
            mutations.push(Mutation {
                mid: self.last_mid,
                hlc: self.clock.tick(now),
                kind,
                id,
                op: Op::Patch { fields },
            });
        }
        let request = SyncRequest {
            protocol: PROTOCOL,
            cursor: self.cursor,
            clock: self.clock.tick(now),
            mutations,
        };
        ask(&self.token, &request)
    }

    /// The request that listens for changes.
    pub(crate) fn events(token: &str) -> Ask {
        Ask::get("/v1/events", authorised(token))
    }

    /// Reads an answer and moves the cursor.
    pub(crate) fn absorb(&mut self, body: &[u8]) -> Outcome<SyncReply> {
        let reply = read(body)?;
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
        let body = connection.ask(ask(&self.token, request)?).await?;
        *kept = Some(connection);
        read(&body)
    }
}

impl Transport for Line {
    async fn sync(&self, request: &SyncRequest) -> Result<SyncReply, Problem> {
        self.exchange(request)
            .await
            .map_err(|sentence| Problem::saying(ErrorCode::Offline, sentence))
    }
}

fn ask(token: &str, request: &SyncRequest) -> Outcome<Ask> {
    let body = serde_json::to_vec(request).map_err(|error| error.to_string())?;
    let mut headers = authorised(token);
    headers.push(("content-type", "application/json".to_owned()));
    Ok(Ask::post("/v1/sync", headers, body))
}

/// The headers that the app's client sends with every request.
fn authorised(token: &str) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {token}")),
        ("accept", "*/*".to_owned()),
    ]
}

fn read(body: &[u8]) -> Outcome<SyncReply> {
    serde_json::from_slice(body).map_err(|error| format!("an answer cannot be read: {error}"))
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_millis() as i64)
}
