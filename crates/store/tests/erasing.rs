//! Forgetting for good: what is gone is gone from every byte of the files, and the device goes on.
#![expect(clippy::unwrap_used, reason = "a device that cannot be set up has failed")]

mod common;

use std::path::Path;

use common::{Device, acked, fields, id, made, pet_row, reply};
use romp_domain::wire::Epoch;
use romp_domain::{CardId, HouseholdId, Kind, Pet, PetId, Role, Row, SwipeId, Verdict};
use romp_store::{Account, SeededIds, StoreError};
use rusqlite::Connection;
use serde_json::json;
use uuid::Uuid;

/// Text that is nowhere else.
const CANARY: &str = "K4N4R1";

/// In how many places of the device's files the canary is.
fn places(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let windows = bytes.windows(CANARY.len());
            windows.filter(|window| *window == CANARY.as_bytes()).count()
        })
        .sum()
}

/// An owner's names the owner; a child's nobody.
fn account(role: Role) -> Account {
    Account {
        household: HouseholdId(id(1)),
        server: "https://romp.example".into(),
        email: (role == Role::Owner).then(|| format!("{CANARY}@romp.example")),
        role,
        device: (role == Role::Owner).then(|| format!("{CANARY} phone").try_into().expect("a name")),
        session: None,
    }
}

/// A device of a family that has lived with it: rows of the server, changes that wait, that were taken and that were
/// refused, and swipes to take back.
fn lived_with(role: Role) -> Device {
    let device = Device::new();
    device.store.write(|writer| writer.join(&account(role))).unwrap();
    for n in 0..100 {
        device.name_pet(10 + n, &format!("{CANARY} {n}"));
        let request = device.request();
        let mut answer = acked(&request, n as u64 + 1);
        let mut row = pet_row(10 + n, n as u64 + 1, &format!("{CANARY} {n}"));
        let notes = format!("{CANARY} {}", "x".repeat((n as usize * 37) % 900));
        let told = row.fields.as_mut().unwrap();
        told.0.insert("owner_notes", json!(notes));
        answer.rows = vec![row];
        answer.cursor = n as u64 + 1;
        answer.epoch = Epoch(5);
        device.absorb(&request, answer);
    }
    device
}

/// A card of the pet `n`, with as much on it as the store looks at.
fn card(n: u128, seq: u64) -> Row {
    Row {
        kind: Kind::Card.word().into(),
        id: CardId::of(PetId(id(10)), PetId(id(n))).0,
        seq,
        fields: Some(fields(json!({ "pet": CANARY }))),
    }
}

/// A child's choice on the device.
fn swipe(device: &Device, target: u128) -> Uuid {
    let (actor, target) = (PetId(id(10)), PetId(id(target)));
    let swipe = SwipeId::of(actor, target).0;
    let chosen = fields(json!({"actor_pet": actor.0, "target_pet": target.0, "verdict": "yes"}));
    device
        .store
        .write(|writer| {
            writer.log_swipe(actor, target, Verdict::Yes, None, None)?;
            writer.patch(Kind::Swipe, swipe, &chosen)
        })
        .unwrap();
    swipe
}

fn pets(device: &Device) -> usize {
    let pets = device.store.read(|reader| reader.list::<Pet>());
    pets.unwrap().len()
}

