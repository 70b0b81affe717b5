//! The family's own rows, of every kind but swipes.

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{ErrorCode, Hlc, Kind};
use romp_sync::Stamp;
use serde_json::json;
use uuid::Uuid;

use super::{DbExt, Fault, Open, device_id, house, pet, put, registers, with_households};

const OWN: [Kind; 7] = [
    Kind::Household,
    Kind::Child,
    Kind::Pet,
    Kind::Slot,
    Kind::Exception,
    Kind::Switch,
    Kind::Block,
];

pub(super) fn all(open: Open<'_>) {
    a_row_comes_back_with_its_stamps(open);
    a_removed_row_is_kept_and_counted_but_not_listed(open);
    the_same_id_in_two_households_is_two_rows(open);
    a_pet_of_another_household_looks_as_if_it_were_not_there(open);
    what_only_the_server_writes_is_not_here(open);
    text_with_quotes_and_sql_stays_text(open);
    what_was_expected_is_read_as_it_is_now(open);
}

fn what_was_expected_is_read_as_it_is_now(open: Open<'_>) {
    let db = with_households(open, 3);
    for n in [1, 2] {
        put(
            &*db,
            house(n),
            Kind::Household,
            HOUSEHOLD_ROW,
            json!({"n": n as u64}),
        );
        put(&*db, house(n), Kind::Pet, pet(n).0, json!({"n": n as u64}));
        put(&*db, house(n), Kind::Pet, pet(n + 10).0, json!({"deleted": true}));
    }
    db.write(|tx| {
        let households = [1, 2, 3].map(house);
        tx.expect(&households)?;
        let changed = registers(json!({"n": 7}), 2);
        tx.put_row(house(2), Kind::Household, HOUSEHOLD_ROW, &changed)?;
        tx.put_row(house(2), Kind::Pet, pet(2).0, &changed)?;
        for _ in 0..2 {
            let mut settings = Vec::new();
            let mut pets = Vec::new();
            for household in households {
                let row = tx.row(household, Kind::Household, HOUSEHOLD_ROW)?;
                settings.push(row.map(|row| row.fields.0["n"].clone()));
                pets.push(
                    tx.rows(household, Kind::Pet)?
                        .into_iter()
                        .map(|(id, fields)| (id, fields.0["n"].clone()))
                        .collect::<Vec<_>>(),
                );
            }
            assert_eq!(settings, [Some(json!(1)), Some(json!(7)), None]);
            assert_eq!(
                pets,
                [vec![(pet(1).0, json!(1))], vec![(pet(2).0, json!(7))], vec![]]
            );
        }
        Ok(())
    })
    .unwrap();
}

fn a_row_comes_back_with_its_stamps(open: Open<'_>) {
    let db = with_households(open, 1);
    for kind in OWN {
        let mut row = registers(json!({"a": 1, "b": ["é", null], "later": {"deep": 1.5}}), 4);
        row.merge(&super::Registers::of(
            &registers(json!({"b": "new"}), 0).fields,
            Stamp(Hlc(9), device_id(2)),
        ));
        let stored = row.clone();
        db.write(move |tx| tx.put_row(house(1), kind, HOUSEHOLD_ROW, &stored))
            .unwrap();
        let found = db.read(move |tx| tx.row(house(1), kind, HOUSEHOLD_ROW)).unwrap();
        assert_eq!(found, Some(row), "{kind:?}");
        let missing = db
            .read(move |tx| tx.row(house(1), kind, Uuid::from_u128(99)))
            .unwrap();
        assert_eq!(missing, None);
    }
}

