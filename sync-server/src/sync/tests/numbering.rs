//! Exactly once, in any order, with any clock.

use romp_domain::time::DAY_MS;
use romp_domain::wire::{MutationResult, Outcome};
use romp_domain::{Entity, ErrorCode, Fields, Hlc, Kind, Pet, Role};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Rig, mutual, refusal};
use crate::db::DbExt;

fn energy(level: i64) -> Fields {
    Fields([("energy".to_owned(), json!(level))].into_iter().collect())
}

#[test]
fn row_45_a_request_sent_twice_has_one_effect_and_the_same_verdicts() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(Kind::Pet, a.pet.0, energy(2));
    a.owner.patch(
        Kind::Pet,
        a.pet.0,
        Fields([("energy".to_owned(), json!(99))].into_iter().collect()),
    );
    let request = a.owner.request(&rig);
    let first = crate::sync::sync(&rig.server, &a.owner.session, request.clone()).unwrap();
    let second = crate::sync::sync(&rig.server, &a.owner.session, request).unwrap();
    assert_eq!(first.results, second.results);
    assert_eq!((first.rows, first.cursor), (second.rows, second.cursor));
    assert!(matches!(second.results[1].outcome, Outcome::Rejected { .. }));
}

#[test]
fn a_gap_is_reported_and_nothing_of_the_batch_applied() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(Kind::Pet, a.pet.0, energy(2));
    a.owner.patch(Kind::Pet, a.pet.0, energy(3));
    let missing = a.owner.outbox.remove(0).mid;
    let reply = crate::sync::sync(&rig.server, &a.owner.session, a.owner.request(&rig)).unwrap();
    assert_eq!((reply.need_from, reply.results.len()), (Some(missing), 0));
    assert_eq!(reply.ack_mid, missing - 1);
}

#[test]
fn a_refused_mutation_holds_up_nothing_behind_it() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(
        Kind::Pet,
        a.pet.0,
        Fields([("wings".to_owned(), json!(2))].into_iter().collect()),
    );
    a.owner.patch(Kind::Pet, a.pet.0, energy(4));
    let reply = a.owner.sync(&rig).unwrap();
    assert!(matches!(reply.results[0].outcome, Outcome::Rejected { .. }));
    assert_eq!(a.owner.all::<Pet>()[0].1.energy.unwrap().get(), 4);
    assert!(a.owner.outbox.is_empty());
}

#[test]
fn row_50_a_clock_three_days_ahead_does_not_win_for_three_days() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.skew_ms = 3 * DAY_MS;
    a.owner.patch(Kind::Pet, a.pet.0, energy(1));
    a.owner.sync(&rig).unwrap();

    rig.pass(120_000);
    let mut other = rig.device(a.household, 999, Role::Owner);
    other.sync(&rig).unwrap();
    other.patch(Kind::Pet, a.pet.0, energy(5));
    let last = other.outbox.last_mut().unwrap();
    last.hlc = Hlc::at_ms(super::rig::START + 120_000);
    other.sync(&rig).unwrap();
    assert_eq!(
        other.all::<Pet>()[0].1.energy.unwrap().get(),
        5,
        "the later edit wins, whatever the first clock said"
    );
}

#[test]
fn row_51_a_later_edit_wins_although_its_clock_is_thirty_days_behind() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(Kind::Pet, a.pet.0, energy(1));
    a.owner.sync(&rig).unwrap();

    rig.pass(120_000);
    let mut other = rig.device(a.household, 999, Role::Owner);
    other.skew_ms = -30 * DAY_MS;
    other.sync(&rig).unwrap();
    other.patch(Kind::Pet, a.pet.0, energy(5));
    let last = other.outbox.last_mut().unwrap();
    last.hlc = Hlc::at_ms(super::rig::START + 120_000 - 30 * DAY_MS);
    other.sync(&rig).unwrap();
    assert_eq!(other.all::<Pet>()[0].1.energy.unwrap().get(), 5);
}

#[test]
fn row_54_no_cursor_leads_to_another_familys_rows() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut c = rig.family(3);
    a.owner.sync(&rig).unwrap();
    for cursor in [0, 1, a.owner.cursor, a.owner.cursor + 1, u64::MAX >> 1, u64::MAX] {
        for device in [&mut c.owner, &mut c.child] {
            device.cursor = cursor;
            device.sync(&rig).unwrap();
            let held = device.dump();
            assert!(
                !held.contains("CANARY1") && held.contains("CANARY3"),
                "{cursor}: {held}"
            );
            assert!(!held.contains(&a.household.to_string()), "{cursor}: {held}");
        }
    }
}

