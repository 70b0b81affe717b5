//! Everything that can be switched off is refused through sync, and what protects a family never is.

use std::collections::BTreeSet;

use romp_domain::policy::{Operation, operation_of_field};
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::switch::SwitchScope;
use romp_domain::time::{DAY_MS, HOUR_MS};
use romp_domain::wire::Outcome;
use romp_domain::{
    AuditEvent, Entity, ErrorCode, Household, Kind, Pet, PlaydateAct, PlaydateState, SwipeId, Verdict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rig::{Family, Rig, both_accept, fields, mutual, refusal};
use super::switches::{SWITCH, everything, set, stranger, switch, verdict};

use crate::db::DbExt;

#[test]
fn row_48_everything_that_can_be_switched_off_is_refused_through_sync_and_nothing_else_is() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Household, &everything(), None),
    );
    let mut met = BTreeSet::new();
    let pet = a.pet.0;
    let slot = Uuid::from_u128(a.n * 100 + 50);
    let kid = a.kid.0;
    // One change of every field an owner may set, and of each field's careful value.
    let changes: Vec<(Kind, Uuid, Value)> = vec![
        (Kind::Household, HOUSEHOLD_ROW, json!({"name": "The Smiths"})),
        (Kind::Household, HOUSEHOLD_ROW, json!({"travel_km": 3})),
        (Kind::Household, HOUSEHOLD_ROW, json!({"allergies": ["cat"]})),
        (Kind::Household, HOUSEHOLD_ROW, json!({"share_consent": null})),
        (
            Kind::Household,
            HOUSEHOLD_ROW,
            json!({"share_consent": {"notice": 1, "given_at": 9}}),
        ),
        (Kind::Household, HOUSEHOLD_ROW, json!({"child_consent": null})),
        (
            Kind::Household,
            HOUSEHOLD_ROW,
            json!({"child_consent": {"notice": 1, "given_at": 9}}),
        ),
        (Kind::Child, kid, json!({"nickname": "Tom"})),
        (Kind::Child, kid, json!({"daily_cards": 3})),
        (Kind::Pet, pet, json!({"visible": false})),
        (Kind::Pet, pet, json!({"visible": true})),
        (Kind::Pet, pet, json!({"hold_until": "2027-01-01"})),
        (Kind::Pet, pet, json!({"heat_until": "2027-01-01"})),
        (Kind::Pet, pet, json!({"hold_until": null})),
        (Kind::Pet, pet, json!({"name": "Max"})),
        (
            Kind::Slot,
            slot,
            json!({"hours": {"weekday": "mon", "start": 1, "end": 90}}),
        ),
        (Kind::Slot, slot, json!({"deleted": true})),
        (Kind::Child, kid, json!({"deleted": true})),
        (Kind::Pet, pet, json!({"deleted": true})),
        (Kind::Switch, SWITCH, json!({"comment": "Still good night"})),
        (Kind::Switch, SWITCH, json!({"on": false})),
    ];
    for (kind, id, change) in changes {
        let patch = fields(change.clone());
        let operations: Vec<_> = patch
            .0
            .iter()
            .filter_map(|(field, value)| operation_of_field(kind, field, None, value))
            .collect();
        a.owner.patch(kind, id, patch);
        let reply = a.owner.sync(&rig).unwrap();
        if operations.is_empty() {
            assert!(
                matches!(reply.results[0].outcome, Outcome::Applied | Outcome::Superseded),
                "{kind:?} {change}: {:?}",
                reply.results
            );
        } else {
            assert_eq!(
                refusal(&reply.results),
                ErrorCode::SwitchedOff,
                "{kind:?} {change}"
            );
        }
        met.extend(operations);
    }
    assert_eq!(
        met,
        [Operation::Pets, Operation::Hours, Operation::Family].into(),
        "the others have tests of their own"
    );
}

