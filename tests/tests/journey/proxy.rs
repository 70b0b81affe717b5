//! What stands between a device and its server: something that counts bytes, and may cut event streams.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a reply says that is an event stream.
const STREAM: &[u8] = b"content-type: text/event-stream";

/// A proxy on a port of its own. It ends with the test.
pub(crate) struct Proxy {
    address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    cuts_streams: AtomicBool,
    bytes: AtomicU64,
    streams: AtomicU64,
}

impl Proxy {
    /// Before the server at an address of this machine.
    pub(crate) async fn before(url: &str) -> Self {
        let server: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let counted = seen.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, counted.clone()));
            }
        });
        Self { address, seen }
    }

    /// The same, ending every connection on which an event stream begins.
    pub(crate) async fn cutting_streams(url: &str) -> Self {
        let proxy = Self::before(url).await;
        proxy.seen.cuts_streams.store(true, Ordering::SeqCst);
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many bytes it has carried, in both directions.
    pub(crate) fn bytes(&self) -> u64 {
        self.seen.bytes.load(Ordering::SeqCst)
    }

    /// How many event streams began.
    pub(crate) fn streams(&self) -> u64 {
        self.seen.streams.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, server: SocketAddr, seen: Arc<Seen>) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = copy(from_client, to_server, &seen) => {}
        () = copy(from_server, to_client, &seen) => {}
    }
}

/// Copies until either end is gone, or a stream is cut.
async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, seen: &Seen) {
    let mut buffer = vec![0; 64 * 1024];
    // The end of the piece before, should the words be cut in two.
    let mut last = Vec::new();
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let piece = &buffer[..count];
        last.extend_from_slice(piece);
        if last.windows(STREAM.len()).any(|words| words == STREAM) {
            seen.streams.fetch_add(1, Ordering::SeqCst);
            last.clear();
            if seen.cuts_streams.load(Ordering::SeqCst) {
                return;
            }
        }
        last.drain(..last.len().saturating_sub(STREAM.len() - 1));
        seen.bytes.fetch_add(count as u64, Ordering::SeqCst);
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}
