//! What restricts, as the oracle sees it: without the table of the domain.

use romp_domain::{Kind, Mutation, Op, Role};
use serde_json::Value;

use super::{Exchange, Expected, Model};

impl Model {
    /// What restricts in an owner's change of a row that is there, and was refused for something else in it; or all but
    /// what would have undone a restriction that its device had not heard of.
    pub(super) fn takes_effect_all_the_same(
        &self,
        exchange: &Exchange,
        mutation: &Mutation,
        expected: &Expected,
        unheard: bool,
    ) -> Option<Mutation> {
        let Op::Patch { fields } = &mutation.op else {
            return None;
        };
        let key = (exchange.household, mutation.kind, mutation.id);
        let row = expected.rows.get(&key).or_else(|| self.rows.get(&key))?;
        if exchange.role == Role::Child
            || matches!(mutation.kind, Kind::Swipe | Kind::Switch)
            || row.fields.is_deleted()
        {
            return None;
        }
        let mut stays = fields.clone();
        stays.0.retain(|field, value| {
            let careful = careful(mutation.kind, field, row.fields.0.get(field), value);
            if unheard {
                careful != Some(false)
            } else {
                careful == Some(true)
            }
        });
        let some = !stays.0.is_empty() && stays.0.len() < fields.0.len();
        some.then(|| Mutation {
            op: Op::Patch { fields: stays },
            ..mutation.clone()
        })
    }
}

/// Whether setting a field to a value hides, pauses or withdraws (`true`), shows, resumes or lets out (`false`), or
/// protects nobody (none). Written here once more, as the table of what a child may have is.
pub(super) fn careful(kind: Kind, field: &str, old: Option<&Value>, value: &Value) -> Option<bool> {
    match (kind, field) {
        (Kind::Pet, "visible") => Some(value != &Value::Bool(true)),
        (Kind::Pet, "hold_until" | "heat_until") => {
            // The earlier of two dates hides for less long. The app writes them all alike.
            Some(!value.is_null() && old.and_then(Value::as_str) <= value.as_str())
        }
        (Kind::Household, "share_consent" | "child_consent") => Some(value.is_null()),
        (Kind::Swipe, "released") => Some(value != "yes"),
        (Kind::Switch, "on") | (Kind::Block, "blocked") => Some(value == &Value::Bool(true)),
        (Kind::Switch, "deleted") => Some(false),
        (Kind::Switch, _) => longer_or_wider(field, old?, value),
        _ => None,
    }
}

/// The fields of a switch that say how much it turns off.
pub(super) const SWITCHING: [&str; 6] = ["on", "scope", "operations", "starts_at", "ends_at", "hours"];

/// Whether a change of a switch is neither wider nor narrower: it turns off what was not off.
pub(super) fn moves(kind: Kind, field: &str, old: Option<&Value>, value: &Value) -> bool {
    let less = |from, to| careful(kind, field, Some(from), to) == Some(false);
    kind == Kind::Switch
        && field != "deleted"
        && old.is_some_and(|old| old != value && less(old, value) && less(value, old))
}

/// Whether a switch that was there turns more off with this value; none where the value is the same, or it says nothing
/// of that.
fn longer_or_wider(field: &str, old: &Value, value: &Value) -> Option<bool> {
    if old == value {
        return None;
    }
    match (field, old.is_null(), value.is_null()) {
        ("ends_at" | "hours", _, true) => Some(true),
        ("ends_at" | "hours", true, _) => Some(false),
        ("ends_at", ..) => Some(value.as_i64() > old.as_i64()),
        ("starts_at", ..) => Some(value.as_i64() < old.as_i64()),
        ("hours", ..) => Some(lasts_through(value, old)),
        // Everybody, or all children where one was meant.
        ("scope", ..) => {
            let of = |scope: &Value| scope["of"].as_str().map(str::to_owned).unwrap_or_default();
            let (old, new) = (of(old), of(value));
            Some(new == "household" || (new == "children" && old == "child"))
        }
        ("operations", ..) => {
            let contains = |operation| value.as_array().is_some_and(|all| all.contains(operation));
            Some(old.as_array().into_iter().flatten().all(contains))
        }
        _ => None,
    }
}

/// Whether quiet hours are at least as long as the old ones, around them, on each of their days.
fn lasts_through(hours: &Value, old: &Value) -> bool {
    let minute = |hours: &Value, name: &str| hours[name].as_i64().unwrap_or_default();
    let length = |hours: &Value| match minute(hours, "end") - minute(hours, "start") {
        same_day @ 1.. => same_day,
        next_day => next_day + 24 * 60,
    };
    let earlier = minute(old, "start") - minute(hours, "start");
    let days = |hours: &Value| hours["weekdays"].as_array().cloned().unwrap_or_default();
    let new_days = days(hours);
    earlier >= 0
        && length(hours) >= length(old) + earlier
        && days(old).iter().all(|day| new_days.contains(day))
}
