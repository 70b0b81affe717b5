//! The HTTP endpoints: path, who may, how often, and whether a switch can turn it off.

use super::{RateClass, Role, Switchable, switchable};
use crate::macros::closed_set;

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a session.
    Public,
    /// A session with one of these roles.
    Roles(&'static [Role]),
}

/// HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does.
    Post,
}

const OWNERS: Access = Access::Roles(&[Role::Owner]);
const EVERY_SESSION: Access = Access::Roles(Role::ALL);

macro_rules! endpoints {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $method:ident $path:literal, $access:expr, $rate:ident, $switch:ident;)+) => {
        closed_set! {
            /// The HTTP endpoints.
            Endpoint { $($(#[$meta])* $variant = $word),+ }
        }

        impl Endpoint {
            /// Its method.
            pub const fn method(self) -> Method { match self { $(Self::$variant => Method::$method),+ } }
            /// Its path.
            pub const fn path(self) -> &'static str { match self { $(Self::$variant => $path),+ } }
            /// Who may call it.
            pub const fn access(self) -> Access { match self { $(Self::$variant => $access),+ } }
            /// How often.
            pub const fn rate(self) -> RateClass { match self { $(Self::$variant => RateClass::$rate),+ } }
            /// What turns it off.
            pub const fn switchable(self) -> Switchable { match self { $(Self::$variant => switchable!($switch)),+ } }
        }
    };
}

endpoints! {
    /// The process lives.
    Live = "live", Get "/health/live", Access::Public, Health, Never;
    /// The database answers.
    Ready = "ready", Get "/health/ready", Access::Public, Health, Never;
    /// The description of all endpoints.
    OpenApi = "open_api", Get "/v1/openapi.json", Access::Public, Account, Never;
    /// A new household.
    Register = "register", Post "/v1/register", Access::Public, Guess, Never;
    /// An owner's new session.
    SignIn = "sign_in", Post "/v1/sign-in", Access::Public, Guess, Never;
    /// A device joins by code.
    Pair = "pair", Post "/v1/pair", Access::Public, Guess, Never;
    /// The session ends.
    SignOut = "sign_out", Post "/v1/sign-out", EVERY_SESSION, Account, Never;
    /// Everything of the family goes, for good.
    DeleteAccount = "delete_account", Post "/v1/account/delete", OWNERS, Account, Never;
    /// A mailed code proves an owner's address.
    VerifyEmail = "verify_email", Post "/v1/account/verify", OWNERS, Account, Never;
    /// Such a code, once more.
    SendCodeAgain = "send_code_again", Post "/v1/account/send-code", OWNERS, Account, Never;
    /// Another password.
    ChangePassword = "change_password", Post "/v1/account/password", OWNERS, Account, Never;
    /// A code for somebody who forgot theirs.
    ForgotPassword = "forgot_password", Post "/v1/forgot-password", Access::Public, Guess, Never;
    /// Another password, with that code.
    ResetPassword = "reset_password", Post "/v1/reset-password", Access::Public, Guess, Never;
    /// Who is signed in, and who belongs to the family.
    Me = "me", Get "/v1/me", OWNERS, Account, Never;
    /// Another name for oneself.
    Rename = "rename", Post "/v1/me/rename", OWNERS, Account, Never;
    /// Another address than the one that was not proved.
    SetAddress = "set_address", Post "/v1/me/address", OWNERS, Account, Never;
    /// A code for another owner of the family.
    InviteOwner = "invite_owner", Post "/v1/owners/invite", OWNERS, Account, Devices;
    /// Whoever was invited joins.
    JoinAsOwner = "join_as_owner", Post "/v1/owners/join", Access::Public, Guess, Never;
    /// An owner lets them in.
    ConfirmOwner = "confirm_owner", Post "/v1/owners/confirm", OWNERS, Account, Devices;
    /// Or does not.
    RefuseOwner = "refuse_owner", Post "/v1/owners/refuse", OWNERS, Account, Never;
    /// An owner leaves the family, because another one says so.
    RemoveOwner = "remove_owner", Post "/v1/owners/remove", OWNERS, Account, Never;
    /// A code for another device of the family.
    CreatePairing = "create_pairing", Post "/v1/pairings", OWNERS, Account, Devices;
    /// The session's next token.
    RotateToken = "rotate_token", Post "/v1/session/rotate", EVERY_SESSION, Account, Never;
    /// Which devices are signed in.
    Sessions = "sessions", Get "/v1/sessions", OWNERS, Account, Never;
    /// A session of the family ends.
    RevokeSession = "revoke_session", Post "/v1/sessions/revoke", OWNERS, Account, Never;
    /// All other sessions of the family end.
    RevokeOthers = "revoke_others", Post "/v1/sessions/revoke-others", OWNERS, Account, Never;
    /// What happened to the account, and what its sessions called.
    Activity = "activity", Post "/v1/activity", OWNERS, Account, Never;
    /// Push and pull.
    Sync = "sync", Post "/v1/sync", EVERY_SESSION, Exchange, ByChange;
    /// Server-sent pokes.
    Events = "events", Get "/v1/events", EVERY_SESSION, Stream, Live;
}

impl Endpoint {
    /// Whether an owner may call it whom no other owner has confirmed yet: to ask how it stands, and to leave.
    pub const fn while_waiting(self) -> bool {
        matches!(self, Self::Me | Self::SignOut | Self::DeleteAccount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_09_whoever_waits_to_be_confirmed_may_ask_how_it_stands_and_leave() {
        let allowed: Vec<_> = Endpoint::ALL
            .iter()
            .filter(|endpoint| endpoint.while_waiting())
            .map(|endpoint| endpoint.word())
            .collect();
        assert_eq!(allowed, ["sign_out", "delete_account", "me"]);
    }

    #[test]
    fn no_two_endpoints_share_a_path() {
        for (i, endpoint) in Endpoint::ALL.iter().enumerate() {
            assert!(
                Endpoint::ALL[i + 1..]
                    .iter()
                    .all(|other| other.path() != endpoint.path())
            );
        }
    }

    #[test]
    fn the_ways_out_cannot_be_switched_off() {
        for endpoint in [Endpoint::SignOut, Endpoint::DeleteAccount, Endpoint::SignIn] {
            assert_eq!(endpoint.switchable(), Switchable::Never, "{endpoint:?}");
        }
    }
}
