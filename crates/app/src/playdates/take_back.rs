//! Taking a match back.

use romp_domain::calls::Unmatch;
use romp_domain::{ErrorCode, Kind, Matched, Problem, SwipeId, Verdict};
use serde_json::json;

use crate::App;
use crate::deck::set_swipe;

/// The match is gone here at once, and its playdates wait to be called off. The own choice is not let out any more: a
/// server that has lost the match would make it anew.
pub(crate) fn take_back(app: &App, call: Unmatch) -> Result<(), Problem> {
    app.store.write(|writer| {
        let matched: Matched = writer.get(call.id.0)?.ok_or(ErrorCode::NotFound)?;
        writer.unmatch(call.id)?;
        let (own, other) = (matched.pet, matched.other.id);
        if writer.has(Kind::Swipe, SwipeId::of(own, other).0)? {
            set_swipe(&writer, own, other, false, [("released", json!(Verdict::No))])?;
        }
        Ok(())
    })
}
