//! The same family twice: once with its owner's device in a child's hands, once with a child's own tablet. Whatever is
//! asked of the two, they answer alike, to the last field.

use proptest::prelude::*;
use romp_domain::calls::{CallName, ExceptionSave, HouseholdGet, SlotSave};
use romp_domain::{
    Area, DateException, Entity, ErrorCode, ExceptionChange, Kind, MatchId, Matched, Minute, PetId, Playdate,
    PlaydateState, Problem, Role, SwipeId, UtcMs, Verdict, Weekday, WeeklyHours,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::tests::handed;
use crate::testing::{Device, NOW, request};

/// The id in every example of a call.
const NOBODY: Uuid = Uuid::from_u128(0x404);

/// What a child's device must never say, in any answer.
const SECRET: &str = "S3CR3T";

/// A family that has said everything there is to say, and the ids of all its rows.
async fn family() -> (Device, Vec<Uuid>) {
    let device = Device::registered().await;
    let mut household = device.call(HouseholdGet {}).await.unwrap();
    household.area = Some(Area::around(47.6, -122.3).unwrap());
    household.place = Some(SECRET.to_owned().try_into().unwrap());
    device.save_household(household).await.unwrap();
    let rex = device.add_pet("Rex").await;
    let told = json!({
        "name": "Rex", "species": "dog", "weight_g": 31_337, "owner_notes": SECRET, "needs": SECRET,
        "triggers": SECRET, "hold_until": "2026-09-25", "recall": 4, "energy": 3,
        "play_styles": ["chaser"], "sociability": "social", "birth_month": "2022-05-01", "visible": true,
    });
    let mut save = request(CallName::PetSave);
    save["with"] = json!({"id": rex, "seen": crate::testing::pet("Rex"), "pet": told});
    device.app.handle(save).await.unwrap();
    let cat = device.add_pet("Ida").await;
    let (mia, tom) = (device.add_child("Mia").await, device.add_child("Tom").await);
    let hours = |start| {
        WeeklyHours::new(
            Weekday::Monday,
            Minute::new(start).unwrap(),
            Minute::new(start + 60).unwrap(),
        )
        .unwrap()
    };
    let slot = device
        .call(SlotSave {
            id: None,
            hours: hours(60),
        })
        .await
        .unwrap();
    let exception = DateException {
        day: jiff::civil::date(2026, 12, 24),
        change: ExceptionChange::Closed,
    };
    let exception = device.call(ExceptionSave { id: None, exception }).await.unwrap();
    let [bella, zoe, max, lou] = device.deal(rex, ["Bella", "Zoë", "Max", "Lou"]).await;
    device.swipe(rex, bella, Verdict::Yes, None).await.unwrap();
    device.swipe(rex, zoe, Verdict::Later, None).await.unwrap();
    device.swipe(rex, max, Verdict::Yes, Some(mia)).await.unwrap();
    let matched = MatchId::of(rex, bella).0;
    device.server.put(
        matched,
        &Matched {
            pet: rex,
            ..Matched::example()
        },
    );
    let mut ids = vec![NOBODY, rex.0, cat.0, mia.0, tom.0, slot.0, exception.0, matched];
    ids.extend([bella, zoe, max, lou].map(|pet| pet.0));
    ids.extend([bella, max].map(|pet| SwipeId::of(rex, pet).0));
    for (n, state, confirmed_at) in [
        (1, PlaydateState::Proposed, None),
        (2, PlaydateState::Confirmed, Some(UtcMs(NOW))),
        (3, PlaydateState::Cancelled, Some(UtcMs(NOW))),
        (4, PlaydateState::Cancelled, None),
    ] {
        let playdate = Playdate {
            pet: rex,
            state,
            confirmed_at,
            area: Some(Area::around(47.6, -122.3).unwrap()),
            ..Playdate::example()
        };
        device.server.put(Uuid::from_u128(n), &playdate);
        ids.push(Uuid::from_u128(n));
    }
    device.server.refuses(Kind::Slot);
    device
        .call(SlotSave {
            id: None,
            hours: hours(600),
        })
        .await
        .unwrap();
    device.sync().await;
    device.server.refuses(None);
    assert_eq!(device.status().await.refused.len(), 1);
    (device, ids)
}

/// Both devices: the one in hand, and the tablet.
async fn both() -> (Device, Device, Vec<Uuid>) {
    let (owner, ids) = family().await;
    let owner = handed(owner).await;
    owner.sync().await;
    let (other, same_ids) = family().await;
    assert_eq!(ids, same_ids, "it is the same family");
    let tablet = other.paired(Role::Child).await;
    tablet.sync().await;
    (owner, tablet, ids)
}

type Answer = Result<Value, Problem>;

fn compare(name: CallName, call: &Value, mut in_hand: Answer, mut tablet: Answer) {
    if let Ok(answer) = &in_hand {
        let text = answer.to_string();
        for secret in [SECRET, "31337", "romp.example\",\"email\":\"", "ann@", "4760"] {
            assert!(!text.contains(secret), "{call}: {secret} in {text}");
        }
    }
    match name {
        // The tablet has a session; the other one is never a child's to pair.
        CallName::Pair => assert_eq!(in_hand.unwrap_err().code, ErrorCode::Forbidden),
        // A tablet is nobody's to take back.
        CallName::Unlock => assert!(in_hand.is_err() && tablet.is_err(), "{call}"),
        _ => {
            for status in [&mut in_hand, &mut tablet]
                .into_iter()
                .filter(|_| name == CallName::Status)
            {
                status.as_mut().unwrap().as_object_mut().unwrap().remove("gate");
            }
            assert_eq!(in_hand, tablet, "{call}");
        }
    }
}

#[tokio::test]
async fn row_79_in_a_childs_hands_every_call_about_everything_is_answered_as_on_a_childs_tablet() {
    let (in_hand, tablet, ids) = both().await;
    let mut answered = 0;
    // With the right password the device is an owner's again; what a wrong one does is tested in `tests`.
    for name in CallName::ALL
        .iter()
        .filter(|name| **name != CallName::PinForgotten)
    {
        for id in &ids {
            let text = request(*name).to_string();
            let call: Value =
                serde_json::from_str(&text.replace(&NOBODY.to_string(), &id.to_string())).unwrap();
            let answers = (
                in_hand.app.handle(call.clone()).await,
                tablet.app.handle(call.clone()).await,
            );
            answered += u32::from(answers.0.is_ok());
            compare(*name, &call, answers.0, answers.1);
        }
    }
    assert!(answered > 100, "{answered} calls were answered");
    assert_eq!(in_hand.status().await.role, Role::Child);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    /// One after the other: what a child has done changes what comes next, and on both alike.
    #[test]
    fn row_79_whatever_a_child_does_in_hand_is_answered_as_on_a_childs_tablet(
        steps in proptest::collection::vec((0..6_usize, any::<[proptest::sample::Index; 3]>(), 0..3_usize), 1..24)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (in_hand, tablet, ids) = both().await;
            for (call, [actor, target, child], verdict) in steps {
                let [actor, target, child] = [actor, target, child].map(|n| *n.get(&ids));
                // Most swipes are possible ones.
                let (actor, child) = if verdict == 0 { (actor, child) } else { (ids[1], ids[3]) };
                let verdict = Verdict::ALL[verdict];
                let (name, with) = match call {
                    0 => (CallName::Undo, json!({"pet": PetId(actor)})),
                    1 => (CallName::DeckAgain, json!({"pet": actor})),
                    2 => (CallName::SyncNow, json!({})),
                    _ => (
                        CallName::Swipe,
                        json!({"actor": actor, "target": target, "verdict": verdict, "child": child}),
                    ),
                };
                let call = json!({"call": name.word(), "with": with});
                let answers = (in_hand.app.handle(call.clone()).await, tablet.app.handle(call.clone()).await);
                compare(name, &call, answers.0, answers.1);
                for name in [CallName::Status, CallName::Pets, CallName::Playdates, CallName::Deck] {
                    let mut call = request(name);
                    if name == CallName::Deck {
                        call["with"]["pet"] = json!(ids[1]);
                    }
                    let answers = (in_hand.app.handle(call.clone()).await, tablet.app.handle(call.clone()).await);
                    compare(name, &call, answers.0, answers.1);
                }
            }
        });
    }
}
