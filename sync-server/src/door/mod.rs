//! The door: connections, from `accept` to their last byte.
//!
//! Terms: a **line** is one connection; it is **idle** while no request of it is being answered, and an event stream is
//! a request that goes on. The **lobby** counts lines and knows the idle ones; [`Patience`] says how long a line may
//! take for what. A line's way: `accept` → the lobby → TLS, where there is any ([`tls`]) → HTTP/1.1 or HTTP/2, found
//! out from its first bytes → the router.
//!
//! `axum::serve` is not enough at the edge of a network: it has no deadline for who connects and says nothing, or says
//! it slowly, and no bound on how many do.
//!
//! Deliberately absent: anything about a request. That is `gateway`'s.

mod line;
mod lobby;
mod patience;
mod stream;
pub mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Request, Version};
use axum::response::Response;
use futures_util::future::{Either, ready};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::Service;

use crate::gateway::origin::is_trusted;
use crate::gateway::shed;
use crate::server::Server;
use line::{Answering, Line};
use lobby::{Limits, Lobby};
use stream::Watched;
use tls::Tls;

pub use patience::Patience;

/// After that long it is tried again to accept, when the system had no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// How long lines may take to end after the server was asked to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// What one HTTP/2 connection may ask for, and have unread in both directions, in bytes. A whole exchange fits through
/// with a few round trips; what an unread connection holds is small.
const STREAMS: u32 = 100;
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
const SEND_BUFFER: usize = 64 * 1024;

/// Most bytes of a request's headers.
const HEADERS: u32 = 16 * 1024;

/// Between two questions whether the other end of an HTTP/2 connection is still there, and for its answer.
const PING_EVERY: Duration = Duration::from_secs(30);
const PONG_WITHIN: Duration = Duration::from_secs(20);

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
    builder: Builder<TokioExecutor>,
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
        builder: builder(),
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
        match &house.tls {
            None => hold(&house, &line, stream, peer).await,
            Some(tls) => {
                let shaking = tokio::time::timeout(house.patience.first, tls.accept(stream));
                tokio::select! {
                    () = line.asked_to_leave() => {}
                    shaken = shaking => match shaken {
                        // Boxed: it is large, and without TLS nobody should pay for it.
                        Ok(Ok(stream)) => Box::pin(hold(&house, &line, stream, peer)).await,
                        Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                        Err(_) => {}
                    }
                }
            }
        }
    });
}

/// Serves a line until one of its ends is tired of it.
async fn hold<S>(house: &House, line: &Arc<Line>, stream: S, peer: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request: Request<Incoming>| answer(house, line, peer, request));
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(line)));
    let mut connection = pin!(house.builder.serve_connection(stream, service));
    let mut stopping = house.stopping.clone();
    let mut told = false;
    let mut alarm = line.alarm(house.patience);
    loop {
        tokio::select! {
            biased;
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(error, "a connection broke off");
                }
                return;
            }
            () = line.asked_to_leave() => return,
            () = alarm.rings() => return,
            _ = stopping.wait_for(|stopping| *stopping), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Deadlines for headers are the line's own: hyper's would end keep-alive connections, too.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(2 * HEADERS as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PONG_WITHIN);
    builder
}

/// One request's answer. The line is not idle until the last byte of it is made.
fn answer(
    house: &House,
    line: &Arc<Line>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Counted>, std::convert::Infallible>> + use<> {
    let is_framed = request.version() == Version::HTTP_2;
    let answering = Line::answering(line, request.version());
    let reply = if let Some(turned_away) = shed::at_the_door(&house.server, request.uri().path()) {
        Either::Left(ready(Ok(turned_away)))
    } else {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        Either::Right(house.router.clone().call(request))
    };
    async move {
        Ok(reply.await?.map(|body| Counted {
            body,
            is_framed,
            _answering: answering,
        }))
    }
}

/// A reply's body; its request is being answered as long as this is there.
struct Counted {
    body: Body,
    /// The frames of HTTP/2 say where it ends, so a header need not.
    is_framed: bool,
    _answering: Answering,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_framed {
            SizeHint::default()
        } else {
            self.body.size_hint()
        }
    }
}

#[cfg(test)]
mod tests;
