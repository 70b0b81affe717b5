//! When decks are dealt: whoever only waits uses nothing up, and whoever asks is counted.

use std::collections::BTreeSet;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::{DAY_MS, MINUTE_MS};
use romp_domain::{Card, Fields, Kind, PetId, Role, Verdict, WeeklySlot};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Device, Family, Rig, fields};
use crate::db::{DbExt, DeckRecord};

/// Four hours of an app that is open: an exchange every five minutes.
fn online_for_hours(rig: &Rig, device: &mut Device) {
    for _ in 0..48 {
        rig.pass(5 * MINUTE_MS);
        device.sync(rig).unwrap();
    }
}

fn shown(device: &Device) -> BTreeSet<PetId> {
    let cards = device.all::<Card>();
    cards.into_iter().map(|(_, card)| card.pet.id).collect()
}

fn deck(rig: &Rig, family: &Family) -> DeckRecord {
    let pet = family.pet;
    rig.server.db.read(move |tx| tx.deck(pet)).unwrap().unwrap()
}

fn edit(rig: &Rig, family: &mut Family, n: i32) {
    family
        .owner
        .patch(Kind::Pet, family.pet.0, fields(json!({"energy": n % 5 + 1})));
    family.owner.sync(rig).unwrap();
}

#[test]
fn a_lonely_family_that_was_online_for_hours_sees_a_newcomer_at_once() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut built = BTreeSet::new();
    for _ in 0..48 {
        rig.pass(5 * MINUTE_MS);
        a.child.sync(&rig).unwrap();
        built.insert(deck(&rig, &a).built_at);
    }
    assert!(built.len() <= 5, "dealt {} times for nothing", built.len());
    let b = rig.family(2);
    a.child.sync(&rig).unwrap();
    assert_eq!(shown(&a.child), [b.pet].into());
}

#[test]
fn a_familys_new_terms_are_answered_however_long_it_was_online_before() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"seeks_species": ["goat"]})));
    a.owner.sync(&rig).unwrap();
    online_for_hours(&rig, &mut a.owner);
    assert!(shown(&a.owner).is_empty());
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"seeks_species": ["dog"]})));
    a.owner.sync(&rig).unwrap();
    assert_eq!(shown(&a.owner), [b.pet].into());
}

#[test]
fn a_neighbour_that_edits_for_hours_uses_up_nothing_of_others() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::No);
    a.child.sync(&rig).unwrap();
    for n in 0..40 {
        rig.pass(4 * MINUTE_MS);
        edit(&rig, &mut b, n);
        a.owner.sync(&rig).unwrap();
    }
    let c = rig.family(3);
    a.owner.sync(&rig).unwrap();
    assert!(shown(&a.owner).contains(&c.pet));
    a.owner
        .patch(Kind::Household, HOUSEHOLD_ROW, fields(json!({"travel_km": 9})));
    a.owner.sync(&rig).unwrap();
    assert!(!deck(&rig, &a).asks, "its own new terms are answered, too");
}

#[test]
fn who_has_a_card_left_sees_a_newcomer_when_the_deck_has_rested() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.child.sync(&rig).unwrap();
    assert_eq!(shown(&a.child), [b.pet].into());
    let c = rig.family(3);
    a.child.sync(&rig).unwrap();
    assert_eq!(shown(&a.child), [b.pet].into());
    rig.pass(10 * MINUTE_MS);
    a.child.sync(&rig).unwrap();
    assert_eq!(shown(&a.child), [b.pet, c.pet].into());
}

#[test]
fn a_deck_that_is_used_is_looked_at_sooner_than_one_that_is_not() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.child.sync(&rig).unwrap();
    let first = deck(&rig, &a).built_at;
    rig.pass(11 * MINUTE_MS);
    a.child.sync(&rig).unwrap();
    assert_eq!(deck(&rig, &a).built_at, first, "nothing was used");
    a.child_swipes(b.pet, Verdict::No);
    a.child.sync(&rig).unwrap();
    let second = deck(&rig, &a).built_at;
    assert_eq!(second, rig.now());
    rig.pass(11 * MINUTE_MS);
    a.child.sync(&rig).unwrap();
    assert_eq!(deck(&rig, &a).built_at, second, "nothing was used since");
    rig.pass(50 * MINUTE_MS);
    a.child.sync(&rig).unwrap();
    assert_eq!(deck(&rig, &a).built_at, rig.now());
}

