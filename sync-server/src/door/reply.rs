//! One request's reply, and who sends its body: hyper, or, when it goes on, somebody else.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Version};
use axum::response::Response;
use futures_util::future::{self, Either};
use hyper::body::{Frame, Incoming, SizeHint};
use tower::Service;

use super::House;
use super::line::{Answering, Line};
use super::manners::Came;
use super::unread::{PIECE, piece};
use crate::gateway::shed;

/// Put into the extensions of a reply that goes on for as long as the connection does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GoesOn;

/// The reply that was taken out of a connection's hands.
#[derive(Clone, Default)]
pub(super) struct Taken(Arc<Mutex<Option<Counted>>>);

impl Taken {
    fn put(&self, body: Counted) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    }

    pub(super) fn is_some(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn take(&self) -> Option<Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// One request's answer. An exchange or event stream that comes before its line was told to come back waits first; the
/// line is idle meanwhile. Where replies that go on are to be `taken`, one of HTTP/1.1 is.
pub(super) fn answer(
    house: &Arc<House>,
    line: &Arc<Line>,
    peer: SocketAddr,
    request: Request<Incoming>,
    taken: Option<Taken>,
) -> impl Future<Output = Result<Response<Reply>, Infallible>> + use<> {
    let came = shed::is_work(request.uri().path())
        .then(|| line.comes())
        .flatten();
    let Some(look_at) = came.and_then(|came| line.look_at(came)) else {
        return Either::Left(looked_at(house, line, peer, request, taken, came));
    };
    let (house, line) = (Arc::clone(house), Arc::clone(line));
    // Boxed: it is rare, and nobody else should pay for it.
    Either::Right(Box::pin(async move {
        tokio::time::sleep_until(look_at).await;
        looked_at(&house, &line, peer, request, taken, came).await
    }))
}

/// The answer to a request that did not have to wait, or not any longer. The line is not idle until the last byte of it
/// is made, but for one that is turned away.
fn looked_at(
    house: &House,
    line: &Arc<Line>,
    peer: SocketAddr,
    request: Request<Incoming>,
    taken: Option<Taken>,
    came: Option<Came>,
) -> impl Future<Output = Result<Response<Reply>, Infallible>> + use<> {
    let longest = house.patience.early;
    if let Some(turned_away) = shed::at_the_door(&house.server, request.uri().path()) {
        line.turned_away();
        if let (Some(came), Some(after)) = (came, shed::retry_after(&turned_away)) {
            line.told(came, after, longest);
        }
        return Either::Left(future::ready(Ok(turned_away.map(Reply::Made))));
    }
    let answering = Line::answering(line, request.version());
    let line = Arc::clone(line);
    let may_go_on = request.method() == Method::GET && request.version() == Version::HTTP_11;
    let is_framed = request.version() == Version::HTTP_2;
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let reply = house.router.clone().call(request);
    Either::Right(async move {
        let reply = reply.await?;
        if let (Some(came), Some(after)) = (came, shed::retry_after(&reply)) {
            line.told(came, after, longest);
        }
        let goes_on = may_go_on && reply.extensions().get::<GoesOn>().is_some();
        Ok(reply.map(|body| {
            let body = Counted {
                body,
                rest: Bytes::new(),
                framed: is_framed.then(|| Arc::clone(&line)),
                _answering: answering,
            };
            match taken.filter(|_| goes_on) {
                None => Reply::Here(body),
                Some(taken) => {
                    // Its headers.
                    line.has_unsent();
                    taken.put(body);
                    Reply::Taken
                }
            }
        }))
    })
}

/// A reply's body, as hyper sees it.
pub(super) enum Reply {
    Here(Counted),
    /// It was made in advance.
    Made(Body),
    /// Nothing comes and nothing ends: it is sent by somebody else.
    Taken,
}

impl HttpBody for Reply {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut *self {
            Self::Here(counted) => counted.poll_frame(cx),
            Self::Made(made) => Pin::new(made).poll_frame(cx),
            Self::Taken => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Here(counted) => counted.rest.is_empty() && counted.body.is_end_stream(),
            Self::Made(made) => made.is_end_stream(),
            Self::Taken => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Here(counted) if counted.framed.is_none() => counted.body.size_hint(),
            Self::Made(made) => made.size_hint(),
            Self::Here(_) | Self::Taken => SizeHint::default(),
        }
    }
}

/// A reply's body; its request is being answered as long as this is there.
pub(super) struct Counted {
    pub(super) body: Body,
    /// What has come of it and was not handed out.
    rest: Bytes,
    /// The line, if it speaks HTTP/2: its frames say where the body ends, so a header need not, and it is handed out in
    /// pieces.
    framed: Option<Arc<Line>>,
    _answering: Answering,
}

impl Counted {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(line) = &self.framed else {
            return Pin::new(&mut self.body).poll_frame(cx);
        };
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let most = PIECE.min(self.rest.len());
        let bytes = self.rest.split_to(most);
        Poll::Ready(Some(Ok(Frame::data(piece(line, bytes)))))
    }
}
