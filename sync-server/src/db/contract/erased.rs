//! Deleting a household: what goes, what stays, and that the others keep theirs.

use romp_domain::text::{DeviceName, Email, PersonName};
use romp_domain::wire::Link;
use romp_domain::{ErrorCode, Hlc, Kind, Problem, Role, SessionId, UserId, UtcMs};
use serde_json::json;
use uuid::Uuid;

use super::server_rows::{a_match, a_playdate, card};
use super::{Db, DbExt, Open, device_id, house, pet, put, with_households};
use crate::db::{
    DeckRecord, DeviceRecord, Fault, FeedEntry, NOBODY, PairingRecord, Period, Quota, Restriction,
    SessionRecord, Tx, UserRecord,
};

pub(super) fn all(open: Open<'_>) {
    of_a_deleted_household_nothing_is_left_and_others_keep_everything(open);
    a_household_that_a_match_still_names_is_not_deleted_at_all(open);
    what_is_known_of_late_devices_ends_after_a_time(open);
    nobody_is_no_household_and_can_stand_in_a_match(open);
}

const QUOTA: Quota = Quota {
    what: "moves",
    most: 1,
    window_ms: 1_000,
};

fn email(n: u128) -> Email {
    Email::new(&format!("owner{n}@example.org")).unwrap()
}

/// One row of household `n` in every table.
fn fill(tx: &mut dyn Tx, n: u128) -> Result<(), Fault> {
    let household = house(n);
    tx.insert_user(&UserRecord {
        id: UserId(Uuid::from_u128(n)),
        household,
        email: email(n),
        name: PersonName::new("Ann").map_err(|_| Fault::Backend(String::new()))?,
        password_hash: "$argon2id$…".to_owned(),
        created_at: UtcMs(9),
        verified_at: None,
        confirmed_at: Some(UtcMs(9)),
    })?;
    tx.insert_pairing(&PairingRecord {
        code: [n as u8; 32],
        household,
        role: Role::Owner,
        expires_at: UtcMs(1_000),
        made_by: Some(UserId(Uuid::from_u128(n))),
        made_in: None,
    })?;
    tx.put_device(&DeviceRecord {
        id: device_id(n),
        household,
        session: Some(SessionId(Uuid::from_u128(n))),
        name: DeviceName::new("Tablet").map_err(|_| Fault::Backend(String::new()))?,
        held: Link::default(),
        last_hlc: Hlc(0),
        cursor: 0,
        seen_at: UtcMs(5),
    })?;
    tx.put_reject(device_id(n), 1, &Problem::new(ErrorCode::Stale))?;
    for (token, ended_at) in [(n as u8, None), (n as u8 + 100, Some(UtcMs(7)))] {
        tx.insert_session(&SessionRecord {
            id: SessionId(Uuid::from_u128(u128::from(token))),
            household,
            user: Some(UserId(Uuid::from_u128(n))),
            by_user: Some(UserId(Uuid::from_u128(n))),
            device: device_id(n),
            role: Role::Owner,
            token: [token; 32],
            created_at: UtcMs(5),
            waiting: false,
            used_at: UtcMs(5),
            ended_at,
        })?;
    }
    let seq = tx.next_seq(household)?;
    let note = FeedEntry {
        kind: Kind::Pet,
        id: pet(n).0,
        seq,
        gone: false,
    };
    tx.mark(household, note)?;
    tx.put_restriction(
        household,
        &Restriction {
            kind: Kind::Pet,
            id: pet(n).0,
            field: "visible".to_owned(),
            seq,
            device: device_id(n),
        },
    )?;
    tx.put_deck(&DeckRecord {
        pet: pet(n),
        household,
        built_at: UtcMs(1),
        stale: false,
        generation: 0,
        asks: false,
        dealt: 0,
    })?;
    tx.put_card(household, &card(n, n + 50, 1))?;
    tx.tally(household, "cards", pet(n).0, Period::present(1), 1)?;
    tx.spend(household, QUOTA, UtcMs(1)).map(drop)
}

fn filled(db: &dyn Db, n: u128) {
    db.write(move |tx| fill(tx, n)).unwrap();
    for (kind, fields) in [
        (Kind::Household, json!({"zone": "UTC"})),
        (Kind::Child, json!({"nickname": "Mia"})),
        (Kind::Pet, json!({"species": "dog", "visible": true})),
        (Kind::Slot, json!({"hours": 1})),
        (Kind::Exception, json!({"day": 1})),
        (Kind::Switch, json!({"on": true})),
        (Kind::Block, json!({"blocked": true})),
        (
            Kind::Swipe,
            json!({"actor_pet": pet(n).0, "target_pet": pet(n + 50).0, "verdict": "yes"}),
        ),
    ] {
        put(db, house(n), kind, pet(n).0, fields);
    }
}