fn a_removed_row_is_kept_and_counted_but_not_listed(open: Open<'_>) {
    let db = with_households(open, 1);
    for kind in OWN {
        for n in [2, 1, 3] {
            put(&*db, house(1), kind, Uuid::from_u128(n), json!({"n": n as u64}));
        }
        put(
            &*db,
            house(1),
            kind,
            Uuid::from_u128(2),
            json!({"n": 2, "deleted": true}),
        );
        let listed = db.read(move |tx| tx.rows(house(1), kind)).unwrap();
        let ids: Vec<u128> = listed.iter().map(|(id, _)| id.as_u128()).collect();
        assert_eq!(ids, [1, 3], "{kind:?}");
        assert_eq!(listed[1].1.0["n"], 3);
        assert_eq!(db.read(move |tx| tx.count_rows(house(1), kind)).unwrap(), 3);
        let kept = db
            .read(move |tx| tx.row(house(1), kind, Uuid::from_u128(2)))
            .unwrap();
        assert!(kept.unwrap().fields.is_deleted());
        put(
            &*db,
            house(1),
            kind,
            Uuid::from_u128(2),
            json!({"n": 2, "deleted": false}),
        );
        assert_eq!(
            db.read(move |tx| tx.rows(house(1), kind)).unwrap().len(),
            3,
            "it can come back"
        );
    }
}

fn the_same_id_in_two_households_is_two_rows(open: Open<'_>) {
    let db = with_households(open, 2);
    for kind in OWN.into_iter().filter(|kind| *kind != Kind::Pet) {
        put(&*db, house(1), kind, HOUSEHOLD_ROW, json!({"whose": 1}));
        put(&*db, house(2), kind, HOUSEHOLD_ROW, json!({"whose": 2}));
        let first = db
            .read(move |tx| tx.row(house(1), kind, HOUSEHOLD_ROW))
            .unwrap()
            .unwrap();
        assert_eq!(first.fields.0["whose"], 1, "{kind:?}");
        assert_eq!(db.read(move |tx| tx.count_rows(house(2), kind)).unwrap(), 1);
    }
}

fn a_pet_of_another_household_looks_as_if_it_were_not_there(open: Open<'_>) {
    let db = with_households(open, 2);
    put(&*db, house(1), Kind::Pet, pet(7).0, json!({"species": "dog"}));
    put(&*db, house(1), Kind::Pet, pet(7).0, json!({"species": "cat"}));
    let taken = db.write(|tx| {
        tx.put_row(
            house(2),
            Kind::Pet,
            pet(7).0,
            &registers(json!({"species": "pig"}), 9),
        )
    });
    assert!(matches!(taken, Err(Fault::Refused(problem)) if problem.code == ErrorCode::NotFound));
    let untouched = db
        .read(|tx| tx.row(house(1), Kind::Pet, pet(7).0))
        .unwrap()
        .unwrap();
    assert_eq!(untouched.fields.0["species"], "cat");
    assert_eq!(db.read(|tx| tx.row(house(2), Kind::Pet, pet(7).0)).unwrap(), None);
}

fn what_only_the_server_writes_is_not_here(open: Open<'_>) {
    let db = with_households(open, 1);
    for kind in [Kind::Card, Kind::Match, Kind::Playdate] {
        assert!(db.read(move |tx| tx.row(house(1), kind, HOUSEHOLD_ROW)).is_err());
        assert!(db.read(move |tx| tx.rows(house(1), kind)).is_err());
        assert!(db.read(move |tx| tx.count_rows(house(1), kind)).is_err());
        let row = registers(json!({}), 1);
        assert!(
            db.write(move |tx| tx.put_row(house(1), kind, HOUSEHOLD_ROW, &row))
                .is_err()
        );
    }
}

fn text_with_quotes_and_sql_stays_text(open: Open<'_>) {
    let db = with_households(open, 1);
    let name = "Robert'); DROP TABLE pets;-- \"%_\\";
    put(
        &*db,
        house(1),
        Kind::Pet,
        pet(1).0,
        json!({"species": "dog", "name": name}),
    );
    let rows = db.read(|tx| tx.rows(house(1), Kind::Pet)).unwrap();
    assert_eq!(rows[0].1.0["name"], name);
}
