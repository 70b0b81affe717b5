//! One line in the log for every request that was let in at the door, and a number that all lines about it have, and its
//! reply. A binary reply that says no problem goes without: the number is longer than what most exchanges have to say.
//!
//! A line says which endpoint (the policy table's word, never the path: there may be ids in it), how it went and how
//! long it took; whose session it was only as the beginning of a hash, so that the lines of one belong together and
//! say nothing of whose it is. What is not there, and who calls too often from one address, is counted instead: nobody
//! fills a disk with lines. Deliberately absent: addresses, tokens, queries, names, and whatever a body says.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use romp_domain::policy::{Endpoint, RateClass};
use romp_domain::{ErrorCode, SessionId};
use romp_sync::codec;
use tokio::time::Instant;
use tracing::Instrument;

use super::origin::Origin;
use crate::secrets::digest;
use crate::server::Server;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Most characters of a number that a proxy gave.
const MAX_ID: usize = 64;

/// Numbers for requests: different for every one of this process, and most likely for those of others.
#[derive(Debug)]
pub(crate) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl Default for RequestIds {
    fn default() -> Self {
        Self {
            process: RandomState::new().hash_one(0) >> 40,
            next: AtomicU64::new(1),
        }
    }
}

impl RequestIds {
    /// Short: most replies carry one.
    fn next(&self) -> String {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{:06x}-{n:x}", self.process)
    }
}

/// Noted beside a reply, for its line in the log: which endpoint it is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered(pub(crate) Endpoint);

/// Noted beside a refusal that anybody can have without end: it is counted, and has no line of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted;

/// Refusals without lines of their own.
#[derive(Debug, Default)]
pub(crate) struct Unlisted(Mutex<BTreeMap<ErrorCode, u64>>);

impl Unlisted {
    fn count(&self, code: ErrorCode) {
        *self.lock().entry(code).or_default() += 1;
    }

    /// Writes one line for all of a code since that was last done.
    pub(crate) fn tell(&self) {
        for (code, times) in self.take() {
            tracing::info!(code = code.word(), times, "refused, counted together");
        }
    }

    /// So many of each code; from here on it counts anew.
    pub(crate) fn take(&self) -> BTreeMap<ErrorCode, u64> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ErrorCode, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Noted beside a reply: whose it is, as the beginning of a hash.
#[derive(Debug, Clone)]
pub(crate) struct Asked(String);

impl Asked {
    pub(crate) fn by(session: SessionId) -> Self {
        let hash = digest(&session.to_string());
        Self(
            hash[..6]
                .iter()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
        )
    }
}

/// Gives a request its number and its origin, and writes the line when its reply begins.
pub(crate) async fn journal(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let origin = Origin::of(
        request.extensions(),
        request.headers(),
        &server.settings.trusted_proxies,
    );
    request.extensions_mut().insert(origin);
    let given = given(request.headers()).filter(|_| origin.through_proxy);
    let was_given = given.is_some();
    let id = given.unwrap_or_else(|| server.request_ids.next());
    let method = word(request.method());
    let span = tracing::info_span!("request", %id);
    async move {
        let mut reply = next.run(request).await;
        tell(&server.unlisted, method, &reply, began);
        if (was_given || is_worth_a_number(&reply))
            && let Ok(id) = HeaderValue::from_str(&id)
        {
            reply.headers_mut().insert(REQUEST_ID, id);
        }
        reply
    }
    .instrument(span)
    .await
}

/// Whether somebody may want to ask about this reply.
fn is_worth_a_number(reply: &Response) -> bool {
    let kind = reply.headers().get(CONTENT_TYPE);
    !reply.status().is_success() || kind.is_none_or(|kind| kind != codec::CONTENT_TYPE)
}

fn tell(unlisted: &Unlisted, method: &str, reply: &Response, began: Instant) {
    let endpoint = reply.extensions().get::<Answered>().map(|answered| answered.0);
    let session = reply.extensions().get::<Asked>().map(|asked| asked.0.as_str());
    let refused = reply.extensions().get::<ErrorCode>().copied();
    let code = refused.map(ErrorCode::word);
    let counted = refused.filter(|_| reply.extensions().get::<Counted>().is_some());
    if let Some(code) = counted {
        unlisted.count(code);
    }
    let status = reply.status().as_u16();
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let word = endpoint.map(Endpoint::word);
    // Signs of life are asked for every few seconds, for ever.
    let is_alive = endpoint.map(Endpoint::rate) == Some(RateClass::Health) && status == 200;
    if is_alive || counted.is_some() {
        tracing::debug!(
            method,
            endpoint = word,
            status,
            code,
            duration_ms,
            session,
            "answered"
        );
    } else {
        tracing::info!(
            method,
            endpoint = word,
            status,
            code,
            duration_ms,
            session,
            "answered"
        );
    }
}

/// The method, if it is one that everybody knows: others are the caller's own words.
fn word(method: &Method) -> &'static str {
    let known = [
        "GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT",
    ];
    known
        .into_iter()
        .find(|word| *word == method.as_str())
        .unwrap_or("other")
}

/// The number that somebody before this server gave.
fn given(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let good = (1..=MAX_ID).contains(&id.len()) && id.chars().all(is_plain);
    good.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_the_same_number() {
        let ids = RequestIds::default();
        let (one, other) = (ids.next(), ids.next());
        assert_ne!(one, other);
        assert!(one.len() < 12, "{one}");
    }

    #[test]
    fn a_number_that_could_say_something_else_is_not_taken_over() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            given(&headers)
        };
        assert_eq!(of("7f3a-1_b.2").as_deref(), Some("7f3a-1_b.2"));
        for bad in ["", "a b", "a\"b", "ä", "a;b=c", &"x".repeat(65)] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
