//! JSON is the oracle: what went through this encoding is what went through JSON.

mod any;
mod messages;

use std::fmt::Write;

use proptest::prelude::*;
use prost::Message;
use prost::bytes::Bytes;
use romp_domain::wire::{Link, MAX_MUTATIONS, MutationResult, Outcome, Reset, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Hlc, Invalid, InvalidReason, Kind, Mutation, Op, Problem, Row, Sent};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use any::{reply, request};

/// What a later version may add: a number, text and a fixed number, under numbers that nobody uses yet.
fn said_by_a_newer_version(mut bytes: Vec<u8>) -> Vec<u8> {
    #[derive(Clone, PartialEq, prost::Message)]
    struct More {
        #[prost(uint64, tag = "900")]
        number: u64,
        #[prost(string, tag = "901")]
        text: String,
        #[prost(fixed32, tag = "902")]
        fixed: u32,
    }
    let more = More {
        number: u64::MAX,
        text: "new".into(),
        fixed: 7,
    };
    bytes.extend(more.encode_to_vec());
    bytes
}

proptest! {
    #[test]
    fn requests_are_what_they_are_as_json(request in request()) {
        let bytes = encode_request(&request);
        let through_json: SyncRequest = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        prop_assert_eq!(decode_request(bytes.clone()).unwrap(), through_json);
        prop_assert_eq!(decode_request(said_by_a_newer_version(bytes)).unwrap(), request);
    }

    #[test]
    fn replies_are_what_they_are_as_json_whatever_kinds_and_fields_they_have(reply in reply()) {
        let bytes = encode_reply(&reply);
        let decoded = decode_reply(bytes.clone()).unwrap();
        // As text, so that a field that came back in another notation would be seen.
        prop_assert_eq!(serde_json::to_string(&decoded).unwrap(), serde_json::to_string(&reply).unwrap());
        let through_json: SyncReply = serde_json::from_str(&serde_json::to_string(&reply).unwrap()).unwrap();
        prop_assert_eq!(&decoded, &through_json);
        prop_assert_eq!(decode_reply(said_by_a_newer_version(bytes)).unwrap(), reply);
    }

    #[test]
    fn mutations_and_rows_are_written_as_somebody_elses_hand_writes_them(request in request(), reply in reply()) {
        let request = message::Request::decode(Bytes::from(encode_request(&request))).unwrap();
        for bytes in request.mutations {
            let mutation = messages::Mutation::decode(bytes.clone()).unwrap();
            prop_assert_eq!(mutation.encode_to_vec(), bytes);
        }
        let reply = message::Reply::decode(Bytes::from(encode_reply(&reply))).unwrap();
        for bytes in reply.rows {
            let row = messages::Row::decode(bytes.clone()).unwrap();
            prop_assert_eq!(row.encode_to_vec(), bytes);
        }
    }

    #[test]
    fn every_number_comes_back_to_the_last_bit(number in any::<f64>().prop_filter("no JSON", |n| n.is_finite())) {
        let reply = SyncReply { rows: vec![a_row(json!({"real": number}))], ..SyncReply::default() };
        let back = decode_reply(encode_reply(&reply)).unwrap();
        let real = back.rows[0].fields.as_ref().unwrap().0["real"].as_f64().unwrap();
        prop_assert_eq!(real.to_bits(), number.to_bits());
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(decode_request(bytes.clone()));
        drop(decode_reply(bytes));
    }

    #[test]
    fn bytes_that_broke_on_the_way_are_a_message_or_an_error(
        request in request(), reply in reply(), at in any::<proptest::sample::Index>(), bit in 0..8_u8,
    ) {
        for (bytes, is_request) in [(encode_request(&request), true), (encode_reply(&reply), false)] {
            let at = at.index(bytes.len() + 1);
            let mut flipped = bytes.clone();
            if let Some(byte) = flipped.get_mut(at) {
                *byte ^= 1_u8 << bit;
            }
            for broken in [bytes[..at].to_vec(), flipped] {
                if is_request {
                    drop(decode_request(broken));
                } else {
                    drop(decode_reply(broken));
                }
            }
        }
    }
}

/// The same request through JSON.
fn through_json(change: impl FnOnce(&mut Value)) -> SyncRequest {
    let request = decode_request(request_with(|_| ())).unwrap();
    let mut value = serde_json::to_value(request).unwrap();
    change(&mut value["mutations"][0]);
    serde_json::from_value(value).unwrap()
}

