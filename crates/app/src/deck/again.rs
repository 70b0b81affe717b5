//! Bringing the cards marked "later" back.

use romp_domain::calls::DeckAgain;
use romp_domain::{ErrorCode, Kind, Problem, SwipeId, Verdict};
use serde_json::json;

use super::{cards, set_swipe, swipe_of, verdict_here};
use crate::App;

/// "Later" becomes no verdict at all, for every card of this deck: but for those of a child that may not choose now, where
/// there are others.
pub(crate) fn again(app: &App, call: DeckAgain) -> Result<(), Problem> {
    app.change(|writer| {
        if !writer.has(Kind::Pet, call.pet.0)? {
            return Err(Problem::new(ErrorCode::NotFound));
        }
        let known = app.known(writer)?;
        let (mut changes, mut off) = (0, None);
        for card in cards(writer, call.pet)? {
            let target = card.pet.id;
            if verdict_here(writer, call.pet, target)? != Some(Verdict::Later) {
                continue;
            }
            let child = swipe_of(writer, call.pet, target)?.and_then(|swipe| swipe.by_child);
            if let Some(problem) = known.choosing_is_off(child) {
                off = Some(problem);
                continue;
            }
            let practice = writer.is_practice(Kind::Swipe, SwipeId::of(call.pet, target).0)?;
            set_swipe(writer, call.pet, target, practice, [("verdict", json!(null))])?;
            changes += 1;
        }
        off.filter(|_| changes == 0).map_or(Ok(()), Err)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Device, code};
    use romp_domain::PetId;

    #[tokio::test]
    async fn cards_put_off_come_back_and_no_others() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        let [bella, zoe, max] = device.deal(rex, ["Bella", "Zoë", "Max"]).await;
        device.swipe(rex, bella, Verdict::Later, None).await.unwrap();
        device.swipe(rex, zoe, Verdict::No, None).await.unwrap();
        device.swipe(rex, max, Verdict::Later, None).await.unwrap();
        device.call(DeckAgain { pet: rex }).await.unwrap();
        assert_eq!(device.faces(rex).await, ["Bella", "Max"]);
        let missing = DeckAgain {
            pet: PetId(uuid::Uuid::nil()),
        };
        assert_eq!(code(device.call(missing).await), ErrorCode::NotFound);
    }
}
