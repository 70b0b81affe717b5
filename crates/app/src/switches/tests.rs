//! What is switched off is refused, waits where it was made, and is sent when that is over.

use romp_domain::calls::{
    ChildSave, DeckAgain, HouseholdGet, HouseholdSave, PetRemove, PetSave, Release, SignIn, SignOut,
    SwitchLift, SwitchRemove, SwitchSave, Switches, Undo,
};
use romp_domain::policy::Operation;
use romp_domain::switch::{SwitchScope, deck_done_comment};
use romp_domain::text::Remark;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::view::SwitchAuthor;
use romp_domain::{
    Child, DailyCards, Entity, ErrorCode, Kind, Pet, PetId, Problem, Role, Switch, SwitchId, UtcMs, Verdict,
};
use uuid::Uuid;

use crate::testing::{Device, PASSWORD, child, code, pet};

const COMMENT: &str = "Good night, sleep well!";

fn off(scope: SwitchScope, operations: &[Operation], ends_at: Option<UtcMs>) -> SwitchSave {
    SwitchSave {
        id: None,
        scope,
        operations: operations.iter().copied().collect(),
        comment: Remark::new(COMMENT).unwrap(),
        starts_at: None,
        ends_at,
        hours: None,
    }
}

fn now(device: &Device) -> UtcMs {
    device.app.now()
}

/// A device with a pet and three cards.
async fn with_deck() -> (Device, PetId, [PetId; 3]) {
    let device = Device::registered().await;
    let rex = device.add_pet("Rex").await;
    let cards = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
    (device, rex, cards)
}

/// What the server tells a child's device.
fn told(device: &Device, n: u128, scope: SwitchScope, ends_at: Option<UtcMs>) -> Switch {
    let switch = Switch {
        scope,
        comment: Remark::new(COMMENT).unwrap(),
        ends_at,
        ..Switch::example()
    };
    device.server.put(Uuid::from_u128(n), &switch);
    switch
}

fn waiting(device: &Device) -> (u32, u32) {
    let read = device
        .app
        .store
        .read(|reader| Ok::<_, Problem>((reader.parked_count()?, reader.pending()?.count)));
    read.unwrap()
}

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
    let save = PetSave {
        id: Some(rex),
        pet: pet("Max"),
    };
    assert_eq!(code(device.call(save).await), ErrorCode::SwitchedOff);
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
    let refused = device
        .call(PetSave {
            id: Some(rex),
            pet: hidden,
        })
        .await;
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
        code(device.call(HouseholdSave { household }).await),
        ErrorCode::SwitchedOff
    );
    let household = device.call(HouseholdGet {}).await.unwrap();
    assert_eq!((household.child_consent, household.travel_km), (None, before));
    assert_eq!(
        code(
            device
                .call(PetSave {
                    id: None,
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
    device
        .call(PetSave {
            id: Some(rex),
            pet: pet("Max"),
        })
        .await
        .unwrap();
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
    device
        .call(PetSave {
            id: Some(rex),
            pet: more.clone(),
        })
        .await
        .unwrap();
    device.sync().await;
    assert_eq!(waiting(&device), (1, 0));
    more.name = pet("Ted").name;
    device.server.refuses(None);
    device
        .call(PetSave {
            id: Some(rex),
            pet: more.clone(),
        })
        .await
        .unwrap();
    assert_eq!(device.row::<Pet>(rex.0), Some(more.clone()));
    device.clock.advance_ms(2 * MINUTE_MS);
    device.sync().await;
    assert_eq!(waiting(&device), (0, 0));
    assert_eq!(device.row::<Pet>(rex.0), Some(more));
}

#[tokio::test]
async fn a_child_has_its_cards_of_the_day_offline_too_and_a_card_chosen_anew_is_no_other_card() {
    let (device, rex, [bella, zoe, max]) = with_deck().await;
    let mia = device.add_child("Mia").await;
    let limited = Child {
        daily_cards: Some(DailyCards::new(2).unwrap()),
        ..child("Mia")
    };
    let (id, child) = (Some(mia), limited);
    device.call(ChildSave { id, child }).await.unwrap();
    device.server.fails(Problem::new(ErrorCode::Unavailable));
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    device.swipe(rex, bella, Verdict::No, Some(mia)).await.unwrap();
    device.call(Undo { pet: rex }).await.unwrap();
    device.swipe(rex, zoe, Verdict::No, Some(mia)).await.unwrap();
    let refusal = device.swipe(rex, max, Verdict::No, Some(mia)).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::SwitchedOff);
    let rest = device.status().await.switched_off;
    assert_eq!((rest.len(), rest[0].child), (1, Some(mia)));
    let device = device.restarted();
    assert_eq!(
        code(device.swipe(rex, max, Verdict::No, Some(mia)).await),
        ErrorCode::SwitchedOff
    );
    device.swipe(rex, max, Verdict::No, None).await.unwrap();
    device.clock.advance_ms(DAY_MS);
    device.swipe(rex, max, Verdict::Yes, Some(mia)).await.unwrap();
}

#[tokio::test]
async fn a_child_that_has_finished_its_deck_offline_rests_and_the_server_hears_of_all_of_it_later() {
    let (device, rex, cards) = with_deck().await;
    let bo = device.add_pet("Bo").await;
    let [luna] = device.deal(bo, ["Luna"]).await;
    let mia = device.add_child("Mia").await;
    let rests = Child {
        pause_when_done: true,
        ..child("Mia")
    };
    let (id, child) = (Some(mia), rests);
    device.call(ChildSave { id, child }).await.unwrap();
    device.sync().await;
    let before = device.server.applied().len();
    device.server.fails(Problem::new(ErrorCode::Unavailable));
    for card in cards {
        assert!(device.status().await.switched_off.is_empty());
        device.swipe(rex, card, Verdict::No, Some(mia)).await.unwrap();
    }
    let refusal = device.swipe(bo, luna, Verdict::Yes, Some(mia)).await.unwrap_err();
    assert_eq!(
        (refusal.code, refusal.message),
        (ErrorCode::SwitchedOff, deck_done_comment().to_string())
    );
    let device = device.restarted();
    let rest = device.status().await.switched_off;
    assert_eq!((rest.len(), rest[0].child), (1, Some(mia)));
    device.swipe(bo, luna, Verdict::No, None).await.unwrap();

    device.server.fails(None);
    device.sync().await;
    assert_eq!(waiting(&device), (0, 0));
    assert_eq!(device.server.applied().len(), before + 4);
    assert_eq!(
        code(device.swipe(bo, luna, Verdict::Yes, Some(mia)).await),
        ErrorCode::SwitchedOff,
        "also when the server has heard of it"
    );
    device.clock.advance_ms(DAY_MS);
    device.swipe(bo, luna, Verdict::Yes, Some(mia)).await.unwrap();
}

/// A change of a pet that is parked on a device, and the switch that holds it up.
async fn held_up() -> (Device, PetId, Switch) {
    let device = Device::registered().await;
    let rex = device.add_pet("Rex").await;
    device.sync().await;
    let save = PetSave {
        id: Some(rex),
        pet: pet("Max"),
    };
    device.call(save).await.unwrap();
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
