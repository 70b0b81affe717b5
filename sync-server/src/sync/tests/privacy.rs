//! What nobody may learn, and nobody may be led into, however it is tried.

use romp_domain::card::Distance;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::DAY_MS;
use romp_domain::wire::Outcome;
use romp_domain::{
    Area, Card, Entity, Fields, Kind, Matched, Playdate, PlaydateAct, PlaydateState, Role, Swipe, SwipeId,
    Verdict,
};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

use super::rig::{Rig, both_accept, fields, mutual};

#[test]
fn r4_a_yes_after_a_taken_back_one_needs_a_new_release() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner_sees_and_releases(&rig, b.pet);
    // The child thinks again; weeks later a sibling says yes.
    a.child.patch(
        Kind::Swipe,
        SwipeId::of(a.pet, b.pet).0,
        fields(json!({"verdict": "no"})),
    );
    a.child.sync(&rig).unwrap();
    let sibling = romp_domain::ChildId(Uuid::from_u128(190));
    let profile = a.child_profile();
    a.owner.patch(Kind::Child, sibling.0, profile.to_fields());
    a.owner.sync(&rig).unwrap();
    a.kid = sibling;
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    let held = a.owner.all::<Swipe>()[0].1.is_held();
    b.child_swipes(a.pet, Verdict::Yes);
    b.child.sync(&rig).unwrap();
    b.owner_sees_and_releases(&rig, a.pet);
    assert!(held, "the sibling's yes does not wait for an owner");
    assert!(
        b.owner.all::<Matched>().is_empty(),
        "an unreleased yes left the household"
    );
}

#[test]
fn a_yes_can_be_released_or_kept_in_after_the_childs_profile_is_gone() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner.patch(Kind::Child, a.kid.0, Fields::removal());
    a.owner.sync(&rig).unwrap();
    a.owner_releases(b.pet);
    let reply = a.owner.sync(&rig).unwrap();
    assert_eq!(reply.results[0].outcome, Outcome::Applied);
}

#[test]
fn a_release_can_be_withdrawn_after_the_childs_profile_is_gone() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner_sees_and_releases(&rig, b.pet);
    a.owner.patch(Kind::Child, a.kid.0, Fields::removal());
    a.owner.sync(&rig).unwrap();
    a.owner.patch(
        Kind::Swipe,
        SwipeId::of(a.pet, b.pet).0,
        fields(json!({"released": "no"})),
    );
    let outcome = a.owner.sync(&rig).unwrap().results.remove(0).outcome;
    b.child_swipes(a.pet, Verdict::Yes);
    b.child.sync(&rig).unwrap();
    b.owner_sees_and_releases(&rig, a.pet);
    assert!(
        b.owner.all::<Matched>().is_empty(),
        "the owner kept it in ({outcome:?}), and it matched"
    );
}

#[test]
fn a_held_yes_can_still_be_released_after_the_other_pet_rested() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.all::<Card>().len(), 1);
    b.owner
        .patch(Kind::Pet, b.pet.0, fields(json!({"hold_until": "2026-11-23"})));
    b.owner.sync(&rig).unwrap();
    for _ in 0..5 {
        rig.pass(DAY_MS);
        a.owner.sync(&rig).unwrap();
        b.owner.sync(&rig).unwrap();
    }
    assert!(a.owner.all::<Swipe>()[0].1.is_held());
    assert_eq!(
        a.owner.all::<Card>().len(),
        1,
        "without its card the app does not list the yes for release (release/list.rs), for ever"
    );
}

#[test]
fn no_slot_lies_after_a_vaccination_has_run_out() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    // Today is the 22nd in Seattle; the earliest slot is on the 23rd.
    b.owner.patch(
        Kind::Pet,
        b.pet.0,
        fields(
            json!({"vaccinations": [{"against": "rabies", "valid_until": "2026-11-22", "evidence": "seen"}]}),
        ),
    );
    b.owner.sync(&rig).unwrap();
    mutual(&rig, &mut a, &mut b);
    let proposed = a.owner.all::<Playdate>();
    assert!(proposed.is_empty(), "proposed at {:?}", proposed[0].1.slot);
}

