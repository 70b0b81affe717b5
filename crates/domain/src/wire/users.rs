//! Owners: proving an address, passwords, and further owners by invitation.

use serde::{Deserialize, Serialize};

use super::DeviceInfo;
use crate::id::UserId;
use crate::text::{Email, Password, PersonName, TypedPassword};
use crate::time::UtcMs;

/// `POST /v1/account/verify`: the address is the owner's own, and the code that was mailed to it proves that.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyEmailRequest {
    /// Eight letters and digits, however they are typed.
    pub code: String,
}

/// `POST /v1/account/password`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    /// The one that counts until now: having the device in hand is not enough.
    pub current: TypedPassword,
    /// The one from now on.
    pub password: Password,
}

/// `POST /v1/forgot-password`: a code is mailed, if the address is an owner's. The answer does not tell.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgotPasswordRequest {
    /// The address.
    pub email: Email,
}

/// `POST /v1/reset-password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordRequest {
    /// The address to which the code was mailed.
    pub email: Email,
    /// The code.
    pub code: String,
    /// The password from now on.
    pub password: Password,
}

/// `POST /v1/owners/invite`: an owner asks for a code with which another adult can join the family.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InviteOwnerRequest {
    /// Where the server should mail the code to, if it should.
    #[serde(default)]
    pub email: Option<Email>,
}

/// An invitation to a family.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OwnerInvitationReply {
    /// Sixteen letters and digits in groups.
    pub code: String,
    /// When it ends.
    pub expires_at: UtcMs,
}

/// `POST /v1/owners/join`: somebody who was invited joins. An owner of the family has to confirm it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct JoinAsOwnerRequest {
    /// The invitation.
    pub code: String,
    /// The new owner's address; signs in.
    pub email: Email,
    /// The new owner's password.
    pub password: Password,
    /// The new owner's name.
    pub name: PersonName,
    /// The device.
    pub device: DeviceInfo,
}

/// `POST /v1/owners/confirm`: somebody who waits becomes an owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmOwnerRequest {
    /// Who.
    pub user: UserId,
    /// The password of the owner who does this.
    pub password: TypedPassword,
}

/// `POST /v1/owners/refuse`: about somebody who waits.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WaitingOwnerRequest {
    /// Who.
    pub user: UserId,
}

/// `POST /v1/owners/remove`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveOwnerRequest {
    /// Who.
    pub user: UserId,
    /// The password of the owner who does this.
    pub password: TypedPassword,
}

/// `POST /v1/me/address`: another address, where nobody proved the one until now. A code is mailed to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetAddressRequest {
    /// The address from now on.
    pub email: Email,
    /// The password of the owner who does this.
    pub password: TypedPassword,
}

/// `POST /v1/me/rename`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameRequest {
    /// The name from now on.
    pub name: PersonName,
}

/// An adult of the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OwnerReply {
    /// Who.
    pub user: UserId,
    /// Called.
    pub name: PersonName,
    /// Signs in with.
    pub email: Email,
    /// Whether a code proved that the address is theirs.
    pub verified: bool,
    /// Whether they belong to the family. Before another owner confirmed it, they can do nothing.
    pub confirmed: bool,
}

/// `GET /v1/me`: who is signed in here, and who else belongs to the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MeReply {
    /// Who signed in; none on a device that joined with a code.
    pub me: Option<OwnerReply>,
    /// Everybody who belongs to the family and everybody who waits to, those who came first foremost. Empty while one
    /// waits oneself.
    pub owners: Vec<OwnerReply>,
    /// The family counts as not sharing until somebody of it has proved their address.
    pub unverified: bool,
    /// Whether this server sends mail.
    pub mail: bool,
}

/// Codes are secrets, too.
macro_rules! without_code {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}
without_code!(
    VerifyEmailRequest,
    ResetPasswordRequest,
    OwnerInvitationReply,
    JoinAsOwnerRequest
);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn refuses<T: serde::de::DeserializeOwned>(good: Value) {
        assert!(serde_json::from_value::<T>(good.clone()).is_ok(), "{good}");
        for field in [
            "role",
            "household",
            "family_id",
            "approved_by",
            "confirmed",
            "verified",
            "id",
        ] {
            let mut more = good.clone();
            more[field] = json!("owner");
            assert!(serde_json::from_value::<T>(more).is_err(), "{field} in {good}");
        }
    }

    #[test]
    fn row_05_no_request_about_owners_takes_a_field_too_many() {
        let user = "00000000-0000-0000-0000-000000000007";
        let device = json!({"id": user, "name": "desk"});
        let password = "a password of mine";
        refuses::<VerifyEmailRequest>(json!({"code": "ABCD2345"}));
        refuses::<ChangePasswordRequest>(json!({"current": "x", "password": password}));
        refuses::<ForgotPasswordRequest>(json!({"email": "ann@romp.example"}));
        refuses::<ResetPasswordRequest>(
            json!({"email": "ann@romp.example", "code": "ABCD2345", "password": password}),
        );
        refuses::<InviteOwnerRequest>(json!({"email": null}));
        refuses::<JoinAsOwnerRequest>(json!({
            "code": "ABCD", "email": "ann@romp.example", "password": password, "name": "Ann", "device": device
        }));
        refuses::<ConfirmOwnerRequest>(json!({"user": user, "password": "x"}));
        refuses::<WaitingOwnerRequest>(json!({ "user": user }));
        refuses::<RemoveOwnerRequest>(json!({"user": user, "password": "x"}));
        refuses::<RenameRequest>(json!({"name": "Ann"}));
    }

    #[test]
    fn codes_and_passwords_do_not_print_themselves() {
        let secret = "SECRETSECRET";
        let email = Email::new("ann@romp.example").unwrap();
        let password = Password::new(secret.into()).unwrap();
        let printed = [
            format!("{:?}", VerifyEmailRequest { code: secret.into() }),
            format!(
                "{:?}",
                ResetPasswordRequest {
                    email,
                    code: secret.into(),
                    password
                }
            ),
            format!(
                "{:?}",
                OwnerInvitationReply {
                    code: secret.into(),
                    expires_at: UtcMs(1)
                }
            ),
        ];
        for text in printed {
            assert!(!text.contains(secret), "{text}");
        }
    }

    #[test]
    fn what_a_family_is_told_of_its_owners_looks_like_this() {
        let owner = OwnerReply {
            user: UserId(uuid::Uuid::nil()),
            name: PersonName::new("Ann").unwrap(),
            email: Email::new("ann@romp.example").unwrap(),
            verified: true,
            confirmed: false,
        };
        let reply = MeReply {
            me: Some(owner),
            owners: Vec::new(),
            unverified: true,
            mail: true,
        };
        insta::assert_snapshot!(serde_json::to_string(&reply).unwrap(), @r#"{"me":{"user":"00000000-0000-0000-0000-000000000000","name":"Ann","email":"ann@romp.example","verified":true,"confirmed":false},"owners":[],"unverified":true,"mail":true}"#);
    }
}
