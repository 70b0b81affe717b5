//! Exchanges in their encodings: binary and JSON, compressed and not, and what is neither.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderValue, Request};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{Outcome, PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Hlc, Kind, Mutation, Op};
use romp_sync::codec::{self, decode_reply, encode_request};
use romp_sync::compress::{Inflater, compressed};
use tokio_stream::StreamExt;
use uuid::Uuid;

use super::{Reply, request, send};
use crate::accounts::rig::Rig;

/// An exchange in the binary encoding.
fn binary(token: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = request("POST", Endpoint::Sync.path(), token, body);
    let kind = HeaderValue::from_static(codec::CONTENT_TYPE);
    request.headers_mut().insert(CONTENT_TYPE, kind);
    request
}

/// The same, with the headers of compression.
fn compressing(
    mut request: Request<Body>,
    body: Option<&'static str>,
    answer: Option<&'static str>,
) -> Request<Body> {
    let headers = request.headers_mut();
    headers.extend(body.map(|how| (CONTENT_ENCODING, HeaderValue::from_static(how))));
    headers.extend(answer.map(|how| (ACCEPT_ENCODING, HeaderValue::from_static(how))));
    request
}

/// New pets with long notes.
fn pushing(pets: u64) -> SyncRequest {
    let mutation = |mid| {
        let fields = serde_json::json!({"species": "dog", "name": format!("Rex {mid}"), "owner_notes": "woof ".repeat(40)});
        Mutation {
            mid,
            hlc: Hlc(mid),
            base_seq: None,
            waited: false,
            kind: Kind::Pet,
            id: Uuid::from_u128(u128::from(mid)),
            op: Op::Patch {
                fields: serde_json::from_value(fields).unwrap(),
            },
        }
    };
    SyncRequest {
        protocol: PROTOCOL,
        clock: Hlc(1),
        mutations: (1..=pets).map(|n| mutation(n).into()).collect(),
        ..SyncRequest::default()
    }
}

/// The reply, whether it came compressed or not.
fn read(reply: &Reply) -> SyncReply {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.headers[CONTENT_TYPE], codec::CONTENT_TYPE);
    let Some(how) = reply.headers.get(CONTENT_ENCODING) else {
        return decode_reply(reply.body.clone()).unwrap();
    };
    assert_eq!(how, "zstd");
    let mut inflater = Inflater::new(1 << 20).unwrap();
    inflater.take(&reply.body).unwrap();
    decode_reply(inflater.finish().unwrap()).unwrap()
}

#[tokio::test]
async fn a_reply_is_in_the_encoding_of_its_request_and_says_the_same() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let request = pushing(3);
    let json = serde_json::to_string(&request).unwrap();
    let path = Endpoint::Sync.path();
    let as_json = send(&rig, super::request("POST", path, Some(&token), json))
        .await
        .json();
    let as_json: SyncReply = serde_json::from_value(as_json).unwrap();
    assert_eq!(as_json.rows.len(), 3);
    let reply = send(&rig, binary(Some(&token), encode_request(&request))).await;
    assert_eq!(reply.headers.len(), 3, "{:?}", reply.headers);
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert!(!reply.headers.contains_key("x-request-id"));
    let as_binary = read(&reply);
    assert_eq!(as_binary.rows, as_json.rows);
    assert_eq!(as_binary.results, as_json.results);
}

#[tokio::test]
async fn row_59_a_word_of_a_newer_app_costs_its_neighbours_nothing_in_either_encoding() {
    let mut newer = serde_json::to_value(pushing(3)).unwrap();
    newer["mutations"][1]["kind"] = "x_badge".into();
    let newer: SyncRequest = serde_json::from_value(newer).unwrap();
    for in_binary in [true, false] {
        let rig = Rig::new();
        let token = rig.owner(1).token;
        let reply = if in_binary {
            read(&send(&rig, binary(Some(&token), encode_request(&newer))).await)
        } else {
            let json = serde_json::to_string(&newer).unwrap();
            let asked = super::request("POST", Endpoint::Sync.path(), Some(&token), json);
            serde_json::from_value(send(&rig, asked).await.json()).unwrap()
        };
        let refused = |n: usize| matches!(reply.results[n].outcome, Outcome::Rejected { .. });
        assert_eq!([0, 1, 2].map(refused), [false, true, false], "{in_binary}");
        assert_eq!((reply.rows.len(), reply.ack_mid), (2, 3));
    }
}

