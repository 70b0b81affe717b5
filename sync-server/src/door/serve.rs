//! Serving a line: the protocol it speaks, its requests, and the end of it.
//!
//! Two parts of one connection meet here: what hyper does with its bytes, and what the line's deadlines say. A reply
//! that goes on (`reply`) over HTTP/1.1 is taken out of hyper's hands once its headers are sent: hyper keeps two
//! buffers of 8 kB for each connection, and there are tens of thousands that have nothing to say.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::line::Line;
use super::reply::{Counted, Taken, answer};
use super::stream::Watched;
use super::{House, goes_on};

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

/// Between the first two looks at a line of which only one to three bytes have come; then twice as long each time.
const MORE_BYTES: Duration = Duration::from_millis(10);

/// What HTTP/2 begins with, as far as no method of HTTP/1.1 that is known here does.
const HTTP_2: &[u8; 4] = b"PRI ";

/// What a line speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    Http1,
    Http2,
}

impl Spoken {
    /// What was agreed upon with TLS (RFC 7301).
    pub(super) fn agreed(protocol: Option<&[u8]>) -> Self {
        match protocol {
            Some(b"h2") => Self::Http2,
            _ => Self::Http1,
        }
    }
}

/// Looks at what comes first, and leaves it there.
pub(super) async fn first_bytes(stream: &TcpStream) -> io::Result<Spoken> {
    let mut bytes = [0; HTTP_2.len()];
    let mut pause = MORE_BYTES;
    loop {
        let came = stream.peek(&mut bytes).await?;
        if came == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if bytes == *HTTP_2 && came == bytes.len() {
            return Ok(Spoken::Http2);
        }
        if came == bytes.len() || !HTTP_2.starts_with(&bytes[..came]) {
            return Ok(Spoken::Http1);
        }
        // What is there already stays there, so that nothing wakes this up when more comes.
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

/// How each protocol is spoken.
pub(super) struct Protocols {
    http_1: http1::Builder,
    http_2: http2::Builder<TokioExecutor>,
}

impl Protocols {
    pub(super) fn new() -> Self {
        let mut http_1 = http1::Builder::new();
        // Deadlines for headers are the line's own: hyper's would end keep-alive connections, too.
        http_1
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(2 * HEADERS as usize);
        let mut http_2 = http2::Builder::new(TokioExecutor::new());
        http_2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_header_list_size(HEADERS)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PONG_WITHIN);
        Self { http_1, http_2 }
    }
}

/// Serves a line until one of its ends is tired of it.
pub(super) async fn hold<S>(house: &Arc<House>, line: &Arc<Line>, stream: S, peer: SocketAddr, spoken: Spoken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = Watched::new(stream, Arc::clone(line));
    match spoken {
        Spoken::Http2 => {
            line.speaks_http_2();
            // Boxed, as what follows: it is large, and the task of a reply that goes on should not be.
            Box::pin(http_2(house, line, stream, peer)).await;
        }
        Spoken::Http1 => {
            if let Some((stream, reply)) = Box::pin(http_1(house, line, stream, peer)).await {
                let sending = goes_on::send(stream, reply);
                let mut alarm = line.alarm(house.patience);
                tokio::select! {
                    biased;
                    sent = sending => note(sent),
                    () = line.asked_to_leave() => {}
                    () = alarm.rings() => {}
                }
            }
        }
    }
}

fn note<E: std::fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

async fn http_2<S>(house: &Arc<House>, line: &Arc<Line>, stream: Watched<S>, peer: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| answer(house, line, peer, request, None));
    let mut connection = pin!(
        house
            .protocols
            .http_2
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut stops = pin!(house.stops());
    let mut told = false;
    let mut alarm = line.alarm(house.patience);
    loop {
        tokio::select! {
            biased;
            ended = &mut connection => return note(ended),
            () = line.asked_to_leave() => return,
            () = alarm.rings() => return,
            // The alarm is set anew.
            () = line.pieces.handed_out() => {}
            () = &mut stops, if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Serves requests. What it returns is a reply whose headers are sent and whose body goes on, and the way to send it.
async fn http_1<S>(
    house: &Arc<House>,
    line: &Arc<Line>,
    stream: Watched<S>,
    peer: SocketAddr,
) -> Option<(Watched<S>, Counted)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let taken = Taken::default();
    let service = service_fn(|request| answer(house, line, peer, request, Some(taken.clone())));
    let mut connection = house
        .protocols
        .http_1
        .serve_connection(TokioIo::new(stream), service);
    let mut stops = pin!(house.stops());
    let mut told = false;
    let mut alarm = line.alarm(house.patience);
    loop {
        let until_taken = std::future::poll_fn(|cx| match Pin::new(&mut connection).poll(cx) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending if line.has_sent_all() && taken.is_some() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        tokio::select! {
            biased;
            ended = until_taken => match ended {
                Some(ended) => {
                    note(ended);
                    return None;
                }
                None => break,
            },
            () = line.asked_to_leave() => return None,
            () = alarm.rings() => return None,
            () = &mut stops, if !told => {
                told = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    let parts = connection.into_parts();
    Some((parts.io.into_inner(), taken.take()?))
}
