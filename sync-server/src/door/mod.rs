//! The door: connections, from `accept` to their last byte.
//!
//! Terms: a **line** is one connection; it is **idle** while no request of it is being answered, and an event stream is
//! a request that goes on. The **lobby** counts lines and knows the idle ones; [`Patience`] says how long a line may
//! take for what. A line's way: `accept` → the lobby → TLS, where there is any ([`tls`]) → HTTP/1.1 or HTTP/2, found
//! out by TLS or from its first bytes → the router (`serve`; where too much is asked, no further than `reply`, and who
//! asks on all the same waits: `manners`) → for a reply that goes on over HTTP/1.1, a task that holds nothing else
//! (`goes_on`).
//!
//! `axum::serve` is not enough at the edge of a network: it has no deadline for who connects and says nothing, or says
//! it slowly, and no bound on how many do.
//!
//! Deliberately absent: anything about a request. That is `gateway`'s.

mod goes_on;
mod line;
mod lobby;
mod manners;
mod patience;
mod reply;
mod serve;
mod stream;
pub mod tls;
mod unread;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::gateway::origin::is_trusted;
use crate::server::Server;
use lobby::{Limits, Lobby};
use serve::{Protocols, Spoken};
use tls::Tls;

pub use patience::Patience;
pub(crate) use reply::GoesOn;

/// After that long it is tried again to accept, when the system had no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// How long lines may take to end after the server was asked to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// How the server meets the network.
#[derive(Debug)]
pub struct Door {
    /// TLS; without it, the way here is this machine, or a proxy.
    pub tls: Option<Arc<Tls>>,
    /// Most connections at once.
    pub connections: usize,
    /// Most connections at once from one address, but for trusted proxies.
    pub per_address: usize,
    /// Deadlines.
    pub patience: Patience,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            tls: None,
            connections: 16_384,
            // Many families may live behind one address: a school, a provider's gateway.
            per_address: 1_024,
            patience: Patience::default(),
        }
    }
}

/// What all lines have in common.
struct House {
    server: Arc<Server>,
    router: Router,
    protocols: Protocols,
    lobby: Arc<Lobby>,
    tls: Option<Arc<Tls>>,
    patience: Patience,
    stopping: watch::Receiver<bool>,
}

/// Answers requests until `closed` is done; then takes no new connections and lets what is asked be answered.
pub(crate) async fn open(
    server: &Arc<Server>,
    listener: TcpListener,
    door: Door,
    closed: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let house = Arc::new(House {
        server: Arc::clone(server),
        router: server.router(),
        protocols: Protocols::new(),
        lobby: Arc::new(Lobby::new(Limits {
            lines: door.connections,
            per_address: door.per_address,
        })),
        tls: door.tls,
        patience: door.patience,
        stopping,
    });
    let trusted = server.settings.trusted_proxies.clone();
    accept(&house, &listener, &trusted, closed).await;
    drop(listener);
    stop.send_replace(true);
    if tokio::time::timeout(DRAIN, house.lobby.empty()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    Ok(())
}

async fn accept(
    house: &Arc<House>,
    listener: &TcpListener,
    trusted: &[IpNet],
    closed: impl Future<Output = ()>,
) {
    let mut closed = pin!(closed);
    loop {
        let accepted = tokio::select! {
            () = &mut closed => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => admit(house, stream, peer, trusted),
            // One that was gone before it was taken is its own affair.
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(NO_ROOM).await;
            }
        }
    }
}

fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

fn admit(house: &Arc<House>, stream: TcpStream, peer: SocketAddr, trusted: &[IpNet]) {
    let address = (!is_trusted(peer.ip(), trusted)).then_some(peer.ip());
    let Some(line) = house.lobby.enter(address) else {
        tracing::debug!("a connection was refused: there are too many");
        return;
    };
    // Replies are small and awaited: they must not wait for more to come.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let house = Arc::clone(house);
    tokio::spawn(async move {
        let patience = house.patience.first;
        match &house.tls {
            None => {
                let speaking = tokio::time::timeout(patience, serve::first_bytes(&stream));
                let spoken = tokio::select! {
                    () = line.asked_to_leave() => return,
                    () = house.stops() => return,
                    spoken = speaking => spoken,
                };
                if let Ok(Ok(spoken)) = spoken {
                    serve::hold(&house, &line, stream, peer, spoken).await;
                }
            }
            Some(tls) => {
                let shaking = tokio::time::timeout(patience, tls.accept(stream));
                tokio::select! {
                    () = line.asked_to_leave() => {}
                    shaken = shaking => match shaken {
                        Ok(Ok(stream)) => {
                            let spoken = Spoken::agreed(stream.get_ref().1.alpn_protocol());
                            // Boxed: it is large, and without TLS nobody should pay for it.
                            Box::pin(serve::hold(&house, &line, stream, peer, spoken)).await;
                        }
                        Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                        Err(_) => {}
                    }
                }
            }
        }
    });
}

impl House {
    /// Done when the server was asked to stop.
    async fn stops(&self) {
        // Nobody tells any more: then it has stopped.
        drop(self.stopping.clone().wait_for(|stopping| *stopping).await);
    }
}

#[cfg(test)]
mod tests;
