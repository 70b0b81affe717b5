//! More than is accepted, over HTTP, in both encodings.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use romp_domain::ErrorCode;
use romp_domain::policy::Endpoint;
use romp_domain::wire::{MAX_BODY_BYTES, MAX_MUTATIONS, Outcome, PROTOCOL, SyncReply, SyncRequest};
use romp_sync::codec::{self, decode_reply, encode_request};
use romp_sync::compress::compressed;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stored::stored;
use super::{Reply, request, send};
use crate::accounts::rig::Rig;

/// How an exchange is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Json,
    Binary,
    Packed,
}

fn exchange(form: Form, token: &str, asked: &SyncRequest) -> Request<Body> {
    let bytes = match form {
        Form::Json => serde_json::to_vec(asked).unwrap(),
        Form::Binary => encode_request(asked),
        Form::Packed => compressed(&encode_request(asked)).unwrap(),
    };
    let mut request = request("POST", Endpoint::Sync.path(), Some(token), bytes);
    let headers = request.headers_mut();
    if form != Form::Json {
        headers.insert(CONTENT_TYPE, codec::CONTENT_TYPE.parse().unwrap());
    }
    if form == Form::Packed {
        headers.insert(CONTENT_ENCODING, "zstd".parse().unwrap());
    }
    request
}

/// An answer that was given, in whichever encoding.
fn read(form: Form, reply: &Reply) -> SyncReply {
    assert_eq!(
        reply.status,
        200,
        "{form:?}: {}",
        String::from_utf8_lossy(&reply.body)
    );
    match form {
        Form::Json => serde_json::from_slice(&reply.body).unwrap(),
        Form::Binary | Form::Packed => decode_reply(reply.body.clone()).unwrap(),
    }
}

/// So many changes of one row.
fn changes(count: usize, fields: &Value) -> SyncRequest {
    let change = |mid| json!({"mid": mid, "hlc": 1 << 16, "kind": "child", "id": Uuid::from_u128(7), "op": "patch", "fields": fields});
    let mutations: Vec<Value> = (1..=count).map(change).collect();
    let asked = json!({"protocol": PROTOCOL, "cursor": 0, "clock": 1 << 16, "mutations": mutations});
    serde_json::from_value(asked).unwrap()
}

#[tokio::test]
async fn row_28_too_many_changes_and_a_text_of_a_megabyte_are_refused_before_any_of_it_is_looked_at() {
    let few = json!({"nickname": "Pip", "avatar": "fox", "age_band": "7-9"});
    let much = json!({"nickname": "x".repeat(MAX_BODY_BYTES), "avatar": "fox", "age_band": "7-9"});
    for form in [Form::Json, Form::Binary, Form::Packed] {
        let rig = Rig::new();
        let token = rig.owner(1).token;
        let before = stored(&rig);
        for asked in [
            changes(MAX_MUTATIONS + 1, &few),
            changes(1, &much),
            changes(2, &much),
        ] {
            let reply = send(&rig, exchange(form, &token, &asked)).await;
            assert_eq!(
                (reply.status.as_u16(), reply.code()),
                (413, ErrorCode::TooLarge),
                "{form:?}"
            );
            assert_eq!(stored(&rig), before, "{form:?}");
        }
        // As many as may be are answered one by one, and of a long text that can be sent, only that it is too long.
        let reply = send(&rig, exchange(form, &token, &changes(MAX_MUTATIONS, &few))).await;
        assert_eq!(read(form, &reply).results.len(), MAX_MUTATIONS);
    }
    for form in [Form::Json, Form::Binary, Form::Packed] {
        let rig = Rig::new();
        let token = rig.owner(1).token;
        let long =
            json!({"nickname": "x".repeat(MAX_BODY_BYTES - 1_000), "avatar": "fox", "age_band": "7-9"});
        let reply = send(&rig, exchange(form, &token, &changes(1, &long))).await;
        let Outcome::Rejected { problem } = read(form, &reply).results.remove(0).outcome else {
            panic!("{form:?}: it was taken");
        };
        assert_eq!(
            (problem.code, problem.code.status()),
            (ErrorCode::InvalidField, 422)
        );
        assert!(
            serde_json::to_string(&problem).unwrap().len() < 400,
            "and it is not said again"
        );
        assert!(stored(&rig)["children"].is_empty());
    }
}