#[test]
fn heat_calls_off_what_lies_in_the_four_weeks_of_rest_after_it() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    both_accept(&rig, &mut a, &mut b);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"heat_until": "2026-11-22"})));
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert_eq!(b.owner.all::<Playdate>()[0].1.state, PlaydateState::Cancelled);
}

#[test]
fn a_vaccination_corrected_to_expired_calls_the_playdate_off() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    both_accept(&rig, &mut a, &mut b);
    a.owner.patch(
        Kind::Pet,
        a.pet.0,
        fields(
            json!({"vaccinations": [{"against": "rabies", "valid_until": "2020-01-01", "evidence": "seen"}]}),
        ),
    );
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert_eq!(b.owner.all::<Playdate>()[0].1.state, PlaydateState::Cancelled);
}

#[test]
fn withdrawn_consent_ends_open_proposals_and_matches() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    a.owner.patch(
        Kind::Household,
        HOUSEHOLD_ROW,
        fields(json!({"share_consent": null})),
    );
    a.owner.sync(&rig).unwrap();
    let mut fresh = rig.device(b.household, 999, Role::Owner);
    fresh.sync(&rig).unwrap();
    let told = fresh.dump();
    assert!(
        !told.contains("Dog 1"),
        "sent to a new device of B after the withdrawal: {told}"
    );
}

#[test]
fn nobody_meets_a_family_that_withdrew_its_consent() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    let (id, seen) = a.owner.all::<Playdate>().remove(0);
    // A accepts, then withdraws the consent to be shown; B accepts afterwards.
    a.owner.act(id, PlaydateAct::Accept, seen.rev);
    a.owner.patch(
        Kind::Household,
        HOUSEHOLD_ROW,
        fields(json!({"share_consent": null})),
    );
    a.owner.sync(&rig).unwrap();
    b.owner.act(id, PlaydateAct::Accept, seen.rev);
    let outcome = b.owner.sync(&rig).unwrap().results.remove(0).outcome;
    assert_ne!(
        b.owner.all::<Playdate>()[0].1.state,
        PlaydateState::Confirmed,
        "{outcome:?}"
    );
}

#[test]
fn a_childs_device_is_not_told_that_the_other_family_said_yes() {
    let rig = Rig::new();
    let take_back = |mutual_yes: bool| {
        let rig = &rig;
        let n = if mutual_yes { 1 } else { 3 };
        let (mut a, mut b) = (rig.family(n), rig.family(n + 1));
        a.child_swipes(b.pet, Verdict::Yes);
        a.child.sync(rig).unwrap();
        a.owner_sees_and_releases(rig, b.pet);
        if mutual_yes {
            b.child_swipes(a.pet, Verdict::Yes);
            b.child.sync(rig).unwrap();
            b.owner_sees_and_releases(rig, a.pet);
        }
        a.child.patch(
            Kind::Swipe,
            SwipeId::of(a.pet, b.pet).0,
            fields(json!({"verdict": null})),
        );
        a.child.sync(rig).unwrap().results.remove(0).outcome
    };
    assert_eq!(take_back(true), take_back(false));
}

