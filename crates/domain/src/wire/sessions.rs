//! A household's sessions: which there are, what they did, and the next token of one.

use serde::{Deserialize, Deserializer, Serialize};

use crate::audit::AuditEvent;
use crate::id::{DeviceId, SessionId};
use crate::policy::Role;
use crate::text::{DeviceName, PersonName, TypedPassword};
use crate::time::UtcMs;

/// A device that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Which session.
    pub id: SessionId,
    /// What a person calls the device.
    pub device: DeviceName,
    /// Which device that is: it stays the same when it is signed in anew. None from an earlier server.
    #[serde(default)]
    pub device_id: Option<DeviceId>,
    /// What it may do.
    pub role: Role,
    /// The owner who signed in; none on a device that joined by code.
    #[serde(default)]
    pub owner: Option<PersonName>,
    /// The owner whose code it joined with, if that is known; none on a device on which somebody signed in.
    #[serde(default)]
    pub by: Option<PersonName>,
    /// Since when.
    pub created_at: UtcMs,
    /// Last used, to a few minutes.
    pub used_at: UtcMs,
    /// It is the one that asked.
    pub this: bool,
}

/// The answer to `GET /v1/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionsReply {
    /// The live ones, the last used first.
    pub sessions: Vec<SessionView>,
}

/// `POST /v1/sessions/revoke`: the session ends, at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeRequest {
    /// Which.
    pub session: SessionId,
    /// The password of the owner who is signed in, for any session but the own one: a stolen token must not end those
    /// that its owner has. None on a device that joined by code, which ends only its like.
    #[serde(default)]
    pub password: Option<TypedPassword>,
}

/// `POST /v1/sessions/revoke-others`: all sessions of the family but the own one end, at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeOthersRequest {
    /// As for one of them.
    #[serde(default)]
    pub password: Option<TypedPassword>,
}

/// `POST /v1/activity`: what happened to the account, and what its sessions called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ActivityRequest {
    /// Only what this session called. The security log is always the household's.
    pub session: Option<SessionId>,
    /// Entries of the security log before this one; none begins with the last.
    pub before: Option<u64>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ActivityReply {
    /// The security log, the last entry first, a page of it.
    pub log: Vec<LogEntryView>,
    /// Ask with this for the entries before; none where there are none.
    #[serde(default)]
    pub before: Option<u64>,
    /// What was called, the last day first, with the first page only.
    #[serde(default)]
    pub calls: Vec<CallCountView>,
}

/// An entry of the security log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LogEntryView {
    /// When.
    pub at: UtcMs,
    /// What.
    #[serde(deserialize_with = "event")]
    pub event: AuditEvent,
    /// By which session, or about which one.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// What that session's device is called, if it is still known.
    #[serde(default)]
    pub device: Option<DeviceName>,
    /// By which owner, or about which one.
    #[serde(default)]
    pub owner: Option<PersonName>,
    /// Words of the code, numbers and ids: a role, the name of an operation.
    #[serde(default)]
    pub detail: String,
}

/// How often a session called something on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CallCountView {
    /// The beginning of the day, in UTC.
    pub day: UtcMs,
    /// Which session.
    pub session: SessionId,
    /// What its device is called, if it is still known.
    #[serde(default)]
    pub device: Option<DeviceName>,
    /// The endpoint's word; or `change:` and a kind, for a change pushed through sync.
    pub what: String,
    /// `ok`, or the code with which it was refused.
    pub outcome: String,
    /// How often.
    pub count: u64,
}

/// The answer to `POST /v1/session/rotate`: the next token. The one before works until this one is first used.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RotateReply {
    /// The bearer token; told once, stored hashed.
    pub token: String,
}

impl std::fmt::Debug for RotateReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RotateReply(…)")
    }
}

/// A newer server may write events that this build does not know.
fn event<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AuditEvent, D::Error> {
    Ok(AuditEvent::of_word(&String::deserialize(deserializer)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_looks_like_this_and_an_event_of_a_newer_server_can_be_read() {
        let text = r#"{"log":[{"at":7,"event":"teleported","detail":"child"}],"newer":1}"#;
        let page: ActivityReply = serde_json::from_str(text).unwrap();
        assert_eq!(page.log[0].event, AuditEvent::Other);
        insta::assert_snapshot!(serde_json::to_string(&page).unwrap(), @r#"{"log":[{"at":7,"event":"other","session":null,"device":null,"owner":null,"detail":"child"}],"before":null,"calls":[]}"#);
    }

    #[test]
    fn the_next_token_does_not_print_itself() {
        let reply = RotateReply {
            token: "SECRET".into(),
        };
        assert!(!format!("{reply:?}").contains("SECRET"));
    }
}
