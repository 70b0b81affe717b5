//! The macro that makes names, roles, switches, argument types and the one request type of one table.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{CallName, Request};

/// A call with its reply.
pub trait Call: Serialize {
    /// What it answers.
    type Reply: Serialize + DeserializeOwned;
    /// Its entry in the table.
    const NAME: CallName;
    /// As the one type that crosses the shell.
    fn into_request(self) -> Request;
}

macro_rules! calls {
    ($($(#[$meta:meta])* for [$($role:ident),+] $switch:ident $name:ident = $word:literal { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? } => $reply:ty;)+) => {
        closed_set! {
            /// The names of all calls.
            CallName { $($(#[$meta])* $name = $word),+ }
        }

        impl CallName {
            /// Who may make this call.
            pub const fn roles(self) -> &'static [Role] {
                use Role::{Child, Owner};
                match self { $(Self::$name => &[$($role),+]),+ }
            }

            /// Whether it can be made on an owner's device that is in a child's hands: a child's calls, but for the one
            /// that would give the device to another account.
            pub fn in_a_childs_hands(self) -> bool { self.roles().contains(&Role::Child) && self != Self::Pair }

            /// What turns it off.
            pub const fn switchable(self) -> Switchable { match self { $(Self::$name => switchable!($switch)),+ } }
        }

        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$fmeta])* pub $field: $type),* }

            impl Call for $name {
                type Reply = $reply;
                const NAME: CallName = CallName::$name;
                fn into_request(self) -> Request { Request::$name(self) }
            }
        )+

        /// Any call, as it crosses the shell: `{"call": "pet_save", "with": {…}}`.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[expect(clippy::large_enum_variant, reason = "there is one at a time")]
        #[serde(tag = "call", content = "with")]
        pub enum Request { $($(#[$meta])* #[serde(rename = $word)] $name($name)),+ }

        impl Request {
            /// Its entry in the table.
            pub const fn name(&self) -> CallName { match self { $(Self::$name(_) => CallName::$name),+ } }
        }
    };
}

pub(super) use calls;
