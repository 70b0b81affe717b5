//! What the server in memory tells a child's device.

use romp_domain::policy::{FieldSet, may_read};
use romp_domain::{Fields, Kind, Role};

/// Whether a row is one that a child's device is told of: of playdates, what was agreed.
pub(super) fn is_a_childs(kind: &str, fields: Option<&Fields>) -> bool {
    let agreed = |fields: &Fields| fields.0.get("confirmed_at").is_some_and(|at| !at.is_null());
    kind != Kind::Playdate.word() || fields.is_none_or(agreed)
}

/// The fields of a row that a device with `role` is sent.
pub(super) fn readable(role: Role, kind: &str) -> FieldSet {
    Kind::from_word(kind).map_or(FieldSet::ALL, |kind| may_read(role, kind))
}
