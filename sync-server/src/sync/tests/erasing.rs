//! A family's account is deleted: what the others keep, what comes too late, and what is left in the files.

use std::path::Path;
use std::sync::Arc;

use romp_domain::playdate::CancelReason;
use romp_domain::text::{HouseholdName, Note, PlaceLabel, Remark};
use romp_domain::{
    Card, Child, Entity, ErrorCode, Kind, Matched, Pet, PetId, Playdate, PlaydateState, Swipe, UtcMs, Verdict,
};
use serde_json::json;

use super::rig::{Family, Rig, both_accept, fields, mutual};
use crate::db::{DbExt, NOBODY};

/// Deletes the family, as the use case does after it has looked at the password.
pub(super) fn erase(rig: &Rig, family: &Family) {
    let (household, now) = (family.household, rig.now());
    let heads = rig
        .server
        .db
        .write(move |tx| crate::sync::erase(tx, household, now));
    assert!(!heads.unwrap().contains_key(&household));
}

#[test]
fn the_other_family_keeps_that_there_was_a_meeting_and_nothing_else() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    let met = both_accept(&rig, &mut a, &mut b);
    b.owner.sync(&rig).unwrap();
    b.child.sync(&rig).unwrap();
    assert!(b.owner.dump().contains("Dog 1") && !b.owner.all::<Matched>().is_empty());

    erase(&rig, &a);
    for device in [&mut b.owner, &mut b.child] {
        device.sync(&rig).unwrap();
        assert!(!device.dump().contains("Dog 1"), "{}", device.dump());
        assert!(device.all::<Card>().is_empty());
    }
    assert!(b.owner.all::<Matched>().is_empty());
    let (id, playdate) = b.owner.all::<Playdate>().remove(0);
    assert_eq!((id, playdate.state), (met, PlaydateState::Cancelled));
    assert_eq!(playdate.cancelled, Some(CancelReason::PetGone));
    assert!(playdate.other.name.is_none() && playdate.reasons.is_empty());
    let stored = rig
        .server
        .db
        .read(move |tx| tx.playdate(romp_domain::PlaydateId(met)))
        .unwrap()
        .unwrap();
    assert!(!format!("{stored:?}").contains(&a.household.0.to_string()));
    assert!(stored.sides.iter().any(|side| side.household == NOBODY));

    // It can go on living with what is left, and go itself.
    b.owner.act(met, romp_domain::PlaydateAct::Cancel, playdate.rev);
    b.owner.patch(Kind::Pet, b.pet.0, fields(json!({"energy": 2})));
    b.owner.sync(&rig).unwrap();
    erase(&rig, &b);
    let left = rig
        .server
        .db
        .read(move |tx| Ok((tx.playdate(romp_domain::PlaydateId(met))?, tx.matches_of(NOBODY)?)))
        .unwrap();
    assert_eq!(left, (None, Vec::new()), "what nobody is left of goes completely");
}

#[test]
fn where_all_had_ended_before_the_other_family_is_told_nothing_of_the_deletion() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    both_accept(&rig, &mut a, &mut b);
    let nil = romp_domain::row::HOUSEHOLD_ROW;
    a.owner
        .patch(Kind::Household, nil, fields(json!({"share_consent": null})));
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    let (_, before) = b.owner.all::<Playdate>().remove(0);
    assert!(before.other.name.is_none() && before.reasons.is_empty());

    erase(&rig, &a);
    let reply = b.owner.sync(&rig).unwrap();
    assert_eq!(
        (reply.rows, b.owner.all::<Playdate>()[0].1.clone()),
        (vec![], before)
    );
}

#[test]
fn a_late_exchange_is_refused_and_leaves_nothing() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"owner_notes": "late"})));
    erase(&rig, &a);
    for device in [&mut a.owner, &mut a.child] {
        let refused = device.sync(&rig).unwrap_err();
        assert_eq!(refused.code, ErrorCode::AccountGone);
    }
    let household = a.household;
    let rows = rig.server.db.read(move |tx| tx.count_rows(household, Kind::Pet));
    assert_eq!(rows.unwrap(), 0);
}

#[test]
fn an_exchange_that_races_with_the_deletion_comes_before_it_or_not_at_all() {
    let rig = Rig::new();
    for n in 1..=8 {
        let mut family = rig.family(n);
        family.owner.patch(
            Kind::Pet,
            family.pet.0,
            fields(json!({"owner_notes": "at the same time"})),
        );
        let (server, session, request) = (
            Arc::clone(&rig.server),
            family.owner.session.clone(),
            family.owner.request(&rig),
        );
        let pushing = std::thread::spawn(move || crate::sync::sync(&server, &session, request));
        erase(&rig, &family);
        if let Err(problem) = pushing.join().unwrap() {
            assert_eq!(problem.code, ErrorCode::AccountGone, "{problem:?}");
        }
        let household = family.household;
        let left = rig
            .server
            .db
            .read(move |tx| {
                Ok((
                    tx.household(household)?,
                    tx.count_rows(household, Kind::Pet)?,
                    tx.decks(household)?,
                    tx.devices(household)?,
                ))
            })
            .unwrap();
        assert_eq!(left, (None, 0, Vec::new(), Vec::new()));
    }
}

