//! Swipes: rows with known fields, found by their household, their pair and their pet.

use romp_domain::{ChildId, Hlc, Kind, SwipeId, Verdict};
use romp_sync::{Registers, Stamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Db, DbExt, Open, device_id, house, pet, put, registers, with_households};

pub(super) fn all(open: Open<'_>) {
    a_swipe_comes_back_with_its_stamps(open);
    what_was_never_set_is_told_from_what_is_empty(open);
    a_swipe_is_found_by_its_pair_and_by_its_actor(open);
    a_removed_swipe_is_kept_and_not_listed(open);
    the_same_pair_in_two_households_is_two_swipes(open);
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
    let by = |household, actor| {
        db.read(move |tx| tx.swipes_by(house(household), pet(actor)))
            .unwrap()
            .len()
    };
    assert_eq!((by(1, 1), by(1, 5), by(2, 1)), (2, 0, 0));
}

fn a_removed_swipe_is_kept_and_not_listed(open: Open<'_>) {
    let db = with_households(open, 1);
    let (id, mut fields) = swipe(1, 5);
    fields["deleted"] = json!(true);
    put(&*db, house(1), Kind::Swipe, id.0, fields);
    assert!(stored(&*db, id).unwrap().fields.is_deleted());
    assert_eq!(db.read(|tx| tx.rows(house(1), Kind::Swipe)).unwrap(), []);
    assert_eq!(db.read(move |tx| tx.swipe(house(1), id)).unwrap(), None);
    assert_eq!(db.read(|tx| tx.swipes_by(house(1), pet(1))).unwrap(), []);
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

fn swipes_are_counted_as_they_are_told(open: Open<'_>) {
    let db = with_households(open, 2);
    for number in [2, 5] {
        db.write(move |tx| tx.add_swipes(house(1), number)).unwrap();
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
