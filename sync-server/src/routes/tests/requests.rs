//! What each endpoint reads.

use romp_domain::policy::Endpoint;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::rig::PASSWORD;

/// Strong enough to be taken.
pub(super) const ANOTHER: &str = "velvet anchor cinnamon orbit";

/// A body that its endpoint reads and would act on, naming `id` as the session, row, device or user where it takes one:
/// what is refused is refused for who asks, or for what a code or a password is. No arm for all others: a new endpoint has to
/// say what it reads.
pub(super) fn body(endpoint: Endpoint, id: Uuid) -> Value {
    let password = PASSWORD;
    let email = "owner1@example.org";
    let code = "ABCD2345";
    let device = json!({"id": Uuid::from_u128(77), "name": "Tablet"});
    match endpoint {
        Endpoint::RevokeSession => json!({ "session": id, "password": password }),
        Endpoint::Activity => json!({ "session": id }),
        Endpoint::Sync => json!({"protocol": 2, "cursor": 0, "clock": 1 << 16, "mutations": [{
            "mid": 1, "hlc": 1 << 16, "kind": "playdate", "id": id, "op": "act", "act": "cancel", "expect_rev": 1
        }]}),
        Endpoint::DeleteAccount | Endpoint::RevokeOthers => json!({ "password": password }),
        Endpoint::CreatePairing => json!({"role": "owner", "password": password}),
        Endpoint::VerifyEmail => json!({ "code": code }),
        Endpoint::ChangePassword => json!({"current": password, "password": ANOTHER}),
        Endpoint::SetAddress => json!({"email": "mallory@example.org", "password": password}),
        Endpoint::Rename => json!({"name": "Mallory"}),
        Endpoint::InviteOwner => json!({ "email": null }),
        Endpoint::ConfirmOwner | Endpoint::RemoveOwner => json!({"user": id, "password": password}),
        Endpoint::RefuseOwner => json!({ "user": id }),
        Endpoint::Register => {
            json!({"email": "new@example.org", "password": password, "name": "Ann", "device": device})
        }
        Endpoint::SignIn => json!({"email": email, "password": password, "device": device}),
        Endpoint::Pair => json!({"code": code, "device": device}),
        Endpoint::ForgotPassword => json!({ "email": email }),
        Endpoint::ResetPassword => json!({"email": email, "code": code, "password": ANOTHER}),
        Endpoint::JoinAsOwner => {
            json!({"code": code, "email": "ben@example.org", "password": password, "name": "Ben", "device": device})
        }
        Endpoint::SignOut
        | Endpoint::SendCodeAgain
        | Endpoint::Me
        | Endpoint::RotateToken
        | Endpoint::Sessions
        | Endpoint::Events
        | Endpoint::Live
        | Endpoint::Ready
        | Endpoint::OpenApi => json!({}),
    }
}

/// Whether [`body`] names something by its id.
pub(super) fn names(endpoint: Endpoint) -> bool {
    body(endpoint, Uuid::from_u128(1)) != body(endpoint, Uuid::from_u128(2))
}
