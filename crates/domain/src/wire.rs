//! Bodies of the HTTP interface. Requests refuse unknown fields; replies ignore them, so that a newer server can say
//! more to an older app.

use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::id::{DeviceId, HouseholdId, SessionId};
use crate::policy::Role;
use crate::row::{Hlc, Mutation, Row};
use crate::text::{DeviceName, Email, Password, PersonName, TypedPassword};
use crate::time::UtcMs;

/// The version of the protocol this build speaks.
pub const PROTOCOL: u32 = 1;

/// Most mutations in one request.
pub const MAX_MUTATIONS: usize = 500;

/// Most bytes of a request's body, after decompression.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Which installation is speaking, and how a person would call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceInfo {
    /// Made by the device at its first start.
    pub id: DeviceId,
    /// What a person calls it.
    pub name: DeviceName,
}

/// `POST /v1/register`: a new household with its first owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// Handed out by whoever runs the server. Absent where registration is open.
    #[serde(default)]
    pub invitation: Option<String>,
    /// The owner's address; signs in.
    pub email: Email,
    /// The owner's password.
    pub password: Password,
    /// The owner's name.
    pub name: PersonName,
    /// The device.
    pub device: DeviceInfo,
}

/// `POST /v1/sign-in`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The owner's address.
    pub email: Email,
    /// The password.
    pub password: TypedPassword,
    /// The device.
    pub device: DeviceInfo,
}

/// `POST /v1/pair`: a device joins with a code made on an owner's device.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairRequest {
    /// The code.
    pub code: String,
    /// The device.
    pub device: DeviceInfo,
}

/// The answer to register, sign in and pair.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionReply {
    /// The bearer token; told once, stored hashed.
    pub token: String,
    /// The session.
    pub session: SessionId,
    /// The household.
    pub household: HouseholdId,
    /// What the session may do.
    pub role: Role,
}

impl std::fmt::Debug for SessionReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionReply")
            .field("session", &self.session)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// `POST /v1/pairings`: an owner asks for a code.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairingRequest {
    /// The role that the paired device will have.
    pub role: Role,
}

/// A pairing code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingReply {
    /// Eight letters and digits, without those that look alike.
    pub code: String,
    /// When it ends.
    pub expires_at: UtcMs,
}

/// `POST /v1/sync`: push and pull in one round trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    /// Protocol version of the device.
    pub protocol: u32,
    /// The last commit of the household that the device holds completely; 0 at first.
    pub cursor: u64,
    /// The device's clock while it sends this; tells the server how wrong it is.
    pub clock: Hlc,
    /// Mutations, contiguous by `mid`.
    #[serde(default)]
    pub mutations: Vec<Mutation>,
}

/// What became of one mutation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct MutationResult {
    /// Its number.
    pub mid: u64,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The answer to a sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReply {
    /// One result for each mutation of the request, in order.
    pub results: Vec<MutationResult>,
    /// The highest mutation of this device that the server holds.
    pub ack_mid: u64,
    /// The household's commit at which the acknowledged mutations are visible.
    pub ack_seq: u64,
    /// Set when mutations before the sent ones are missing: send again from here.
    #[serde(default)]
    pub need_from: Option<u64>,
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
    use crate::row::{Fields, Kind, Op};
    use uuid::Uuid;

    fn mutation() -> Mutation {
        let fields = Fields([("energy".to_owned(), 3.into())].into_iter().collect());
        Mutation {
            mid: 7,
            hlc: Hlc(65_536),
            kind: Kind::Pet,
            id: Uuid::from_u128(1),
            op: Op::Patch { fields },
        }
    }

    #[test]
    fn a_sync_request_looks_like_this_on_the_wire() {
        let request = SyncRequest {
            protocol: PROTOCOL,
            cursor: 4,
            clock: Hlc(65_537),
            mutations: vec![mutation()],
        };
        insta::assert_json_snapshot!(request, @r#"
        {
          "protocol": 1,
          "cursor": 4,
          "clock": 65537,
          "mutations": [
            {
              "mid": 7,
              "hlc": 65536,
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
            need_from: None,
            clock: Hlc(65_540),
            rows: vec![Row {
                kind: "pet".into(),
                id: Uuid::from_u128(1),
                seq: 5,
                fields: None,
            }],
            cursor: 5,
            more: false,
        };
        insta::assert_json_snapshot!(reply, @r#"
        {
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
          "ack_seq": 5,
          "need_from": null,
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

    #[test]
    fn requests_refuse_what_they_do_not_know_and_replies_pass_over_it() {
        let mut request = serde_json::json!({"protocol": 1, "cursor": 0, "clock": 0, "household": "x"});
        assert!(serde_json::from_value::<SyncRequest>(request.clone()).is_err());
        request.as_object_mut().unwrap().remove("household");
        assert!(serde_json::from_value::<SyncRequest>(request).is_ok());
        let reply = serde_json::json!({"code": "ABCD", "expires_at": 1, "from_a_newer_server": true});
        assert!(serde_json::from_value::<PairingReply>(reply).is_ok());
    }

    #[test]
    fn what_carries_a_secret_does_not_print_it() {
        let reply = SessionReply {
            token: "SECRET".into(),
            session: SessionId(Uuid::nil()),
            household: HouseholdId(Uuid::nil()),
            role: Role::Owner,
        };
        assert!(!format!("{reply:?}").contains("SECRET"));
        let device = DeviceInfo {
            id: DeviceId(Uuid::nil()),
            name: DeviceName::new("desk").unwrap(),
        };
        let request = SignInRequest {
            email: Email::new("ann@romp.example").unwrap(),
            password: TypedPassword::new("SECRET".into()).unwrap(),
            device,
        };
        assert!(!format!("{request:?}").contains("SECRET"));
    }
}
