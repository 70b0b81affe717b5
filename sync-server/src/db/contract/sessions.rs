//! A household's sessions, and the tokens of one.

use romp_domain::wire::Link;
use romp_domain::{ErrorCode, Problem, UtcMs};

use super::devices::{session, with_devices};
use super::{Db, DbExt, Open, house};
use crate::db::{DeviceRecord, Fault, Held, SecretHash, SessionRecord};

pub(super) fn all(open: Open<'_>) {
    a_session_is_found_by_every_token_it_has_or_had(open);
    of_the_retired_tokens_all_are_kept(open);
    of_two_next_tokens_the_second_counts(open);
    of_tokens_that_are_replaced_none_is_known(open);
    a_session_that_has_ended_is_forgotten_with_what_was_its_own(open);
    tokens_go_with_their_household_and_those_that_a_device_may_hold_are_known_to_be_gone(open);
}

fn held(db: &dyn Db, token: u8) -> Option<(SessionRecord, Held)> {
    db.read(move |tx| tx.held(&[token; 32])).unwrap()
}

fn with_session(open: Open<'_>) -> Box<dyn Db> {
    let db = with_devices(open);
    db.write(|tx| {
        tx.insert_session(&session(1, 1))?;
        tx.insert_session(&session(2, 2))
    })
    .unwrap();
    db
}

fn a_session_is_found_by_every_token_it_has_or_had(open: Open<'_>) {
    let db = with_session(open);
    let one = session(1, 1);
    let as_token = |token: u8| SessionRecord {
        token: [token; 32],
        ..one.clone()
    };
    assert_eq!(held(&*db, 1), Some((one.clone(), Held::Current)));
    assert_eq!(held(&*db, 11), None);
    let id = one.id;
    db.write(move |tx| tx.offer_token(id, &[11; 32])).unwrap();
    assert_eq!(held(&*db, 1), Some((one.clone(), Held::Current)));
    assert_eq!(held(&*db, 11), Some((as_token(11), Held::Next)));
    let taking = one.clone();
    db.write(move |tx| {
        tx.take_token(&taking, UtcMs(20))?;
        // There is no next one any more: this changes nothing.
        tx.take_token(&taking, UtcMs(30))
    })
    .unwrap();
    assert_eq!(held(&*db, 11), Some((as_token(11), Held::Current)));
    assert_eq!(held(&*db, 1), Some((one.clone(), Held::Retired(UtcMs(20)))));
    assert_eq!(held(&*db, 2).unwrap().0, session(2, 2), "others keep theirs");

    let all = db.read(|tx| tx.sessions_of(house(1))).unwrap();
    assert_eq!(all, [as_token(11), session(2, 2)]);
    assert!(db.read(|tx| tx.sessions_of(house(2))).unwrap().is_empty());
}

/// More of them than a session of a year has, that asks whenever it may.
const MANY: u16 = 500;

/// The nth token after the first one.
fn nth(n: u16) -> SecretHash {
    let mut token = [0xff; 32];
    token[..2].copy_from_slice(&n.to_be_bytes());
    token
}

fn of_the_retired_tokens_all_are_kept(open: Open<'_>) {
    let db = with_session(open);
    let one = session(1, 1);
    let id = one.id;
    assert_eq!(db.read(move |tx| tx.token_taken_at(id)).unwrap(), None);
    db.write(move |tx| {
        for n in 0..=MANY {
            tx.offer_token(id, &nth(n))?;
            tx.take_token(&one, UtcMs(20 + i64::from(n)))?;
        }
        Ok(())
    })
    .unwrap();
    let first = held(&*db, 1).unwrap().1;
    assert_eq!(first, Held::Retired(UtcMs(20)), "the oldest");
    let kinds: Vec<_> = db
        .read(|tx| (0..=MANY).map(|n| tx.held(&nth(n))).collect())
        .unwrap();
    let kinds: Vec<_> = kinds.into_iter().map(|found| found.unwrap().1).collect();
    let retired = (0..MANY).map(|n| Held::Retired(UtcMs(21 + i64::from(n))));
    let expected: Vec<_> = retired.chain([Held::Current]).collect();
    assert_eq!(kinds, expected);
    let taken = db.read(move |tx| tx.token_taken_at(id)).unwrap();
    assert_eq!(taken, Some(UtcMs(20 + i64::from(MANY))));
}

