//! What the server refuses because it is switched off waits on the device and is sent when that is over.

use romp_domain::calls::{SignIn, SignOut};
use romp_domain::policy::Operation;
use romp_domain::switch::SwitchScope;
use romp_domain::time::{HOUR_MS, MINUTE_MS};
use romp_domain::{Entity, ErrorCode, Kind, Pet, PetId, Problem, Role, Switch, Verdict};
use uuid::Uuid;

use super::{COMMENT, now, told, waiting, with_deck};
use crate::testing::{Device, PASSWORD, code, pet};

#[tokio::test]
async fn what_the_server_refuses_because_it_is_switched_off_is_seen_waits_and_is_sent_when_that_is_over() {
    let (owner, rex, [bella, zoe, _]) = with_deck().await;
    let mia = owner.add_child("Mia").await;
    owner.agrees_to_children(true).await;
    owner.sync().await;
    let tablet = owner.paired(Role::Child).await;
    tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    let ends = now(&tablet).plus_ms(HOUR_MS);
    told(&tablet, 70, SwitchScope::Children, Some(ends));
    tablet.server.switches_off(
        Kind::Swipe,
        Problem::saying(ErrorCode::SwitchedOff, COMMENT).after(3_600),
    );
    tablet.sync().await;
    assert_eq!(waiting(&tablet), (1, 0));
    let status = tablet.status().await;
    assert_eq!((status.waiting, status.refused.len(), status.pending), (1, 0, 0));
    assert_eq!(status.switched_off[0].until, Some(ends));
    assert_eq!(
        tablet.swipe_of(rex, bella).unwrap().verdict,
        Some(Verdict::Yes),
        "it is still there"
    );
    assert_eq!(
        code(tablet.swipe(rex, zoe, Verdict::Yes, Some(mia)).await),
        ErrorCode::SwitchedOff
    );

    // It stays, over restarts and a server that was put back.
    let tablet = tablet.restarted();
    tablet.sync().await;
    tablet.sync().await;
    assert_eq!(waiting(&tablet), (1, 0));
    tablet.clock.advance_ms(HOUR_MS);
    tablet.server.refuses(None);
    let before = tablet.server.applied().len();
    tablet.sync().await;
    assert_eq!(waiting(&tablet), (0, 0));
    let applied = tablet.server.applied();
    assert_eq!(applied.len(), before + 1);
    assert_eq!(applied[before].id, romp_domain::SwipeId::of(rex, bella).0);
    assert_eq!(tablet.swipe_of(rex, bella).unwrap().verdict, Some(Verdict::Yes));
}

#[tokio::test]
async fn what_waits_is_sent_as_soon_as_the_switch_is_lifted_and_what_was_changed_since_is_not_undone() {
    let device = Device::registered().await;
    let rex = device.add_pet("Rex").await;
    device.sync().await;
    told(&device, 70, SwitchScope::Household, None);
    let mut switch = Switch::example();
    switch.operations = [Operation::Pets].into();
    device.save_pet(rex, pet("Max")).await.unwrap();
    device
        .server
        .switches_off(Kind::Pet, Problem::new(ErrorCode::SwitchedOff));
    device.server.put(Uuid::from_u128(70), &switch);
    device.sync().await;
    assert_eq!(waiting(&device), (1, 0));
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Max")));
    switch.on = false;
    device.server.put(Uuid::from_u128(70), &switch);
    device.server.refuses(None);
    device.sync().await;
    assert_eq!(waiting(&device), (0, 0), "in the same exchange that tells of it");
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Max")));

    // Again; and before it is over, the person says something else.
    device
        .server
        .switches_off(Kind::Pet, Problem::new(ErrorCode::SwitchedOff));
    let mut more = pet("Bo");
    more.energy = Some(romp_domain::Level::new(2).unwrap());
    device.save_pet(rex, more.clone()).await.unwrap();
    device.sync().await;
    assert_eq!(waiting(&device), (1, 0));
    more.name = pet("Ted").name;
    device.server.refuses(None);
    device.save_pet(rex, more.clone()).await.unwrap();
    assert_eq!(device.row::<Pet>(rex.0), Some(more.clone()));
    device.clock.advance_ms(2 * MINUTE_MS);
    device.sync().await;
    assert_eq!(waiting(&device), (0, 0));
    assert_eq!(device.row::<Pet>(rex.0), Some(more));
}

/// A change of a pet that is parked on a device, and the switch that holds it up.
async fn held_up() -> (Device, PetId, Switch) {
    let device = Device::registered().await;
    let rex = device.add_pet("Rex").await;
    device.sync().await;
    device.save_pet(rex, pet("Max")).await.unwrap();
    let mut switch = Switch::example();
    switch.operations = [Operation::Pets].into();
    device.server.put(Uuid::from_u128(70), &switch);
    device
        .server
        .switches_off(Kind::Pet, Problem::new(ErrorCode::SwitchedOff));
    device.sync().await;
    assert_eq!(waiting(&device), (1, 0));
    (device, rex, switch)
}

#[tokio::test]
async fn what_waits_for_a_switch_waits_on_while_nobody_is_signed_in_and_goes_out_afterwards() {
    let (device, rex, mut switch) = held_up().await;
    device.call(SignOut {}).await.unwrap();
    assert_eq!(waiting(&device), (1, 0));
    let device = device.restarted();
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Max")), "it stays to be seen");
    let again = Device::registration();
    let sign_in = SignIn {
        server: again.server,
        email: again.email,
        password: PASSWORD.to_owned().try_into().unwrap(),
        device: again.device,
    };
    device.call(sign_in).await.unwrap();
    assert_eq!(waiting(&device), (1, 0), "it is still switched off");
    switch.on = false;
    device.server.put(Uuid::from_u128(70), &switch);
    device.server.refuses(None);
    let before = device.server.applied().len();
    device.sync().await;
    assert_eq!(
        (waiting(&device), device.server.applied().len()),
        ((0, 0), before + 1)
    );
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Max")));
}

#[tokio::test]
async fn what_a_child_chose_and_was_held_up_outlasts_the_session_of_its_tablet() {
    let (owner, rex, [bella, ..]) = with_deck().await;
    let mia = owner.add_child("Mia").await;
    owner.agrees_to_children(true).await;
    owner.sync().await;
    let tablet = owner.paired(Role::Child).await;
    tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    told(&tablet, 70, SwitchScope::Children, None);
    tablet
        .server
        .switches_off(Kind::Swipe, Problem::new(ErrorCode::SwitchedOff));
    tablet.sync().await;
    assert_eq!(waiting(&tablet), (1, 0));
    tablet.server.ends_sessions();
    assert_eq!(
        code(tablet.call(romp_domain::calls::SyncNow {}).await),
        ErrorCode::NotSignedIn
    );
    assert_eq!(
        waiting(&tablet),
        (0, 1),
        "everything else is erased, so it waits by itself"
    );
    tablet.server.pairs_as(Role::Child);
    tablet.call(Device::pairing()).await.unwrap();
    tablet.sync().await;
    assert_eq!(waiting(&tablet), (1, 0), "refused once more");
    let mut lifted = told(&tablet, 70, SwitchScope::Children, None);
    lifted.on = false;
    tablet.server.put(Uuid::from_u128(70), &lifted);
    tablet.server.refuses(None);
    tablet.sync().await;
    assert_eq!(waiting(&tablet), (0, 0));
    let applied = tablet.server.applied();
    assert_eq!(
        applied.last().map(|mutation| mutation.id),
        Some(romp_domain::SwipeId::of(rex, bella).0)
    );
}
