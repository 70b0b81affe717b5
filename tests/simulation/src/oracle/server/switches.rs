//! What is switched off, as the oracle sees it: read from the rows once more, by the server's clock, without the rule of
//! the domain.
//!
//! A change took effect only where nothing in it was off; one that was refused as switched off had something in it that
//! was, and what protects in it took effect all the same.

use std::collections::BTreeMap;

use romp_domain::{
    DeviceId, Entity, Fields, Household, HouseholdId, Kind, Mutation, Name, Op, PlaydateAct, Role, SessionId,
};
use romp_sync::Registers;
use serde_json::{Value, json};
use uuid::Uuid;

use super::careful::careful;
use super::{Exchange, Expected, Model};
use crate::oracle::{Violation, broken};

/// The operation that setting a field is; none for what protects, and for what nobody can switch off.
fn operation(kind: Kind, field: &str, old: Option<&Value>, value: &Value) -> Option<&'static str> {
    if field == "deleted" || careful(kind, field, old, value) == Some(true) {
        return None;
    }
    match (kind, field) {
        (Kind::Household, "share_consent" | "child_consent")
        | (Kind::Card | Kind::Match | Kind::Playdate | Kind::Switch | Kind::Block, _) => None,
        (Kind::Household | Kind::Child, _) => Some("family"),
        (Kind::Pet, _) => Some("pets"),
        (Kind::Slot | Kind::Exception, _) => Some("hours"),
        (Kind::Swipe, "released") => Some("release"),
        (Kind::Swipe, _) => Some("choose"),
    }
}

/// Who does something, as a switch may name it.
struct Doer<'a> {
    exchange: &'a Exchange,
    child: Option<Value>,
    now: i64,
}

