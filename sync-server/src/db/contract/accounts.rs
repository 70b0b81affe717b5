//! Households, users, invitations, pairings.

use romp_domain::text::{Email, PersonName};
use romp_domain::wire::Epoch;
use romp_domain::{Role, SessionId, UserId, UtcMs};
use uuid::Uuid;

use super::{DbExt, Open, house, with_households};
use crate::db::{HouseholdRecord, PairingRecord, UserRecord};

pub(super) fn all(open: Open<'_>) {
    a_database_has_no_epoch_until_it_is_given_one(open);
    a_household_starts_empty(open);
    an_address_belongs_to_one_user(open);
    a_password_hash_can_be_replaced(open);
    an_invitation_works_once_and_not_after_its_end(open);
    a_pairing_code_works_once_and_not_after_its_end(open);
    of_a_households_pairing_codes_those_that_end_last_are_kept(open);
}

fn user(n: u128, household: u128, email: &str) -> UserRecord {
    UserRecord {
        id: UserId(Uuid::from_u128(n)),
        household: house(household),
        email: Email::new(email).unwrap(),
        name: PersonName::new("Zoë O'Malley").unwrap(),
        password_hash: "$argon2id$…".to_owned(),
        created_at: UtcMs(9),
        verified_at: None,
        confirmed_at: Some(UtcMs(9)),
    }
}

fn a_household_starts_empty(open: Open<'_>) {
    let db = with_households(open, 1);
    let expected = HouseholdRecord {
        id: house(1),
        head_seq: 0,
        clock: romp_domain::Hlc(0),
        created_at: UtcMs(5),
        gc_floor: 0,
        collected_at: UtcMs(0),
        swipes: 0,
    };
    assert_eq!(db.read(|tx| tx.household(house(1))).unwrap(), Some(expected));
    assert_eq!(db.read(|tx| tx.household(house(2))).unwrap(), None);
}

fn an_address_belongs_to_one_user(open: Open<'_>) {
    let db = with_households(open, 2);
    let first = user(1, 1, "ann@example.org");
    let stored = first.clone();
    assert!(db.write(move |tx| tx.insert_user(&stored)).unwrap());
    assert!(
        !db.write(|tx| tx.insert_user(&user(2, 2, "ANN@example.org")))
            .unwrap()
    );
    assert!(
        db.write(|tx| tx.insert_user(&user(3, 2, "o'brien@example.org")))
            .unwrap()
    );
    let found = db
        .read(|tx| tx.user_by_email(&Email::new("ann@example.org").unwrap()))
        .unwrap();
    assert_eq!(found, Some(first));
    let nobody = db
        .read(|tx| tx.user_by_email(&Email::new("a%n@example.org").unwrap()))
        .unwrap();
    assert_eq!(nobody, None);
}

fn a_password_hash_can_be_replaced(open: Open<'_>) {
    let db = with_households(open, 1);
    let hash = db
        .write(|tx| {
            let user = user(1, 1, "ann@example.org");
            tx.insert_user(&user)?;
            tx.set_password_hash(user.id, "stronger")?;
            Ok(tx.user_by_email(&user.email)?.map(|user| user.password_hash))
        })
        .unwrap();
    assert_eq!(hash.as_deref(), Some("stronger"));
}

fn an_invitation_works_once_and_not_after_its_end(open: Open<'_>) {
    let db = open();
    db.write(|tx| {
        tx.insert_invitation(&[1; 32], UtcMs(100))?;
        tx.insert_invitation(&[2; 32], UtcMs(100))
    })
    .unwrap();
    let take = |code: u8, now| {
        db.write(move |tx| tx.take_invitation(&[code; 32], UtcMs(now)))
            .unwrap()
    };
    let has = |code: u8, now| {
        db.read(move |tx| tx.has_invitation(&[code; 32], UtcMs(now)))
            .unwrap()
    };
    assert!(!take(3, 50) && !has(3, 50), "there is none");
    assert!(has(1, 99) && take(1, 99));
    assert!(!take(1, 99) && !has(1, 99), "used");
    assert!(!take(2, 100) && !has(2, 100), "ended");
}

fn a_pairing_code_works_once_and_not_after_its_end(open: Open<'_>) {
    let db = with_households(open, 2);
    let pairing = |code: u8, household, role| PairingRecord {
        code: [code; 32],
        household: house(household),
        role,
        expires_at: UtcMs(100),
        made_by: (code == 1).then_some(UserId(uuid::Uuid::from_u128(9))),
        made_in: (code == 1).then_some(SessionId(uuid::Uuid::from_u128(8))),
    };
    let first = pairing(1, 2, Role::Child);
    let stored = first.clone();
    db.write(move |tx| {
        tx.insert_pairing(&stored)?;
        tx.insert_pairing(&pairing(2, 1, Role::Owner))
    })
    .unwrap();
    let take = |code: u8, now| {
        db.write(move |tx| tx.take_pairing(&[code; 32], UtcMs(now)))
            .unwrap()
    };
    assert_eq!(take(3, 50), None, "there is none");
    assert_eq!(take(1, 99), Some(first));
    assert_eq!(take(1, 99), None, "used");
    assert_eq!(take(2, 100), None, "ended");
}

fn of_a_households_pairing_codes_those_that_end_last_are_kept(open: Open<'_>) {
    let db = with_households(open, 2);
    let pairing = |code: u8, household, ends| PairingRecord {
        code: [code; 32],
        household: house(household),
        role: Role::Owner,
        expires_at: UtcMs(ends),
        made_by: None,
        made_in: None,
    };
    db.write(move |tx| {
        for (code, household, ends) in [(1, 1, 102), (2, 1, 103), (3, 1, 101), (4, 2, 100)] {
            tx.insert_pairing(&pairing(code, household, ends))?;
        }
        tx.keep_newest_pairings(house(1), 2)
    })
    .unwrap();
    let kept = [1, 2, 3, 4].map(|code: u8| {
        db.write(move |tx| tx.take_pairing(&[code; 32], UtcMs(50)))
            .unwrap()
            .is_some()
    });
    assert_eq!(kept, [true, true, false, true]);
}

fn a_database_has_no_epoch_until_it_is_given_one(open: Open<'_>) {
    let db = open();
    let epoch = || db.read(|tx| tx.epoch()).unwrap();
    assert_eq!(epoch(), Epoch(0));
    for next in [Epoch(5), Epoch(u64::MAX)] {
        db.write(move |tx| tx.set_epoch(next)).unwrap();
        assert_eq!(epoch(), next);
    }
}
