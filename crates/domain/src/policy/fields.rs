//! Fields of synced rows: who may set them, who is sent them, and which changes protect the family.

use serde::Deserialize;
use serde_json::Value;

use super::Role;
use crate::row::{DELETED, Kind};
use crate::switch::{QuietHours, SwitchScope};

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
        // A choice is changed and a block is lifted: a row that is removed could not be made again.
        (Role::Owner, Kind::Swipe | Kind::Block) => FieldSet::AllBut(&["deleted"]),
        // Whose it is, the server writes.
        (Role::Owner, Kind::Switch) => FieldSet::AllBut(&["author", "zone"]),
        (Role::Child, Kind::Swipe) => FieldSet::Only(&["actor_pet", "target_pet", "verdict", "by_child"]),
        (_, Kind::Card | Kind::Match | Kind::Playdate) | (Role::Child, _) => FieldSet::None,
    }
}

/// Whether a session with `role` may accept, decline and cancel playdates, and take back matches.
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
        (Role::Child, Kind::Switch) => FieldSet::AllBut(&["author"]),
        (Role::Child, Kind::Household | Kind::Slot | Kind::Exception | Kind::Match | Kind::Block) => {
            FieldSet::None
        }
    }
}

/// What setting a field to a value does to the family's protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caution {
    /// Hides, pauses or withdraws: always takes effect.
    Restricts,
    /// Shows, resumes, consents or releases: takes effect only for somebody who had seen the last restriction.
    Loosens,
}

/// Whether setting `field` to `value` restricts or loosens; none for fields that protect nobody.
pub fn caution(kind: Kind, field: &str, value: &Value) -> Option<Caution> {
    let loosens = match (kind, field) {
        (Kind::Pet, "visible") => value == &Value::Bool(true),
        (Kind::Pet, "hold_until" | "heat_until") => value.is_null(),
        (Kind::Household, "share_consent" | "child_consent") => !value.is_null(),
        (Kind::Swipe, "released") => value == "yes",
        (Kind::Switch, "on") | (Kind::Block, "blocked") => value == &Value::Bool(false),
        (Kind::Switch, DELETED) => true,
        _ => return None,
    };
    Some(if loosens {
        Caution::Loosens
    } else {
        Caution::Restricts
    })
}

/// The same for a change, where what was there before matters: a switch that is made longer, wider, or to turn more off,
/// restricts; one that is made shorter or narrower loosens, and so does one that is for others now, or at other hours.
/// So does a pause that is made shorter.
pub fn caution_of_change(kind: Kind, field: &str, before: Option<&Value>, value: &Value) -> Option<Caution> {
    if let (Kind::Pet, "hold_until" | "heat_until", Some(before)) = (kind, field, before) {
        let (before, after) = (date(before), date(value));
        let restricts = after.is_some() && before <= after;
        return Some(if restricts {
            Caution::Restricts
        } else {
            Caution::Loosens
        });
    }
    let before = before.filter(|_| kind == Kind::Switch);
    let restricts = match (field, before) {
        ("ends_at" | "starts_at" | "hours" | "operations" | "scope", Some(before)) if before == value => {
            return None;
        }
        ("ends_at" | "hours", Some(_)) if value.is_null() => true,
        ("ends_at" | "hours", Some(Value::Null)) => false,
        ("ends_at", Some(before)) => before.as_i64() < value.as_i64(),
        ("starts_at", Some(before)) => value.as_i64() < before.as_i64(),
        ("hours", Some(before)) => cover(value, before),
        ("scope", Some(before)) => has_all_of(value, before),
        ("operations", Some(before)) => {
            let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
            let after = all(value);
            all(before).iter().all(|operation| after.contains(operation))
        }
        _ => return caution(kind, field, value),
    };
    Some(if restricts {
        Caution::Restricts
    } else {
        Caution::Loosens
    })
}

