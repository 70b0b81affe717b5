//! Letting a yes out, or keeping it in.

use romp_domain::calls::Release;
use romp_domain::{ErrorCode, Kind, MatchId, Problem, Swipe, Verdict};
use serde_json::json;

use crate::App;
use crate::deck::set_swipe;

/// Decides about a child's yes. What the child has taken back in the meantime cannot be let out.
pub(crate) fn decide(app: &App, call: Release) -> Result<(), Problem> {
    app.store.write(|writer| {
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
