//! The chain of a device's mutations: a hash over each and everything before it.
//!
//! Two copies of a device share a past and then part; from there on their chains differ, and the server sees that
//! what one of them sends does not follow what the other one sent. The hash is cut to eight bytes: nobody gains by a
//! collision, because a device can only mislead the server about itself.
//!
//! Source of the idea: hash-linked logs (Haber and Stornetta, "How to time-stamp a digital document", 1991).

use romp_domain::sent::Envelope;
use romp_domain::wire::{Chain, Link};
use romp_domain::{Fields, Mutation, Op, Sent};
use serde::Serialize;
use serde_json::Value;

/// More bytes than most mutations have.
const ROOM: usize = 512;

/// The place after `mutation`, which follows `before`.
///
/// Hashed is the mutation as it is sent, its operation as JSON: fields are ordered by name, so both sides write the
/// same text. Whether it waited is left out: servers that are older than that word hash the same.
pub fn link_after(before: Link, mutation: &Sent) -> Link {
    let Envelope {
        mid,
        hlc,
        base_seq,
        id,
        ..
    } = mutation.envelope();
    // Gathered first: a hasher takes many small pieces much slower than a long one.
    let mut bytes = Vec::with_capacity(ROOM);
    bytes.extend_from_slice(&before.chain.0.to_le_bytes());
    bytes.extend_from_slice(&mid.to_le_bytes());
    bytes.extend_from_slice(&hlc.0.to_le_bytes());
    // One more than the number, so that none differs from every number.
    let base_seq = base_seq.map_or(0, |seq| u128::from(seq) + 1);
    bytes.extend_from_slice(&base_seq.to_le_bytes());
    bytes.extend_from_slice(mutation.kind().as_bytes());
    bytes.extend_from_slice(id.as_bytes());
    match mutation {
        Sent::Known(Mutation {
            op: Op::Patch { fields },
            ..
        }) => write_patch(&mut bytes, fields),
        Sent::Known(known) => write(&mut bytes, &known.op),
        Sent::Foreign(foreign) => write(&mut bytes, foreign.operation()),
    }
    let mut chain = [0; 8];
    chain.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..8]);
    Link {
        mid,
        chain: Chain(u64::from_le_bytes(chain)),
    }
}

fn write(bytes: &mut Vec<u8>, value: &impl Serialize) {
    // Writing JSON into memory cannot fail.
    let _ = serde_json::to_writer(bytes, value);
}

/// A patch as `serde_json` writes it, in a third of the time: nearly all of it is short text, and there are very many.
fn write_patch(bytes: &mut Vec<u8>, fields: &Fields) {
    bytes.extend_from_slice(br#"{"op":"patch","fields":{"#);
    for (number, (name, value)) in fields.0.iter().enumerate() {
        if number > 0 {
            bytes.push(b',');
        }
        write_text(bytes, name);
        bytes.push(b':');
        match value {
            Value::Null => bytes.extend_from_slice(b"null"),
            Value::String(text) => write_text(bytes, text),
            other => write(bytes, other),
        }
    }
    bytes.extend_from_slice(b"}}");
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    // Looked at to the end, whatever is found: that way many bytes are looked at together.
    let is_odd = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |odd, byte| odd | is_odd(byte)) {
        return write(bytes, &text);
    }
    bytes.push(b'"');
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use romp_domain::{Hlc, Kind, PlaydateAct};
    use uuid::Uuid;

    fn mutation() -> Mutation {
        Mutation {
            mid: 1,
            hlc: Hlc(2),
            base_seq: Some(3),
            waited: false,
            kind: Kind::Pet,
            id: Uuid::from_u128(4),
            op: Op::Patch {
                fields: Fields::removal(),
            },
        }
    }

    #[test]
    fn everything_of_a_mutation_and_of_its_past_counts() {
        let start = Link::default();
        let one = link_after(start, &mutation().into());
        assert_eq!(link_after(start, &mutation().into()), one);
        assert_eq!(one.mid, 1);
        let act = Op::Act {
            act: PlaydateAct::Accept,
            expect_rev: 1,
        };
        let others = [
            Mutation { mid: 2, ..mutation() },
            Mutation {
                hlc: Hlc(3),
                ..mutation()
            },
            Mutation {
                base_seq: None,
                waited: false,
                ..mutation()
            },
            Mutation {
                base_seq: Some(0),
                waited: false,
                ..mutation()
            },
            Mutation {
                kind: Kind::Slot,
                ..mutation()
            },
            Mutation {
                id: Uuid::from_u128(5),
                ..mutation()
            },
            Mutation {
                op: act,
                ..mutation()
            },
        ];
        for other in &others {
            assert_ne!(
                link_after(start, &other.clone().into()).chain,
                one.chain,
                "{other:?}"
            );
        }
        let elsewhere = Link {
            chain: Chain(1),
            ..start
        };
        assert_ne!(link_after(elsewhere, &mutation().into()).chain, one.chain);
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ -~\\x00-\\x7f]{0,40}".prop_map(Value::from),
            proptest::collection::vec(any::<String>(), 0..3).prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn a_patch_is_hashed_as_it_is_sent(fields in proptest::collection::btree_map(any::<String>(), value(), 0..6)) {
            let fields = Fields(fields.into_iter().map(|(name, value)| (romp_domain::Name::from(name), value)).collect());
            let mut bytes = Vec::new();
            write_patch(&mut bytes, &fields);
            let sent = serde_json::to_string(&Op::Patch { fields }).unwrap();
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), sent);
        }
    }

    #[test]
    fn the_chain_is_the_same_in_every_version() {
        assert_eq!(
            link_after(Link::default(), &mutation().into()).chain,
            Chain(9_412_400_272_738_659_861)
        );
    }

    #[test]
    fn row_59_of_what_this_build_does_not_know_is_hashed_what_the_newer_one_hashed() {
        let sent = |operation: &str| -> Sent {
            let id = Uuid::from_u128(4);
            let text =
                format!(r#"{{"mid":1,"hlc":2,"base_seq":3,"kind":"x_badge","id":"{id}",{operation}}}"#);
            serde_json::from_str(&text).unwrap()
        };
        for operation in [
            r#""op":"patch","fields":{"colour":"green","size":2}"#,
            r#""op":"x_merge","into":7,"with":["a"]"#,
        ] {
            let mut bytes = vec![0; 8];
            bytes.extend(1_u64.to_le_bytes());
            bytes.extend(2_u64.to_le_bytes());
            bytes.extend(4_u128.to_le_bytes());
            bytes.extend(b"x_badge");
            bytes.extend(4_u128.to_be_bytes());
            bytes.extend(format!("{{{operation}}}").as_bytes());
            let hash = blake3::hash(&bytes);
            let expected = u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap());
            assert_eq!(
                link_after(Link::default(), &sent(operation)).chain,
                Chain(expected),
                "{operation}"
            );
        }
    }
}
