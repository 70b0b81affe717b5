//! Marks planted in what must not get out, and who may hold which.
//!
//! Every private text of family 3 contains `zq3p`; what only its owners' devices may have contains `zq3o`. Wherever a
//! mark turns up that is not the holder's, something has leaked. The table of what a child may have is written here
//! once more on purpose: judging the policy by itself would prove nothing.

use romp_domain::{Fields, Kind, Role};

use crate::oracle::{Violation, broken};

/// What every mark begins with. No id (hexadecimal), word or name of the domain contains it.
const MARK: &str = "zq";

/// A mark for texts that stay in the family.
pub(crate) fn private(family: usize) -> String {
    format!("{MARK}{family}p")
}

/// A mark for texts that stay on owners' devices.
pub(crate) fn owners_only(family: usize) -> String {
    format!("{MARK}{family}o")
}

/// What devices of one family may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entitled {
    pub(crate) family: usize,
}

impl Entitled {
    /// Finds marks that are not for this holder.
    pub(crate) fn check(self, name: &str, role: Role, text: &str) -> Result<(), Violation> {
        let mut rest = text;
        while let Some(at) = rest.find(MARK) {
            rest = &rest[at + MARK.len()..];
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let family: usize = rest[..digits].parse().unwrap_or(usize::MAX);
            let is_owners = rest[digits..].starts_with('o');
            if family != self.family {
                return broken(
                    "9 I4",
                    format!("{name} holds what is private in family {family}: {text}"),
                );
            }
            if is_owners && role == Role::Child {
                return broken(
                    "9 I4",
                    format!("{name} is a child's and holds what is the owners': {text}"),
                );
            }
        }
        Ok(())
    }
}

/// The fields of a pet that a child's device may have.
const PET_FOR_CHILDREN: [&str; 8] = [
    "name",
    "species",
    "breed",
    "sex",
    "energy",
    "play_styles",
    "sociability",
    "birth_month",
];

/// The part of one of the family's own rows that a role may have; none when it may not have the row at all.
pub(crate) fn visible_to(role: Role, kind: Kind, fields: &Fields) -> Option<Fields> {
    if fields.is_deleted() {
        return None;
    }
    match (role, kind) {
        (Role::Owner, _) | (Role::Child, Kind::Child | Kind::Swipe | Kind::Card) => Some(fields.clone()),
        (Role::Child, Kind::Pet) => {
            let mut fields = fields.clone();
            fields
                .0
                .retain(|name, _| PET_FOR_CHILDREN.contains(&name.as_str()) || name == "deleted");
            Some(fields)
        }
        (Role::Child, _) => None,
    }
}

/// The fields that a child's session may set, of any row.
pub(crate) fn child_may_set(kind: Kind, fields: &Fields) -> bool {
    const CHOICE: [&str; 4] = ["actor_pet", "target_pet", "verdict", "by_child"];
    kind == Kind::Swipe && fields.0.keys().all(|name| CHOICE.contains(&name.as_str()))
}