#[test]
fn row_48_accepting_and_letting_out_can_be_switched_off_and_declining_cancelling_and_keeping_in_cannot() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(stranger(1), Verdict::Yes);
    a.child.sync(&rig).unwrap();
    mutual(&rig, &mut a, &mut b);
    let (id, seen) = a.owner.all::<romp_domain::Playdate>().remove(0);
    set(
        &rig,
        &mut a.owner,
        &switch(
            SwitchScope::Household,
            &[Operation::Meet, Operation::Release],
            None,
        ),
    );
    a.owner.act(id, PlaydateAct::Accept, seen.rev);
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::SwitchedOff
    );
    a.owner_releases(stranger(1));
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::SwitchedOff
    );
    for released in [json!("no"), Value::Null] {
        a.owner.patch(
            Kind::Swipe,
            SwipeId::of(a.pet, stranger(1)).0,
            fields(json!({"released": released})),
        );
        assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    }
    a.owner.act(id, PlaydateAct::Decline, seen.rev);
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);

    let (mut c, mut d) = (rig.family(3), rig.family(4));
    mutual(&rig, &mut c, &mut d);
    let id = both_accept(&rig, &mut c, &mut d);
    set(
        &rig,
        &mut c.owner,
        &switch(SwitchScope::Household, &everything(), None),
    );
    let seen = c.owner.all::<romp_domain::Playdate>().remove(0).1;
    assert_eq!(seen.state, PlaydateState::Confirmed);
    c.owner.act(id, PlaydateAct::Cancel, seen.rev);
    assert_eq!(c.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}

#[test]
fn row_48_what_protects_takes_effect_although_the_rest_of_the_change_is_refused() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Household, &everything(), None),
    );
    a.owner.patch(
        Kind::Pet,
        a.pet.0,
        fields(json!({"visible": false, "name": "Max", "energy": 2})),
    );
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::SwitchedOff
    );
    let pet = a.owner.all::<Pet>().remove(0).1;
    assert!(!pet.visible && pet.name == a.dog().name && pet.energy.is_none());
    a.owner.patch(
        Kind::Household,
        HOUSEHOLD_ROW,
        fields(json!({"share_consent": null, "travel_km": 50})),
    );
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::SwitchedOff
    );
    let household = a.owner.all::<Household>().remove(0).1;
    assert_eq!(
        (household.share_consent, household.travel_km),
        (None, Family::settings().travel_km)
    );
    // Of what is not there yet nothing is made, protected or not.
    let new = Uuid::from_u128(4_444);
    a.owner.patch(Kind::Pet, new, a.dog().to_fields());
    let mut hidden = a.dog();
    hidden.visible = false;
    a.owner
        .patch(Kind::Pet, Uuid::from_u128(4_445), hidden.to_fields());
    let reply = a.owner.sync(&rig).unwrap();
    assert!(reply.results.iter().all(|result| matches!(&result.outcome, Outcome::Rejected { problem } if problem.code == ErrorCode::SwitchedOff)));
    assert_eq!(a.owner.all::<Pet>().len(), 1);
}

#[test]
fn row_48_a_refusal_says_which_part_of_the_change_did_not_take_effect_also_when_it_is_asked_for_again() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let rest = |until: &str| fields(json!({"hold_until": until, "visible": false}));
    a.owner.patch(Kind::Pet, a.pet.0, rest("2027-01-09"));
    a.owner.sync(&rig).unwrap();
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Household, &everything(), None),
    );
    // Shorter than the pause that is here, whatever the device knew of that one: it is refused, and hiding is not.
    a.owner.patch(Kind::Pet, a.pet.0, rest("2027-01-02"));
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"heat_until": "2027-01-02"})));
    a.owner.patch(Kind::Pet, a.pet.0, fields(json!({"name": "Max"})));
    let request = a.owner.request(&rig);
    let of = |reply: romp_domain::wire::SyncReply| -> Vec<Option<Vec<String>>> {
        let results = reply.results.into_iter();
        results
            .map(|result| match result.outcome {
                Outcome::Rejected { problem } => Some(problem.refused),
                _ => None,
            })
            .collect()
    };
    for _ in 0..2 {
        let reply = crate::sync::sync(&rig.server, &a.owner.session, request.clone()).unwrap();
        assert_eq!(
            of(reply),
            [Some(vec!["hold_until".to_owned()]), None, Some(vec![])],
            "the last one was refused whole"
        );
    }
}

#[test]
fn row_48_a_child_that_tries_to_choose_anew_while_it_may_not_takes_no_release_back() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.child_swipes(stranger(1), Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner_sees_and_releases(&rig, stranger(1));
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Children, &[Operation::Choose], None),
    );
    a.child_swipes(stranger(1), Verdict::No);
    assert_eq!(
        refusal(&a.child.sync(&rig).unwrap().results),
        ErrorCode::SwitchedOff
    );
    assert!(verdict(&rig, &a, stranger(1)).unwrap().is_released_yes());
}

