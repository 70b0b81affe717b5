//! What bounds every request, and the headers of every reply.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use romp_domain::ErrorCode;
use romp_domain::wire::{MAX_BODY_BYTES, MAX_WAIT_S};
use romp_sync::codec;

use super::Refusal;

/// How long a request may take until its reply begins, its body included. The largest sync takes well under a second;
/// some wait for something new as long as they may; the rest is for slow networks.
const TIMEOUT: Duration = Duration::from_secs(30 + MAX_WAIT_S as u64);

/// Sent with every reply: it is data for an app, never kept by anything in between.
const NEVER_KEPT: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// Sent with every reply that a browser could be led to show or to read: it is never a page.
///
/// Binary replies do without. They are the answers to requests that no page of another site can make (their content
/// type needs its server's consent, and nobody consents here), a browser has nothing to show them with, and together
/// these lines are longer than what most exchanges have to say.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Refuses what announces itself as too large, before anybody asks who sent it; ends what takes too long.
pub(crate) async fn limits(request: Request, next: Next) -> Response {
    let mut response = if announces_too_much(request.headers()) {
        Refusal(ErrorCode::TooLarge.into()).counted()
    } else {
        match tokio::time::timeout(TIMEOUT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Refusal(ErrorCode::Unavailable.into()).into_response(),
        }
    };
    mark(response.headers_mut());
    response
}

/// Adds the headers of every reply.
pub(super) fn mark(headers: &mut HeaderMap) {
    let (name, value) = NEVER_KEPT;
    headers.insert(name, value);
    if headers
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind != codec::CONTENT_TYPE)
    {
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

fn announces_too_much(headers: &HeaderMap) -> bool {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    announced.is_some_and(|text| {
        text.parse::<u64>()
            .is_ok_and(|bytes| bytes > MAX_BODY_BYTES as u64)
    })
}
