//! Who belongs to a household, proved addresses, mailed codes, invitations to a household.

use romp_domain::text::{Email, PersonName};
use romp_domain::wire::Link;
use romp_domain::{DeviceId, Hlc, Role, SessionId, UserId, UtcMs};
use uuid::Uuid;

use super::{Db, DbExt, Open, house, with_households};
use crate::db::{
    DeviceRecord, Fault, Held, MailCodeRecord, PairingRecord, Purpose, SessionRecord, UserRecord,
};

pub(super) fn all(open: Open<'_>) {
    users_are_listed_named_verified_and_confirmed_each_for_itself(open);
    a_session_waits_as_long_as_its_user(open);
    a_user_s_sessions_end_but_one(open);
    a_removed_user_leaves_sessions_that_have_ended_and_are_known_as_such(open);
    what_a_user_let_in_by_code_ends_with_them_and_a_child_s_device_when_they_go(open);
    a_household_is_unverified_until_it_is_not(open);
    a_mailed_code_is_of_one_user_for_one_purpose_and_ends(open);
    an_invitation_to_a_household_works_once_and_the_newest_are_kept(open);
}

fn id(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

/// A database with two households; the first has a confirmed user 1 and a waiting user 2, the other a user 3.
fn with_users(open: Open<'_>) -> Box<dyn Db> {
    let db = with_households(open, 2);
    db.write(|tx| {
        for (n, household, confirmed_at) in [(1, 1, Some(UtcMs(7))), (2, 1, None), (3, 2, Some(UtcMs(7)))] {
            tx.insert_user(&UserRecord {
                id: id(n),
                household: house(household),
                email: Email::new(&format!("owner{n}@example.org")).unwrap(),
                name: PersonName::new("Zoë").unwrap(),
                password_hash: "$argon2id$…".to_owned(),
                created_at: UtcMs(n as i64),
                verified_at: None,
                confirmed_at,
            })?;
        }
        Ok(())
    })
    .unwrap();
    db
}

fn users(db: &dyn Db, household: u128) -> Vec<UserRecord> {
    db.read(move |tx| tx.users_of(house(household))).unwrap()
}

fn users_are_listed_named_verified_and_confirmed_each_for_itself(open: Open<'_>) {
    let db = with_users(open);
    let ids: Vec<_> = users(&*db, 1).iter().map(|user| user.id).collect();
    assert_eq!(ids, [id(1), id(2)]);
    db.write(|tx| {
        tx.rename_user(id(2), &PersonName::new("Ben").unwrap())?;
        tx.verify_user(id(2), UtcMs(50))?;
        tx.verify_user(id(2), UtcMs(60))
    })
    .unwrap();
    let confirm = |n, at| db.write(move |tx| tx.confirm_user(id(n), UtcMs(at))).unwrap();
    assert!(confirm(2, 70) && !confirm(2, 80) && !confirm(404, 80));
    let second = users(&*db, 1).pop().unwrap();
    assert_eq!(
        (second.name.as_str(), second.verified_at, second.confirmed_at),
        ("Ben", Some(UtcMs(50)), Some(UtcMs(70))),
        "the first time counts"
    );
    let first = users(&*db, 1).remove(0);
    assert_eq!((first.name.as_str(), first.verified_at), ("Zoë", None));
}

/// Sessions `n` of user `user`, one for each number.
fn sessions(db: &dyn Db, user: u128, numbers: &'static [u8]) {
    db.write(move |tx| {
        for n in numbers {
            let device = DeviceId(Uuid::from_u128(u128::from(*n)));
            tx.put_device(&DeviceRecord {
                id: device,
                household: house(1),
                session: None,
                name: romp_domain::text::DeviceName::new("desk").unwrap(),
                held: Link::default(),
                last_hlc: Hlc(0),
                cursor: 0,
                seen_at: UtcMs(1),
            })?;
            tx.insert_session(&SessionRecord {
                id: SessionId(Uuid::from_u128(u128::from(*n))),
                household: house(1),
                user: Some(id(user)),
                by_user: None,
                device,
                role: Role::Owner,
                waiting: false,
                token: [*n; 32],
                created_at: UtcMs(1),
                used_at: UtcMs(1),
                ended_at: None,
            })?;
        }
        Ok(())
    })
    .unwrap();
}

fn session(db: &dyn Db, n: u8) -> SessionRecord {
    let (session, held) = db.read(move |tx| tx.held(&[n; 32])).unwrap().unwrap();
    assert_eq!(held, Held::Current);
    session
}

fn a_session_waits_as_long_as_its_user(open: Open<'_>) {
    let db = with_users(open);
    sessions(&*db, 1, &[1]);
    sessions(&*db, 2, &[2]);
    assert!(!session(&*db, 1).waiting && session(&*db, 2).waiting);
    let listed = db.read(|tx| tx.sessions_of(house(1))).unwrap();
    assert_eq!(
        listed.iter().map(|session| session.waiting).collect::<Vec<_>>(),
        [false, true]
    );
    db.write(|tx| tx.confirm_user(id(2), UtcMs(9))).unwrap();
    assert!(!session(&*db, 2).waiting);
}

fn a_user_s_sessions_end_but_one(open: Open<'_>) {
    let db = with_users(open);
    sessions(&*db, 1, &[1, 2, 3]);
    sessions(&*db, 2, &[4]);
    let ended = |n| session(&*db, n).ended_at;
    let own = SessionId(Uuid::from_u128(2));
    db.write(move |tx| tx.end_user_sessions(id(1), Some(own), UtcMs(20)))
        .unwrap();
    assert_eq!(
        [1, 2, 3, 4].map(ended),
        [Some(UtcMs(20)), None, Some(UtcMs(20)), None]
    );
    db.write(|tx| tx.end_user_sessions(id(1), None, UtcMs(30)))
        .unwrap();
    assert_eq!(
        [1, 2, 3, 4].map(ended),
        [Some(UtcMs(20)), Some(UtcMs(30)), Some(UtcMs(20)), None]
    );
}

fn a_removed_user_leaves_sessions_that_have_ended_and_are_known_as_such(open: Open<'_>) {
    let db = with_users(open);
    sessions(&*db, 1, &[1]);
    sessions(&*db, 2, &[2]);
    let code = mailed(9, 2, Purpose::Verify);
    db.write(move |tx| {
        tx.offer_token(SessionId(Uuid::from_u128(2)), &[22; 32])?;
        tx.insert_mail_code(&code, UtcMs(1))?;
        tx.remove_user(id(2), UtcMs(40))
    })
    .unwrap();
    let left: Vec<_> = users(&*db, 1).iter().map(|user| user.id).collect();
    assert_eq!(left, [id(1)]);
    let gone = session(&*db, 2);
    assert_eq!(
        (gone.user, gone.ended_at, gone.waiting),
        (None, Some(UtcMs(40)), false)
    );
    let erased = |n: u8| db.read(move |tx| tx.was_erased(&[n; 32])).unwrap();
    assert!(erased(2) && erased(22) && !erased(1));
    assert_eq!(session(&*db, 1).ended_at, None);
}

/// Sessions 11 to 15 on paired devices: an owner's of user 1, a child's of user 1, an owner's of user 2, an owner's and a
/// child's of nobody known. Pairing code 1 of household 1 and 2 of household 2; invitation 1 to household 1.
fn paired(db: &dyn Db) {
    sessions(db, 1, &[1]);
    db.write(|tx| {
        tx.confirm_user(id(2), UtcMs(8))?;
        for (n, by_user, role) in [
            (11, Some(1), Role::Owner),
            (12, Some(1), Role::Child),
            (13, Some(2), Role::Owner),
            (14, None, Role::Owner),
            (15, None, Role::Child),
        ] {
            let own = tx.session_by_token(&[1; 32])?;
            let own = own.ok_or_else(|| Fault::Backend(String::new()))?;
            tx.insert_session(&SessionRecord {
                id: SessionId(Uuid::from_u128(u128::from(n))),
                user: None,
                by_user: by_user.map(id),
                role,
                token: [n; 32],
                ..own
            })?;
        }
        for n in [1_u8, 2] {
            tx.insert_pairing(&PairingRecord {
                code: [n; 32],
                household: house(n.into()),
                role: Role::Owner,
                expires_at: UtcMs(1_000),
                made_by: Some(id(1)),
                made_in: None,
            })?;
        }
        tx.insert_owner_invitation(&[1; 32], house(1), UtcMs(1_000), 5)
    })
    .unwrap();
}

fn what_a_user_let_in_by_code_ends_with_them_and_a_child_s_device_when_they_go(open: Open<'_>) {
    const ENDED: Option<UtcMs> = Some(UtcMs(20));
    let numbers = [11, 12, 13, 14, 15];
    let code = |db: &dyn Db, n: u8| {
        let taken = db.write(move |tx| tx.take_pairing(&[n; 32], UtcMs(50)));
        taken.unwrap().is_some()
    };
    let invitation = |db: &dyn Db| {
        let has = db.read(|tx| tx.has_owner_invitation(&[1; 32], UtcMs(50)));
        has.unwrap()
    };

    let db = with_users(open);
    paired(&*db);
    assert_eq!(session(&*db, 11).by_user, Some(id(1)));
    db.write(|tx| tx.end_user_sessions(id(1), None, UtcMs(20)))
        .unwrap();
    let ended = numbers.map(|n| session(&*db, n).ended_at);
    assert_eq!(ended, [ENDED, None, None, ENDED, None]);
    assert!(!code(&*db, 1) && code(&*db, 2) && !invitation(&*db));

    let db = with_users(open);
    paired(&*db);
    db.write(|tx| tx.remove_user(id(1), UtcMs(20))).unwrap();
    let ended = numbers.map(|n| session(&*db, n).ended_at);
    assert_eq!(ended, [ENDED, ENDED, None, ENDED, None]);
    assert_eq!(session(&*db, 13).by_user, Some(id(2)));
    let told = numbers.map(|n| db.read(move |tx| tx.was_erased(&[n; 32])).unwrap());
    assert_eq!(told, [true, false, false, false, false]);
    assert!(!code(&*db, 1) && code(&*db, 2) && !invitation(&*db));
}

fn a_household_is_unverified_until_it_is_not(open: Open<'_>) {
    let db = with_households(open, 2);
    let is = |n| db.read(move |tx| tx.is_unverified(house(n))).unwrap();
    assert!(!is(1));
    db.write(|tx| {
        tx.set_unverified(house(1), UtcMs(5))?;
        tx.set_unverified(house(1), UtcMs(6))
    })
    .unwrap();
    assert!(is(1) && !is(2));
    assert_eq!(db.read(|tx| tx.any_unverified()).unwrap(), Some(house(1)));
    let unset = || db.write(|tx| tx.unset_unverified(house(1))).unwrap();
    assert!(unset() && !unset() && !is(1));
    assert_eq!(db.read(|tx| tx.any_unverified()).unwrap(), None);
}

fn mailed(code: u8, user: u128, purpose: Purpose) -> MailCodeRecord {
    MailCodeRecord {
        code: [code; 32],
        household: house(1),
        user: id(user),
        purpose,
        expires_at: UtcMs(100),
    }
}

fn a_mailed_code_is_of_one_user_for_one_purpose_and_ends(open: Open<'_>) {
    let db = with_users(open);
    db.write(|tx| {
        tx.insert_mail_code(&mailed(1, 1, Purpose::Verify), UtcMs(1))?;
        tx.insert_mail_code(&mailed(2, 1, Purpose::Verify), UtcMs(1))?;
        tx.insert_mail_code(&mailed(3, 1, Purpose::Reset), UtcMs(1))?;
        tx.insert_mail_code(&mailed(4, 2, Purpose::Verify), UtcMs(1))
    })
    .unwrap();
    let has = |user, purpose, code: u8, now| {
        db.read(move |tx| tx.has_mail_code(id(user), purpose, &[code; 32], UtcMs(now)))
            .unwrap()
    };
    assert!(has(1, Purpose::Verify, 1, 99) && has(1, Purpose::Verify, 2, 99));
    assert!(!has(1, Purpose::Verify, 1, 100), "ended");
    assert!(!has(1, Purpose::Reset, 1, 50) && !has(2, Purpose::Verify, 1, 50));
    db.write(|tx| tx.forget_mail_codes(id(1), Purpose::Verify))
        .unwrap();
    assert!(!has(1, Purpose::Verify, 1, 50) && !has(1, Purpose::Verify, 2, 50));
    assert!(has(1, Purpose::Reset, 3, 50) && has(2, Purpose::Verify, 4, 50));
    let late = MailCodeRecord {
        expires_at: UtcMs(300),
        ..mailed(5, 1, Purpose::Reset)
    };
    db.write(move |tx| tx.insert_mail_code(&late, UtcMs(200)))
        .unwrap();
    assert!(!has(2, Purpose::Verify, 4, 50), "what has ended is forgotten");
    assert!(has(1, Purpose::Reset, 5, 250));
}

fn an_invitation_to_a_household_works_once_and_the_newest_are_kept(open: Open<'_>) {
    let db = with_households(open, 2);
    db.write(|tx| {
        tx.insert_owner_invitation(&[9; 32], house(2), UtcMs(90), 2)?;
        for (code, ends) in [(1, 101), (2, 103), (3, 102)] {
            tx.insert_owner_invitation(&[code; 32], house(1), UtcMs(ends), 2)?;
        }
        Ok(())
    })
    .unwrap();
    let has = |code: u8, now| {
        db.read(move |tx| tx.has_owner_invitation(&[code; 32], UtcMs(now)))
            .unwrap()
    };
    let take = |code: u8, now| {
        db.write(move |tx| tx.take_owner_invitation(&[code; 32], UtcMs(now)))
            .unwrap()
    };
    assert!(!has(1, 50), "the oldest of too many");
    assert!(has(2, 102) && !has(2, 103), "it ends");
    assert_eq!(take(2, 103), None);
    assert_eq!(take(2, 102), Some(house(1)));
    assert!(!has(2, 50) && take(2, 50).is_none(), "once");
    assert_eq!(take(9, 50), Some(house(2)));
    assert_eq!(take(3, 50), Some(house(1)));
}