#[test]
fn row_49_a_choice_is_judged_by_when_it_is_received_whatever_its_stamp_and_the_devices_clock_say() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    rig.pass(HOUR_MS);
    let mut off = switch(SwitchScope::Children, &[Operation::Choose], None);
    off.starts_at = rig.now();
    set(&rig, &mut a.owner, &off);
    for skew in [0, -2 * HOUR_MS, 30 * DAY_MS] {
        // Stamped an hour before the switch, or by a clock that is set to another day.
        a.child.skew_ms = skew;
        a.child_swipes(stranger(1), Verdict::Yes);
        assert_eq!(
            refusal(&a.child.sync(&rig).unwrap().results),
            ErrorCode::SwitchedOff,
            "{skew}"
        );
    }
}

#[test]
fn a_pause_cannot_be_made_shorter_while_pets_are_switched_off() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let pause = |until: &str| fields(json!({"hold_until": until}));
    a.owner.patch(Kind::Pet, a.pet.0, pause("2026-12-24"));
    set(
        &rig,
        &mut a.owner,
        &switch(SwitchScope::Household, &[Operation::Pets], None),
    );
    a.owner.patch(Kind::Pet, a.pet.0, pause("2026-11-23"));
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::SwitchedOff
    );
    a.owner.patch(Kind::Pet, a.pet.0, pause("2026-12-25"));
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}

#[test]
fn a_switch_set_and_lifted_within_a_batch_holds_for_what_is_between() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let made = switch(SwitchScope::Household, &[Operation::Pets], None);
    let energy = |energy: u8| fields(json!({"energy": energy}));
    set(&rig, &mut a.owner, &made);
    a.owner.patch(Kind::Switch, SWITCH, fields(json!({"on": false})));
    a.owner.patch(Kind::Pet, a.pet.0, energy(1));
    a.owner.patch(Kind::Switch, SWITCH, fields(json!({"on": true})));
    a.owner.patch(Kind::Pet, a.pet.0, energy(2));
    a.owner.patch(Kind::Switch, SWITCH, fields(json!({"on": false})));
    a.owner.patch(Kind::Pet, a.pet.0, energy(3));
    let reply = a.owner.sync(&rig).unwrap();
    let applied: Vec<_> = reply
        .results
        .iter()
        .map(|result| result.outcome == Outcome::Applied)
        .collect();
    assert_eq!(applied, [true, true, true, false, true, true]);
}

#[test]
fn the_log_says_which_switch_it_was_and_what_was_tried() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let made = switch(SwitchScope::Household, &[Operation::Pets, Operation::Hours], None);
    set(&rig, &mut a.owner, &made);
    a.owner.patch(Kind::Pet, a.pet.0, fields(json!({"name": "Max"})));
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"name": "Moritz"})));
    a.owner.sync(&rig).unwrap();
    a.owner.patch(Kind::Switch, SWITCH, fields(json!({"on": false})));
    a.owner.sync(&rig).unwrap();
    let of = a.household;
    let log = rig.server.db.read(move |tx| tx.audit_of(of, None, 3)).unwrap();
    let said: Vec<_> = log
        .into_iter()
        .map(|(_, entry)| (entry.event, entry.detail.text().to_owned()))
        .collect();
    assert_eq!(
        said,
        [
            (AuditEvent::SwitchLifted, format!("pets hours {SWITCH}")),
            (AuditEvent::SwitchedOff, format!("pets {SWITCH}")),
            (AuditEvent::SwitchSet, format!("pets hours {SWITCH}")),
        ]
    );
}

#[test]
fn whoever_sets_and_lifts_a_switch_again_and_again_fills_no_log() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let made = switch(SwitchScope::Household, &[Operation::Pets], None);
    set(&rig, &mut a.owner, &made);
    for n in 0..300 {
        a.owner
            .patch(Kind::Switch, SWITCH, fields(json!({"on": n % 2 == 1})));
    }
    a.owner.sync(&rig).unwrap();
    let of = a.household;
    let log = rig
        .server
        .db
        .read(move |tx| tx.audit_of(of, None, 1_000))
        .unwrap();
    let of = |event| log.iter().filter(|(_, entry)| entry.event == event).count();
    assert_eq!(
        (of(AuditEvent::SwitchSet), of(AuditEvent::SwitchLifted)),
        (101, 101)
    );
}