/// Whether quiet hours begin on all days on which others begin, no later than these, and end no earlier.
fn cover(hours: &Value, others: &Value) -> bool {
    let read = |value| QuietHours::deserialize(value).ok();
    let (Some(hours), Some(others)) = (read(hours), read(others)) else {
        return false;
    };
    hours.weekdays().is_superset(others.weekdays())
        && hours.start() <= others.start()
        && others.end_after_midnight() <= hours.end_after_midnight()
}

/// Whether everybody whom another scope concerns is in this one, whoever they are.
fn has_all_of(scope: &Value, other: &Value) -> bool {
    let read = |value| SwitchScope::deserialize(value).ok();
    matches!(
        (read(scope), read(other)),
        (Some(SwitchScope::Household), Some(_))
            | (Some(SwitchScope::Children), Some(SwitchScope::Child { .. }))
    )
}

/// The date that a value is, read as it is read of a row: dates can be written in more than one way.
fn date(value: &Value) -> Option<jiff::civil::Date> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// A number for what a role is sent, which changes when the table does. A device that was sent rows under another
/// number may hold more than it should.
pub fn scope(role: Role) -> u64 {
    // FNV-1a (Fowler, Noll, Vo): a number that is the same in every build.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(role.word());
    for kind in Kind::ALL {
        let (sign, names): (&str, &[&str]) = match may_read(role, *kind) {
            FieldSet::None => continue,
            FieldSet::Only(names) => ("+", names),
            FieldSet::AllBut(names) => ("-", names),
        };
        add(kind.word());
        add(sign);
        for name in names {
            add(name);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
    fn what_hides_pauses_and_withdraws_is_told_from_what_shows_and_consents() {
        use Caution::{Loosens, Restricts};
        for (kind, field, value, expected) in [
            (Kind::Pet, "visible", json!(false), Some(Restricts)),
            (Kind::Pet, "visible", json!(true), Some(Loosens)),
            (Kind::Pet, "hold_until", json!("2026-12-01"), Some(Restricts)),
            (Kind::Pet, "heat_until", Value::Null, Some(Loosens)),
            (Kind::Household, "share_consent", Value::Null, Some(Restricts)),
            (Kind::Household, "child_consent", json!({"at": 1}), Some(Loosens)),
            (Kind::Swipe, "released", json!("yes"), Some(Loosens)),
            (Kind::Swipe, "released", json!("no"), Some(Restricts)),
            (Kind::Swipe, "released", Value::Null, Some(Restricts)),
            (Kind::Block, "blocked", json!(true), Some(Restricts)),
            (Kind::Block, "blocked", json!(false), Some(Loosens)),
            (Kind::Block, "name", Value::Null, None),
            (Kind::Pet, "name", Value::Null, None),
            (Kind::Child, "visible", json!(true), None),
        ] {
            assert_eq!(
                caution(kind, field, &value),
                expected,
                "{kind:?}.{field} = {value}"
            );
        }
    }

    #[test]
    fn a_switch_that_lasts_longer_or_turns_more_off_restricts_and_one_that_does_less_loosens() {
        use Caution::{Loosens, Restricts};
        for (field, before, value, expected) in [
            ("on", json!(true), json!(false), Some(Loosens)),
            ("on", json!(false), json!(true), Some(Restricts)),
            ("ends_at", json!(5), json!(6), Some(Restricts)),
            ("ends_at", json!(5), json!(4), Some(Loosens)),
            ("ends_at", json!(5), Value::Null, Some(Restricts)),
            ("ends_at", Value::Null, json!(5), Some(Loosens)),
            ("starts_at", json!(5), json!(4), Some(Restricts)),
            ("starts_at", json!(5), json!(6), Some(Loosens)),
            (
                "operations",
                json!(["choose"]),
                json!(["choose", "pets"]),
                Some(Restricts),
            ),
            (
                "operations",
                json!(["choose", "pets"]),
                json!(["choose"]),
                Some(Loosens),
            ),
            ("operations", json!(["choose"]), json!(["pets"]), Some(Loosens)),
            ("hours", Value::Null, json!({"start": 0}), Some(Loosens)),
            ("hours", json!({"start": 0}), Value::Null, Some(Restricts)),
            (
                "scope",
                json!({"of": "children"}),
                json!({"of": "children"}),
                None,
            ),
            ("comment", json!("a"), json!("b"), None),
            ("ends_at", json!(5), json!(5), None),
            (DELETED, json!(false), json!(true), Some(Loosens)),
        ] {
            assert_eq!(
                caution_of_change(Kind::Switch, field, Some(&before), &value),
                expected,
                "{field}: {before} to {value}"
            );
        }
    }

    #[test]
    fn a_switch_for_others_or_at_other_hours_loosens_unless_it_is_known_to_be_wider() {
        use Caution::{Loosens, Restricts};
        let change = |field: &str, before: &Value, value: &Value| {
            caution_of_change(Kind::Switch, field, Some(before), value)
        };
        let [household, children] = ["household", "children"].map(|of| json!({"of": of}));
        let [mia, tom] = [1, 2].map(|n| json!({"of": "child", "child": uuid::Uuid::from_u128(n)}));
        let tablet = json!({"of": "device", "device": uuid::Uuid::from_u128(3)});
        let unread = json!({"of": "x_guests"});
        for (narrow, wide) in [
            (&mia, &children),
            (&mia, &household),
            (&children, &household),
            (&tablet, &household),
        ] {
            assert_eq!(change("scope", narrow, wide), Some(Restricts), "{narrow} {wide}");
            assert_eq!(change("scope", wide, narrow), Some(Loosens), "{narrow} {wide}");
        }
        for (one, other) in [(&mia, &tom), (&tablet, &children), (&unread, &household)] {
            assert_eq!(change("scope", one, other), Some(Loosens), "{one} {other}");
            assert_eq!(change("scope", other, one), Some(Loosens), "{one} {other}");
        }
        let hours = |days: &[&str], start: u32, end: u32| json!({"weekdays": days, "start": start * 60, "end": end * 60});
        let night = hours(&["sat", "sun"], 20, 7);
        for wider in [
            hours(&["sat", "sun"], 19, 7),
            hours(&["sat", "sun"], 20, 8),
            hours(&["fri", "sat", "sun"], 20, 7),
        ] {
            assert_eq!(change("hours", &night, &wider), Some(Restricts), "{wider}");
            assert_eq!(change("hours", &wider, &night), Some(Loosens), "{wider}");
        }
        for other in [
            hours(&["mon"], 20, 7),
            hours(&["sat", "sun"], 12, 13),
            hours(&["sat", "sun"], 19, 6),
            hours(&["sat", "sun"], 19, 23),
            json!({"weekdays": ["sat", "sun"], "start": 0}),
        ] {
            assert_eq!(change("hours", &night, &other), Some(Loosens), "{other}");
            assert_eq!(change("hours", &other, &night), Some(Loosens), "{other}");
        }
    }

    #[test]
    fn a_pause_that_is_made_shorter_loosens_and_one_that_is_made_longer_restricts() {
        use Caution::{Loosens, Restricts};
        let hold = json!("2026-12-02");
        for field in ["hold_until", "heat_until"] {
            for (before, value, expected) in [
                (Some(&hold), json!("2026-12-01"), Loosens),
                (Some(&hold), json!("20261201"), Loosens),
                (Some(&hold), json!("-009999-01-01"), Loosens),
                (Some(&hold), json!("soon"), Loosens),
                (Some(&hold), Value::Null, Loosens),
                (Some(&hold), hold.clone(), Restricts),
                (Some(&hold), json!("2026-12-03"), Restricts),
                (Some(&Value::Null), hold.clone(), Restricts),
                (None, hold.clone(), Restricts),
                (None, Value::Null, Loosens),
            ] {
                assert_eq!(
                    caution_of_change(Kind::Pet, field, before, &value),
                    Some(expected),
                    "{field}: {before:?} to {value}"
                );
            }
        }
    }

    #[test]
    fn every_role_has_a_scope_of_its_own() {
        assert_ne!(scope(Role::Owner), scope(Role::Child));
    }
}
