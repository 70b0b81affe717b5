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

#[cfg(test)]
mod tests {
    use super::*;

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
