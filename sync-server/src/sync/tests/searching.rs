//! Whoever changes the own terms again and again finds out slowly what a matched family's are, and floods nobody.

use std::collections::BTreeSet;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::DAY_MS;
use romp_domain::wire::Outcome;
use romp_domain::{
    Area, Fields, Kind, MatchId, Matched, Playdate, PlaydateAct, PlaydateState, SwipeId, WeeklySlot,
};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Family, Rig, both_accept, fields, mutual};

fn matched(rig: &Rig) -> (Family, Family) {
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(rig, &mut a, &mut b);
    (a, b)
}

/// Leaves a family one weekly slot.
fn only_slot(rig: &Rig, family: &mut Family) -> Uuid {
    let slots: Vec<Uuid> = family
        .owner
        .all::<WeeklySlot>()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    for id in &slots[1..] {
        family.owner.patch(Kind::Slot, *id, Fields::removal());
    }
    family.owner.sync(rig).unwrap();
    slots[0]
}

fn free_at(rig: &Rig, family: &mut Family, slot: Uuid, hour: u32) {
    let hours = json!({"hours": {"weekday": "tue", "start": hour * 60, "end": hour * 60 + 60}});
    family.owner.patch(Kind::Slot, slot, fields(hours));
    family.owner.sync(rig).unwrap();
}

/// Uses up what a family may ask in a day.
fn asks_its_fill(rig: &Rig, family: &mut Family) {
    for n in 0..20 {
        let other = fields(json!({"energy": n % 5 + 1}));
        family.owner.patch(Kind::Pet, family.pet.0, other);
        family.owner.sync(rig).unwrap();
    }
}

fn open(family: &Family) -> Vec<Playdate> {
    let all = family.owner.all::<Playdate>().into_iter();
    all.map(|(_, playdate)| playdate)
        .filter(|playdate| !playdate.state.is_final())
        .collect()
}

#[test]
fn hours_that_are_taken_out_again_and_again_bring_few_proposals_in_a_day_and_one_the_next() {
    let rig = Rig::new();
    let (mut a, mut b) = matched(&rig);
    for n in 0..14 {
        let Some(proposed) = open(&a).pop() else { break };
        let from = proposed.slot.start();
        let date = crate::sync::work::date_in(&Family::settings().zone, from);
        let away = json!({"day": date, "change": {"change": "closed"}});
        a.owner
            .patch(Kind::Exception, Uuid::from_u128(70_000 + n), fields(away));
        a.owner.sync(&rig).unwrap();
    }
    b.owner.sync(&rig).unwrap();
    assert_eq!(b.owner.all::<Playdate>().len(), 4, "proposals in a day");
    rig.pass(DAY_MS);
    a.owner.sync(&rig).unwrap();
    assert_eq!(open(&a).len(), 1);
}

#[test]
fn r7_a_matched_familys_day_is_not_read_hour_by_hour() {
    let rig = Rig::new();
    let (mut a, _b) = matched(&rig);
    let slot = only_slot(&rig, &mut a);
    asks_its_fill(&rig, &mut a);
    let mut free = BTreeSet::new();
    for hour in 0..24 {
        free_at(&rig, &mut a, slot, hour);
        if !open(&a).is_empty() {
            free.insert(hour);
        }
    }
    assert_eq!(
        free,
        BTreeSet::new(),
        "asked after the day's questions were used up"
    );
    free_at(&rig, &mut a, slot, 12);
    rig.pass(DAY_MS);
    a.owner.sync(&rig).unwrap();
    assert_eq!(open(&a).len(), 1, "the next day the last question is answered");
}