fn a_session_that_has_ended_is_forgotten_with_what_was_its_own(open: Open<'_>) {
    let db = with_session(open);
    let [one, two] = [1, 2].map(|n| session(n, u128::from(n)));
    let (first, second) = (one.id, two.id);
    let again = SessionRecord {
        device: two.device,
        ..session(3, 2)
    };
    let refusal = Problem::new(ErrorCode::Stale);
    let (refused, last) = (one.device, again.id);
    db.write(move |tx| {
        let silent = tx.device(refused)?;
        let silent = silent.ok_or_else(|| Fault::Backend(String::new()))?;
        let held = Link::default();
        tx.put_device(&DeviceRecord { held, ..silent })?;
        tx.offer_token(first, &[11; 32])?;
        tx.take_token(&one, UtcMs(20))?;
        tx.put_reject(refused, 3, &refusal)?;
        tx.insert_session(&again)?;
        tx.forget_session(first)
    })
    .unwrap();
    assert!(held(&*db, 11).is_some(), "one that has not ended stays");
    db.write(move |tx| {
        for id in [first, second] {
            tx.end_session(id, UtcMs(30))?;
            tx.forget_session(id)?;
        }
        // There is none any more: this changes nothing.
        tx.forget_session(first)
    })
    .unwrap();
    assert!(held(&*db, 11).is_none() && held(&*db, 1).is_none() && held(&*db, 2).is_none());
    assert!(held(&*db, 3).is_some());
    let left = || {
        let devices = db.read(|tx| tx.devices(house(1))).unwrap();
        devices.iter().map(|device| device.id).collect::<Vec<_>>()
    };
    // Another session is still of the second.
    assert_eq!(left(), [two.device]);
    assert_eq!(db.read(move |tx| tx.rejects(refused, 0, 9)).unwrap(), []);
    db.write(move |tx| {
        let second = tx.device(two.device)?;
        let mut second = second.ok_or_else(|| Fault::Backend(String::new()))?;
        second.session = Some(last);
        second.held.mid = 7;
        tx.put_device(&second)?;
        tx.put_reject(second.id, 3, &Problem::new(ErrorCode::Stale))?;
        tx.end_session(last, UtcMs(40))?;
        tx.forget_session(last)
    })
    .unwrap();
    assert_eq!(left(), [two.device], "it has said something");
    let rejects = db.read(move |tx| tx.rejects(two.device, 0, 9)).unwrap();
    assert!(held(&*db, 3).is_none() && rejects.is_empty());
}

fn of_two_next_tokens_the_second_counts(open: Open<'_>) {
    let db = with_session(open);
    let id = session(1, 1).id;
    db.write(move |tx| {
        tx.offer_token(id, &[11; 32])?;
        tx.offer_token(id, &[12; 32])
    })
    .unwrap();
    assert_eq!(held(&*db, 11), None);
    assert_eq!(held(&*db, 12).unwrap().1, Held::Next);
}

fn of_tokens_that_are_replaced_none_is_known(open: Open<'_>) {
    let db = with_session(open);
    let one = session(1, 1);
    let (id, taking) = (one.id, one.clone());
    db.write(move |tx| {
        tx.offer_token(id, &[11; 32])?;
        tx.take_token(&taking, UtcMs(20))?;
        tx.offer_token(id, &[12; 32])?;
        tx.replace_tokens(id, &[13; 32])
    })
    .unwrap();
    assert_eq!([1, 11, 12].map(|token| held(&*db, token)), [None, None, None]);
    let as_new = SessionRecord {
        token: [13; 32],
        ..one
    };
    assert_eq!(held(&*db, 13), Some((as_new, Held::Current)));
    assert_eq!(held(&*db, 2).unwrap().0, session(2, 2), "others keep theirs");
}

fn tokens_go_with_their_household_and_those_that_a_device_may_hold_are_known_to_be_gone(open: Open<'_>) {
    let db = with_session(open);
    let one = session(1, 1);
    db.write(move |tx| {
        tx.offer_token(one.id, &[11; 32])?;
        tx.take_token(&one, UtcMs(20))?;
        tx.offer_token(one.id, &[12; 32])?;
        tx.erase_household(house(1), UtcMs(30))
    })
    .unwrap();
    let gone = [11, 12, 2].map(|token: u8| db.read(move |tx| tx.was_erased(&[token; 32])).unwrap());
    assert_eq!(gone, [true; 3]);
    let left = [1, 11, 12, 2].map(|token| held(&*db, token));
    assert_eq!(left, [None, None, None, None]);
}
