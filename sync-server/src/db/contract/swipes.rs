//! Swipes: rows with known fields, found by their household, their pair and their pet.

use std::sync::Arc;

use romp_domain::{ChildId, Hlc, Kind, SwipeId, Verdict};
use romp_sync::{Registers, Stamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Db, DbExt, Open, device_id, house, pet, put, registers, with_households};
use crate::db::{RELEASED, SwipeWrite};

pub(super) fn all(open: Open<'_>) {
    a_swipe_comes_back_with_its_stamps(open);
    what_was_never_set_is_told_from_what_is_empty(open);
    a_swipe_is_found_by_its_pair_and_by_its_actor(open);
    a_removed_swipe_is_kept_and_not_listed(open);
    the_same_pair_in_two_households_is_two_swipes(open);
    many_swipes_at_once_are_as_one_after_the_other(open);
    what_was_expected_is_read_as_it_is_now(open);
    swipes_are_counted_as_they_are_told(open);
    a_households_pets_are_listed_with_the_removed_ones(open);
}

fn swipe(actor: u128, target: u128) -> (SwipeId, Value) {
    let fields = json!({
        "actor_pet": pet(actor), "target_pet": pet(target), "verdict": "yes", "released": "yes"
    });
    (SwipeId::of(pet(actor), pet(target)), fields)
}

fn stored(db: &dyn Db, id: SwipeId) -> Option<Registers> {
    db.read(move |tx| tx.row(house(1), Kind::Swipe, id.0)).unwrap()
}

fn a_swipe_comes_back_with_its_stamps(open: Open<'_>) {
    let db = with_households(open, 1);
    let (id, fields) = swipe(1, 5);
    let mut row = registers(fields, 4);
    for (name, value, clock) in [
        ("verdict", json!("later"), u64::MAX),
        ("by_child", json!(ChildId(Uuid::from_u128(9))), 6),
        ("released", json!(null), 6),
    ] {
        let patch = registers(json!({ name: value }), 0).fields;
        row.merge(&Registers::of(&patch, Stamp(Hlc(clock), device_id(2))));
        let stored = row.clone();
        db.write(move |tx| tx.put_row(house(1), Kind::Swipe, id.0, &stored))
            .unwrap();
    }
    assert_eq!(stored(&*db, id), Some(row));
    assert_eq!(stored(&*db, SwipeId::of(pet(5), pet(1))), None);
}

fn what_was_never_set_is_told_from_what_is_empty(open: Open<'_>) {
    let db = with_households(open, 1);
    let id = SwipeId(Uuid::from_u128(3));
    for fields in [
        json!({}),
        json!({"verdict": null}),
        json!({"deleted": false, "released": "no"}),
    ] {
        put(&*db, house(1), Kind::Swipe, id.0, fields.clone());
        let found = stored(&*db, id).unwrap();
        assert_eq!(json!(found.fields), fields);
        assert_eq!(found.stamps.len(), found.fields.0.len());
        assert_eq!(
            db.read(move |tx| tx.swipe(house(1), id)).unwrap(),
            None,
            "half a swipe is none"
        );
    }
}

fn a_swipe_is_found_by_its_pair_and_by_its_actor(open: Open<'_>) {
    let db = with_households(open, 2);
    for target in [5, 6] {
        let (id, fields) = swipe(1, target);
        let row = registers(fields, target as u64);
        db.write(move |tx| tx.put_row(house(1), Kind::Swipe, id.0, &row))
            .unwrap();
    }
    let (id, _) = swipe(1, 6);
    let found = db.read(move |tx| tx.swipe(house(1), id)).unwrap().unwrap();
    assert_eq!((found.household, found.verdict_at), (house(1), Hlc(6)));
    assert_eq!(
        (found.swipe.target_pet, found.swipe.verdict, found.swipe.by_child),
        (pet(6), Some(Verdict::Yes), None)
    );
    assert_eq!(db.read(move |tx| tx.swipe(house(2), id)).unwrap(), None);
    let asked = [swipe(1, 6).0, swipe(1, 5).0, swipe(1, 7).0];
    let of = |n| db.read(move |tx| tx.swipes_of(house(n), &asked)).unwrap();
    let mut targets: Vec<_> = of(1).iter().map(|found| found.swipe.target_pet).collect();
    targets.sort();
    assert_eq!(targets, [pet(5), pet(6)]);
    assert!(of(1).contains(&found));
    assert_eq!(of(2), []);
    let by = |household, actor| {
        db.read(move |tx| tx.swipes_by(house(household), &[pet(5), pet(actor)]))
            .unwrap()
            .len()
    };
    assert_eq!((by(1, 1), by(1, 6), by(2, 1)), (2, 0, 0));
    assert_eq!(db.read(|tx| tx.swipes_by(house(1), &[])).unwrap(), []);
}

