//! From swipes to a playdate, and off again.

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::DAY_MS;
use romp_domain::{
    Card, Entity, Fields, Kind, Matched, PetId, Playdate, PlaydateAct, PlaydateState, SwipeId, Verdict,
};
use serde_json::json;

use super::rig::{Family, Rig, fields};

fn mutual(rig: &Rig) -> (Family, Family) {
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    b.child_swipes(a.pet, Verdict::Yes);
    a.child.sync(rig).unwrap();
    b.child.sync(rig).unwrap();
    a.owner.sync(rig).unwrap();
    b.owner.sync(rig).unwrap();
    a.owner_releases(b.pet);
    b.owner_releases(a.pet);
    a.owner.sync(rig).unwrap();
    b.owner.sync(rig).unwrap();
    a.owner.sync(rig).unwrap();
    (a, b)
}

fn only_playdate(family: &Family) -> (uuid::Uuid, Playdate) {
    let all = family.owner.all::<Playdate>();
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

#[test]
fn a_family_that_joined_an_empty_street_sees_the_next_one_at_once() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.child.sync(&rig).unwrap();
    let cards = a.child.all::<Card>();
    assert_eq!(
        cards.iter().map(|(_, card)| card.pet.id).collect::<Vec<_>>(),
        [b.pet]
    );
}

#[test]
fn two_released_yeses_make_one_match_and_one_proposal_for_both() {
    let rig = Rig::new();
    let (a, b) = mutual(&rig);
    assert_eq!(a.owner.all::<Matched>().len(), 1);
    assert_eq!(b.owner.all::<Matched>()[0].1.other.id, a.pet);
    let ((id_a, at_a), (id_b, at_b)) = (only_playdate(&a), only_playdate(&b));
    assert_eq!((id_a, at_a.slot, at_a.venue), (id_b, at_b.slot, at_b.venue));
    assert_eq!(
        (at_a.state, at_a.pet, at_a.other.id),
        (PlaydateState::Proposed, a.pet, b.pet)
    );
}

#[test]
fn a_held_yes_leaves_no_trace_in_the_other_household() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    b.child_swipes(a.pet, Verdict::Yes);
    b.child.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    b.owner_releases(a.pet);
    b.owner.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    let before = b.owner.dump();
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    let reply = b.owner.sync(&rig).unwrap();
    assert!(reply.rows.is_empty(), "B was sent {:?}", reply.rows);
    assert_eq!(b.owner.dump(), before);
}

#[test]
fn other_families_never_learn_of_a_child() {
    let rig = Rig::new();
    let (mut a, mut b) = mutual(&rig);
    for device in [&mut b.owner, &mut b.child] {
        device.cursor = 0;
        device.sync(&rig).unwrap();
        let held = device.dump();
        assert!(!held.contains("CANARY1"), "{held}");
        assert!(
            !held.contains(&a.kid.to_string()) && !held.contains(&a.household.to_string()),
            "{held}"
        );
    }
    a.owner.sync(&rig).unwrap();
    assert!(
        a.owner.dump().contains("CANARY1"),
        "the family itself does see its child"
    );
}

#[test]
fn a_no_or_a_withdrawn_yes_makes_no_match() {
    for withdrawn in [json!("no"), json!("later"), json!(null)] {
        let rig = Rig::new();
        let (mut a, mut b) = (rig.family(1), rig.family(2));
        for (one, other) in [
            (&mut a, PetId(uuid::Uuid::from_u128(201))),
            (&mut b, PetId(uuid::Uuid::from_u128(101))),
        ] {
            one.child_swipes(other, Verdict::Yes);
            one.child.sync(&rig).unwrap();
        }
        a.owner_sees_and_releases(&rig, b.pet);
        let id = romp_domain::SwipeId::of(a.pet, b.pet).0;
        a.child.patch(
            Kind::Swipe,
            id,
            Fields([("verdict".to_owned(), withdrawn)].into_iter().collect()),
        );
        a.child.sync(&rig).unwrap();
        b.owner_sees_and_releases(&rig, a.pet);
        assert!(b.owner.all::<Matched>().is_empty());
    }
}

