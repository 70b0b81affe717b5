//! A device that was an owner's and becomes a child's, the other way, and a child's that comes back.

use romp_domain::calls::{SignOut, SyncNow};
use romp_domain::view::Connection;
use romp_domain::{ErrorCode, Pet, Role, Verdict};
use uuid::Uuid;

use super::sign_in;
use crate::testing::{Device, code, pet};

#[tokio::test]
async fn a_device_with_an_owners_data_does_not_become_a_childs() {
    let device = Device::new();
    device.add_pet("Rex").await;
    device.server.pairs_as(Role::Child);
    assert_eq!(
        code(device.call(Device::pairing()).await),
        ErrorCode::JoinAsOwnerFirst
    );
    let status = device.status().await;
    assert_eq!(
        (status.role, status.connection, status.pending),
        (Role::Owner, Connection::NotJoined, 1)
    );
    assert_eq!(device.server.sessions(), 0);
}

#[tokio::test]
async fn an_owners_device_that_becomes_a_childs_keeps_nothing_only_owners_may_have() {
    let owner = Device::registered().await;
    let mut rex = pet("Rex");
    rex.owner_notes = Some("canary".to_owned().try_into().unwrap());
    let id = owner
        .call(romp_domain::calls::PetSave {
            id: None,
            seen: None,
            pet: rex,
        })
        .await
        .unwrap();
    owner.sync().await;
    owner.call(SignOut {}).await.unwrap();
    owner.server.pairs_as(Role::Child);
    owner.call(Device::pairing()).await.unwrap();
    assert_eq!(owner.status().await.role, Role::Child);
    assert_eq!(owner.row::<Pet>(id.0).unwrap().owner_notes, None);
}

#[tokio::test]
async fn an_answer_to_the_owners_session_that_comes_after_the_device_became_a_childs_is_not_taken_in() {
    let device = Device::new();
    let mut told = pet("Rex");
    told.owner_notes = Some("canary".to_owned().try_into().unwrap());
    let id = Uuid::from_u128(5);
    device.server.put(id, &told);
    device.server.loses_answers(true);
    device.call(sign_in()).await.unwrap();
    device.server.loses_answers(false);

    device.server.holds_answers(true);
    let asked = device.server.requests();
    let app = device.app.clone();
    let late = tokio::spawn(async move { app.call(SyncNow {}).await });
    while device.server.requests() == asked {
        tokio::task::yield_now().await;
    }
    device.call(SignOut {}).await.unwrap();
    device.server.pairs_as(Role::Child);
    let app = device.app.clone();
    let joining = tokio::spawn(async move { app.call(Device::pairing()).await });
    while device.app.store.role().unwrap() != Role::Child {
        tokio::task::yield_now().await;
    }
    device.server.holds_answers(false);

    joining.await.unwrap().unwrap();
    assert_eq!(device.row::<Pet>(id).unwrap().owner_notes, None);
    assert_eq!(code(late.await.unwrap()), ErrorCode::NotSignedIn);
    assert_eq!(device.status().await.connection, Connection::Online);
}

#[tokio::test]
async fn a_childs_device_whose_session_has_ended_pairs_again_with_its_own_family_only() {
    let owner = Device::registered().await;
    let (rex, mia) = (owner.add_pet("Rex").await, owner.add_child("Mia").await);
    owner.sync().await;
    let tablet = owner.paired(Role::Child).await;
    let [bella] = tablet.deal(rex, ["Bella"]).await;
    assert_eq!(
        code(tablet.call(Device::pairing()).await),
        ErrorCode::AlreadyJoined
    );
    tablet.server.ends_sessions();
    tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);

    tablet.call(Device::pairing()).await.unwrap();
    let status = tablet.status().await;
    assert_eq!(
        (status.role, status.connection, status.pending),
        (Role::Child, Connection::Online, 0)
    );
    tablet.server.ends_sessions();
    assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);
    tablet.server.moves_to_another_household();
    assert_eq!(
        code(tablet.call(Device::pairing()).await),
        ErrorCode::AlreadyJoined
    );
    assert_eq!(code(tablet.call(sign_in()).await), ErrorCode::Forbidden);
}

#[tokio::test]
async fn what_a_child_chose_is_held_also_when_its_device_becomes_an_owners() {
    let owner = Device::registered().await;
    let (rex, mia) = (owner.add_pet("Rex").await, owner.add_child("Mia").await);
    let [bella] = owner.deal(rex, ["Bella"]).await;
    owner.swipe(rex, bella, Verdict::Yes, None).await.unwrap();
    owner.sync().await;
    let tablet = owner.paired(Role::Child).await;
    tablet.server.ends_sessions();
    tablet.swipe(rex, bella, Verdict::No, Some(mia)).await.unwrap();
    tablet.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);
    tablet.server.pairs_as(Role::Owner);
    tablet.call(Device::pairing()).await.unwrap();
    assert_eq!(tablet.status().await.pending, 0);
    assert!(tablet.swipe_of(rex, bella).unwrap().is_held());
}