#[test]
fn an_erased_device_is_a_new_one_and_no_byte_of_the_family_is_left() {
    let device = lived_with(Role::Owner);
    device.name_pet(5, CANARY);
    let before = device.store.device().unwrap();
    assert!(places(device.dir.path()) > 100, "the scan finds what is there");
    let version = device.store.version();

    device.store.erase(&SeededIds::new(9)).unwrap();
    assert_eq!(places(device.dir.path()), 0, "while it runs");
    assert!(device.store.version() > version, "who looks is told");
    assert_ne!(device.store.device().unwrap(), before);
    let state = device.store.read(|reader| {
        Ok::<_, StoreError>((
            reader.account()?,
            reader.pending()?.count,
            reader.cursor()?,
            reader.last_sync()?,
            reader.was_erased()?,
        ))
    });
    assert_eq!(state.unwrap(), (None, 0, 0, None, true));
    assert_eq!(pets(&device), 0);

    let device = device.restarted();
    assert_eq!(places(device.dir.path()), 0);
    assert!(device.store.read(|reader| reader.was_erased()).unwrap());
    let request = device.request();
    assert_eq!((request.cursor, request.epoch, request.scope), (0, None, None));
    device.name_pet(1, "Rex");
    assert_eq!(made(&device.request())[0].mid, 1, "it counts from one again");
    device
        .store
        .write(|writer| writer.join(&account(Role::Owner)))
        .unwrap();
    assert!(!device.store.read(|reader| reader.was_erased()).unwrap());
}

#[test]
fn what_a_crash_cut_short_is_done_by_the_next_start() {
    let device = lived_with(Role::Owner);
    let Device { dir, clock, store } = device;
    drop(store);
    // As if it had ended right after the deletion; here even without zeroes in the place of the rows.
    let raw = Connection::open(dir.path().join("romp.db")).unwrap();
    raw.execute_batch(
        "PRAGMA secure_delete = OFF; DELETE FROM row; DELETE FROM outbox; DELETE FROM meta WHERE key = 'account';
         INSERT INTO meta VALUES ('scrub', 'true');",
    )
    .unwrap();
    drop(raw);
    assert!(places(dir.path()) > 0);
    let store = romp_store::Store::open(&dir.path().join("romp.db"), clock, &SeededIds::new(2)).unwrap();
    assert_eq!(places(dir.path()), 0);
    drop(store);
}

#[test]
fn row_60_a_childs_device_forgets_what_it_pulled_and_keeps_what_it_has_not_sent() {
    let device = lived_with(Role::Child);
    let cursor = device.cursor();
    let sent = swipe(&device, 900);
    let request = device.request();
    let mut answer = acked(&request, cursor + 1);
    answer.rows = vec![card(900, cursor + 1), card(901, cursor + 1)];
    answer.cursor = cursor + 1;
    device.absorb(&request, answer);
    let unsent = swipe(&device, 901);
    let waiting = made(&device.request());
    assert_eq!(waiting.len(), 1);

    device.store.purge_pulled().unwrap();
    assert_eq!(places(device.dir.path()), 0);
    assert_eq!((pets(&device), device.pending()), (0, 1));
    let has = |swipe| {
        device
            .store
            .read(|reader| reader.has(Kind::Swipe, swipe))
            .unwrap()
    };
    assert_eq!((has(sent), has(unsent)), (false, true));
    assert!(
        device
            .store
            .read(|reader| reader.swipes_made(PetId(id(10))))
            .unwrap()
            .is_empty()
    );
    assert!(device.store.account().unwrap().is_some());

    let request = device.request();
    assert_eq!(made(&request), waiting, "sent as it was made");
    assert_eq!(request.cursor, 0, "and everything is asked for");
    let version = device.store.version();
    device.store.purge_pulled().unwrap();
    assert_eq!(device.store.version(), version, "there is nothing more to forget");
    let mut answer = acked(&request, cursor + 2);
    answer.rows = vec![pet_row(10, 1, "Rex")];
    answer.cursor = cursor + 2;
    device.absorb(&request, answer);
    assert_eq!((pets(&device), device.pending()), (1, 0));
}

#[test]
fn an_answer_that_was_under_way_does_not_bring_back_what_was_forgotten() {
    let device = lived_with(Role::Child);
    let late = device.request();
    device.store.purge_pulled().unwrap();
    let mut answer = reply(&late);
    answer.rows = vec![pet_row(10, late.cursor + 1, CANARY)];
    answer.cursor = late.cursor + 1;
    device.absorb(&late, answer);
    assert_eq!((pets(&device), device.cursor()), (0, 0));
}
