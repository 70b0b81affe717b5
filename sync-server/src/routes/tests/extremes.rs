//! Numbers at the ends of their range, and more than is accepted, over HTTP, in both encodings.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use romp_domain::ErrorCode;
use romp_domain::policy::Endpoint;
use romp_domain::wire::{
    MAX_BODY_BYTES, MAX_MUTATIONS, MAX_WAIT_S, Outcome, PROTOCOL, SyncReply, SyncRequest,
};
use romp_sync::codec::{self, decode_reply, encode_request};
use romp_sync::compress::compressed;
use rusqlite::Connection;
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

/// The numbers of an exchange and the largest that its type takes.
const NUMBERS: [(&str, u64); 16] = [
    ("/protocol", u32::MAX as u64),
    ("/cursor", u64::MAX),
    ("/epoch", u64::MAX),
    ("/scope", u64::MAX),
    ("/anew", u64::MAX),
    ("/clock", u64::MAX),
    ("/digest", u64::MAX),
    ("/wait_s", u32::MAX as u64),
    ("/link/mid", u64::MAX),
    ("/link/chain", u64::MAX),
    ("/mutations/0/mid", u64::MAX),
    ("/mutations/0/hlc", u64::MAX),
    ("/mutations/0/base_seq", u64::MAX),
    ("/mutations/1/mid", u64::MAX),
    ("/mutations/1/base_seq", u64::MAX),
    ("/mutations/1/expect_rev", u32::MAX as u64),
];

/// An exchange in which every number is there.
fn numbered() -> Value {
    json!({"protocol": PROTOCOL, "cursor": 0, "epoch": 1, "scope": 1, "anew": 0, "clock": 1 << 16, "digest": 1, "wait_s": 0,
    "link": {"mid": 0, "chain": 0}, "mutations": [
        {"mid": 1, "hlc": 1 << 16, "base_seq": 0, "kind": "child", "id": Uuid::from_u128(7), "op": "patch",
            "fields": {"nickname": "Pip", "avatar": "fox", "age_band": "7-9"}},
        {"mid": 2, "hlc": 1 << 16, "base_seq": 0, "kind": "playdate", "id": Uuid::from_u128(8), "op": "act",
            "act": "accept", "expect_rev": 1},
    ]})
}

/// Whether a number below nothing is stored anywhere where numbers are counted.
fn has_wrapped(rig: &Rig) -> bool {
    let db = Connection::open(rig.folder.path().join("romp.db")).unwrap();
    let below = "SELECT count(*) FROM (
        SELECT head_seq AS n FROM households UNION ALL SELECT clock FROM households UNION ALL SELECT gc_floor FROM households
        UNION ALL SELECT last_mid FROM devices UNION ALL SELECT last_hlc FROM devices UNION ALL SELECT cursor FROM devices
        UNION ALL SELECT mid FROM rejects UNION ALL SELECT seq FROM feed UNION ALL SELECT seq FROM restrictions) WHERE n < 0";
    db.query_one(below, [], |row| row.get::<_, i64>(0)).unwrap() != 0
}

#[tokio::test]
async fn row_30_numbers_at_the_ends_of_their_range_are_answered_and_nothing_wraps() {
    for (pointer, most) in NUMBERS {
        let rig = Rig::new();
        let steady = rig.owner(1);
        let mut devices = 1;
        let mut head = 0;
        for n in [0, 1, most / 2, most / 2 + 1, most - 1, most] {
            for form in [Form::Json, Form::Binary] {
                devices += 1;
                let token = rig.paired(&steady, romp_domain::Role::Owner, devices).token;
                let mut asked = numbered();
                *asked.pointer_mut(pointer).unwrap() = n.into();
                // In the epoch that the server has, so that what is sent is looked at.
                let hello = json!({"protocol": PROTOCOL, "cursor": 0, "clock": 1 << 16});
                let hello = exchange(Form::Json, &token, &serde_json::from_value(hello).unwrap());
                let hello = read(Form::Json, &send(&rig, hello).await);
                if pointer != "/epoch" {
                    asked["epoch"] = hello.epoch.0.into();
                }
                let asked: SyncRequest = serde_json::from_value(asked).unwrap();
                let reply = send(&rig, exchange(form, &token, &asked)).await;
                if reply.status != 200 {
                    assert_eq!(reply.code(), ErrorCode::BadRequest, "{pointer} {n} {form:?}");
                    continue;
                }
                let reply = read(form, &reply);
                for result in &reply.results {
                    if let Outcome::Rejected { problem } = &result.outcome {
                        assert!(problem.code.status() < 500, "{pointer} {n} {form:?}: {problem:?}");
                    }
                }
                assert!(reply.clock.ms() <= rig.now().0 + 61_000, "{pointer} {n} {form:?}");
                assert!(!has_wrapped(&rig), "{pointer} {n} {form:?}");
                // Whoever says nothing of the kind goes on as ever.
                let plain = json!({"protocol": PROTOCOL, "cursor": 0, "clock": 1 << 16});
                let plain = exchange(form, &steady.token, &serde_json::from_value(plain).unwrap());
                let plain = read(form, &send(&rig, plain).await);
                assert!(
                    (head..=head + 2).contains(&plain.head),
                    "{pointer} {n}: {} after {head}",
                    plain.head
                );
                assert_eq!((plain.cursor, plain.more, plain.reset), (plain.head, false, None));
                head = plain.head;
            }
        }
    }
}

#[tokio::test]
async fn row_30_what_no_number_can_be_is_refused_with_a_sentence() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let before = stored(&rig);
    for (pointer, most) in NUMBERS {
        let beyond = u128::from(most) + 1;
        for number in [
            "-1",
            "-9223372036854775809",
            &beyond.to_string(),
            "1.5",
            "1e30",
            "1e400",
            "\"1\"",
            "0x1",
        ] {
            let mut asked = numbered();
            *asked.pointer_mut(pointer).unwrap() = "the number".into();
            let text = asked.to_string().replace("\"the number\"", number);
            let reply = send(&rig, request("POST", Endpoint::Sync.path(), Some(&token), text)).await;
            let status = reply.problem().code.status();
            assert!([400, 422].contains(&status), "{pointer} {number}: {status}");
        }
    }
    assert_eq!(stored(&rig), before);
}

#[tokio::test(start_paused = true)]
async fn row_30_nobody_waits_longer_than_exchanges_may() {
    let rig = Rig::new();
    let token = rig.owner(1).token;
    let mut asked = SyncRequest {
        protocol: PROTOCOL,
        ..SyncRequest::default()
    };
    for form in [Form::Json, Form::Binary] {
        asked.wait_s = 0;
        for _ in 0..2 {
            let settled = read(form, &send(&rig, exchange(form, &token, &asked)).await);
            asked.epoch = Some(settled.epoch);
            asked.scope = Some(settled.scope);
            asked.cursor = settled.cursor;
            asked.link = Some(romp_domain::wire::Link {
                mid: settled.ack_mid,
                chain: settled.ack_chain,
            });
        }
        for wait_s in [u32::MAX, u32::MAX / 2 + 1] {
            asked.wait_s = wait_s;
            // The clock of the test moves by itself, and only when everybody waits.
            let within = Duration::from_secs(u64::from(MAX_WAIT_S) + 5);
            let answer = tokio::time::timeout(within, send(&rig, exchange(form, &token, &asked))).await;
            assert!(read(form, &answer.expect("an answer")).rows.is_empty());
        }
    }
}
