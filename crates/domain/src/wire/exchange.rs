//! `POST /v1/sync`: mutations up, rows down, in one round trip.
//!
//! Terms: a **link** is a place in a device's chain of mutations; an **epoch** is one continuous history of a server's
//! database, which ends when the database is put back to an earlier state; a **reset** tells a device that its cursor
//! means nothing any more, and that the rows start from the beginning. `docs/SYNC.md` describes the whole protocol.
//!
//! Absent: how these are encoded (`romp_sync::codec`), and what is done with them.

use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::id::DeviceId;
use crate::macros::closed_set;
#[cfg(feature = "schema")]
use crate::row::Mutation;
use crate::row::{Hlc, Row};
use crate::sent::Sent;

/// The version of the protocol this build speaks. 1 had no chain, no epoch and no digest.
pub const PROTOCOL: u32 = 2;

/// The oldest version that is answered with rows. What an older one sends is still taken in.
pub const OLDEST_PROTOCOL: u32 = 1;

/// Most mutations in one request.
pub const MAX_MUTATIONS: usize = 500;

/// Most bytes of a request's body, after decompression.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Most bytes of an answer, also after decompression. A page of rows has about one megabyte; a server that sends more is
/// faulty.
pub const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Most lists and maps in a request, as JSON writes them; a family's longest rows have a dozen. Each takes hundreds of bytes
/// of memory, and a few in a body.
pub const MAX_NESTED: usize = 16_384;

/// The longest that an answer may wait for something new, in seconds: shorter than the half minute after which some
/// proxies give a silent request up.
pub const MAX_WAIT_S: u32 = 25;

/// A hash over a mutation and everything before it on its device: two devices that share a past and then part have
/// different ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Chain(pub u64);

/// One continuous history of a server's database. Random; 0 is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// The sum of the hashes of all rows that a device holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Digest(pub u64);

/// A place in a device's chain: its state after mutation `mid`. The default is the place before the first one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The number of the mutation.
    pub mid: u64,
    /// The chain after it.
    pub chain: Chain,
}

/// Push and pull.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    /// Protocol version of the device.
    pub protocol: u32,
    /// As which device it speaks. Protocol 1: the one that signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// The epoch that the cursor belongs to; none before the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// The last commit of the household that the device holds completely; 0 at first.
    pub cursor: u64,
    /// The number of what the device may see, as it was told with the rows it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<u64>,
    /// Everything is being pulled anew, begun at this commit: removals up to it need not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anew: Option<u64>,
    /// The device's clock while it sends this; tells the server how wrong it is.
    pub clock: Hlc,
    /// The place in the device's chain after which `mutations` follow; all before it were answered. Protocol 1: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// The device goes on from `link` under a new id, because another one goes on under its old id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopt: bool,
    /// All rows that the device holds, to be compared; sent now and then by a device with nothing else to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// More mutations wait behind these: rows can be told with the last ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// How many seconds the answer may wait for something new, where event streams do not come through. At most
    /// [`MAX_WAIT_S`]; what carries mutations never waits.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_s: u32,
    /// Mutations, contiguous by `mid`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Mutation>))]
    pub mutations: Vec<Sent>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What became of one mutation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It changed the row.
    Applied,
    /// Every field of it was already overtaken by a later change.
    Superseded,
    /// It was refused, and why.
    Rejected {
        /// The reason.
        problem: Problem,
    },
}

/// A mutation's number and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MutationResult {
    /// Its number.
    pub mid: u64,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

closed_set! {
    /// Why a device has to pull everything anew. Its own changes stay.
    Reset {
        /// The server's database was put back to an earlier state.
        Epoch = "epoch",
        /// The cursor lies after the household's last commit: the server lost some.
        Ahead = "ahead",
        /// The cursor is so old that removals after it are forgotten.
        TooOld = "too_old",
        /// What the device may see has changed; what it has may be more than that and must go at once.
        Scope = "scope",
        /// The device's rows are not the server's.
        Digest = "digest",
    }
}

impl Reset {
    /// The reset that a word stands for. One that is not known here is a newer server's: whatever its reason, what it
    /// asks for is that everything is pulled anew.
    pub fn of_word(word: &str) -> Self {
        Self::from_word(word).unwrap_or(Self::Digest)
    }
}

fn a_reset<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Reset>, D::Error> {
    let word = Option::<String>::deserialize(deserializer)?;
    Ok(word.map(|word| Reset::of_word(&word)))
}