fn a_removed_swipe_is_kept_and_not_listed(open: Open<'_>) {
    let db = with_households(open, 1);
    let (id, mut fields) = swipe(1, 5);
    fields["deleted"] = json!(true);
    put(&*db, house(1), Kind::Swipe, id.0, fields);
    assert!(stored(&*db, id).unwrap().fields.is_deleted());
    assert_eq!(db.read(|tx| tx.rows(house(1), Kind::Swipe)).unwrap(), []);
    assert_eq!(db.read(move |tx| tx.swipe(house(1), id)).unwrap(), None);
    assert_eq!(db.read(|tx| tx.swipes_by(house(1), &[pet(1)])).unwrap(), []);
    assert_eq!(db.read(move |tx| tx.swipes_of(house(1), &[id])).unwrap(), []);
    put(&*db, house(1), Kind::Swipe, id.0, swipe(1, 5).1);
    let listed = db.read(|tx| tx.rows(house(1), Kind::Swipe)).unwrap();
    assert_eq!((listed.len(), listed[0].0), (1, id.0));
    assert_eq!(json!(listed[0].1), swipe(1, 5).1);
}

fn the_same_pair_in_two_households_is_two_swipes(open: Open<'_>) {
    let db = with_households(open, 2);
    let (id, mut fields) = swipe(1, 5);
    put(&*db, house(1), Kind::Swipe, id.0, fields.clone());
    fields["verdict"] = json!("no");
    put(&*db, house(2), Kind::Swipe, id.0, fields);
    let verdict = |n| {
        db.read(move |tx| tx.swipe(house(n), id))
            .unwrap()
            .unwrap()
            .swipe
            .verdict
    };
    assert_eq!((verdict(1), verdict(2)), (Some(Verdict::Yes), Some(Verdict::No)));
}

fn many_swipes_at_once_are_as_one_after_the_other(open: Open<'_>) {
    let db = with_households(open, 2);
    let write = |target: u128, fields: Value, clock, withheld_by: Option<u128>| SwipeWrite {
        id: swipe(1, target).0.0,
        row: Arc::new(registers(fields, clock)),
        is_new: false,
        withheld_by: withheld_by.map(device_id),
    };
    let mut mixed = registers(swipe(1, 7).1, 4);
    let later = registers(json!({"released": null}), 0).fields;
    mixed.merge(&Registers::of(&later, Stamp(Hlc(9), device_id(2))));
    let mixed = SwipeWrite {
        row: Arc::new(mixed),
        ..write(7, json!({}), 0, Some(2))
    };
    let new = |swipe| SwipeWrite {
        is_new: true,
        ..swipe
    };
    let first = [
        write(5, swipe(1, 5).1, 1, None),
        new(write(6, json!({"verdict": null}), 2, Some(1))),
        new(mixed.clone()),
    ];
    let second = [
        write(5, json!({"deleted": true}), 3, None),
        write(6, swipe(1, 6).1, 4, Some(3)),
        new(write(8, swipe(1, 8).1, 5, None)),
    ];
    let expected = [second[0].clone(), second[1].clone(), mixed, second[2].clone()];
    db.write(move |tx| {
        tx.put_swipes(house(1), 4, &first)?;
        tx.put_swipes(house(1), 5, &second)?;
        tx.put_swipes(house(2), 1, &[])
    })
    .unwrap();
    let ids: Vec<Uuid> = expected.iter().map(|swipe| swipe.id).collect();
    for swipe in &expected {
        assert_eq!(
            stored(&*db, SwipeId(swipe.id)),
            Some(Registers::clone(&swipe.row))
        );
    }
    let asked = [&ids[..], &[Uuid::from_u128(99)]].concat();
    let mut found = db.read(move |tx| tx.swipe_rows(house(1), &asked)).unwrap();
    found.sort_by_key(|(id, _)| *id);
    let mut rows: Vec<_> = expected
        .iter()
        .map(|swipe| (swipe.id, Registers::clone(&swipe.row)))
        .collect();
    rows.sort_by_key(|(id, _)| *id);
    assert_eq!(found, rows);
    let asked = ids.clone();
    assert_eq!(db.read(move |tx| tx.swipe_rows(house(2), &asked)).unwrap(), []);

    let mut notes = db.read(|tx| tx.feed(house(1), 0, 0, 9)).unwrap();
    notes.sort_by_key(|note| note.id);
    let mut marked: Vec<_> = [5, 5, 4, 5]
        .into_iter()
        .zip(&expected)
        .map(|(seq, swipe)| swipe.note(seq))
        .collect();
    marked.sort_by_key(|note| note.id);
    assert_eq!(notes, marked);
    assert_eq!(
        db.read(|tx| tx.gone(house(1), 9, 9)).unwrap(),
        [expected[0].note(5)]
    );
    let withheld = |n: usize| {
        let id = ids[n];
        db.read(move |tx| tx.restriction(house(1), Kind::Swipe, id, RELEASED))
            .unwrap()
            .map(|last| (last.seq, last.device))
    };
    assert_eq!(withheld(0), None);
    assert_eq!(withheld(1), Some((5, device_id(3))));
    assert_eq!(withheld(2), Some((4, device_id(2))));
}