#[test]
fn both_accept_and_the_children_see_it_without_the_place() {
    let rig = Rig::new();
    let (mut a, mut b) = mutual(&rig);
    let (id, seen) = only_playdate(&a);
    a.child.sync(&rig).unwrap();
    assert!(
        a.child.all::<Playdate>().is_empty(),
        "a proposal is the owners' business"
    );
    a.owner.act(id, PlaydateAct::Accept, seen.rev);
    b.owner.act(id, PlaydateAct::Accept, seen.rev);
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    for family in [&mut a, &mut b] {
        assert_eq!(only_playdate(family).1.state, PlaydateState::Confirmed);
        family.child.sync(&rig).unwrap();
        let (_, shown) = family.child.all::<Playdate>().remove(0);
        assert_eq!((shown.state, shown.area), (PlaydateState::Confirmed, None));
    }
}

#[test]
fn an_ill_pet_calls_the_playdate_off_everywhere_and_leaves_the_decks() {
    let rig = Rig::new();
    let (mut a, mut b) = mutual(&rig);
    let (id, seen) = only_playdate(&a);
    for family in [&mut a, &mut b] {
        family.owner.act(id, PlaydateAct::Accept, seen.rev);
        family.owner.sync(&rig).unwrap();
    }
    let hold = Fields(
        [("hold_until".to_owned(), json!("2026-12-24"))]
            .into_iter()
            .collect(),
    );
    a.owner.patch(Kind::Pet, a.pet.0, hold);
    a.owner.sync(&rig).unwrap();
    for device in [&mut a.owner, &mut a.child, &mut b.owner, &mut b.child] {
        device.sync(&rig).unwrap();
        let (_, playdate) = device.all::<Playdate>().remove(0);
        assert_eq!(playdate.state, PlaydateState::Cancelled);
    }
    assert!(b.child.all::<Card>().is_empty(), "a resting pet is on no card");
    assert!(
        !b.owner.dump().contains("2026-12-24"),
        "the other family learns that a pet rests, not until when"
    );
}

#[test]
fn hours_that_arrive_after_the_yeses_still_make_the_match() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    let slots: Vec<_> = a.owner.all::<romp_domain::WeeklySlot>();
    for (id, _) in &slots {
        a.owner.patch(Kind::Slot, *id, Fields::removal());
    }
    a.owner.sync(&rig).unwrap();
    for family in [(&mut a, 201), (&mut b, 101)] {
        let (family, other) = (family.0, PetId(uuid::Uuid::from_u128(family.1)));
        family.child_swipes(other, Verdict::Yes);
        family.child.sync(&rig).unwrap();
        family.owner.sync(&rig).unwrap();
        family.owner_releases(other);
        family.owner.sync(&rig).unwrap();
    }
    assert!(
        b.owner.all::<Matched>().is_empty(),
        "nobody matches who can never meet"
    );
    let (_, slot) = &slots[0];
    a.owner
        .patch(Kind::Slot, uuid::Uuid::from_u128(7_777), slot.to_fields());
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert_eq!(only_playdate(&b).1.state, PlaydateState::Proposed);
}

#[test]
fn a_family_that_moves_to_another_zone_reads_its_playdates_in_that_one() {
    let rig = Rig::new();
    let (mut a, _) = mutual(&rig);
    // The same hours, under another name.
    let zone = fields(json!({"zone": "America/Vancouver"}));
    a.owner.patch(Kind::Household, HOUSEHOLD_ROW, zone);
    a.owner.sync(&rig).unwrap();
    assert_eq!(only_playdate(&a).1.zone.as_str(), "America/Vancouver");
}

