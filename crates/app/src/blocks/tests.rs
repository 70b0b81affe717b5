//! A family is kept away, and a match is taken back: what is seen on the device from that moment on.

use romp_domain::calls::{
    Block, Blocks, HandOver, Matches, PinSet, Playdates, Release, Releases, Report, SwitchSave, Unblock,
    Unmatch,
};
use romp_domain::policy::Operation;
use romp_domain::switch::SwitchScope;
use romp_domain::text::Note;
use romp_domain::{
    Entity, ErrorCode, Kind, MatchId, Matched, Op, PetId, Pin, Playdate, PlaydateAct, PlaydateId,
    PlaydateState, Problem, PublicPet, SwipeId, Verdict,
};
use uuid::Uuid;

use crate::testing::{Device, code, pet};

const PLAYDATE: PlaydateId = PlaydateId(Uuid::from_u128(50));

/// A family that has something of everything with Bella's family, and a card of Zoë.
struct Met {
    device: Device,
    rex: PetId,
    bella: PetId,
    zoe: PetId,
    matched: MatchId,
}

async fn met() -> Met {
    let device = Device::registered().await;
    let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
    let max = device.add_pet("Max").await;
    let [bella, zoe] = device.deal(rex, ["Bella", "Zoë"]).await;
    let [again] = device.deal(max, ["Bella"]).await;
    assert_eq!(again, bella);
    device.swipe(max, bella, Verdict::Yes, Some(mia)).await.unwrap();
    device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
    let swipe = SwipeId::of(rex, bella);
    device.call(Release { swipe, out: true }).await.unwrap();
    let other = PublicPet::of(bella, &pet("Bella"), jiff::civil::date(2026, 1, 1));
    let matched = MatchId::of(rex, bella);
    device.server.put(
        matched.0,
        &Matched {
            pet: rex,
            other: other.clone(),
            ..Matched::example()
        },
    );
    let slot = romp_domain::TimeSpan::new(
        device.app.now().plus_ms(3_600_000),
        device.app.now().plus_ms(7_200_000),
    );
    device.server.put(
        PLAYDATE.0,
        &Playdate {
            pet: rex,
            other,
            slot: slot.unwrap(),
            state: PlaydateState::Confirmed,
            confirmed_at: Some(device.app.now()),
            ..Playdate::example()
        },
    );
    device.sync().await;
    Met {
        device,
        rex,
        bella,
        zoe,
        matched,
    }
}

/// How many cards, releases, matches and playdates are seen.
async fn seen(device: &Device, rex: PetId) -> [usize; 4] {
    let deck = device.deck(rex).await;
    [
        deck.cards.len() + deck.decided as usize,
        device.call(Releases {}).await.unwrap().len(),
        device.call(Matches {}).await.unwrap().len(),
        device.call(Playdates {}).await.unwrap().len(),
    ]
}

async fn names(device: &Device) -> Vec<String> {
    let blocks = device.call(Blocks {}).await.unwrap();
    blocks
        .iter()
        .map(|view| view.block.name.clone().unwrap().to_string())
        .collect()
}

#[tokio::test]
async fn row_57_from_the_moment_of_a_block_nothing_of_that_family_is_seen_also_without_a_connection() {
    let Met {
        device, rex, bella, ..
    } = met().await;
    assert_eq!(seen(&device, rex).await, [2, 1, 1, 1]);
    device.server.fails(Problem::new(ErrorCode::Offline));
    device.call(Block { pet: bella }).await.unwrap();
    device.call(Block { pet: bella }).await.unwrap();
    let device = device.restarted();
    assert_eq!(seen(&device, rex).await, [1, 0, 0, 0]);
    assert_eq!(names(&device).await, ["Bella"]);
    assert_eq!(
        device.status().await.pending,
        1,
        "saying it twice is saying it once"
    );
    // Whatever the server still says.
    device.server.fails(None);
    device.server.put(
        MatchId::of(rex, bella).0,
        &Matched {
            pet: rex,
            other: PublicPet::of(bella, &pet("Bella"), jiff::civil::date(2026, 1, 1)),
            ..Matched::example()
        },
    );
    device.sync().await;
    assert_eq!(seen(&device, rex).await, [1, 0, 0, 0]);
    let sent = device.server.applied();
    assert_eq!(sent.iter().filter(|made| made.kind == Kind::Block).count(), 1);

    device.server.fails(Problem::new(ErrorCode::Offline));
    device.call(Unblock { pet: bella }).await.unwrap();
    assert_eq!(
        seen(&device, rex).await,
        [2, 1, 1, 1],
        "as far as the server has said nothing else"
    );
    assert!(names(&device).await.is_empty());
    device.call(Block { pet: bella }).await.unwrap();
    assert_eq!(
        (seen(&device, rex).await, names(&device).await),
        ([1, 0, 0, 0], vec!["Bella".to_owned()])
    );
}

