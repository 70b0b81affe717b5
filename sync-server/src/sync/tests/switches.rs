//! What is switched off is refused by the server's time and rows, field by field; what protects a family never is.

use romp_domain::policy::Operation;
use romp_domain::switch::SwitchScope;
use romp_domain::text::Remark;
use romp_domain::time::HOUR_MS;
use romp_domain::wire::{Outcome, SyncReply};
use romp_domain::{
    AuditEvent, Entity, ErrorCode, Fields, Kind, PetId, Problem, Role, Swipe, SwipeId, Switch, UtcMs, Verdict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rig::{Device, Family, Rig, START, fields, refusal};
use crate::db::DbExt;
use romp_domain::row::HOUSEHOLD_ROW;

/// A switch that is on from the start of the test.
pub(in crate::sync) fn switch(scope: SwitchScope, operations: &[Operation], ends_at: Option<i64>) -> Switch {
    Switch {
        scope,
        operations: operations.iter().copied().collect(),
        comment: Remark::new("Good night, sleep well!").unwrap(),
        author: None,
        starts_at: UtcMs(START),
        ends_at: ends_at.map(UtcMs),
        hours: None,
        on: true,
        zone: None,
    }
}

/// As an owner's device tells it.
pub(in crate::sync) fn told(switch: &Switch) -> Fields {
    let mut fields = switch.to_fields();
    fields.0.retain(|name, _| name != "author" && name != "zone");
    fields
}

pub(super) const SWITCH: Uuid = Uuid::from_u128(7_777);

pub(super) fn set(rig: &Rig, owner: &mut Device, switch: &Switch) {
    owner.patch(Kind::Switch, SWITCH, told(switch));
    let reply = owner.sync(rig).unwrap();
    assert_eq!(reply.results.last().unwrap().outcome, Outcome::Applied);
}

/// Everything that can be switched off is, for everybody.
pub(super) fn everything_off(rig: &Rig, owner: &mut Device) {
    set(rig, owner, &switch(SwitchScope::Household, &everything(), None));
}

pub(super) fn lift(rig: &Rig, owner: &mut Device, id: Uuid) {
    owner.sync(rig).unwrap();
    owner.patch(Kind::Switch, id, fields(json!({"on": false})));
    let reply = owner.sync(rig).unwrap();
    assert_eq!(reply.results[0].outcome, Outcome::Applied);
}

pub(super) fn everything() -> Vec<Operation> {
    Operation::ALL.to_vec()
}

fn problem(reply: &SyncReply) -> &Problem {
    match &reply.results[..] {
        [result] => match &result.outcome {
            Outcome::Rejected { problem } => problem,
            other => panic!("not refused: {other:?}"),
        },
        other => panic!("not one result: {other:?}"),
    }
}

pub(super) fn verdict(rig: &Rig, family: &Family, other: PetId) -> Option<Swipe> {
    let (household, id) = (family.household, SwipeId::of(family.pet, other));
    let found = rig.server.db.read(move |tx| tx.swipe(household, id)).unwrap();
    found.map(|record| record.swipe)
}

pub(super) fn events(rig: &Rig, family: &Family) -> Vec<AuditEvent> {
    let household = family.household;
    let log = rig
        .server
        .db
        .read(move |tx| tx.audit_of(household, None, 100))
        .unwrap();
    log.into_iter().rev().map(|(_, entry)| entry.event).collect()
}

pub(super) fn stranger(n: u128) -> PetId {
    PetId(Uuid::from_u128(900_000 + n))
}

#[test]
fn a_switch_refuses_with_its_comment_and_its_end_and_holds_no_longer() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Children, &[Operation::Choose], Some(START + HOUR_MS)),
    );
    rig.pass(HOUR_MS - 1_500);
    a.child_swipes(stranger(1), Verdict::Yes);
    let reply = a.child.sync(&rig).unwrap();
    assert_eq!(
        (
            problem(&reply).code,
            problem(&reply).message.as_str(),
            problem(&reply).retry_after_s
        ),
        (ErrorCode::SwitchedOff, "Good night, sleep well!", Some(2))
    );
    assert_eq!(verdict(&rig, &a, stranger(1)), None);
    rig.pass(1_500);
    a.child_swipes(stranger(1), Verdict::Yes);
    assert_eq!(a.child.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    assert_eq!(
        events(&rig, &a),
        [AuditEvent::SwitchSet, AuditEvent::SwitchedOff],
        "and its use is in the log"
    );
}

