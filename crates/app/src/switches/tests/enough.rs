//! Enough for the day: a child's cards are counted offline too, and a finished deck rests.

use romp_domain::calls::{DeckAgain, Undo};
use romp_domain::switch::{Cause, SwitchScope, deck_done_comment};
use romp_domain::time::{DAY_MS, HOUR_MS};
use romp_domain::{Child, ChildId, DailyCards, Entity, ErrorCode, Problem, Switch, Verdict};

use super::{now, waiting, with_deck};
use crate::testing::{Device, child, code};

#[tokio::test]
async fn a_child_has_its_cards_of_the_day_offline_too_and_a_card_chosen_anew_is_no_other_card() {
    let (device, rex, [bella, zoe, max]) = with_deck().await;
    let mia = device.add_child("Mia").await;
    let limited = Child {
        daily_cards: Some(DailyCards::new(2).unwrap()),
        ..child("Mia")
    };
    device.save_child(mia, limited).await.unwrap();
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
    device.save_child(mia, rests).await.unwrap();
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

/// Romp's own switch for a child, as the server tells it.
fn by_romp(device: &Device, child: ChildId, cause: Cause, on: bool) {
    let switch = Switch {
        scope: SwitchScope::Child { child },
        author: None,
        ends_at: Some(now(device).plus_ms(HOUR_MS)),
        on,
        ..Switch::example()
    };
    device.server.put(cause.switch(child.0).0, &switch);
}

#[tokio::test]
async fn what_an_owner_has_lifted_is_lifted_on_the_device_too_and_tomorrow_is_another_day() {
    let (device, rex, [bella, zoe, max]) = with_deck().await;
    let mia = device.add_child("Mia").await;
    let limited = Child {
        daily_cards: Some(DailyCards::new(1).unwrap()),
        ..child("Mia")
    };
    device.save_child(mia, limited).await.unwrap();
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    assert_eq!(
        code(device.swipe(rex, zoe, Verdict::No, Some(mia)).await),
        ErrorCode::SwitchedOff
    );
    by_romp(&device, mia, Cause::Enough, false);
    device.sync().await;
    assert!(device.status().await.switched_off.is_empty());
    device.swipe(rex, zoe, Verdict::No, Some(mia)).await.unwrap();
    device.clock.advance_ms(DAY_MS);
    device.swipe(rex, max, Verdict::No, Some(mia)).await.unwrap();
    assert_eq!(device.status().await.switched_off.len(), 1, "that was yesterday");
}

#[tokio::test]
async fn a_finished_deck_that_an_owner_lets_a_child_go_on_after_is_no_rest() {
    let (device, rex, cards) = with_deck().await;
    let mia = device.add_child("Mia").await;
    let rests = Child {
        pause_when_done: true,
        ..child("Mia")
    };
    device.save_child(mia, rests).await.unwrap();
    for card in cards {
        device.swipe(rex, card, Verdict::No, Some(mia)).await.unwrap();
    }
    assert_eq!(device.status().await.switched_off[0].comment, deck_done_comment());
    by_romp(&device, mia, Cause::DeckDone, false);
    device.sync().await;
    assert!(device.status().await.switched_off.is_empty());
}

#[tokio::test]
async fn a_card_that_an_owner_put_off_is_still_before_the_child() {
    let (device, rex, [bella, zoe, max]) = with_deck().await;
    let mia = device.add_child("Mia").await;
    let rests = Child {
        pause_when_done: true,
        ..child("Mia")
    };
    device.save_child(mia, rests).await.unwrap();
    device.swipe(rex, bella, Verdict::Later, None).await.unwrap();
    device.swipe(rex, zoe, Verdict::No, Some(mia)).await.unwrap();
    device.swipe(rex, max, Verdict::No, Some(mia)).await.unwrap();
    assert!(device.status().await.switched_off.is_empty());
    device.swipe(rex, bella, Verdict::Later, Some(mia)).await.unwrap();
    assert_eq!(device.status().await.switched_off.len(), 1);
}

#[tokio::test]
async fn the_rest_of_one_child_holds_up_no_other() {
    let (device, rex, [bella, zoe, max]) = with_deck().await;
    let (mia, tom) = (device.add_child("Mia").await, device.add_child("Tom").await);
    device.swipe(rex, bella, Verdict::Later, Some(tom)).await.unwrap();
    device.swipe(rex, zoe, Verdict::No, Some(tom)).await.unwrap();
    device.swipe(rex, max, Verdict::Later, Some(mia)).await.unwrap();
    by_romp(&device, mia, Cause::Enough, true);
    device.sync().await;
    let undone = device.call(Undo { pet: rex }).await.unwrap().unwrap();
    assert_eq!(undone.target, zoe, "the last that may be taken back");
    device.call(DeckAgain { pet: rex }).await.unwrap();
    assert_eq!(device.faces(rex).await, ["Bella", "Zoë"]);
    assert_eq!(
        code(device.call(DeckAgain { pet: rex }).await),
        ErrorCode::SwitchedOff,
        "only Mia's is left"
    );
}
