//! What is refused on the device, online and offline, and what owners see of it.

use romp_domain::calls::{
    DeckAgain, HouseholdGet, PetRemove, PetSave, Release, SignOut, SwitchLift, SwitchRemove, Switches, Undo,
};
use romp_domain::policy::Operation;
use romp_domain::switch::SwitchScope;
use romp_domain::time::{HOUR_MS, MINUTE_MS};
use romp_domain::view::SwitchAuthor;
use romp_domain::{ErrorCode, Pet, Problem, SwitchId, Verdict};
use uuid::Uuid;

use super::{COMMENT, now, off, told, with_deck};
use crate::testing::{Device, code, pet};

#[tokio::test]
async fn offline_every_call_that_is_switched_off_says_the_comment_and_changes_nothing() {
    let (device, rex, [bella, zoe, _]) = with_deck().await;
    let mia = device.add_child("Mia").await;
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    let id = device
        .call(off(
            SwitchScope::Household,
            Operation::ALL,
            Some(now(&device).plus_ms(HOUR_MS)),
        ))
        .await
        .unwrap();
    device.server.fails(Problem::new(ErrorCode::Unavailable));
    let version = device.app.store.version();
    let refusal = device.swipe(rex, zoe, Verdict::Yes, None).await.unwrap_err();
    assert_eq!(
        (refusal.code, refusal.message.as_str()),
        (ErrorCode::SwitchedOff, COMMENT)
    );
    assert!((3_590..=3_600).contains(&refusal.retry_after_s.unwrap()));
    assert_eq!(
        code(device.call(romp_domain::calls::Deck { pet: rex }).await),
        ErrorCode::SwitchedOff
    );
    assert_eq!(code(device.call(Undo { pet: rex }).await), ErrorCode::SwitchedOff);
    assert_eq!(
        code(device.call(DeckAgain { pet: rex }).await),
        ErrorCode::SwitchedOff
    );
    assert_eq!(
        code(device.save_pet(rex, pet("Max")).await),
        ErrorCode::SwitchedOff
    );
    let swipe = romp_domain::SwipeId::of(rex, bella);
    assert_eq!(
        code(device.call(Release { swipe, out: true }).await),
        ErrorCode::SwitchedOff
    );
    assert_eq!(device.app.store.version(), version);
    let status = device.status().await;
    assert_eq!(status.switched_off.len(), 1);
    assert_eq!(
        (
            status.switched_off[0].comment.as_str(),
            status.switched_off[0].child
        ),
        (COMMENT, None)
    );

    // What protects goes on.
    device.call(Release { swipe, out: false }).await.unwrap();
    device.call(PetRemove { id: rex }).await.unwrap();
    device.call(SwitchLift { id }).await.unwrap();
    device.add_pet("Bo").await;
    assert!(device.status().await.switched_off.is_empty());
    device.call(SignOut {}).await.unwrap();
}

#[tokio::test]
async fn of_a_call_that_does_both_what_protects_takes_effect() {
    let device = Device::registered().await;
    let mut shown = pet("Rex");
    shown.visible = true;
    let rex = device
        .call(PetSave {
            id: None,
            seen: None,
            pet: shown.clone(),
        })
        .await
        .unwrap();
    device.agrees_to_children(true).await;
    device
        .call(off(SwitchScope::Household, Operation::ALL, None))
        .await
        .unwrap();
    let mut hidden = pet("Max");
    hidden.visible = false;
    let refused = device.save_pet(rex, hidden).await;
    assert_eq!(code(refused), ErrorCode::SwitchedOff);
    shown.visible = false;
    assert_eq!(
        device.row::<Pet>(rex.0),
        Some(shown),
        "hidden, and called as before"
    );
    let mut household = device.call(HouseholdGet {}).await.unwrap();
    let before = household.travel_km;
    household.child_consent = None;
    household.travel_km = romp_domain::Km::new(77).unwrap();
    assert_eq!(
        code(device.save_household(household).await),
        ErrorCode::SwitchedOff
    );
    let household = device.call(HouseholdGet {}).await.unwrap();
    assert_eq!((household.child_consent, household.travel_km), (None, before));
    assert_eq!(
        code(
            device
                .call(PetSave {
                    id: None,
                    seen: None,
                    pet: pet("New")
                })
                .await
        ),
        ErrorCode::SwitchedOff
    );
}

