//! What is looked up without knowing the household.

use romp_domain::{Area, Kind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Db, DbExt, Open, house, pet, put, with_households};

pub(super) fn all(open: Open<'_>) {
    a_pet_has_one_owner_even_when_removed(open);
    only_households_that_agreed_and_show_a_pet_are_near(open);
    a_box_can_cross_the_date_line(open);
    a_household_keeps_away_whoever_has_or_had_a_pet_that_it_blocks(open);
    reports_are_found_whoever_wrote_them_and_whatever_became_of_the_block(open);
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

fn block(db: &dyn Db, of: u128, animal: u128, fields: Value) {
    put(db, house(of), Kind::Block, pet(animal).0, fields);
}

fn kept_away(db: &dyn Db, by: u128) -> Vec<u128> {
    let found = db.read(move |tx| tx.blocked_by(house(by))).unwrap();
    found.iter().map(|household| household.0.as_u128()).collect()
}

fn reports_are_found_whoever_wrote_them_and_whatever_became_of_the_block(open: Open<'_>) {
    let db = with_households(open, 5);
    for (of, animal, fields) in [
        (
            1,
            20,
            json!({"species": "dog", "blocked": true, "report": "Rude."}),
        ),
        (1, 30, json!({"species": "dog", "blocked": true})),
        (
            2,
            20,
            json!({"species": "dog", "blocked": false, "report": "Zoë “bit” us."}),
        ),
        (3, 20, json!({"species": "dog", "blocked": true, "report": null})),
    ] {
        block(&*db, of, animal, fields);
    }
    let found = db.read(|tx| tx.reports()).unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|(by, pet, row)| (by.0.as_u128(), pet.0.as_u128(), row.fields.0["report"].clone()))
        .collect();
    let at = |n: u128| pet(n).0.as_u128();
    assert_eq!(
        found,
        [(1, at(20), json!("Rude.")), (2, at(20), json!("Zoë “bit” us."))]
    );
}

fn a_household_keeps_away_whoever_has_or_had_a_pet_that_it_blocks(open: Open<'_>) {
    let db = with_households(open, 5);
    for (owner, animal, gone) in [(2, 20, false), (2, 21, false), (3, 30, true), (4, 40, false)] {
        let dog = json!({"species": "dog", "deleted": gone});
        put(&*db, house(owner), Kind::Pet, pet(animal).0, dog);
    }
    let on = || json!({"species": "dog", "blocked": true});
    for (of, animal, fields) in [
        (1, 20, on()),
        (1, 21, on()),
        (1, 30, on()),
        (1, 40, json!({"species": "dog", "blocked": false})),
        (5, 40, json!({"blocked": true, "deleted": true})),
        (5, 30, json!({"species": "dog"})),
        (5, 20, json!({"blocked": null})),
    ] {
        block(&*db, of, animal, fields);
    }
    assert_eq!(
        kept_away(&*db, 1),
        [2, 3],
        "each once, also for a pet that was removed"
    );
    assert_eq!(
        [2, 3, 4, 5].map(|by| kept_away(&*db, by)),
        [(); 4].map(|()| vec![])
    );
    // Of a pet that nobody has, nothing is known; as soon as somebody has it, it is theirs.
    block(&*db, 5, 50, on());
    assert_eq!(kept_away(&*db, 5), []);
    put(&*db, house(4), Kind::Pet, pet(50).0, json!({"species": "dog"}));
    assert_eq!(kept_away(&*db, 5), [4]);
    db.write(|tx| {
        let of = [1, 5].map(house);
        tx.expect(&of)?;
        assert_eq!(
            of.map(|of| tx.blocked_by(of).unwrap()),
            [vec![house(2), house(3)], vec![house(4)]]
        );
        tx.expect(&of)?;
        let lifted = super::registers(json!({"species": "dog", "blocked": false}), 2);
        tx.put_row(house(5), Kind::Block, pet(50).0, &lifted)?;
        tx.put_row(house(1), Kind::Block, pet(30).0, &lifted)?;
        assert_eq!(of.map(|of| tx.blocked_by(of).unwrap()), [vec![house(2)], vec![]]);
        Ok(())
    })
    .unwrap();
}
