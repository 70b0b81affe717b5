//! Bringing the cards marked "later" back.

use romp_domain::calls::DeckAgain;
use romp_domain::{ErrorCode, Kind, Problem, SwipeId, Verdict};
use serde_json::json;

use super::{cards, set_swipe, verdict_of};
use crate::App;

/// "Later" becomes no verdict at all, for every card of this deck.
pub(crate) fn again(app: &App, call: DeckAgain) -> Result<(), Problem> {
    app.store.write(|writer| {
        if !writer.has(Kind::Pet, call.pet.0)? {
            return Err(Problem::new(ErrorCode::NotFound));
        }
        for card in cards(writer, call.pet)? {
            let target = card.pet.id;
            if verdict_of(writer, call.pet, target)? == Some(Verdict::Later) {
                let practice = writer.is_practice(Kind::Swipe, SwipeId::of(call.pet, target).0)?;
                set_swipe(writer, call.pet, target, practice, [("verdict", json!(null))])?;
            }
        }
        Ok(())
    })
}