#[test]
fn a_switch_is_for_whom_it_names_and_a_child_meets_it_on_every_device() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let other_child = Uuid::from_u128(555);
    a.owner
        .patch(Kind::Child, other_child, a.child_profile().to_fields());
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Child { child: a.kid }, &[Operation::Choose], None),
    );
    let choice = |family: &Family, by: Value| {
        fields(json!({"actor_pet": family.pet, "target_pet": stranger(2), "verdict": "yes", "by_child": by}))
    };
    let id = SwipeId::of(a.pet, stranger(2)).0;
    for (by, expected) in [
        (json!(a.kid), false),
        (json!(other_child), true),
        (Value::Null, true),
    ] {
        let patch = choice(&a, by.clone());
        a.owner.patch(Kind::Swipe, id, patch);
        let applied = a.owner.sync(&rig).unwrap().results[0].outcome == Outcome::Applied;
        assert_eq!(applied, expected, "{by}");
    }
    // Its own choice, taken back without saying whose it is.
    lift(&rig, &mut a.owner, SWITCH);
    a.child_swipes(stranger(3), Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner.patch(Kind::Switch, SWITCH, fields(json!({"on": true})));
    a.owner.sync(&rig).unwrap();
    a.child.patch(
        Kind::Swipe,
        SwipeId::of(a.pet, stranger(3)).0,
        fields(json!({"verdict": null})),
    );
    assert_eq!(
        refusal(&a.child.sync(&rig).unwrap().results),
        ErrorCode::SwitchedOff
    );
}

#[test]
fn row_07_a_switch_set_in_mid_session_refuses_the_rest_of_the_same_batch() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let swipe = |n: u128, family: &Family| {
        (
            SwipeId::of(family.pet, stranger(n)).0,
            fields(json!({"actor_pet": family.pet, "target_pet": stranger(n), "verdict": "no"})),
        )
    };
    let (first, second) = (swipe(1, &a), swipe(2, &a));
    a.owner.patch(Kind::Swipe, first.0, first.1);
    a.owner.patch(
        Kind::Switch,
        SWITCH,
        told(&switch(SwitchScope::Household, &[Operation::Choose], None)),
    );
    a.owner.patch(Kind::Swipe, second.0, second.1);
    let reply = a.owner.sync(&rig).unwrap();
    let codes: Vec<bool> = reply
        .results
        .iter()
        .map(|result| result.outcome == Outcome::Applied)
        .collect();
    assert_eq!(codes, [true, true, false]);
}

#[test]
fn row_08_a_child_can_neither_set_nor_lift_nor_change_nor_remove_a_switch_and_sees_no_author() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let made = switch(SwitchScope::Children, &[Operation::Choose], None);
    set(&rig, &mut a.owner, &made);
    let stored = |rig: &Rig, family: &Family| {
        let household = family.household;
        rig.server
            .db
            .read(move |tx| tx.row(household, Kind::Switch, SWITCH))
            .unwrap()
    };
    let before = stored(&rig, &a);
    for patch in [
        json!({"on": false}),
        json!({"deleted": true}),
        json!({"ends_at": START + 1}),
        json!({"scope": {"of": "device", "device": Uuid::nil()}}),
        json!({"operations": ["live"]}),
        json!({"author": null}),
    ] {
        a.child.patch(Kind::Switch, SWITCH, fields(patch.clone()));
        assert_eq!(
            refusal(&a.child.sync(&rig).unwrap().results),
            ErrorCode::Forbidden,
            "{patch}"
        );
    }
    a.child.patch(Kind::Switch, Uuid::from_u128(1), told(&made));
    assert_eq!(
        refusal(&a.child.sync(&rig).unwrap().results),
        ErrorCode::Forbidden
    );
    assert_eq!(stored(&rig, &a), before);
    let seen = a.child.all::<Switch>();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].1.author, None);
    assert_eq!(seen[0].1.zone.as_ref().unwrap().as_str(), "America/Los_Angeles");
    assert_eq!(a.owner.all::<Switch>()[0].1.author, Some(a.owner.session.device));
}

#[test]
fn row_08_nobody_says_who_made_a_switch_but_the_server() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    for (field, value) in [("author", json!(a.child.session.device)), ("zone", json!("UTC"))] {
        let mut patch = told(&switch(SwitchScope::Household, &[Operation::Pets], None));
        patch.0.insert(field.to_owned(), value);
        a.owner.patch(Kind::Switch, SWITCH, patch);
        assert_eq!(
            refusal(&a.owner.sync(&rig).unwrap().results),
            ErrorCode::Forbidden
        );
    }
}