#[test]
fn questions_that_were_not_counted_are_answered_neither_by_waiting_nor_by_a_friend_who_wakes() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    let mut friend = rig.family(3);
    let slots: Vec<Uuid> = a
        .owner
        .all::<WeeklySlot>()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    for id in &slots[1..] {
        a.owner.patch(Kind::Slot, *id, Fields::removal());
    }
    let mut free = BTreeSet::new();
    // Less than a day: an hour and five minutes for each.
    for hour in 0..20 {
        a.owner.patch(
            Kind::Slot,
            slots[0],
            fields(json!({"hours": {"weekday": "mon", "start": hour * 60, "end": hour * 60 + 60}})),
        );
        a.owner.sync(&rig).unwrap();
        for _ in 0..5 {
            rig.pass(13 * MINUTE_MS);
            edit(&rig, &mut friend, hour);
            a.owner.sync(&rig).unwrap();
        }
        if shown(&a.owner).contains(&b.pet) {
            free.insert(hour);
        }
    }
    assert_eq!(
        free,
        (9..20).collect(),
        "B is free until 18: after the sixteenth question nothing is told any more"
    );
}

#[test]
fn a_family_that_edits_without_end_has_its_neighbours_decks_marked_no_oftener_than_it_is_answered() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    let before = deck(&rig, &b).generation;
    for n in 0..60 {
        edit(&rig, &mut a, n);
    }
    let marked = deck(&rig, &b).generation - before;
    assert!((10..=16).contains(&marked), "marked {marked} times");
}

#[test]
fn a_pet_that_is_hidden_by_the_hundredth_edit_leaves_every_deck_at_once() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    b.owner.sync(&rig).unwrap();
    for n in 0..99 {
        edit(&rig, &mut a, n);
    }
    assert_eq!(shown(&b.owner), [a.pet].into());
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert!(shown(&b.owner).is_empty());
}

#[test]
fn who_is_not_shown_keeps_no_card_not_even_of_those_that_were_decided() {
    let gone = [
        (Kind::Household, fields(json!({"share_consent": null}))),
        (Kind::Pet, Fields::removal()),
    ];
    for (kind, change) in gone {
        let rig = Rig::new();
        let (mut a, b, c) = (rig.family(1), rig.family(2), rig.family(3));
        a.child.sync(&rig).unwrap();
        // One waits for an owner, and one is there for the undo.
        a.child_swipes(b.pet, Verdict::Yes);
        a.child_swipes(c.pet, Verdict::No);
        a.child.sync(&rig).unwrap();
        rig.pass(20 * MINUTE_MS);
        a.child.sync(&rig).unwrap();
        assert_eq!(shown(&a.child), [b.pet, c.pet].into());
        let id = if kind == Kind::Pet { a.pet.0 } else { HOUSEHOLD_ROW };
        a.owner.patch(kind, id, change);
        let mut fresh = rig.device(a.household, 999, Role::Owner);
        for device in [&mut a.owner, &mut a.child, &mut fresh] {
            device.sync(&rig).unwrap();
            assert!(shown(device).is_empty(), "{kind:?}");
        }
    }
}

#[test]
fn a_deck_that_was_dealt_by_a_clock_that_was_ahead_is_dealt_again() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    rig.pass(400 * DAY_MS);
    a.child.sync(&rig).unwrap();
    rig.pass(-400 * DAY_MS);
    let b = rig.family(2);
    for _ in 0..3 {
        a.child.sync(&rig).unwrap();
    }
    assert!(shown(&a.child).contains(&b.pet));
}