#[test]
fn edits_of_different_fields_on_two_devices_both_stay() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut other = rig.device(a.household, 999, Role::Owner);
    other.skew_ms = 1_000;
    a.owner.patch(Kind::Pet, a.pet.0, energy(1));
    other.patch(
        Kind::Pet,
        a.pet.0,
        Fields([("lead_only".to_owned(), json!(true))].into_iter().collect()),
    );
    other.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    other.sync(&rig).unwrap();
    let pet = &other.all::<Pet>()[0].1;
    assert_eq!((pet.energy.unwrap().get(), pet.lead_only), (1, true));
    assert_eq!(a.owner.dump(), other.dump());
}

#[test]
fn row_54_a_page_from_any_cursor_leads_to_the_same_rows() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let dog = a.dog().to_fields();
    let long = |n: u128| {
        let mut pet = dog.clone();
        for (field, characters) in [("owner_notes", 1_000), ("needs", 200), ("triggers", 200)] {
            let text = format!("{n} {}", "\u{1F43E}".repeat(characters - 4));
            pet.0.insert(field.to_owned(), text.into());
        }
        pet
    };
    let id = |n: u128| Uuid::from_u128(500_000 + n);
    // Adds, changes and removes; every commit leaves what a device holds that has everything up to it.
    let mut watching = rig.device(a.household, 998, Role::Owner);
    let mut held = Vec::new();
    for commit in 0..24_u128 {
        for n in commit * 6..(commit + 1) * 6 {
            a.owner.patch(Kind::Pet, id(n), long(n));
        }
        if commit % 3 == 2 {
            a.owner.patch(Kind::Pet, id(commit), energy(3));
            a.owner.patch(Kind::Pet, id(commit + 1), Fields::removal());
        }
        let reply = a.owner.sync(&rig).unwrap();
        let ok = |result: &MutationResult| result.outcome == Outcome::Applied;
        assert!(reply.results.iter().all(ok), "{:?}", reply.results);
        while watching.sync(&rig).unwrap().more {}
        held.push((watching.cursor, watching.rows.clone()));
    }
    let end = watching.dump();
    while a.owner.sync(&rig).unwrap().more {}
    assert_eq!(a.owner.dump(), end);
    // And what one holds in the middle of pulling everything.
    let mut fresh = rig.device(a.household, 999, Role::Owner);
    held.push((0, fresh.rows.clone()));
    let mut pages = 1;
    while fresh.sync(&rig).unwrap().more {
        held.push((fresh.cursor, fresh.rows.clone()));
        pages += 1;
    }
    assert!(pages >= 3, "{pages} pages");
    assert_eq!(fresh.dump(), end);
    for (cursor, rows) in held {
        (fresh.cursor, fresh.rows) = (cursor, rows);
        let mut last = cursor;
        while fresh.sync(&rig).unwrap().more {
            assert!(fresh.cursor > last, "from {cursor}: it goes on");
            last = fresh.cursor;
        }
        assert_eq!(
            (fresh.cursor, fresh.dump()),
            (watching.cursor, end.clone()),
            "from {cursor}"
        );
    }
}

#[test]
fn row_54_a_cursor_from_the_future_starts_over_instead_of_skipping() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.rows.clear();
    a.owner.cursor = u64::MAX;
    a.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.all::<Pet>().len(), 1);
}

#[test]
fn every_familys_last_commit_is_announced() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    let heard =
        [a.household, b.household].map(|household| (household, rig.server.pokes.subscribe(household)));
    mutual(&rig, &mut a, &mut b);
    for (household, last) in heard {
        let stored = rig.server.db.read(move |tx| tx.household(household));
        assert_eq!(*last.borrow(), stored.unwrap().unwrap().head_seq);
    }
}

#[test]
fn row_58_a_refusal_is_repeated_to_a_device_that_asks_again() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.child.patch(Kind::Pet, a.pet.0, energy(5));
    let request = a.child.request(&rig);
    let ask = || crate::sync::sync(&rig.server, &a.child.session, request.clone()).unwrap();
    let first = ask().results;
    assert_eq!(refusal(&first), ErrorCode::Forbidden);
    assert_eq!(ask().results, first);
}