impl Model {
    fn switches<'a>(&'a self, exchange: &Exchange, expected: &'a Expected) -> BTreeMap<Uuid, &'a Registers> {
        let of = |rows: &'a BTreeMap<super::Key, Registers>| {
            let from = (exchange.household, Kind::Switch, Uuid::nil());
            let to = (exchange.household, Kind::Switch, Uuid::max());
            rows.range(from..=to).map(|((_, _, id), row)| (*id, row))
        };
        of(&self.rows).chain(of(&expected.rows)).collect()
    }

    /// Whether a session has ever spoken as a device.
    pub(crate) fn spoke_as(&self, session: SessionId, device: DeviceId) -> bool {
        let record = self.devices.get(&device);
        record.is_some_and(|record| record.session == Some(session))
    }

    /// Whether a switch is for somebody, as its row says.
    fn concerns(&self, scope: &Value, doer: &Doer<'_>) -> bool {
        let is = |name: &str, id: Value| scope.get(name) == Some(&id);
        match scope.get("of").and_then(Value::as_str) {
            Some("household") => true,
            Some("children") => doer.exchange.role == Role::Child || doer.child.is_some(),
            Some("device") => {
                let named = scope
                    .get("device")
                    .and_then(|id| serde_json::from_value(id.clone()).ok());
                named.is_some_and(|device| {
                    device == doer.exchange.device || self.spoke_as(doer.exchange.session, device)
                })
            }
            Some("session") => is("session", json!(doer.exchange.session)),
            Some("child") => doer.child.clone().is_some_and(|child| is("child", child)),
            _ => false,
        }
    }

    /// A switch as a child's device may hold it; none where it is for another device or session.
    pub(crate) fn switch_for_child(
        &self,
        household: HouseholdId,
        session: SessionId,
        fields: &Fields,
    ) -> Option<Fields> {
        let scope = fields.0.get("scope")?;
        let id = |name: &str| scope.get(name).cloned().unwrap_or_default();
        let concerns = match scope.get("of").and_then(Value::as_str)? {
            "device" => {
                serde_json::from_value(id("device")).is_ok_and(|device| self.spoke_as(session, device))
            }
            "session" => id("session") == json!(session),
            _ => true,
        };
        let mut fields = fields.clone();
        fields.0.remove("author");
        fields
            .0
            .insert("zone".to_owned(), json!(self.settings(household).zone));
        concerns.then_some(fields)
    }

    fn is_off(&self, operation: &str, doer: &Doer<'_>, expected: &Expected) -> bool {
        self.switches(doer.exchange, expected).values().any(|row| {
            let field = |name: &str| row.fields.0.get(name).unwrap_or(&Value::Null);
            let operations = field("operations").as_array();
            !row.fields.is_deleted()
                && field("on") == &Value::Bool(true)
                && field("starts_at").as_i64().is_none_or(|start| start <= doer.now)
                && field("ends_at").as_i64().is_none_or(|end| doer.now < end)
                && operations.is_some_and(|all| all.iter().any(|one| one == operation))
                && self.concerns(field("scope"), doer)
                && (field("hours").is_null()
                    || self.is_within(doer.exchange.household, field("hours"), doer.now, expected))
        })
    }

    /// Whether the clock at the family's home shows a time inside quiet hours.
    fn is_within(&self, household: HouseholdId, hours: &Value, now: i64, expected: &Expected) -> bool {
        let at = jiff::Timestamp::from_millisecond(now).unwrap();
        let told = expected.rows.get(&(household, Kind::Household, Uuid::nil()));
        let told = told.and_then(|row| Household::read_known(&row.fields));
        let settings = told.unwrap_or_else(|| self.settings(household));
        let local = at.to_zoned(settings.zone.rules());
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let number = |name: &str| hours.get(name).and_then(Value::as_i64).unwrap_or(-1);
        let begins_on = |day: jiff::civil::Date| {
            let name = format!("{:?}", day.weekday()).to_lowercase();
            let days = hours.get("weekdays").and_then(Value::as_array);
            days.is_some_and(|days| days.iter().any(|day| day == &name[..3]))
        };
        let (start, end) = (number("start"), number("end"));
        let (today, yesterday) = (local.date(), local.date().yesterday().unwrap());
        if start < end {
            begins_on(today) && start <= minute && minute < end
        } else {
            (begins_on(today) && start <= minute) || (begins_on(yesterday) && minute < end)
        }
    }

    /// The fields of a patch, each with whether it is switched off; and whether its row is there.
    fn judged(
        &self,
        exchange: &Exchange,
        mutation: &Mutation,
        fields: &Fields,
        expected: &Expected,
        now: i64,
    ) -> (BTreeMap<String, Option<bool>>, bool) {
        let key = (exchange.household, mutation.kind, mutation.id);
        let row = expected.rows.get(&key).or_else(|| self.rows.get(&key));
        let old = |field: &str| row.and_then(|row| row.fields.0.get(field));
        let child = fields.0.get("by_child").or_else(|| old("by_child")).cloned();
        let doer = Doer {
            exchange,
            child: child.filter(|child| mutation.kind == Kind::Swipe && !child.is_null()),
            now,
        };
        let of = |(field, value): (&Name, &Value)| {
            let operation = operation(mutation.kind, field, old(field), value);
            // What says nothing new changes nothing.
            let off = operation.map(|one| old(field) != Some(value) && self.is_off(one, &doer, expected));
            (field.to_string(), off)
        };
        let is_there = row.is_some() || mutation.kind == Kind::Household;
        (fields.0.iter().map(of).collect(), is_there)
    }

    /// Nothing in a mutation that took effect was switched off.
    pub(super) fn was_allowed(
        &self,
        exchange: &Exchange,
        mutation: &Mutation,
        expected: &Expected,
        now: i64,
    ) -> Result<(), Violation> {
        let off = match &mutation.op {
            Op::Act { act, .. } => {
                let doer = Doer {
                    exchange,
                    child: None,
                    now,
                };
                *act == PlaydateAct::Accept && self.is_off("meet", &doer, expected)
            }
            Op::Patch { fields } => {
                let (judged, _) = self.judged(exchange, mutation, fields, expected, now);
                judged.values().any(|off| *off == Some(true))
            }
        };
        if off {
            let key = (exchange.household, mutation.kind, mutation.id);
            let row = expected.rows.get(&key).or_else(|| self.rows.get(&key));
            let switches = self.switches(exchange, expected);
            return broken(
                "S1",
                format!(
                    "at {now}, what is switched off took effect: {mutation:?} on {row:?} in spite of {switches:?}"
                ),
            );
        }
        Ok(())
    }

    /// Something in a mutation that was refused was switched off. Returns what of it protects.
    pub(super) fn was_switched_off(
        &self,
        exchange: &Exchange,
        mutation: &Mutation,
        expected: &Expected,
        now: i64,
    ) -> Result<Option<Mutation>, Violation> {
        let nothing_was = || {
            broken(
                "S2",
                format!("refused, and nothing was switched off: {mutation:?}"),
            )
        };
        let Op::Patch { fields } = &mutation.op else {
            let doer = Doer {
                exchange,
                child: None,
                now,
            };
            let accepts = matches!(
                &mutation.op,
                Op::Act {
                    act: PlaydateAct::Accept,
                    ..
                }
            );
            return if accepts && self.is_off("meet", &doer, expected) {
                Ok(None)
            } else {
                nothing_was()
            };
        };
        let (judged, is_there) = self.judged(exchange, mutation, fields, expected, now);
        if !judged.values().any(|off| *off == Some(true)) {
            return nothing_was();
        }
        // A child's choice stands or falls as one: a release that it takes back is all that would be left of it.
        let by_a_child =
            mutation.kind == Kind::Swipe && fields.0.get("by_child").is_some_and(|child| !child.is_null());
        let is_there = is_there && !by_a_child;
        let mut protects = fields.clone();
        protects
            .0
            .retain(|field, _| is_there && judged[field.as_str()].is_none());
        Ok((!protects.0.is_empty()).then(|| Mutation {
            op: Op::Patch { fields: protects },
            ..mutation.clone()
        }))
    }
}