#[test]
fn a_childs_device_is_told_of_the_switches_that_it_can_meet_and_of_no_others() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let (tablet, phone) = (a.child.session.device, a.owner.session.device);
    let mut other = switch(SwitchScope::Device { device: phone }, &[Operation::Pets], None);
    other.comment = Remark::new("SECRET").unwrap();
    set(&rig, &mut a.owner, &other);
    a.child.sync(&rig).unwrap();
    assert!(a.child.all::<Switch>().is_empty() && !a.child.dump().contains("SECRET"));
    a.owner.patch(
        Kind::Switch,
        SWITCH,
        fields(json!({"scope": {"of": "device", "device": tablet}})),
    );
    a.owner.sync(&rig).unwrap();
    a.child.sync(&rig).unwrap();
    assert_eq!(a.child.all::<Switch>().len(), 1);
    a.owner.patch(
        Kind::Switch,
        SWITCH,
        fields(json!({"scope": {"of": "session", "session": a.owner.session.id}})),
    );
    a.owner.sync(&rig).unwrap();
    a.child.sync(&rig).unwrap();
    assert!(a.child.all::<Switch>().is_empty(), "it is for somebody else now");
    // Where the family lives decides when its nights are.
    a.owner
        .patch(Kind::Switch, SWITCH, fields(json!({"scope": {"of": "children"}})));
    a.owner.patch(
        Kind::Household,
        HOUSEHOLD_ROW,
        fields(json!({"zone": "Europe/Berlin"})),
    );
    a.owner.sync(&rig).unwrap();
    a.child.sync(&rig).unwrap();
    let seen = a.child.all::<Switch>().remove(0).1;
    assert_eq!(seen.zone.unwrap().as_str(), "Europe/Berlin");
}

#[test]
fn a_lift_by_somebody_who_had_not_heard_that_it_was_made_longer_does_not_lift_it() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut other = rig.device(a.household, 999, Role::Owner);
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Children, &[Operation::Choose], Some(START + HOUR_MS)),
    );
    other.sync(&rig).unwrap();
    for change in [json!({"on": true}), json!({"ends_at": null})] {
        a.owner.patch(Kind::Switch, SWITCH, fields(change));
        a.owner.sync(&rig).unwrap();
    }
    other.skew_ms = 10_000;
    for lift in [
        json!({"on": false}),
        json!({"deleted": true}),
        json!({"ends_at": START + 5}),
    ] {
        other.outbox.clear();
        let seen = other.cursor;
        other.patch(Kind::Switch, SWITCH, fields(lift.clone()));
        assert_eq!(
            refusal(&other.sync(&rig).unwrap().results),
            ErrorCode::Stale,
            "{lift}"
        );
        other.cursor = seen;
    }
    other.sync(&rig).unwrap();
    other.patch(Kind::Switch, SWITCH, fields(json!({"on": false})));
    assert_eq!(other.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}

#[test]
fn a_family_has_a_bounded_number_of_switches() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let one = told(&switch(SwitchScope::Children, &[Operation::Live], None));
    for n in 0..romp_domain::switch::MOST_SWITCHES as u128 {
        a.owner
            .patch(Kind::Switch, Uuid::from_u128(50_000 + n), one.clone());
    }
    let reply = a.owner.sync(&rig).unwrap();
    assert!(
        reply
            .results
            .iter()
            .all(|result| result.outcome == Outcome::Applied)
    );
    a.owner.patch(Kind::Switch, SWITCH, one.clone());
    assert_eq!(refusal(&a.owner.sync(&rig).unwrap().results), ErrorCode::TooLarge);
    a.owner
        .patch(Kind::Switch, Uuid::from_u128(50_000), Fields::removal());
    a.owner.patch(Kind::Switch, SWITCH, one);
    let reply = a.owner.sync(&rig).unwrap();
    assert!(
        reply
            .results
            .iter()
            .all(|result| result.outcome == Outcome::Applied)
    );
}

#[test]
fn quiet_hours_are_read_by_the_familys_clock() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    // 04:00 on a Sunday in Los Angeles; from 20:00 to 07:00.
    let mut night = switch(SwitchScope::Children, &[Operation::Choose], None);
    night.hours =
        Some(serde_json::from_value(json!({"weekdays": ["sat"], "start": 20 * 60, "end": 7 * 60})).unwrap());
    set(&rig, &mut a.owner, &night);
    a.child_swipes(stranger(1), Verdict::Yes);
    let reply = a.child.sync(&rig).unwrap();
    assert_eq!(problem(&reply).retry_after_s, Some(3 * 3_600));
    rig.pass(3 * HOUR_MS);
    a.child_swipes(stranger(1), Verdict::Yes);
    assert_eq!(a.child.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}
