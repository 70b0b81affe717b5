//! Enough for the day: a child's cards are counted offline too, and a finished deck rests.

use romp_domain::calls::Undo;
use romp_domain::switch::deck_done_comment;
use romp_domain::time::DAY_MS;
use romp_domain::{Child, DailyCards, ErrorCode, Problem, Verdict};

use super::{waiting, with_deck};
use crate::testing::{child, code};

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