#[tokio::test]
async fn both_directions_are_compressed_where_that_is_said_to_be_understood() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let request = encode_request(&pushing(30));
    let less = compressed(&request).unwrap();
    assert!(less.len() * 3 < request.len());
    let packed = compressing(binary(Some(&token), less), Some("zstd"), Some("gzip, zstd"));
    let reply = send(&rig, packed).await;
    assert_eq!(reply.headers[CONTENT_ENCODING], "zstd");
    assert_eq!(read(&reply).rows.len(), 30);
    for accepted in [None, Some("gzip"), Some("zstd;q=0")] {
        let plain = compressing(binary(Some(&token), request.clone()), None, accepted);
        let reply = send(&rig, plain).await;
        assert!(!reply.headers.contains_key(CONTENT_ENCODING), "{accepted:?}");
        assert_eq!(read(&reply).rows.len(), 30);
    }
    let nothing = encode_request(&SyncRequest {
        cursor: read(&reply).cursor,
        ..pushing(0)
    });
    let short = send(
        &rig,
        compressing(binary(Some(&token), nothing), None, Some("zstd")),
    )
    .await;
    assert!(!short.headers.contains_key(CONTENT_ENCODING), "it is short");
    assert!(short.body.len() < 60, "{}", short.body.len());
}

#[tokio::test]
async fn what_is_sent_in_an_unknown_form_is_refused_with_a_sentence() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let body = encode_request(&pushing(0));
    for unknown in ["gzip", "br", "zstd, zstd", "x"] {
        let reply = send(
            &rig,
            compressing(binary(Some(&token), body.clone()), Some(unknown), None),
        )
        .await;
        assert_eq!(reply.code(), ErrorCode::EncodingUnknown, "{unknown}");
        assert_eq!(reply.headers[CONTENT_TYPE], "application/json");
    }
    let elsewhere = request("POST", Endpoint::SignIn.path(), None, "{}");
    let reply = send(&rig, compressing(elsewhere, Some("zstd"), None)).await;
    assert_eq!(
        reply.code(),
        ErrorCode::EncodingUnknown,
        "only exchanges are compressed"
    );
    let mut of_another_type = binary(Some(&token), body);
    of_another_type
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    assert_eq!(send(&rig, of_another_type).await.code(), ErrorCode::BadRequest);
}

#[tokio::test]
async fn row_29_broken_bytes_are_refused_with_a_sentence() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let broken = send(&rig, binary(Some(&token), "{\"protocol\":2}")).await;
    assert_eq!(broken.code(), ErrorCode::BadRequest);
    let not_packed = compressing(binary(Some(&token), "not compressed"), Some("zstd"), None);
    assert_eq!(send(&rig, not_packed).await.code(), ErrorCode::BadRequest);
    let less = compressed(&encode_request(&pushing(30))).unwrap();
    let half = less[..less.len() / 2].to_vec();
    let half = send(&rig, compressing(binary(Some(&token), half), Some("zstd"), None)).await;
    assert_eq!(half.code(), ErrorCode::BadRequest);
}

/// A body that counts how many of its pieces were asked for.
fn counted(bytes: Vec<u8>) -> (Body, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let pieces: Vec<_> = bytes.chunks(1_000).map(Bytes::copy_from_slice).collect();
    let stream = tokio_stream::iter(pieces).map(move |piece| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(piece)
    });
    (Body::from_stream(stream), asked)
}

#[tokio::test]
async fn row_26_what_unfolds_to_too_much_is_refused_before_it_has_and_strangers_make_nothing_unfold() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    // 64 MiB in a few kilobytes. How little of it is unfolded is tested where it is.
    let bomb = compressed(&vec![0; 64 << 20]).unwrap();
    assert!(bomb.len() < 16 << 10, "{}", bomb.len());
    let (body, asked) = counted(bomb.clone());
    let reply = send(&rig, compressing(binary(Some(&token), body), Some("zstd"), None)).await;
    assert_eq!(reply.code(), ErrorCode::TooLarge);
    assert!(
        asked.load(Ordering::SeqCst) < bomb.len() / 1_000,
        "it was not even read to its end"
    );
    let (body, asked) = counted(bomb);
    let reply = send(&rig, compressing(binary(None, body), Some("zstd"), None)).await;
    assert_eq!(reply.code(), ErrorCode::NotSignedIn);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