#[test]
fn row_59_words_of_a_newer_app_are_kept_as_they_were_said_in_either_encoding() {
    let reach = |request: &SyncRequest| crate::link_after(Link::default(), &request.mutations[0]);
    // The word behind "swipe" is "verdict".
    let kind = decode_request(request_with(|mutation| mutation.kind = 1)).unwrap();
    let act = decode_request(request_with(|mutation| {
        (mutation.op, mutation.act, mutation.expect_rev) = (1, 1, 9);
        mutation.fields.clear();
    }))
    .unwrap();
    let op = decode_request(request_with(|mutation| {
        (mutation.op, mutation.other) = (2, Bytes::from_static(br#"{"op":"x_merge","with":[1]}"#));
        mutation.fields.clear();
    }))
    .unwrap();
    let expected = [
        (kind, "kind", through_json(|sent| sent["kind"] = "verdict".into())),
        (
            act,
            "act",
            through_json(|sent| {
                sent.as_object_mut().unwrap().remove("fields");
                (sent["op"], sent["act"], sent["expect_rev"]) = ("act".into(), "verdict".into(), 9.into());
            }),
        ),
        (
            op,
            "op",
            through_json(|sent| {
                sent.as_object_mut().unwrap().remove("fields");
                (sent["op"], sent["with"]) = ("x_merge".into(), json!([1]));
            }),
        ),
    ];
    for (read, part, same) in expected {
        let Sent::Foreign(foreign) = &read.mutations[0] else {
            panic!("{part} is known");
        };
        assert_eq!(foreign.unknown(), part);
        assert_eq!(read, same);
        assert_eq!(decode_request(encode_request(&read)).as_ref(), Ok(&read));
        assert_eq!(reach(&read), reach(&same));
    }
}

#[test]
fn row_59_words_of_a_newer_server_are_general_ones_in_either_encoding() {
    let problem = |code| Problem {
        retry_after_s: Some(60),
        ..Problem::saying(code, "Too many moons.")
    };
    let replied = |reset, code| SyncReply {
        results: vec![
            MutationResult {
                mid: 7,
                outcome: Outcome::Rejected {
                    problem: problem(code),
                },
            },
            MutationResult {
                mid: 8,
                outcome: Outcome::Applied,
            },
        ],
        reset: Some(reset),
        ..SyncReply::default()
    };
    let (known, expected) = (
        replied(Reset::TooOld, ErrorCode::Stale),
        replied(Reset::Digest, ErrorCode::NotUnderstood),
    );
    let mut wire = message::Reply::decode(Bytes::from(encode_reply(&known))).unwrap();
    wire.reset = Some("x_new".into());
    wire.results[0].problem.as_mut().unwrap().code = "x_new".into();
    assert_eq!(decode_reply(wire.encode_to_vec()), Ok(expected.clone()));

    let text = serde_json::to_string(&known).unwrap();
    let text = text
        .replace("\"too_old\"", "\"x_new\"")
        .replace("\"stale\"", "\"x_new\"");
    assert_eq!(serde_json::from_str::<SyncReply>(&text).unwrap(), expected);
}

fn a_row(fields: Value) -> Row {
    Row {
        kind: "moon".into(),
        id: Uuid::from_u128(1),
        seq: 1,
        fields: Some(serde_json::from_value(fields).unwrap()),
    }
}

fn a_mutation(fields: Value) -> Mutation {
    Mutation {
        mid: 1,
        hlc: Hlc(2),
        base_seq: None,
        waited: false,
        kind: Kind::Swipe,
        id: Uuid::from_u128(1),
        op: Op::Patch {
            fields: serde_json::from_value(fields).unwrap(),
        },
    }
}

/// A request of which one mutation was changed on the wire.
fn request_with(change: impl FnOnce(&mut messages::Mutation)) -> Vec<u8> {
    let request = SyncRequest {
        mutations: vec![a_mutation(json!({"verdict": "yes"})).into()],
        ..SyncRequest::default()
    };
    let mut wire = message::Request::decode(Bytes::from(encode_request(&request))).unwrap();
    let mut mutation = messages::Mutation::decode(wire.mutations.remove(0)).unwrap();
    change(&mut mutation);
    wire.mutations.push(mutation.encode_to_vec().into());
    wire.encode_to_vec()
}

#[test]
fn what_would_change_its_meaning_if_it_were_passed_over_is_refused() {
    let part = |bytes| decode_request(bytes).unwrap_err();
    assert_eq!(
        part(request_with(|mutation| mutation.op = 7)),
        CodecError::Part("op")
    );
    assert_eq!(
        part(request_with(|mutation| mutation.op = 2)),
        CodecError::Part("op"),
        "as JSON that is none"
    );
    assert_eq!(
        part(request_with(|mutation| mutation.kind = 99)),
        CodecError::Part("words")
    );
    assert_eq!(
        part(request_with(|mutation| mutation.fields[0].value = None)),
        CodecError::Part("fields")
    );
    assert_eq!(
        part(request_with(|mutation| mutation.id = Bytes::from_static(b"short"))),
        CodecError::Part("id")
    );
    assert_eq!(
        part(request_with(|mutation| {
            mutation.fields[0].value = Some(messages::Value::Real(f64::NAN));
        })),
        CodecError::Part("fields")
    );
    decode_request(request_with(|_| ())).unwrap();
}

#[test]
fn row_28_what_is_nested_deep_comes_back_too_and_endless_nesting_is_an_error() {
    for depth in [15, 16, 17, 100] {
        let deep = (0..depth).fold(json!("deep"), |inner, n| {
            if n % 2 == 0 {
                json!([inner])
            } else {
                json!({"in": inner})
            }
        });
        let reply = SyncReply {
            rows: vec![a_row(json!({"deep": deep}))],
            ..SyncReply::default()
        };
        assert_eq!(decode_reply(encode_reply(&reply)).unwrap(), reply, "{depth}");
    }
    let mut value = messages::Value::Null(true);
    for _ in 0..1_000 {
        let field = messages::Field {
            name: 0,
            value: Some(value),
        };
        value = messages::Value::List(messages::Nested { fields: vec![field] });
    }
    let endless = request_with(|mutation| mutation.fields[0].value = Some(value));
    assert_eq!(decode_request(endless), Err(CodecError::Malformed));
}

#[test]
fn an_error_has_a_code_and_a_sentence_that_repeats_nothing() {
    let of = |error: CodecError| Problem::from(error);
    assert_eq!(of(CodecError::Malformed).code, ErrorCode::BadRequest);
    assert_eq!(of(CodecError::TooLarge).code, ErrorCode::TooLarge);
    let expected = Invalid::new(
        "op",
        InvalidReason::Unreadable("it is not of the right form".into()),
    );
    assert_eq!(of(CodecError::Part("op")), expected.into());
    assert_eq!(decode_request(&b"hunter2"[..]), Err(CodecError::Malformed));
    assert!(of(CodecError::Malformed).message.ends_with('.'));
}

#[test]
fn row_28_more_mutations_than_are_accepted_are_not_even_looked_at() {
    let mut wire = message::Request {
        mutations: vec![Bytes::from_static(b"\xFF"); MAX_MUTATIONS + 1],
        ..message::Request::default()
    };
    assert_eq!(decode_request(wire.encode_to_vec()), Err(CodecError::TooLarge));
    wire.mutations.pop();
    assert_eq!(decode_request(wire.encode_to_vec()), Err(CodecError::Malformed));
}

#[test]
fn a_long_word_that_is_referred_to_often_does_not_fill_the_memory() {
    let field = messages::Field {
        name: 1,
        value: Some(messages::Value::Null(true)),
    };
    let mutation = messages::Mutation {
        id: id_bytes(Uuid::nil()),
        fields: vec![field],
        ..messages::Mutation::default()
    };
    let wire = |times: usize| {
        let mutations = vec![Bytes::from(mutation.encode_to_vec()); times];
        let words = vec!["swipe".to_owned(), "x".repeat(300_000)];
        message::Request {
            mutations,
            words,
            ..message::Request::default()
        }
        .encode_to_vec()
    };
    assert_eq!(decode_request(wire(3)).unwrap().mutations.len(), 3);
    assert_eq!(decode_request(wire(4)), Err(CodecError::TooLarge));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn the_bytes_are_the_same_in_every_version() {
    let request = SyncRequest {
        protocol: 2,
        cursor: 300,
        clock: Hlc(1),
        mutations: vec![a_mutation(json!({
            "actor_pet": "00000000-0000-0000-0000-00000000000a", "energy": 3, "name": null, "released": true
        })).into()],
        ..SyncRequest::default()
    };
    insta::assert_snapshot!(hex(&encode_request(&request)), @"080220ac02390100000000000000624508011102000000000000002a10000000000000000000000000000000013a14080112100000000000000000000000000000000a3a04080220033a04080340013a04080438016a0573776970656a096163746f725f7065746a06656e657267796a046e616d656a0872656c6561736564");
    let reply = SyncReply {
        protocol: 2,
        rows: vec![a_row(json!({"list": [1], "less": -1, "text": "é"}))],
        reset: Some(Reset::Scope),
        ..SyncReply::default()
    };
    insta::assert_snapshot!(hex(&encode_reply(&reply)), @"080292010573636f7065622c1210000000000000000000000000000000011801220408012801220808024a040a022001220608031a02c3a96a046d6f6f6e6a046c6573736a046c6973746a0474657874");
}