fn what_was_expected_is_read_as_it_is_now(open: Open<'_>) {
    let db = with_households(open, 3);
    put(&*db, house(2), Kind::Pet, pet(5).0, json!({"species": "dog"}));
    let (id, fields) = swipe(5, 1);
    put(&*db, house(2), Kind::Swipe, id.0, fields);
    put(&*db, house(3), Kind::Pet, pet(6).0, json!({"species": "dog"}));
    db.write(move |tx| {
        let other = SwipeId::of(pet(6), pet(1));
        tx.expect_answers(&[(pet(5), id), (pet(6), other), (pet(7), id)])?;
        let row = registers(swipe(6, 1).1, 1);
        tx.put_row(house(3), Kind::Swipe, other.0, &row)?;
        tx.put_row(
            house(1),
            Kind::Pet,
            pet(7).0,
            &registers(json!({"species": "cat"}), 1),
        )?;
        for _ in 0..2 {
            let owners = [
                tx.owner_of_pet(pet(5))?,
                tx.owner_of_pet(pet(6))?,
                tx.owner_of_pet(pet(7))?,
            ];
            assert_eq!(owners, [Some(house(2)), Some(house(3)), Some(house(1))]);
            assert!(
                tx.swipe(house(2), id)?
                    .is_some_and(|found| found.swipe.is_released_yes())
            );
            assert!(tx.swipe(house(3), other)?.is_some(), "stored meanwhile");
            assert!(tx.swipe(house(1), id)?.is_none());
            let answers = [
                (tx.answer(pet(5), id)?, tx.swipe(house(2), id)?),
                (tx.answer(pet(6), other)?, tx.swipe(house(3), other)?),
                (tx.answer(pet(7), id)?, None),
                (tx.answer(pet(99), id)?, None),
            ];
            assert!(
                answers.iter().all(|(answer, swipe)| answer == swipe),
                "{answers:?}"
            );
        }
        Ok(())
    })
    .unwrap();
}

fn swipes_are_counted_as_they_are_told(open: Open<'_>) {
    let db = with_households(open, 2);
    for number in [2, 5] {
        db.write(move |tx| tx.begin_commit(house(1), Hlc(0), number))
            .unwrap();
    }
    let swipes = |n| db.read(move |tx| tx.household(house(n))).unwrap().unwrap().swipes;
    assert_eq!((swipes(1), swipes(2)), (7, 0));
}

fn a_households_pets_are_listed_with_the_removed_ones(open: Open<'_>) {
    let db = with_households(open, 2);
    put(&*db, house(1), Kind::Pet, pet(2).0, json!({"species": "dog"}));
    put(
        &*db,
        house(1),
        Kind::Pet,
        pet(1).0,
        json!({"species": "dog", "deleted": true}),
    );
    put(&*db, house(2), Kind::Pet, pet(3).0, json!({"species": "dog"}));
    let pets = db.read(|tx| tx.pets_of(house(1))).unwrap();
    assert_eq!(pets, [(pet(1), true), (pet(2), false)]);
}
