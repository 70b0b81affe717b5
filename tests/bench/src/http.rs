//! A client that knows how many bytes went over its wire, headers included: hyper on a counted socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::CONTENT_ENCODING;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use romp_sync::compress::{self, Inflater};
use tokio::net::TcpStream;
use tokio_util::io::{InspectReader, InspectWriter};

use crate::Outcome;

/// Most bytes of an answer, unfolded.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Bytes that went over one or more connections, both ways.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Arc<AtomicU64>);

impl Wire {
    /// So many so far.
    pub(crate) fn bytes(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64
    }

    fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// Which HTTP a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// HTTP/1.1.
    One,
    /// HTTP/2, known to be spoken.
    Two,
}

enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

/// A connection that is kept.
pub(crate) struct Connection {
    sender: Sender,
    address: SocketAddr,
}

/// A request without what every request has.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Ask {
    /// A request without a body.
    pub(crate) fn get(path: impl Into<String>, headers: Vec<(&'static str, String)>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers,
            body: Bytes::new(),
        }
    }

    /// A request with a body.
    pub(crate) fn post(
        path: impl Into<String>,
        headers: Vec<(&'static str, String)>,
        body: impl Into<Bytes>,
    ) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            headers,
            body: body.into(),
        }
    }
}

/// The body of a reply, as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    bytes: Bytes,
    compressed: bool,
}

impl Answer {
    /// What it says, unfolded.
    pub(crate) fn read(&self) -> Outcome<Bytes> {
        if !self.compressed {
            return Ok(self.bytes.clone());
        }
        let mut inflater = Inflater::new(MAX_ANSWER_BYTES).map_err(|error| error.to_string())?;
        inflater.take(&self.bytes).map_err(|error| error.to_string())?;
        inflater
            .finish()
            .map(Bytes::from)
            .map_err(|error| error.to_string())
    }
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr, version: Version, wire: &Wire) -> Outcome<Self> {
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| format!("{address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (read, written) = (wire.clone(), wire.clone());
        let counted = InspectReader::new(
            InspectWriter::new(stream, move |bytes| written.add(bytes.len())),
            move |bytes| read.add(bytes.len()),
        );
        let io = TokioIo::new(counted);
        let lost = |error: hyper::Error| format!("{address}: {error}");
        let sender = match version {
            Version::One => {
                let (sender, connection) = http1::handshake(io).await.map_err(lost)?;
                tokio::spawn(connection);
                Sender::One(sender)
            }
            Version::Two => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.map_err(lost)?;
                tokio::spawn(connection);
                Sender::Two(sender)
            }
        };
        Ok(Self { sender, address })
    }

    /// Asks, and returns when the reply begins.
    pub(crate) async fn begin(&mut self, ask: Ask) -> Outcome<Response<Incoming>> {
        let mut request = Request::builder().method(ask.method);
        request = match self.sender {
            Sender::One(_) => request.uri(&ask.path).header("host", self.address.to_string()),
            Sender::Two(_) => request.uri(format!("http://{}{}", self.address, ask.path)),
        };
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request = request
            .body(Full::new(ask.body))
            .map_err(|error| error.to_string())?;
        let reply = match &mut self.sender {
            Sender::One(sender) => {
                sender.ready().await.map_err(|error| error.to_string())?;
                sender.send_request(request).await
            }
            Sender::Two(sender) => {
                sender.ready().await.map_err(|error| error.to_string())?;
                sender.send_request(request).await
            }
        };
        reply.map_err(|error| format!("{}: {error}", self.address))
    }

    /// Asks, and returns the reply.
    pub(crate) async fn ask(&mut self, ask: Ask) -> Outcome<Answer> {
        let path = ask.path.clone();
        let reply = self.begin(ask).await?;
        let status = reply.status();
        let compressed = reply
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|name| name == compress::CONTENT_ENCODING);
        let bytes = reply
            .into_body()
            .collect()
            .await
            .map_err(|error| error.to_string())?
            .to_bytes();
        if status.is_success() {
            Ok(Answer { bytes, compressed })
        } else {
            Err(format!(
                "{path} was answered with {status}: {}",
                String::from_utf8_lossy(&bytes)
            ))
        }
    }
}
