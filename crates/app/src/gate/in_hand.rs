//! The daily life of a family with one device: handed to the child, and taken back.

use romp_domain::calls::{
    Children, Deck, ForgetDevice, HandOver, HouseholdGet, Pets, Release, Releases, SignOut, Undo,
};
use romp_domain::switch::{Cause, SwitchScope};
use romp_domain::view::Connection;
use romp_domain::{
    Child, ChildId, DailyCards, Entity, ErrorCode, Pet, PetId, Problem, Role, Swipe, SwipeId, Switch,
    TypedPin, Verdict, ZoneName,
};
use romp_store::StoreError;

use super::tests::{PIN, handed, unlock};
use crate::Vault;
use crate::testing::{Device, child, code, pet};

/// A family with a pet, a child, and three cards; the device is still in its owner's hands.
async fn family() -> (Device, PetId, ChildId, [PetId; 3]) {
    let device = Device::registered().await;
    device.agrees_to_children(true).await;
    let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
    let cards = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
    (device, rex, mia, cards)
}

#[tokio::test]
async fn what_a_child_chooses_in_hand_waits_for_an_owner() {
    let (device, rex, mia, [bella, zoe, _]) = family().await;
    let device = handed(device).await;
    for child in [None, Some(ChildId(rex.0))] {
        assert!(
            device.swipe(rex, bella, Verdict::Yes, child).await.is_err(),
            "a choice made here is a child's: {child:?}"
        );
    }
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    device.swipe(rex, zoe, Verdict::No, Some(mia)).await.unwrap();
    device.sync().await;
    assert!(device.swipe_of(rex, bella).unwrap().is_held());
    assert_eq!(code(device.call(Releases {}).await), ErrorCode::Forbidden);
    device.call(unlock(PIN)).await.unwrap();
    assert_eq!(device.call(Releases {}).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_child_takes_back_in_hand_takes_its_release_with_it() {
    let (device, rex, mia, [bella, zoe, max]) = family().await;
    device.swipe(rex, zoe, Verdict::No, None).await.unwrap();
    device.swipe(rex, max, Verdict::Yes, Some(mia)).await.unwrap();
    let device = handed(device).await;
    let deck = device.deck(rex).await;
    assert!(
        !deck.can_undo,
        "what was chosen before is not this child's to take back"
    );
    assert_eq!(device.call(Undo { pet: rex }).await.unwrap(), None);

    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    device.call(unlock(PIN)).await.unwrap();
    let swipe = SwipeId::of(rex, bella);
    device.call(Release { swipe, out: true }).await.unwrap();
    assert!(device.swipe_of(rex, bella).unwrap().is_released_yes());
    // What was chosen in the device's own hands before is the owner's to take back again.
    assert!(device.deck(rex).await.can_undo);

    device.call(HandOver { child: None }).await.unwrap();
    device.swipe(rex, bella, Verdict::No, Some(mia)).await.unwrap();
    assert_eq!(device.swipe_of(rex, bella).unwrap().released, None);
    let undone = device.call(Undo { pet: rex }).await.unwrap().unwrap();
    assert_eq!(undone.target, bella);
    let back = device.swipe_of(rex, bella).unwrap();
    assert_eq!((back.verdict, back.released), (Some(Verdict::Yes), None));
    assert!(!device.deck(rex).await.can_undo);
    device.sync().await;
    assert!(device.swipe_of(rex, bella).unwrap().is_held());
}

#[tokio::test]
async fn handed_to_one_child_no_other_can_choose() {
    let (device, rex, mia, [bella, ..]) = family().await;
    let tom = device.add_child("Tom").await;
    let device = handed(device).await;
    device.call(unlock(PIN)).await.unwrap();
    let stranger = HandOver {
        child: Some(ChildId(rex.0)),
    };
    assert_eq!(code(device.call(stranger).await), ErrorCode::NotFound);
    device.call(HandOver { child: Some(mia) }).await.unwrap();
    let device = device.restarted();
    assert_eq!(device.status().await.gate.handed.unwrap().child, Some(mia));
    assert_eq!(
        code(device.swipe(rex, bella, Verdict::Yes, Some(tom)).await),
        ErrorCode::InvalidField
    );
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    assert_eq!(device.call(Children {}).await.unwrap().len(), 2, "as on a tablet");
}

#[tokio::test]
async fn in_hand_the_device_goes_on_exchanging_everything_and_shows_a_child_less() {
    let (device, rex, ..) = family().await;
    let mut told = pet("Rex");
    told.owner_notes = Some("bites postmen".to_owned().try_into().unwrap());
    device.save_pet(rex, told.clone()).await.unwrap();
    let device = handed(device).await;
    assert_eq!(device.status().await.pending, 1);
    device.sync().await;
    assert_eq!(
        device.status().await.pending,
        0,
        "what the owner had changed is sent"
    );
    told.needs = Some("pills at noon".to_owned().try_into().unwrap());
    device.server.put(rex.0, &told);
    device.sync().await;
    let shown = device.call(Pets {}).await.unwrap().remove(0).pet;
    assert_eq!(
        (shown.name, shown.owner_notes, shown.needs),
        (told.name.clone(), None, None)
    );
    device.call(unlock(PIN)).await.unwrap();
    assert_eq!(device.row::<Pet>(rex.0), Some(told));
}

#[tokio::test]
async fn row_77_without_a_session_nothing_is_lost_and_no_child_takes_the_device_elsewhere() {
    let (device, rex, ..) = family().await;
    let device = handed(device).await;
    device.server.ends_sessions();
    drop(device.app.sync().await);
    let status = device.status().await;
    assert_eq!(
        (status.connection, status.role),
        (Connection::SignedOut, Role::Child)
    );
    assert_eq!(code(device.call(Device::pairing()).await), ErrorCode::Forbidden);
    device.call(unlock(PIN)).await.unwrap();
    assert!(
        device.row::<Pet>(rex.0).is_some(),
        "an owner's device keeps everything"
    );

    let tablet = Device::registered().await.paired(Role::Child).await;
    tablet.server.ends_sessions();
    drop(tablet.app.sync().await);
    let mut elsewhere = Device::pairing();
    elsewhere.server = "https://evil.example".into();
    let before = tablet.server.sessions();
    assert_eq!(code(tablet.call(elsewhere).await), ErrorCode::ServerAddress);
    assert_eq!(tablet.server.sessions(), before, "nobody there heard of it");
    tablet.call(Device::pairing()).await.unwrap();

    let alone = Device::new();
    let alone = handed(alone).await;
    assert_eq!(code(alone.call(Device::pairing()).await), ErrorCode::Forbidden);
    assert_eq!(alone.server.sessions(), 0);
}

#[tokio::test]
async fn when_the_family_takes_its_consent_back_a_child_sees_nothing_any_more() {
    let (device, rex, ..) = family().await;
    device.call(super::tests::first(PIN)).await.unwrap();
    device.agrees_to_children(false).await;
    assert_eq!(
        code(device.call(HandOver { child: None }).await),
        ErrorCode::ConsentMissing
    );
    device.sync().await;
    let elsewhere = device.paired(Role::Owner).await;
    elsewhere.agrees_to_children(true).await;
    elsewhere.sync().await;
    device.sync().await;
    device.call(HandOver { child: None }).await.unwrap();
    device.call(Deck { pet: rex }).await.unwrap();
    elsewhere.agrees_to_children(false).await;
    elsewhere.sync().await;
    device.sync().await;
    assert_eq!(code(device.call(Pets {}).await), ErrorCode::ConsentMissing);
    assert_eq!(
        code(device.call(Deck { pet: rex }).await),
        ErrorCode::ConsentMissing
    );
    device.call(unlock(PIN)).await.unwrap();
    assert_eq!(device.call(Pets {}).await.unwrap().len(), 1);
}

#[tokio::test]
async fn quiet_hours_keep_to_the_familys_clock_in_whoevers_hands_the_device_is() {
    let (device, ..) = family().await;
    let mut household = device.call(HouseholdGet {}).await.unwrap();
    household.zone = ZoneName::new("Asia/Tokyo").unwrap();
    device.save_household(household.clone()).await.unwrap();
    let device = handed(device).await;
    let (zone, seen) = device
        .app
        .store
        .read(|reader| Ok::<_, StoreError>((reader.family_zone()?, device.app.household(&reader)?)))
        .unwrap();
    assert_eq!(zone, Some(household.zone));
    assert_eq!(
        seen,
        device.app.unset_household(),
        "the settings themselves are not a child's"
    );
}

fn forget(pin: Option<&str>, sure: bool) -> ForgetDevice {
    ForgetDevice {
        pin: pin.map(|pin| TypedPin::new(pin.to_owned()).unwrap()),
        sure,
    }
}

#[tokio::test]
async fn row_71_an_owner_removes_everything_from_a_device_after_its_pin() {
    let (device, ..) = family().await;
    device.add_pet("never sent").await;
    let device = handed(device).await;
    assert_eq!(
        code(device.call(forget(Some(PIN), true)).await),
        ErrorCode::Forbidden
    );
    device.call(unlock(PIN)).await.unwrap();
    assert_eq!(
        code(device.call(forget(Some(PIN), false)).await),
        ErrorCode::InvalidField
    );
    assert_eq!(code(device.call(forget(None, true)).await), ErrorCode::PinWrong);
    assert_eq!(
        code(device.call(forget(Some("7777"), true)).await),
        ErrorCode::PinWrong
    );
    assert_eq!(device.call(Pets {}).await.unwrap().len(), 2);
    let tries = device.status().await.gate.tries_left;
    assert_eq!(tries, 4, "a guess here is a guess");

    device.call(forget(Some(PIN), true)).await.unwrap();
    let status = device.status().await;
    assert_eq!((status.connection, status.problem), (Connection::NotJoined, None));
    assert!(!status.gate.pin && device.call(Pets {}).await.unwrap().is_empty());
    assert_eq!(device.vault.load().unwrap(), None);
    assert_eq!(
        device.server.sessions(),
        0,
        "the session ended on the server, too"
    );
    let folder = device.dir.path().join("data");
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for gone in [&b"never sent"[..], b"Bella", b"Mia", b"argon2id"] {
            assert!(!bytes.windows(gone.len()).any(|window| window == gone));
        }
    }
}

#[tokio::test]
async fn row_71_a_device_signed_out_before_its_account_was_deleted_can_be_emptied_offline() {
    let (device, ..) = family().await;
    device.call(SignOut {}).await.unwrap();
    device.server.deletes_account();
    device.server.fails(Problem::new(ErrorCode::Offline));
    let device = device.restarted();
    device.call(forget(None, true)).await.unwrap();
    assert!(device.call(Pets {}).await.unwrap().is_empty());
    device.server.fails(None);
    assert_eq!(
        device.restarted().status().await.connection,
        Connection::NotJoined
    );
}

#[tokio::test]
async fn row_48_a_choice_in_hand_that_is_refused_takes_no_release_back() {
    let (device, rex, mia, [bella, ..]) = family().await;
    let device = handed(device).await;
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    device.sync().await;
    // An owner lets it out on the phone; and the child has had enough for today.
    let released = Swipe {
        released: Some(Verdict::Yes),
        ..device.swipe_of(rex, bella).unwrap()
    };
    device.server.put(SwipeId::of(rex, bella).0, &released);
    let enough = Switch {
        scope: SwitchScope::Child { child: mia },
        author: None,
        ends_at: None,
        ..Switch::example()
    };
    device.server.put(Cause::Enough.switch(mia.0).0, &enough);
    device.sync().await;
    for refused in [
        device.call(Undo { pet: rex }).await.map(drop),
        device.swipe(rex, bella, Verdict::No, Some(mia)).await,
    ] {
        assert_eq!(code(refused), ErrorCode::SwitchedOff);
    }
    assert!(device.swipe_of(rex, bella).unwrap().is_released_yes());
    device.sync().await;
    assert_eq!(device.status().await.pending, 0);
}

#[tokio::test]
async fn row_48_a_choice_in_hand_beyond_the_days_cards_leaves_an_owners_yes_as_it_is() {
    let (device, rex, mia, [bella, zoe, _]) = family().await;
    let limited = Child {
        daily_cards: Some(DailyCards::new(1).unwrap()),
        ..child("Mia")
    };
    device.save_child(mia, limited).await.unwrap();
    device.swipe(rex, zoe, Verdict::Yes, None).await.unwrap();
    let device = handed(device).await;
    device.server.fails(Problem::new(ErrorCode::Unavailable));
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    let refused = device.swipe(rex, zoe, Verdict::No, Some(mia)).await;
    assert_eq!(code(refused), ErrorCode::SwitchedOff);
    assert!(device.swipe_of(rex, zoe).unwrap().is_released_yes());
}
