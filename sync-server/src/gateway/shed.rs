//! Turning away at the door. Where more is asked than the server can do, most of what it does is to say so; so that costs
//! as little as it can: before a request has a number, a line in the log, a bucket or a route, with a reply that was made
//! in advance. The connection stays; what the door makes of those who ask on at once is the door's.
//!
//! Only exchanges and event streams, which are nearly all there is. Deliberately absent: the decision. Whoever slips
//! through meets [`super::load`] a moment later.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use romp_domain::policy::{Endpoint, RateClass};
use romp_domain::{ErrorCode, Problem};

use super::Refusal;
use super::limits::mark;
use crate::server::Server;

/// Seconds after which to come back, given out in turn: those who were turned away together do not come back together.
const RETRY_AFTER_S: [u32; 4] = [2, 3, 4, 5];

/// How many were turned away since that was last asked.
#[derive(Debug, Default)]
pub(crate) struct TurnedAway(AtomicU64);

impl TurnedAway {
    /// So many; from here on it counts anew.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// Whether it is a path that is turned away at the door where too much is asked.
pub(crate) fn is_work(path: &str) -> bool {
    path == Endpoint::Sync.path() || path == Endpoint::Events.path()
}

/// The reply for somebody who is turned away; none for who may come in.
pub(crate) fn at_the_door(server: &Server, path: &str) -> Option<Response> {
    if !is_work(path) || !server.load.lane(Some(RateClass::Exchange)).turns_away() {
        return None;
    }
    let before = server.turned_away.0.fetch_add(1, Ordering::Relaxed);
    let made = replies().get(before as usize % RETRY_AFTER_S.len())?;
    let mut reply = Response::new(Body::from(made.body.clone()));
    *reply.status_mut() = made.status;
    *reply.headers_mut() = made.headers.clone();
    Some(reply)
}

/// After which time a reply asks to come back, if it refuses for how much or how often is asked.
pub(crate) fn retry_after(reply: &Response) -> Option<Duration> {
    let refuses = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    if !refuses.contains(&reply.status()) {
        return None;
    }
    let seconds = reply.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

/// A reply that was made in advance.
struct Made {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

fn replies() -> &'static [Made] {
    static REPLIES: OnceLock<Vec<Made>> = OnceLock::new();
    REPLIES.get_or_init(|| RETRY_AFTER_S.iter().map(|seconds| made(*seconds)).collect())
}

fn made(seconds: u32) -> Made {
    let problem = Problem::new(ErrorCode::Unavailable).after(seconds);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let (mut parts, _) = Refusal(problem).into_response().into_parts();
    mark(&mut parts.headers);
    Made {
        status: parts.status,
        headers: parts.headers,
        body: body.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_33_what_was_made_in_advance_is_the_refusal_that_everybody_gets() {
        for (made, seconds) in replies().iter().zip(RETRY_AFTER_S) {
            let problem: Problem = serde_json::from_slice(&made.body).unwrap();
            assert_eq!(problem, Problem::new(ErrorCode::Unavailable).after(seconds));
            assert_eq!(made.status.as_u16(), ErrorCode::Unavailable.status());
            assert_eq!(made.headers["retry-after"], seconds.to_string());
            assert_eq!(made.headers["content-type"], "application/json");
            for name in [
                "cache-control",
                "content-security-policy",
                "strict-transport-security",
            ] {
                assert!(made.headers.contains_key(name), "{name}");
            }
        }
    }
}