/// Everything that can be asked about household `n`, as text.
fn known(db: &dyn Db, n: u128) -> Vec<String> {
    db.write(move |tx| {
        let mut known = vec![
            format!("{:?}", tx.household(house(n))?),
            format!("{:?}", tx.user(UserId(Uuid::from_u128(n)))?),
            format!("{:?}", tx.user_by_email(&email(n))?),
            format!("{:?}", tx.device(device_id(n))?),
            format!("{:?}", tx.devices(house(n))?),
            format!("{:?}", tx.rejects(device_id(n), 0, 9)?),
            format!("{:?}", tx.session_by_token(&[n as u8; 32])?),
            format!("{:?}", tx.session_by_token(&[n as u8 + 100; 32])?),
            format!("{:?}", tx.feed(house(n), 0, 0, 9)?),
            format!("{:?}", tx.restriction(house(n), Kind::Pet, pet(n).0, "visible")?),
            format!("{:?}", tx.deck(pet(n))?),
            format!("{:?}", tx.cards_for(pet(n))?),
            format!("{:?}", tx.swipes_by(house(n), &[pet(n)])?),
        ];
        for kind in [
            Kind::Household,
            Kind::Child,
            Kind::Pet,
            Kind::Slot,
            Kind::Exception,
            Kind::Switch,
            Kind::Block,
            Kind::Swipe,
        ] {
            known.push(format!("{:?}", tx.row(house(n), kind, pet(n).0)?));
        }
        Ok(known)
    })
    .unwrap()
}

fn of_a_deleted_household_nothing_is_left_and_others_keep_everything(open: Open<'_>) {
    let db = with_households(open, 2);
    filled(&*db, 1);
    filled(&*db, 2);
    let (one, two) = (known(&*db, 1), known(&*db, 2));
    assert!(one.iter().all(|text| text != "None" && text != "[]"), "{one:?}");
    db.write(|tx| tx.erase_household(house(1), UtcMs(50))).unwrap();

    let left = known(&*db, 1);
    assert!(left.iter().all(|text| text == "None" || text == "[]"), "{left:?}");
    assert_eq!(known(&*db, 2), two, "the other one is as it was");
    assert_eq!(db.write(|tx| tx.take_pairing(&[1; 32], UtcMs(50))).unwrap(), None);
    for (token, erased) in [(1, true), (101, true), (2, false), (9, false)] {
        let found = db.read(move |tx| tx.was_erased(&[token; 32])).unwrap();
        assert_eq!(found, erased, "token {token}");
    }
    let owner = |n| db.read(move |tx| tx.owner_of_pet(pet(n))).unwrap();
    assert_eq!(
        (owner(1), owner(2), owner(3)),
        (Some(NOBODY), Some(house(2)), None)
    );
    // Its address is free, and so are its devices' ids.
    db.write(|tx| {
        tx.insert_household(house(1), UtcMs(60))?;
        fill(tx, 1)?;
        tx.erase_household(house(1), UtcMs(70))
    })
    .unwrap();
}

fn a_household_that_a_match_still_names_is_not_deleted_at_all(open: Open<'_>) {
    let db = with_households(open, 2);
    filled(&*db, 1);
    let record = a_match(1, 2);
    db.write(move |tx| tx.put_match(&record)).unwrap();
    let before = known(&*db, 1);
    let result = db.write(|tx| tx.erase_household(house(1), UtcMs(50)));
    assert!(matches!(result, Err(Fault::Backend(_))));
    assert_eq!(known(&*db, 1), before);
    assert!(!db.read(|tx| tx.was_erased(&[1; 32])).unwrap());
}

fn what_is_known_of_late_devices_ends_after_a_time(open: Open<'_>) {
    let db = with_households(open, 2);
    for (n, at) in [(1, 50), (2, 60)] {
        filled(&*db, n);
        db.write(move |tx| tx.erase_household(house(n), UtcMs(at)))
            .unwrap();
    }
    db.write(|tx| tx.forget_erased(UtcMs(60))).unwrap();
    let known = [1, 2].map(|token| db.read(move |tx| tx.was_erased(&[token; 32])).unwrap());
    assert_eq!(known, [false, true]);
    let owner = db.read(|tx| tx.owner_of_pet(pet(1))).unwrap();
    assert_eq!(owner, Some(NOBODY), "a pet's id is never free again");
}

fn nobody_is_no_household_and_can_stand_in_a_match(open: Open<'_>) {
    let db = with_households(open, 2);
    assert_eq!(db.read(|tx| tx.household(NOBODY)).unwrap(), None);
    let (mut record, mut playdate) = (a_match(1, 2), a_playdate(0, 50));
    record.sides[0].household = NOBODY;
    playdate.sides[0].household = NOBODY;
    let (id, stored) = (record.id, (record.clone(), playdate.clone()));
    db.write(move |tx| {
        tx.put_match(&stored.0)?;
        tx.put_playdate(&stored.1)?;
        tx.erase_household(house(1), UtcMs(50))
    })
    .unwrap();
    let found = db.read(move |tx| tx.matches_of(house(2))).unwrap();
    assert_eq!(found, [record]);
    db.write(move |tx| tx.remove_match(id)).unwrap();
    let left = db
        .read(move |tx| {
            Ok((
                tx.matched(id)?,
                tx.playdates_of_match(id)?,
                tx.matches_of(house(2))?,
            ))
        })
        .unwrap();
    assert_eq!(left, (None, Vec::new(), Vec::new()));
}