#[test]
fn nobody_takes_the_place_of_a_pet_that_others_have_said_yes_to() {
    let rig = Rig::new();
    let (a, mut b, mut c) = (rig.family(1), rig.family(2), rig.family(3));
    c.child_swipes(a.pet, Verdict::Yes);
    c.child.sync(&rig).unwrap();
    c.owner.sync(&rig).unwrap();
    c.owner_releases(a.pet);
    c.owner.sync(&rig).unwrap();
    erase(&rig, &a);
    // The second family knows the id from a card.
    b.owner.patch(Kind::Pet, a.pet.0, b.dog().to_fields());
    let reply = b.owner.sync(&rig).unwrap();
    assert_eq!(super::rig::refusal(&reply.results), ErrorCode::NotFound);
    b.pet = a.pet;
    b.child_swipes(c.pet, Verdict::Yes);
    drop(b.child.sync(&rig));
    assert!(c.owner.all::<Matched>().is_empty());
}

/// Text that is in no build and no other row.
const CANARY: &str = "K4N4R1";

/// Writes the canary into every field in which a family writes something.
fn plant(rig: &Rig, family: &mut Family) {
    let text = |n: u32| format!("{CANARY} {n}");
    let mut household = Family::settings();
    household.name = Some(HouseholdName::new(&text(1)).unwrap());
    household.place = Some(PlaceLabel::new(&text(2)).unwrap());
    let mut pet: Pet = family.dog();
    pet.name = Some(text(3).try_into().unwrap());
    pet.owner_notes = Some(Note::new(&text(4)).unwrap());
    pet.needs = Some(Remark::new(&text(5)).unwrap());
    pet.triggers = Some(Remark::new(&text(6)).unwrap());
    let child = Child {
        nickname: text(7).try_into().unwrap(),
        ..family.child_profile()
    };
    family.owner.patch(
        Kind::Household,
        romp_domain::row::HOUSEHOLD_ROW,
        household.to_fields(),
    );
    family.owner.patch(Kind::Pet, family.pet.0, pet.to_fields());
    family.owner.patch(Kind::Child, family.kid.0, child.to_fields());
    // What is refused is remembered with its sentence.
    family
        .owner
        .patch(Kind::Pet, family.pet.0, fields(json!({ CANARY: text(8) })));
    family.owner.sync(rig).unwrap();
    let (household, user) = (family.household, family.n);
    rig.server
        .db
        .write(move |tx| {
            tx.insert_user(&crate::db::UserRecord {
                id: romp_domain::UserId(uuid::Uuid::from_u128(user)),
                household,
                email: format!("{CANARY}@example.org")
                    .try_into()
                    .map_err(|_| unreadable())?,
                name: format!("{CANARY} 9").try_into().map_err(|_| unreadable())?,
                password_hash: CANARY.to_owned(),
                created_at: UtcMs(1),
                verified_at: None,
                confirmed_at: Some(UtcMs(1)),
            })?;
            let device = tx.devices(household)?.remove(0);
            tx.put_device(&crate::db::DeviceRecord {
                name: format!("{CANARY} 10").try_into().map_err(|_| unreadable())?,
                ..device
            })
        })
        .unwrap();
}

fn unreadable() -> crate::db::Fault {
    crate::db::Fault::Backend("not a value".into())
}

/// In how many places of the folder's files a text is, in any case.
fn places(folder: &Path, text: &str) -> usize {
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let mut windows = bytes.windows(text.len());
        found += windows
            .by_ref()
            .filter(|window| window.eq_ignore_ascii_case(text.as_bytes()))
            .count();
    }
    found
}

#[test]
fn when_the_server_has_stopped_no_byte_of_the_family_is_in_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let db = crate::db::sqlite::SqliteDb::open(&folder.path().join("romp.db")).unwrap();
    let rig = Rig::on(Arc::new(db), Rig::noon());
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    plant(&rig, &mut a);
    mutual(&rig, &mut a, &mut b);
    both_accept(&rig, &mut a, &mut b);
    // Written over and removed before: that is deleted, too.
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"owner_notes": "other"})));
    let second = PetId(uuid::Uuid::from_u128(150));
    let more = Pet {
        owner_notes: Some(Note::new(&CANARY.repeat(150)).unwrap()),
        ..a.dog()
    };
    a.owner.patch(Kind::Pet, second.0, more.to_fields());
    a.owner.sync(&rig).unwrap();
    a.owner.patch(Kind::Pet, second.0, romp_domain::Fields::removal());
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert!(b.owner.dump().contains(CANARY), "the other family saw the name");
    assert!(places(folder.path(), CANARY) > 20, "the scan finds what is there");

    erase(&rig, &a);
    for family in [&mut a, &mut b] {
        drop(family.owner.sync(&rig));
        drop(family.child.sync(&rig));
    }
    assert!(!b.owner.dump().contains(CANARY) && !b.child.dump().contains(CANARY));
    assert!(b.owner.all::<Swipe>().len() == 1, "its own choice stays its own");
    drop(rig);
    assert_eq!(places(folder.path(), CANARY), 0);
}