#[test]
fn r7_a_familys_cell_cannot_be_found_by_moving() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    let secret = Area::around(47.63, -122.27).unwrap();
    b.owner
        .patch(Kind::Household, HOUSEHOLD_ROW, fields(json!({"area": secret})));
    b.owner.sync(&rig).unwrap();
    let cell = |lat: i32, lon: i32| Area::around(f64::from(lat) / 100.0, f64::from(lon) / 100.0).unwrap();
    let mut candidates: Vec<Area> = (4730..4800)
        .flat_map(|lat| (-12270..-12190).map(move |lon| (lat, lon)))
        .map(|(lat, lon)| cell(lat, lon))
        .collect();
    let start = candidates.len();
    let mut asked = 0;
    let mut random = 7_u64;
    while candidates.len() > 1 && asked < 1_000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let at = cell(
            4745 + (random >> 33) as i32 % 36,
            -12245 + (random >> 45) as i32 % 36,
        );
        a.owner
            .patch(Kind::Household, HOUSEHOLD_ROW, fields(json!({"area": at})));
        if a.owner.sync(&rig).unwrap().results[0].outcome != Outcome::Applied {
            break;
        }
        asked += 1;
        let seen = a.owner.all::<Card>().first().map(|(_, card)| card.distance);
        let told = |there: Area| {
            let km = at.km_to(there);
            (km <= 10.0).then(|| Distance::of_km(km))
        };
        candidates.retain(|there| told(*there) == seen);
    }
    assert!(candidates.contains(&secret));
    assert!(
        candidates.len() > 1,
        "{asked} moves, no time passed: {start} cells down to the one: {candidates:?}"
    );
}

#[test]
fn the_exact_weight_cannot_be_found_by_changing_ones_own() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    b.owner
        .patch(Kind::Pet, b.pet.0, fields(json!({"weight_g": 17_346})));
    b.owner.sync(&rig).unwrap();
    let (mut fits, mut not, mut asked) = (12_000, 50_000, 0);
    while not - fits > 1 {
        let mid = i64::midpoint(fits, not);
        a.owner
            .patch(Kind::Pet, a.pet.0, fields(json!({"weight_g": mid})));
        a.owner.sync(&rig).unwrap();
        asked += 1;
        if a.owner.all::<Card>().is_empty() {
            not = mid;
        } else {
            fits = mid;
        }
    }
    assert_ne!(fits - 11_000, 17_346, "found to the gram in {asked} edits");
}

#[test]
fn a_familys_hours_cannot_be_read_off_the_deck() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    drop(b);
    let slots: Vec<Uuid> = a
        .owner
        .all::<romp_domain::WeeklySlot>()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    for id in &slots[1..] {
        a.owner.patch(Kind::Slot, *id, Fields::removal());
    }
    let mut free = BTreeSet::new();
    for hour in 0..24 {
        a.owner.patch(
            Kind::Slot,
            slots[0],
            fields(json!({"hours": {"weekday": "mon", "start": hour * 60, "end": hour * 60 + 60}})),
        );
        a.owner.sync(&rig).unwrap();
        if !a.owner.all::<Card>().is_empty() {
            free.insert(hour);
        }
    }
    assert_ne!(
        free,
        (9..18).collect(),
        "the other family's Monday, hour by hour, from 24 edits"
    );
}

#[test]
fn a_pet_that_is_ill_is_not_told_to_the_other_family() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    both_accept(&rig, &mut a, &mut b);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"hold_until": "2026-12-24"})));
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    let told = b.owner.all::<Playdate>()[0].1.cancelled;
    assert_ne!(
        told,
        Some(romp_domain::playdate::CancelReason::PetRests),
        "B's own pet does not rest, so A's is ill or in heat"
    );
}

#[test]
fn a_pet_hidden_after_the_match_meets_nobody() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    let (id, seen) = a.owner.all::<Playdate>().remove(0);
    a.owner.act(id, PlaydateAct::Accept, seen.rev);
    a.owner.patch(
        Kind::Pet,
        a.pet.0,
        fields(json!({"weight_g": 60_000, "visible": false})),
    );
    a.owner.sync(&rig).unwrap();
    b.owner.act(id, PlaydateAct::Accept, seen.rev);
    b.owner.sync(&rig).unwrap();
    assert_ne!(
        b.owner.all::<Playdate>()[0].1.state,
        PlaydateState::Confirmed,
        "12 kg meets 60 kg"
    );
}
