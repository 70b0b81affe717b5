//! A request's body as it comes: so many bytes, in so much time, of one content type. `exchange` takes those of
//! exchanges. Deliberately absent: what is in them ([`romp_sync::codec`]).

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use romp_domain::{ErrorCode, Problem};
use romp_sync::codec::json::{bad, parse};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use tokio_stream::StreamExt;

use super::Refusal;

/// Most bytes of a body, but an exchange's. The longest that makes sense has some texts in it, and these are short.
pub(crate) const MAX_BYTES: usize = 16 * 1024;

/// How long a body may take, from its first byte to its last: what is accepted at most, over a slow line.
const PATIENCE: Duration = Duration::from_secs(30);

/// The body of a request, read and judged.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        if essence(request.headers()) != JSON {
            return Err(bad("The server reads application/json only.").into());
        }
        if request.headers().contains_key(CONTENT_ENCODING) {
            return Err(Problem::from(ErrorCode::EncodingUnknown).into());
        }
        let mut bytes = Vec::new();
        pieces(request.into_body(), MAX_BYTES, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })
        .await?;
        Ok(Self(parse(&bytes)?))
    }
}

/// The content type of JSON. A page of another site can send text and forms unasked, but not this without asking
/// first.
pub(super) const JSON: &str = "application/json";

/// The content type without its parameters, in small letters.
pub(super) fn essence(headers: &HeaderMap) -> String {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Hands the body on as it comes, and no more of it than `most` bytes, whatever the headers said.
pub(super) async fn pieces(
    body: Body,
    most: usize,
    mut take: impl FnMut(&[u8]) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let end = Instant::now() + PATIENCE;
    let mut bytes = 0;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = timeout_at(end, pieces.next()).await.map_err(|_| too_slow())? {
        let piece = piece.map_err(|_| bad("The request broke off before its end."))?;
        bytes += piece.len();
        if bytes > most {
            return Err(ErrorCode::TooLarge.into());
        }
        take(&piece)?;
    }
    Ok(())
}

/// Trying again may help: on a better line.
fn too_slow() -> Problem {
    Problem::saying(ErrorCode::Unavailable, "What was sent took too long to arrive.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn row_27_a_body_that_comes_too_slowly_is_not_waited_for() {
        let drops = tokio_stream::iter(std::iter::repeat_n(b" ", 1_000)).then(async |piece| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::io::Error>(piece.as_slice())
        });
        let mut came = 0;
        let slow = pieces(Body::from_stream(drops), MAX_BYTES, |piece| {
            came += piece.len();
            Ok(())
        });
        assert_eq!(slow.await.unwrap_err().code, ErrorCode::Unavailable);
        assert!((29..=30).contains(&came), "{came}");
        let silent = Body::from_stream(tokio_stream::pending::<std::io::Result<&[u8]>>());
        assert!(pieces(silent, MAX_BYTES, |_| Ok(())).await.is_err());
    }
}