#[test]
fn a_declined_slot_is_followed_by_another_and_three_noes_end_it() {
    let rig = Rig::new();
    let (mut a, _b) = mutual(&rig);
    let mut slots = Vec::new();
    for _ in 0..5 {
        let open: Vec<_> = a
            .owner
            .all::<Playdate>()
            .into_iter()
            .filter(|(_, p)| p.state == PlaydateState::Proposed)
            .collect();
        let Some((id, playdate)) = open.into_iter().next() else {
            break;
        };
        slots.push(playdate.slot);
        a.owner.act(id, PlaydateAct::Decline, playdate.rev);
        a.owner.sync(&rig).unwrap();
        a.owner.sync(&rig).unwrap();
    }
    assert_eq!(slots.len(), 3);
    assert!(
        !slots[0].overlaps(slots[1]) && !slots[1].overlaps(slots[2]),
        "{slots:?}"
    );
}

#[test]
fn a_proposal_nobody_answers_ends_with_its_time() {
    let rig = Rig::new();
    let (mut a, mut b) = mutual(&rig);
    rig.pass(15 * DAY_MS);
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    let all = b.owner.all::<Playdate>();
    let of = |state| all.iter().filter(|(_, playdate)| playdate.state == state).count();
    assert_eq!(
        (of(PlaydateState::Cancelled), of(PlaydateState::Proposed)),
        (1, 1),
        "it ends, and a new one follows"
    );
}

#[test]
fn withdrawn_consent_takes_the_pets_off_every_deck_at_once() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.owner.sync(&rig).unwrap();
    assert_eq!(b.owner.all::<Card>().len(), 1);
    let refuse = Fields([("share_consent".to_owned(), json!(null))].into_iter().collect());
    a.owner.patch(Kind::Household, HOUSEHOLD_ROW, refuse);
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert!(b.owner.all::<Card>().is_empty());
    assert!(a.owner.all::<Card>().is_empty(), "who is not shown sees nobody");
}

#[test]
fn removing_a_pet_ends_its_match_and_its_playdate() {
    let rig = Rig::new();
    let (mut a, mut b) = mutual(&rig);
    a.owner.patch(Kind::Pet, a.pet.0, Fields::removal());
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert!(b.owner.all::<Matched>().is_empty());
    assert_eq!(only_playdate(&b).1.state, PlaydateState::Cancelled);
}

#[test]
fn when_the_rest_is_over_a_new_proposal_comes_by_itself() {
    let rig = Rig::new();
    let (mut a, mut b) = mutual(&rig);
    a.owner.patch(
        Kind::Pet,
        a.pet.0,
        Fields(
            [("hold_until".to_owned(), json!("2026-12-24"))]
                .into_iter()
                .collect(),
        ),
    );
    a.owner.sync(&rig).unwrap();
    rig.pass(40 * DAY_MS);
    b.owner.sync(&rig).unwrap();
    let states: Vec<_> = b
        .owner
        .all::<Playdate>()
        .into_iter()
        .map(|(_, playdate)| playdate.state)
        .collect();
    assert_eq!(
        states
            .iter()
            .filter(|state| **state == PlaydateState::Proposed)
            .count(),
        1,
        "{states:?}"
    );
}

#[test]
fn a_release_that_is_withdrawn_before_it_is_sent_never_leaves_the_family() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    b.child_swipes(a.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    b.child.sync(&rig).unwrap();
    b.owner_sees_and_releases(&rig, a.pet);
    a.owner.sync(&rig).unwrap();
    a.owner_releases(b.pet);
    let withdrawn = Fields([("released".to_owned(), json!(null))].into_iter().collect());
    a.owner.patch(Kind::Swipe, SwipeId::of(a.pet, b.pet).0, withdrawn);
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert!(a.owner.all::<Matched>().is_empty());
    assert!(b.owner.all::<Matched>().is_empty());
    a.owner_releases(b.pet);
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert_eq!(b.owner.all::<Matched>().len(), 1);
}