#[test]
fn r7_terms_and_a_decline_in_one_push_bring_no_proposal_that_was_not_paid_for() {
    for asked in [false, true] {
        let rig = Rig::new();
        let (mut a, _b) = matched(&rig);
        if asked {
            asks_its_fill(&rig, &mut a);
        }
        let all = a.owner.all::<Playdate>();
        let (id, proposed) = all.into_iter().find(|(_, one)| !one.state.is_final()).unwrap();
        let away = json!({"day": "2030-01-01", "change": {"change": "closed"}});
        a.owner
            .patch(Kind::Exception, Uuid::from_u128(70_000), fields(away));
        a.owner.act(id, PlaydateAct::Decline, proposed.rev);
        let reply = a.owner.sync(&rig).unwrap();
        assert!(
            reply
                .results
                .iter()
                .all(|result| result.outcome == Outcome::Applied),
            "{reply:?}"
        );
        assert_eq!(open(&a).len(), usize::from(!asked), "{asked}");
    }
}

#[test]
fn r7_how_far_away_a_matched_family_lives_is_not_found_by_travelling_less_and_less_far() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    // About six kilometres.
    let there = Area::around(47.65, -122.27).unwrap();
    b.owner
        .patch(Kind::Household, HOUSEHOLD_ROW, fields(json!({ "area": there })));
    b.owner.sync(&rig).unwrap();
    mutual(&rig, &mut a, &mut b);
    let before = open(&a);
    assert_eq!(before.len(), 1);
    asks_its_fill(&rig, &mut a);
    for km in (1..10).rev() {
        a.owner
            .patch(Kind::Household, HOUSEHOLD_ROW, fields(json!({ "travel_km": km })));
        a.owner.sync(&rig).unwrap();
        assert_eq!(open(&a), before, "{km} km");
    }
    rig.pass(DAY_MS);
    a.owner.sync(&rig).unwrap();
    assert_eq!(open(&a), [], "the last question is answered");
}

#[test]
fn r7_what_a_dog_weighs_is_not_found_kilogram_by_kilogram() {
    for agreed in [false, true] {
        let rig = Rig::new();
        let (mut a, mut b) = matched(&rig);
        if agreed {
            both_accept(&rig, &mut a, &mut b);
        }
        // B's weighs 12 kg: 24 do not fit any more.
        let called_off = (13..=24).find(|kg| {
            let weight = fields(json!({"weight_g": kg * 1_000}));
            a.owner.patch(Kind::Pet, a.pet.0, weight);
            a.owner.outbox.last_mut().unwrap().hlc = romp_domain::Hlc::at_ms(rig.now().0 + kg);
            a.owner.sync(&rig).unwrap();
            let (_, first) = a.owner.all::<Playdate>().remove(0);
            first.state == PlaydateState::Cancelled
        });
        assert_eq!(called_off, Some(18), "after five it is called off unheard");
    }
}

#[test]
fn r7_a_match_that_is_taken_back_and_let_out_again_answers_no_question_that_was_not_counted() {
    let rig = Rig::new();
    let (mut a, b) = matched(&rig);
    let (slot, release) = (only_slot(&rig, &mut a), fields(json!({"released": "yes"})));
    let (id, swipe) = (MatchId::of(a.pet, b.pet).0, SwipeId::of(a.pet, b.pet).0);
    asks_its_fill(&rig, &mut a);
    let mut free = BTreeSet::new();
    for hour in 0..24 {
        a.owner.take_back(id);
        free_at(&rig, &mut a, slot, hour);
        a.owner.patch(Kind::Swipe, swipe, release.clone());
        a.owner.sync(&rig).unwrap();
        if !a.owner.all::<Matched>().is_empty() {
            free.insert(hour);
        }
    }
    assert_eq!(free, BTreeSet::new());
}

#[test]
fn two_are_brought_together_anew_a_few_times_a_day() {
    let rig = Rig::new();
    let (mut a, mut b) = matched(&rig);
    let (id, swipe) = (MatchId::of(a.pet, b.pet).0, SwipeId::of(a.pet, b.pet).0);
    let mut times = 0;
    for _ in 0..12 {
        a.owner.take_back(id);
        a.owner
            .patch(Kind::Swipe, swipe, fields(json!({"released": "yes"})));
        a.owner.sync(&rig).unwrap();
        b.owner.sync(&rig).unwrap();
        times += b.owner.all::<Matched>().len();
    }
    assert_eq!(times, 3, "and once before");
}