#[tokio::test]
async fn row_57_a_child_who_is_handed_the_device_sees_nothing_of_a_blocked_family_and_no_block() {
    let Met {
        device, rex, bella, ..
    } = met().await;
    device.call(Block { pet: bella }).await.unwrap();
    device.agrees_to_children(true).await;
    let pin = Pin::new("4829".to_owned()).unwrap();
    device.call(PinSet { current: None, pin }).await.unwrap();
    device.call(HandOver { child: None }).await.unwrap();
    assert_eq!(device.faces(rex).await, ["Zoë"]);
    assert!(device.call(Playdates {}).await.unwrap().is_empty());
    assert_eq!(code(device.call(Blocks {}).await), ErrorCode::Forbidden);
    assert_eq!(
        code(device.call(Unblock { pet: bella }).await),
        ErrorCode::Forbidden
    );
    assert_eq!(device.row::<romp_domain::Block>(bella.0), None);
}

#[tokio::test]
async fn a_report_is_written_without_a_connection_kept_when_the_block_is_lifted_and_sent_with_the_next_exchange()
 {
    let Met {
        device, bella, zoe, ..
    } = met().await;
    let report = |pet, text| Report {
        pet,
        text: Note::new(text).unwrap(),
    };
    assert_eq!(
        code(device.call(report(zoe, "Rude.")).await),
        ErrorCode::NotFound,
        "first the family is kept away"
    );
    device.server.fails(Problem::new(ErrorCode::Offline));
    device.call(Block { pet: bella }).await.unwrap();
    device.call(report(bella, "Rude.")).await.unwrap();
    let device = device.restarted();
    let told = |device: &Device| {
        let block: romp_domain::Block = device.row(bella.0).unwrap();
        block.report.map(String::from)
    };
    assert_eq!(told(&device).as_deref(), Some("Rude."));
    device.call(Unblock { pet: bella }).await.unwrap();
    device.call(Block { pet: bella }).await.unwrap();
    assert_eq!(told(&device).as_deref(), Some("Rude."), "it is lost by neither");
    device.server.fails(None);
    device.sync().await;
    let sent = device.server.applied();
    let reports = sent.iter().filter_map(|made| match &made.op {
        Op::Patch { fields } => fields.0.get("report").cloned(),
        Op::Act { .. } => None,
    });
    assert_eq!(reports.collect::<Vec<_>>(), ["Rude."]);
}

#[tokio::test]
async fn only_a_pet_that_was_met_here_can_be_blocked() {
    let Met { device, rex, zoe, .. } = met().await;
    for stranger in [rex, PetId(Uuid::from_u128(404))] {
        assert_eq!(
            code(device.call(Block { pet: stranger }).await),
            ErrorCode::NotFound
        );
        assert_eq!(
            code(device.call(Unblock { pet: stranger }).await),
            ErrorCode::NotFound
        );
    }
    device.call(Block { pet: zoe }).await.unwrap();

    let alone = Device::new();
    let rex = alone.add_pet("Rex").await;
    let on_paper = alone.deck(rex).await.cards[0].pet.id;
    assert_eq!(
        code(alone.call(Block { pet: on_paper }).await),
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn a_match_that_is_taken_back_is_gone_at_once_and_its_playdate_waits_to_be_called_off() {
    let Met {
        device,
        rex,
        bella,
        matched,
        ..
    } = met().await;
    device.server.fails(Problem::new(ErrorCode::Offline));
    device.call(Unmatch { id: matched }).await.unwrap();
    let device = device.restarted();
    assert_eq!(device.call(Matches {}).await.unwrap(), []);
    assert_eq!(
        device.call(Playdates {}).await.unwrap()[0].waiting,
        Some(PlaydateAct::Cancel)
    );
    let swipe = device.swipe_of(rex, bella).unwrap();
    assert_eq!(
        (swipe.verdict, swipe.released),
        (Some(Verdict::Yes), Some(Verdict::No))
    );
    assert_eq!(
        code(device.call(Unmatch { id: matched }).await),
        ErrorCode::NotFound
    );

    device.server.fails(None);
    device.server.refuses(Kind::Match);
    device.sync().await;
    assert_eq!(
        device.call(Matches {}).await.unwrap().len(),
        1,
        "the server did not do it"
    );
    assert_eq!(device.call(Playdates {}).await.unwrap()[0].waiting, None);
    device.server.refuses(None);
    device.call(Unmatch { id: matched }).await.unwrap();
    device.sync().await;
    let sent = device.server.applied();
    let acts = sent.iter().filter(|made| made.kind == Kind::Match);
    let acts: Vec<_> = acts.map(|made| made.op.clone()).collect();
    let cancel = Op::Act {
        act: PlaydateAct::Cancel,
        expect_rev: 0,
    };
    assert_eq!(acts, [cancel]);
}

#[tokio::test]
async fn row_57_nothing_that_is_switched_off_keeps_an_owner_from_blocking_or_taking_back() {
    let Met {
        device,
        bella,
        matched,
        ..
    } = met().await;
    device
        .call(SwitchSave {
            id: None,
            scope: SwitchScope::Household,
            operations: Operation::ALL.iter().copied().collect(),
            comment: romp_domain::text::Remark::new("Not now").unwrap(),
            starts_at: None,
            ends_at: None,
            hours: None,
        })
        .await
        .unwrap();
    device.call(Unmatch { id: matched }).await.unwrap();
    device.call(Block { pet: bella }).await.unwrap();
    device.call(Unblock { pet: bella }).await.unwrap();
}
