//! What is looked up without knowing the household.

use romp_domain::{Area, Hlc, Kind, SwipeId, Verdict};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Db, DbExt, Open, house, pet, put, registers, with_households};
use crate::db::SwipeRecord;

pub(super) fn all(open: Open<'_>) {
    a_pet_has_one_owner_even_when_removed(open);
    only_households_that_agreed_and_show_a_pet_are_near(open);
    a_box_can_cross_the_date_line(open);
    a_swipe_is_found_by_its_pair_and_by_its_actor(open);
    a_swipe_in_a_household_that_has_not_the_pet_does_not_exist(open);
}

fn area(lat_c: i64, lon_c: i64) -> Area {
    serde_json::from_value(json!({"lat_c": lat_c, "lon_c": lon_c})).unwrap()
}

fn settings(lat_c: i64, lon_c: i64, consent: Value) -> Value {
    json!({"area": {"lat_c": lat_c, "lon_c": lon_c}, "share_consent": consent})
}

fn a_pet_has_one_owner_even_when_removed(open: Open<'_>) {
    let db = with_households(open, 1);
    put(
        &*db,
        house(1),
        Kind::Pet,
        pet(1).0,
        json!({"species": "dog", "deleted": true}),
    );
    assert_eq!(db.read(|tx| tx.owner_of_pet(pet(1))).unwrap(), Some(house(1)));
    assert_eq!(db.read(|tx| tx.owner_of_pet(pet(2))).unwrap(), None);
}

fn near(db: &dyn Db, corners: [(i64, i64); 2]) -> Vec<u128> {
    let [south_west, north_east] = corners.map(|(lat, lon)| area(lat, lon));
    let found = db
        .read(move |tx| tx.households_near(south_west, north_east, house(1)))
        .unwrap();
    found.iter().map(|household| household.0.as_u128()).collect()
}

fn only_households_that_agreed_and_show_a_pet_are_near(open: Open<'_>) {
    let db = with_households(open, 8);
    let agreed = json!({"notice": 1, "given_at": 1});
    let dog = json!({"species": "dog", "visible": true});
    let families = [
        (1, settings(0, 0, agreed.clone()), dog.clone()),
        (2, settings(10, -10, agreed.clone()), dog.clone()),
        (3, settings(0, 0, Value::Null), dog.clone()),
        (
            4,
            settings(0, 0, agreed.clone()),
            json!({"species": "dog", "visible": false}),
        ),
        (
            5,
            settings(0, 0, agreed.clone()),
            json!({"species": "dog", "visible": true, "deleted": true}),
        ),
        (6, settings(11, 0, agreed.clone()), dog.clone()),
        (7, json!({"share_consent": agreed}), dog.clone()),
    ];
    for (n, settings, shown) in families {
        put(&*db, house(n), Kind::Household, Uuid::nil(), settings);
        put(&*db, house(n), Kind::Pet, pet(n).0, shown);
    }
    assert_eq!(near(&*db, [(-10, -10), (10, 10)]), [2], "corners included");
    assert_eq!(near(&*db, [(-10, -9), (10, 10)]), []);
    assert_eq!(near(&*db, [(-10, -10), (11, 10)]), [2, 6]);
    put(
        &*db,
        house(2),
        Kind::Household,
        Uuid::nil(),
        settings(10, -10, Value::Null),
    );
    assert_eq!(
        near(&*db, [(-10, -10), (11, 10)]),
        [6],
        "consent can be taken back"
    );
}

fn a_box_can_cross_the_date_line(open: Open<'_>) {
    let db = with_households(open, 3);
    for (n, lon) in [(2, 17_999), (3, -17_999)] {
        put(
            &*db,
            house(n),
            Kind::Household,
            Uuid::nil(),
            settings(0, lon, json!({"notice": 1, "given_at": 1})),
        );
        put(
            &*db,
            house(n),
            Kind::Pet,
            pet(n).0,
            json!({"species": "cat", "visible": true}),
        );
    }
    assert_eq!(near(&*db, [(-5, 17_990), (5, -17_990)]), [2, 3]);
    assert_eq!(near(&*db, [(-5, 17_990), (5, 18_000)]), [2]);
    assert_eq!(near(&*db, [(-5, -17_000), (5, 17_000)]), []);
}

fn swipe(actor: u128, target: u128) -> (SwipeId, Value) {
    let fields = json!({
        "actor_pet": pet(actor), "target_pet": pet(target), "verdict": "yes", "released": "yes"
    });
    (SwipeId::of(pet(actor), pet(target)), fields)
}

fn a_swipe_is_found_by_its_pair_and_by_its_actor(open: Open<'_>) {
    let db = with_households(open, 2);
    put(&*db, house(1), Kind::Pet, pet(1).0, json!({"species": "dog"}));
    for target in [5, 6] {
        let (id, fields) = swipe(1, target);
        let row = registers(fields, target as u64);
        db.write(move |tx| tx.put_row(house(1), Kind::Swipe, id.0, &row))
            .unwrap();
    }
    let found: SwipeRecord = db
        .read(|tx| tx.swipe(SwipeId::of(pet(1), pet(6))))
        .unwrap()
        .unwrap();
    assert_eq!((found.household, found.verdict_at), (house(1), Hlc(6)));
    assert_eq!(
        (found.swipe.target_pet, found.swipe.verdict),
        (pet(6), Some(Verdict::Yes))
    );
    assert_eq!(db.read(|tx| tx.swipe(SwipeId::of(pet(6), pet(1)))).unwrap(), None);
    assert_eq!(db.read(|tx| tx.swipes_by(pet(1))).unwrap().len(), 2);
    assert_eq!(db.read(|tx| tx.swipes_by(pet(5))).unwrap(), []);
}

fn a_swipe_in_a_household_that_has_not_the_pet_does_not_exist(open: Open<'_>) {
    let db = with_households(open, 2);
    put(&*db, house(1), Kind::Pet, pet(1).0, json!({"species": "dog"}));
    let (id, fields) = swipe(1, 5);
    put(&*db, house(2), Kind::Swipe, id.0, fields.clone());
    assert_eq!(db.read(move |tx| tx.swipe(id)).unwrap(), None);
    assert_eq!(db.read(|tx| tx.swipes_by(pet(1))).unwrap(), []);
    put(&*db, house(1), Kind::Swipe, id.0, fields);
    assert_eq!(
        db.read(move |tx| tx.swipe(id)).unwrap().unwrap().household,
        house(1)
    );
    put(&*db, house(1), Kind::Swipe, id.0, json!({"verdict": "yes"}));
    assert_eq!(
        db.read(move |tx| tx.swipe(id)).unwrap(),
        None,
        "half a swipe is none"
    );
}
