//! What a switch can turn off, and what nothing can.
//!
//! A switch names operations, not routes: the same operation is a call of the app, a route of the server or a change
//! pushed through sync, and turning it off stops all three. What protects a family is no operation: signing out,
//! consent, hiding, withdrawing, declining, cancelling, removing.

use serde_json::Value;

use super::fields::{Caution, caution_of_change};
use crate::macros::closed_set;
use crate::row::{DELETED, Kind, PlaydateAct};

closed_set! {
    /// Something that can be switched off.
    Operation {
        /// Looking at cards, and choosing.
        Choose = "choose",
        /// Letting a child's yes out.
        Release = "release",
        /// Accepting playdates.
        Meet = "meet",
        /// Adding and changing pets.
        Pets = "pets",
        /// Adding and changing free hours.
        Hours = "hours",
        /// Changing the family's settings and the children's profiles.
        Family = "family",
        /// Letting devices and people in.
        Devices = "devices",
        /// Hearing of news at once.
        Live = "live",
    }
}

/// Whether a route or a call can be switched off, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switchable {
    /// It cannot.
    Never,
    /// It carries changes, and each is judged for itself: [`operation_of_field`], [`operation_of_act`].
    ByChange,
    /// With this operation.
    As(Operation),
}

/// `Never`, `ByChange`, or the name of an operation.
macro_rules! switchable {
    (Never) => {
        $crate::policy::Switchable::Never
    };
    (ByChange) => {
        $crate::policy::Switchable::ByChange
    };
    ($operation:ident) => {
        $crate::policy::Switchable::As($crate::policy::Operation::$operation)
    };
}
pub(crate) use switchable;

/// The operation that setting `field`, where `before` is stored, to `value` is; none for what cannot be switched off.
pub fn operation_of_field(
    kind: Kind,
    field: &str,
    before: Option<&Value>,
    value: &Value,
) -> Option<Operation> {
    let protects =
        field == DELETED || caution_of_change(kind, field, before, value) == Some(Caution::Restricts);
    if protects {
        return None;
    }
    match (kind, field) {
        // Whoever could switch off switching could lock a family out of its own house; and whom a family keeps away is
        // never anybody else's to decide.
        (Kind::Household, "share_consent" | "child_consent")
        | (Kind::Card | Kind::Match | Kind::Playdate | Kind::Switch | Kind::Block, _) => None,
        (Kind::Household | Kind::Child, _) => Some(Operation::Family),
        (Kind::Pet, _) => Some(Operation::Pets),
        (Kind::Slot | Kind::Exception, _) => Some(Operation::Hours),
        (Kind::Swipe, "released") => Some(Operation::Release),
        (Kind::Swipe, _) => Some(Operation::Choose),
    }
}

/// The operation that an act is; none for what cannot be switched off.
pub const fn operation_of_act(act: PlaydateAct) -> Option<Operation> {
    match act {
        PlaydateAct::Accept => Some(Operation::Meet),
        PlaydateAct::Decline | PlaydateAct::Cancel => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_protects_a_family_cannot_be_switched_off() {
        for kind in Kind::ALL {
            assert_eq!(
                operation_of_field(*kind, DELETED, None, &json!(true)),
                None,
                "{kind:?}"
            );
        }
        for (kind, field, value) in [
            (Kind::Household, "share_consent", Value::Null),
            (Kind::Household, "share_consent", json!({"at": 1})),
            (Kind::Household, "child_consent", Value::Null),
            (Kind::Pet, "visible", json!(false)),
            (Kind::Pet, "hold_until", json!("2026-12-01")),
            (Kind::Swipe, "released", json!("no")),
            (Kind::Swipe, "released", Value::Null),
            (Kind::Block, "blocked", json!(true)),
            (Kind::Block, "blocked", json!(false)),
            (Kind::Block, "name", json!("Bella")),
            (Kind::Block, "report", json!("They were rude.")),
        ] {
            assert_eq!(
                operation_of_field(kind, field, None, &value),
                None,
                "{kind:?}.{field} = {value}"
            );
        }
        assert_eq!(operation_of_act(PlaydateAct::Cancel), None);
        assert_eq!(operation_of_act(PlaydateAct::Decline), None);
    }

    #[test]
    fn everything_else_is_an_operation() {
        for (kind, field, value, expected) in [
            (Kind::Swipe, "verdict", json!("no"), Operation::Choose),
            (Kind::Swipe, "released", json!("yes"), Operation::Release),
            (Kind::Pet, "visible", json!(true), Operation::Pets),
            (Kind::Pet, "name", json!("Rex"), Operation::Pets),
            (Kind::Slot, "hours", Value::Null, Operation::Hours),
            (Kind::Household, "area", Value::Null, Operation::Family),
            (Kind::Child, "nickname", json!("Mia"), Operation::Family),
        ] {
            assert_eq!(
                operation_of_field(kind, field, None, &value),
                Some(expected),
                "{kind:?}.{field}"
            );
        }
        assert_eq!(operation_of_act(PlaydateAct::Accept), Some(Operation::Meet));
    }

    #[test]
    fn a_pause_can_be_made_longer_but_not_shorter_while_pets_are_switched_off() {
        let (stored, earlier, later) = (json!("2026-12-02"), json!("2026-12-01"), json!("2026-12-03"));
        for field in ["hold_until", "heat_until"] {
            let operation = |value| operation_of_field(Kind::Pet, field, Some(&stored), value);
            assert_eq!(operation(&earlier), Some(Operation::Pets));
            assert_eq!(operation(&stored), None);
            assert_eq!(operation(&later), None);
        }
    }
}
