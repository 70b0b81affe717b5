//! Arbitrary requests and replies.

use proptest::prelude::*;
use romp_domain::sent::Operation;
use romp_domain::wire::{Chain, Digest, Epoch, Link, MutationResult, Outcome, Reset, SyncReply, SyncRequest};
use romp_domain::{DeviceId, ErrorCode, Fields, Hlc, Kind, Mutation, Op, PlaydateAct, Problem, Row, Sent};
use serde_json::{Map, Value};
use uuid::Uuid;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Eighths are exact in every notation.
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        any::<String>().prop_map(Value::from),
        id_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Ids as they are written, and what looks almost like them.
fn id_text() -> impl Strategy<Value = String> {
    (any::<u128>(), 0..4).prop_map(|(n, form)| {
        let id = Uuid::from_u128(n);
        match form {
            0 => id.to_string(),
            1 => id.to_string().to_uppercase(),
            2 => id.simple().to_string(),
            _ => id.urn().to_string(),
        }
    })
}

fn fields() -> impl Strategy<Value = Fields> {
    let name = prop_oneof!["[a-e]", any::<String>()];
    proptest::collection::btree_map(name, value(), 0..6).prop_map(|map| Fields(map.into_iter().collect()))
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        fields().prop_map(|fields| Op::Patch { fields }),
        (proptest::sample::select(PlaydateAct::ALL), any::<u32>())
            .prop_map(|(act, expect_rev)| Op::Act { act, expect_rev }),
    ]
}

/// Mostly of this build's words, and now and then of a newer one's.
fn mutation() -> impl Strategy<Value = Sent> {
    let words = ("x_[a-c]{0,3}", "(x_[a-c]{0,3}|patch|act)", fields());
    prop_oneof![
        4 => known().prop_map(Sent::Known),
        1 => (known(), words).prop_map(|(known, (kind, op, fields))| {
            let envelope = Sent::Known(known).envelope();
            let parts = if op == "patch" {
                Map::from_iter([("fields".to_owned(), serde_json::to_value(fields).unwrap())])
            } else {
                // As an operation says its own word, so no part of it is called so.
                let named = |(name, value)| (format!("x_{name}"), value);
                fields.0.into_iter().map(named).collect()
            };
            Sent::read(envelope, kind, Operation { op, parts }).unwrap()
        }),
    ]
}

fn known() -> impl Strategy<Value = Mutation> {
    let envelope = (
        any::<u64>(),
        any::<u64>(),
        any::<Option<u64>>(),
        any::<bool>(),
        proptest::sample::select(Kind::ALL),
        any::<u128>(),
    );
    (envelope, op()).prop_map(|((mid, hlc, base_seq, waited, kind, id), op)| Mutation {
        mid,
        hlc: Hlc(hlc),
        base_seq,
        waited,
        kind,
        id: Uuid::from_u128(id),
        op,
    })
}

pub(super) fn request() -> impl Strategy<Value = SyncRequest> {
    let first = (
        any::<u32>(),
        any::<Option<u128>>(),
        any::<Option<u64>>(),
        any::<u64>(),
        any::<Option<u64>>(),
        any::<Option<u64>>(),
    );
    let second = (
        any::<u64>(),
        any::<Option<(u64, u64)>>(),
        any::<[bool; 2]>(),
        any::<Option<u64>>(),
        any::<u32>(),
        proptest::collection::vec(mutation(), 0..5),
    );
    (first, second).prop_map(
        |(
            (protocol, device, epoch, cursor, scope, anew),
            (clock, link, [adopt, more], digest, wait_s, mutations),
        )| {
            SyncRequest {
                protocol,
                device: device.map(|id| DeviceId(Uuid::from_u128(id))),
                epoch: epoch.map(Epoch),
                cursor,
                scope,
                anew,
                clock: Hlc(clock),
                link: link.map(|(mid, chain)| Link {
                    mid,
                    chain: Chain(chain),
                }),
                adopt,
                digest: digest.map(Digest),
                more,
                wait_s,
                mutations,
            }
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let problem = (
        proptest::sample::select(ErrorCode::ALL),
        any::<String>(),
        any::<Option<String>>(),
        any::<Option<u32>>(),
        proptest::collection::vec(any::<String>(), 0..3),
    );
    prop_oneof![
        Just(Outcome::Applied),
        Just(Outcome::Superseded),
        problem.prop_map(
            |(code, message, field, retry_after_s, refused)| Outcome::Rejected {
                problem: Problem {
                    code,
                    message,
                    field,
                    retry_after_s,
                    refused,
                }
            }
        ),
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let kind = prop_oneof!["[a-c]", any::<String>()];
    (kind, any::<u128>(), any::<u64>(), proptest::option::of(fields())).prop_map(|(kind, id, seq, fields)| {
        Row {
            kind,
            id: Uuid::from_u128(id),
            seq,
            fields,
        }
    })
}

pub(super) fn reply() -> impl Strategy<Value = SyncReply> {
    let numbers = proptest::array::uniform8(any::<u64>());
    let maybe = (
        any::<Option<u64>>(),
        any::<Option<u128>>(),
        proptest::option::of(proptest::sample::select(Reset::ALL)),
        proptest::array::uniform3(any::<bool>()),
        any::<u32>(),
    );
    let result = (any::<u64>(), outcome()).prop_map(|(mid, outcome)| MutationResult { mid, outcome });
    let lists = (
        proptest::collection::vec(result, 0..4),
        proptest::collection::vec(row(), 0..5),
    );
    (numbers, maybe, lists).prop_map(
        |(numbers, (need_from, fork, reset, [compared, outdated, more], protocol), (results, rows))| {
            SyncReply {
                protocol,
                epoch: Epoch(numbers[0]),
                results,
                ack_mid: numbers[1],
                ack_chain: Chain(numbers[2]),
                ack_seq: numbers[3],
                need_from,
                fork: fork.map(|id| DeviceId(Uuid::from_u128(id))),
                reset,
                compared,
                outdated,
                scope: numbers[4],
                head: numbers[5],
                clock: Hlc(numbers[6]),
                rows,
                cursor: numbers[7],
                more,
            }
        },
    )
}