/// The answer to a sync.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SyncReply {
    /// Protocol version of the server.
    #[serde(default)]
    pub protocol: u32,
    /// The server's epoch.
    #[serde(default)]
    pub epoch: Epoch,
    /// One result for each mutation of the request, in order; none when they were not taken in.
    pub results: Vec<MutationResult>,
    /// The highest mutation of this device that the server holds.
    pub ack_mid: u64,
    /// The chain after it.
    #[serde(default)]
    pub ack_chain: Chain,
    /// The household's commit at which the acknowledged mutations are visible; 0 in a reply that tells nothing new.
    pub ack_seq: u64,
    /// Set when mutations before the sent ones are missing: send again from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need_from: Option<u64>,
    /// Set when another installation goes on under this device's id (a copy, or a newer state of a restored one):
    /// nothing of the request was taken in; go on under this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<DeviceId>,
    /// Set when the rows start from the beginning, whatever cursor was sent.
    #[serde(
        default,
        deserialize_with = "a_reset",
        skip_serializing_if = "Option::is_none"
    )]
    pub reset: Option<Reset>,
    /// The digest was compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compared: bool,
    /// The device's protocol is too old to be sent rows. What it sent was taken in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outdated: bool,
    /// The number of what the session may see.
    #[serde(default)]
    pub scope: u64,
    /// The household's last commit; 0 in a reply that tells nothing new.
    #[serde(default)]
    pub head: u64,
    /// The server's clock, at least as high as every clock in the household's rows.
    pub clock: Hlc,
    /// Rows that changed since the cursor, as this session may see them, ordered by `seq`.
    pub rows: Vec<Row>,
    /// The cursor after these rows.
    pub cursor: u64,
    /// Whether more rows wait.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{Fields, Kind, Mutation, Op};
    use uuid::Uuid;

    fn mutation() -> Mutation {
        let fields = Fields([("energy".to_owned(), 3.into())].into_iter().collect());
        Mutation {
            mid: 7,
            hlc: Hlc(65_536),
            base_seq: Some(4),
            waited: false,
            kind: Kind::Pet,
            id: Uuid::from_u128(1),
            op: Op::Patch { fields },
        }
    }

    #[test]
    fn a_sync_request_looks_like_this_on_the_wire() {
        let request = SyncRequest {
            protocol: PROTOCOL,
            device: Some(DeviceId(Uuid::from_u128(9))),
            epoch: Some(Epoch(3)),
            cursor: 4,
            clock: Hlc(65_537),
            link: Some(Link {
                mid: 6,
                chain: Chain(11),
            }),
            mutations: vec![mutation().into()],
            ..SyncRequest::default()
        };
        insta::assert_json_snapshot!(request, @r#"
        {
          "protocol": 2,
          "device": "00000000-0000-0000-0000-000000000009",
          "epoch": 3,
          "cursor": 4,
          "clock": 65537,
          "link": {
            "mid": 6,
            "chain": 11
          },
          "mutations": [
            {
              "mid": 7,
              "hlc": 65536,
              "base_seq": 4,
              "kind": "pet",
              "id": "00000000-0000-0000-0000-000000000001",
              "op": "patch",
              "fields": {
                "energy": 3
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_sync_reply_looks_like_this_on_the_wire() {
        let rejected = Outcome::Rejected {
            problem: Problem::new(crate::ErrorCode::Forbidden),
        };
        let reply = SyncReply {
            protocol: PROTOCOL,
            epoch: Epoch(3),
            ack_chain: Chain(12),
            reset: Some(Reset::TooOld),
            results: vec![
                MutationResult {
                    mid: 7,
                    outcome: Outcome::Applied,
                },
                MutationResult {
                    mid: 8,
                    outcome: rejected,
                },
            ],
            ack_mid: 8,
            ack_seq: 5,
            clock: Hlc(65_540),
            rows: vec![Row {
                kind: "pet".into(),
                id: Uuid::from_u128(1),
                seq: 5,
                fields: None,
            }],
            cursor: 5,
            ..SyncReply::default()
        };
        insta::assert_json_snapshot!(reply, @r#"
        {
          "protocol": 2,
          "epoch": 3,
          "results": [
            {
              "mid": 7,
              "outcome": "applied"
            },
            {
              "mid": 8,
              "outcome": "rejected",
              "problem": {
                "code": "forbidden",
                "message": "Only a grown-up of the family can do this."
              }
            }
          ],
          "ack_mid": 8,
          "ack_chain": 12,
          "ack_seq": 5,
          "reset": "too_old",
          "scope": 0,
          "head": 0,
          "clock": 65540,
          "rows": [
            {
              "kind": "pet",
              "id": "00000000-0000-0000-0000-000000000001",
              "seq": 5,
              "fields": null
            }
          ],
          "cursor": 5,
          "more": false
        }
        "#);
    }
}
