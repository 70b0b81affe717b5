//! The bodies of exchanges: binary or JSON, compressed or not. A reply is in the encoding of its request, and
//! compressed where the caller takes that. Problems are always JSON.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use romp_domain::wire::{MAX_BODY_BYTES, MAX_NESTED, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Problem};
use romp_sync::codec::json::{bad, parse};
use romp_sync::codec::{self, decode_request, encode_reply};
use romp_sync::compress::{self, InflateError, Inflater, compressed};

use super::Refusal;
use super::bodies::Reading;
use super::body::{JSON, essence, pieces};
use crate::db::SessionRecord;
use crate::server::Server;

/// An exchange's request, and in which form its answer goes back.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) request: SyncRequest,
    pub(crate) form: Form,
    /// The memory that it takes.
    pub(crate) reading: Reading,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    binary: bool,
    takes_compressed: bool,
}

impl FromRequest<Arc<Server>> for Exchange {
    type Rejection = Refusal;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, Refusal> {
        let headers = request.headers();
        let binary = match essence(headers).as_str() {
            codec::CONTENT_TYPE => true,
            JSON => false,
            _ => {
                return Err(bad("The server reads application/x-protobuf and application/json only.").into());
            }
        };
        let form = Form {
            binary,
            takes_compressed: takes_compressed(headers),
        };
        let is_compressed = is_compressed(headers)?;
        let session = request.extensions().get::<SessionRecord>();
        let session = session.ok_or(Problem::new(ErrorCode::NotSignedIn))?;
        let mut reading = server.bodies.begin(session.household, session.id)?;
        let bytes = if is_compressed {
            unpack(request.into_body(), &mut reading).await?
        } else {
            let mut bytes = Vec::new();
            pieces(request.into_body(), MAX_BODY_BYTES, |piece| {
                bytes.extend_from_slice(piece);
                reading.takes(bytes.len())
            })
            .await?;
            bytes
        };
        let [as_binary, as_json] = codec::MEMORY;
        reading.takes(bytes.len() * if binary { as_binary } else { as_json })?;
        let request = if binary {
            decode_request(bytes).map_err(Problem::from)?
        } else {
            if codec::nested(&bytes) > MAX_NESTED {
                return Err(Problem::from(ErrorCode::TooLarge).into());
            }
            parse(&bytes)?
        };
        Ok(Self {
            request,
            form,
            reading,
        })
    }
}

impl Form {
    /// The reply in this form.
    pub(crate) fn respond(self, reply: &SyncReply) -> Response {
        let (kind, bytes) = if self.binary {
            (codec::CONTENT_TYPE, encode_reply(reply))
        } else {
            match serde_json::to_vec(reply) {
                Ok(bytes) => (JSON, bytes),
                Err(_) => return Refusal(ErrorCode::Internal.into()).into_response(),
            }
        };
        let kind = (CONTENT_TYPE, HeaderValue::from_static(kind));
        match compressed(&bytes).filter(|_| self.takes_compressed) {
            Some(less) => {
                let how = (
                    CONTENT_ENCODING,
                    HeaderValue::from_static(compress::CONTENT_ENCODING),
                );
                ([kind, how], less).into_response()
            }
            None => ([kind], bytes).into_response(),
        }
    }
}

/// Unpacks a body while it comes. What it unfolds to is limited like what is not compressed.
async fn unpack(body: Body, reading: &mut Reading) -> Result<Vec<u8>, Problem> {
    let mut inflater = Inflater::new(MAX_BODY_BYTES).map_err(|error| {
        tracing::error!(%error, "no decompressor");
        Problem::new(ErrorCode::Unavailable)
    })?;
    pieces(body, MAX_BODY_BYTES, |piece| {
        inflater.take(piece).map_err(refused)?;
        reading.takes(inflater.produced())
    })
    .await?;
    inflater.finish().map_err(refused)
}

fn refused(error: InflateError) -> Problem {
    match error {
        InflateError::Malformed => bad(error.to_string()),
        InflateError::TooLarge => ErrorCode::TooLarge.into(),
    }
}

/// Whether a body is compressed as this server knows it.
fn is_compressed(headers: &HeaderMap) -> Result<bool, Problem> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(false),
        (Some(value), None) if value.as_bytes().eq_ignore_ascii_case(b"identity") => Ok(false),
        (Some(value), None)
            if value
                .as_bytes()
                .eq_ignore_ascii_case(compress::CONTENT_ENCODING.as_bytes()) =>
        {
            Ok(true)
        }
        _ => Err(ErrorCode::EncodingUnknown.into()),
    }
}

/// Whether the caller takes compressed answers. Weights are not compared: there is only one compression.
fn takes_compressed(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|entry| {
            let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
            let weight = weight.trim().strip_prefix("q=").map(str::parse::<f64>);
            name.trim().eq_ignore_ascii_case(compress::CONTENT_ENCODING) && weight != Some(Ok(0.0))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, values: &[&'static str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn compressed_answers_go_to_those_who_ask_for_them() {
        let takes = |value| takes_compressed(&headers(ACCEPT_ENCODING, &[value]));
        for yes in ["zstd", "gzip, ZSTD;q=0.5", " br ,zstd ; q=1"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "gzip, br", "zstd;q=0", "zstd;q=0.000", "zstdx", "*"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_compressed(&HeaderMap::new()));
    }

    #[test]
    fn bodies_in_other_forms_are_refused_with_a_sentence() {
        let of = |values: &[&'static str]| is_compressed(&headers(CONTENT_ENCODING, values));
        assert_eq!(
            (of(&[]), of(&["identity"]), of(&["Zstd"])),
            (Ok(false), Ok(false), Ok(true))
        );
        for unknown in [&["gzip"][..], &["zstd, zstd"], &["zstd", "zstd"], &[""], &["br"]] {
            let problem = of(unknown).unwrap_err();
            assert_eq!(problem.code.status(), 415, "{unknown:?}");
            assert!(problem.message.ends_with('.'));
        }
    }
}
