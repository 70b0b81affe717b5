//! Bodies of the HTTP interface. Requests refuse unknown fields; replies ignore them, so that a newer server can say
//! more to an older app.
//!
//! Here: how devices get in and out. In `exchange`: push and pull. In `sessions`: which there are, and what they did.
//! In `users`: owners, their addresses and passwords.

mod exchange;
mod sessions;
mod users;

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, HouseholdId, SessionId};
use crate::policy::Role;
use crate::text::{DeviceName, Email, Password, PersonName, TypedPassword};
use crate::time::UtcMs;

pub use exchange::{
    Chain, Digest, Epoch, Link, MAX_ANSWER_BYTES, MAX_BODY_BYTES, MAX_MUTATIONS, MAX_NESTED, MAX_WAIT_S,
    MutationResult, OLDEST_PROTOCOL, Outcome, PROTOCOL, Reset, SyncReply, SyncRequest,
};
pub use sessions::{
    ActivityReply, ActivityRequest, CallCountView, LogEntryView, RevokeOthersRequest, RevokeRequest,
    RotateReply, SessionView, SessionsReply,
};
pub use users::{
    ChangePasswordRequest, ConfirmOwnerRequest, ForgotPasswordRequest, InviteOwnerRequest,
    JoinAsOwnerRequest, MeReply, OwnerInvitationReply, OwnerReply, RemoveOwnerRequest, RenameRequest,
    ResetPasswordRequest, SetAddressRequest, VerifyEmailRequest, WaitingOwnerRequest,
};

/// Which installation is speaking, and how a person would call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceInfo {
    /// Made by the device at its first start.
    pub id: DeviceId,
    /// What a person calls it.
    pub name: DeviceName,
}

/// `POST /v1/register`: a new household with its first owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
    /// The household that the device belonged to on a server that has lost it: it is founded again under its own id,
    /// so that its other devices still fit. Absent on a device that is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
}

/// `POST /v1/sign-in`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PairRequest {
    /// The code.
    pub code: String,
    /// The device.
    pub device: DeviceInfo,
}

/// The answer to register, sign in and pair.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PairingRequest {
    /// The role that the paired device will have.
    pub role: Role,
    /// The password of the owner who is signed in: what a stolen token lets in would stay when the token is gone.
    pub password: TypedPassword,
}

/// `POST /v1/account/delete`: everything of the family goes, on the server and on its devices.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteAccountRequest {
    /// The password of the owner who is signed in: having the device in hand is not enough.
    pub password: TypedPassword,
}

/// A pairing code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PairingReply {
    /// Eight letters and digits, without those that look alike.
    pub code: String,
    /// When it ends.
    pub expires_at: UtcMs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
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
