//! Who may do what: the one table. Whatever is not in it is denied.
//!
//! Three parts: HTTP endpoints, calls of the app, and fields of synced rows. The server's router and guard, the
//! app's own guard and the authorisation tests are generated from them; a route or a call without a row does not
//! compile.

use crate::macros::closed_set;
use crate::row::Kind;

closed_set! {
    /// The role of a device and its session.
    Role {
        /// An adult's device.
        Owner = "owner",
        /// A child's device.
        Child = "child",
    }
}

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
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $method:ident $path:literal, $access:expr;)+) => {
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
        }
    };
}

endpoints! {
    /// The process lives.
    Live = "live", Get "/health/live", Access::Public;
    /// The database answers.
    Ready = "ready", Get "/health/ready", Access::Public;
    /// A new household.
    Register = "register", Post "/v1/register", Access::Public;
    /// An owner's new session.
    SignIn = "sign_in", Post "/v1/sign-in", Access::Public;
    /// A device joins by code.
    Pair = "pair", Post "/v1/pair", Access::Public;
    /// The session ends.
    SignOut = "sign_out", Post "/v1/sign-out", EVERY_SESSION;
    /// A code for another device of the family.
    CreatePairing = "create_pairing", Post "/v1/pairings", OWNERS;
    /// Push and pull.
    Sync = "sync", Post "/v1/sync", EVERY_SESSION;
    /// Server-sent pokes.
    Events = "events", Get "/v1/events", EVERY_SESSION;
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSet {
    /// None.
    None,
    /// Just these.
    Only(&'static [&'static str]),
    /// Every one but these.
    AllBut(&'static [&'static str]),
}

impl FieldSet {
    /// Every field.
    pub const ALL: Self = Self::AllBut(&[]);

    /// Whether a field is in the set.
    pub fn contains(self, field: &str) -> bool {
        match self {
            Self::None => false,
            Self::Only(names) => names.contains(&field),
            Self::AllBut(names) => !names.contains(&field),
        }
    }
}

/// The fields of `kind` that a session with `role` may set. Rows written by the server alone have none.
pub const fn may_write(role: Role, kind: Kind) -> FieldSet {
    match (role, kind) {
        (Role::Owner, Kind::Household | Kind::Child | Kind::Pet | Kind::Slot | Kind::Exception) => {
            FieldSet::ALL
        }
        (Role::Owner, Kind::Swipe) => FieldSet::AllBut(&["deleted"]),
        (Role::Child, Kind::Swipe) => FieldSet::Only(&["actor_pet", "target_pet", "verdict", "by_child"]),
        (_, Kind::Card | Kind::Match | Kind::Playdate) | (Role::Child, _) => FieldSet::None,
    }
}

/// Whether a session with `role` may accept, decline and cancel playdates.
pub const fn may_act(role: Role) -> bool {
    matches!(role, Role::Owner)
}

/// The fields of `kind` that a device with `role` is ever sent. A kind with none is not sent at all.
pub const fn may_read(role: Role, kind: Kind) -> FieldSet {
    match (role, kind) {
        (Role::Owner, _) | (Role::Child, Kind::Child | Kind::Swipe | Kind::Card) => FieldSet::ALL,
        (Role::Child, Kind::Pet) => FieldSet::Only(&[
            "name",
            "species",
            "breed",
            "sex",
            "energy",
            "play_styles",
            "sociability",
            "birth_month",
            "deleted",
        ]),
        (Role::Child, Kind::Playdate) => FieldSet::AllBut(&["area"]),
        (Role::Child, Kind::Household | Kind::Slot | Kind::Exception | Kind::Match) => FieldSet::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_can_set_nothing_but_its_own_choice() {
        for kind in Kind::ALL {
            let set = may_write(Role::Child, *kind);
            assert!(*kind == Kind::Swipe || set == FieldSet::None, "{kind:?}");
            for field in ["released", "deleted", "visible", "share_consent", "child_consent"] {
                assert!(!set.contains(field), "{kind:?}.{field}");
            }
        }
        assert!(!may_act(Role::Child));
    }

    #[test]
    fn a_childs_device_is_never_sent_what_owners_keep_to_themselves() {
        let pet = may_read(Role::Child, Kind::Pet);
        for field in [
            "owner_notes",
            "vaccinations",
            "hold_until",
            "heat_until",
            "weight_g",
            "needs",
            "triggers",
        ] {
            assert!(!pet.contains(field), "{field}");
        }
        assert!(!may_read(Role::Child, Kind::Playdate).contains("area"));
    }

    #[test]
    fn nobody_writes_what_only_the_server_writes() {
        for kind in [Kind::Card, Kind::Match, Kind::Playdate] {
            assert!(
                Role::ALL
                    .iter()
                    .all(|role| may_write(*role, kind) == FieldSet::None)
            );
        }
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
}
