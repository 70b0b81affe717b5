//! Letting a yes out, or keeping it in.

use romp_domain::calls::Release;
use romp_domain::{ErrorCode, Kind, MatchId, Problem, Swipe, Verdict};
use serde_json::json;

use crate::App;
use crate::deck::set_swipe;

/// Decides about a child's yes. What the child has taken back in the meantime cannot be let out.
pub(crate) fn decide(app: &App, call: Release) -> Result<(), Problem> {
    app.change(|writer| {
        let swipe: Swipe = writer.get(call.swipe.0)?.ok_or(ErrorCode::NotFound)?;
        let released = if call.out { Verdict::Yes } else { Verdict::No };
        if swipe.verdict != Some(Verdict::Yes) {
            return Err(Problem::new(ErrorCode::Stale));
        }
        let (actor, target) = (swipe.actor_pet, swipe.target_pet);
        if writer.has(Kind::Match, MatchId::of(actor, target).0)? && swipe.released != Some(released) {
            return Err(Problem::new(ErrorCode::Frozen));
        }
        let practice = writer.is_practice(Kind::Swipe, call.swipe.0)?;
        set_swipe(writer, actor, target, practice, [("released", json!(released))])?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Device, child, code};
    use romp_domain::calls::{Releases, Undo};
    use romp_domain::{Entity, Matched, SwipeId};

    #[tokio::test]
    async fn a_childs_yes_waits_until_an_owner_lets_it_out_or_keeps_it_in() {
        let device = Device::registered().await;
        let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
        let [bella, zoe, max] = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
        for (target, verdict) in [(bella, Verdict::Yes), (zoe, Verdict::Yes), (max, Verdict::No)] {
            device.swipe(rex, target, verdict, Some(mia)).await.unwrap();
        }
        let waiting = device.call(Releases {}).await.unwrap();
        let names: Vec<_> = waiting
            .iter()
            .map(|view| (view.card.pet.id, view.child.clone()))
            .collect();
        assert_eq!(names, [(bella, Some(child("Mia"))), (zoe, Some(child("Mia")))]);

        device
            .call(Release {
                swipe: SwipeId::of(rex, bella),
                out: true,
            })
            .await
            .unwrap();
        device
            .call(Release {
                swipe: SwipeId::of(rex, zoe),
                out: false,
            })
            .await
            .unwrap();
        assert!(device.call(Releases {}).await.unwrap().is_empty());
        assert!(device.swipe_of(rex, bella).unwrap().is_released_yes());
        assert!(!device.swipe_of(rex, zoe).unwrap().is_released_yes());
    }

    #[tokio::test]
    async fn what_was_taken_back_or_is_gone_cannot_be_let_out() {
        let device = Device::registered().await;
        let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
        let [bella, zoe] = device.deal(rex, ["Bella", "Zoë"]).await;
        let swipe = SwipeId::of(rex, bella);
        assert_eq!(
            code(device.call(Release { swipe, out: true }).await),
            ErrorCode::NotFound
        );
        device.swipe(rex, bella, Verdict::Yes, Some(mia)).await.unwrap();
        device.call(Undo { pet: rex }).await.unwrap();
        assert_eq!(
            code(device.call(Release { swipe, out: true }).await),
            ErrorCode::Stale
        );

        device.swipe(rex, zoe, Verdict::Yes, Some(mia)).await.unwrap();
        assert_eq!(device.call(Releases {}).await.unwrap().len(), 1);
        let zoe_swipe = SwipeId::of(rex, zoe);
        device
            .call(Release {
                swipe: zoe_swipe,
                out: true,
            })
            .await
            .unwrap();
        device.server.put(
            MatchId::of(rex, zoe).0,
            &Matched {
                pet: rex,
                ..Matched::example()
            },
        );
        device.sync().await;
        assert_eq!(
            code(
                device
                    .call(Release {
                        swipe: zoe_swipe,
                        out: false
                    })
                    .await
            ),
            ErrorCode::Frozen
        );
    }
}