#[tokio::test]
async fn a_switch_for_a_child_is_for_that_child_only_and_the_status_says_for_whom() {
    let (device, rex, [bella, zoe, max]) = with_deck().await;
    let (mia, tom) = (device.add_child("Mia").await, device.add_child("Tom").await);
    device
        .call(off(SwitchScope::Child { child: mia }, &[Operation::Choose], None))
        .await
        .unwrap();
    assert_eq!(
        code(device.swipe(rex, bella, Verdict::No, Some(mia)).await),
        ErrorCode::SwitchedOff
    );
    device.swipe(rex, bella, Verdict::No, Some(tom)).await.unwrap();
    device.swipe(rex, zoe, Verdict::No, None).await.unwrap();
    let status = device.status().await.switched_off;
    assert_eq!(
        status.iter().map(|view| view.child).collect::<Vec<_>>(),
        [Some(mia)]
    );
    device
        .call(off(SwitchScope::Children, &[Operation::Choose], None))
        .await
        .unwrap();
    assert_eq!(
        code(device.swipe(rex, max, Verdict::No, Some(tom)).await),
        ErrorCode::SwitchedOff
    );
    device.swipe(rex, max, Verdict::No, None).await.unwrap();
}

#[tokio::test]
async fn row_49_a_tablet_whose_clock_is_set_back_keeps_to_the_time_it_has_heard_of() {
    let (device, rex, [bella, ..]) = with_deck().await;
    let mia = device.add_child("Mia").await;
    device.sync().await;
    let mut night = off(SwitchScope::Children, &[Operation::Choose], None);
    night.starts_at = Some(now(&device).plus_ms(-MINUTE_MS));
    device.call(night).await.unwrap();
    device.server.fails(Problem::new(ErrorCode::Unavailable));
    device.clock.advance_ms(-5 * HOUR_MS);
    let device = device.restarted();
    assert_eq!(
        code(device.swipe(rex, bella, Verdict::Yes, Some(mia)).await),
        ErrorCode::SwitchedOff
    );
}

#[tokio::test]
async fn owners_see_whose_a_switch_is_and_what_romp_made_is_lifted_not_removed() {
    let device = Device::registered().await;
    let mia = device.add_child("Mia").await;
    let own = device
        .call(off(SwitchScope::Child { child: mia }, &[Operation::Choose], None))
        .await
        .unwrap();
    told(&device, 70, SwitchScope::Children, Some(now(&device).plus_ms(-1)));
    device.sync().await;
    let views = device.call(Switches {}).await.unwrap();
    let seen: Vec<_> = views
        .iter()
        .map(|view| (view.id, view.in_force, view.author))
        .collect();
    let romps = SwitchId(Uuid::from_u128(70));
    assert_eq!(
        seen,
        [
            (own, true, SwitchAuthor::Here),
            (romps, false, SwitchAuthor::Romp)
        ]
    );
    assert_eq!(views[0].child.as_ref().unwrap().as_str(), "Mia");
    assert_eq!(
        code(device.call(SwitchRemove { id: romps }).await),
        ErrorCode::Forbidden
    );
    device.call(SwitchLift { id: romps }).await.unwrap();
    device.call(SwitchRemove { id: own }).await.unwrap();
    assert_eq!(device.call(Switches {}).await.unwrap().len(), 1);
    assert_eq!(
        code(device.call(SwitchLift { id: own }).await),
        ErrorCode::NotFound
    );
    let nothing = off(SwitchScope::Household, &[], None);
    assert_eq!(code(device.call(nothing).await), ErrorCode::InvalidField);
}
