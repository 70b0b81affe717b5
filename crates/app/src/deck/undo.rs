//! Taking back the last swipe of a deck, and the one before it, and so on: offline, after a restart, without a timer.

use romp_domain::calls::Undo;
use romp_domain::view::UndoneView;
use romp_domain::{CardId, Kind, MatchId, PetId, Problem, Role, Swipe, SwipeId};
use romp_store::{LoggedSwipe, Reader, StoreError};
use serde_json::{Value, json};

use super::{set_swipe, verdict_of};
use crate::App;

/// Takes back the last swipe that can be, and tells which. Whatever was there before it is there again.
pub(crate) fn undo(app: &App, call: Undo) -> Result<Option<UndoneView>, Problem> {
    let actor = call.pet;
    let undone = app.store.write(|writer| {
        let Some(last) = last(writer, actor)? else {
            return Ok(None);
        };
        let LoggedSwipe {
            n,
            target,
            verdict,
            before,
        } = last;
        let practice = writer.is_practice(Kind::Swipe, SwipeId::of(actor, target).0)?;
        let was = |field: fn(&Swipe) -> Value| before.as_ref().map_or(Value::Null, field);
        let verdict_before = ("verdict", was(|swipe| json!(swipe.verdict)));
        let child_before = ("by_child", was(|swipe| json!(swipe.by_child)));
        // Releases are an owner's: a child's device neither sets nor takes back any.
        if writer.role()? == Role::Owner {
            let released_before = ("released", was(|swipe| json!(swipe.released)));
            set_swipe(
                writer,
                actor,
                target,
                practice,
                [verdict_before, child_before, released_before],
            )?;
        } else {
            set_swipe(writer, actor, target, practice, [verdict_before, child_before])?;
        }
        writer.unlog_swipes_from(actor, n)?;
        Ok::<_, StoreError>(Some(UndoneView { target, verdict }))
    })?;
    Ok(undone)
}

/// The last swipe made here that can be taken back: its card is there, its verdict still holds (no other device
/// has changed it since), and it has not become a match.
pub(super) fn last(reader: &Reader<'_>, actor: PetId) -> Result<Option<LoggedSwipe>, StoreError> {
    for made in reader.swipes_made(actor)? {
        let holds = verdict_of(reader, actor, made.target)? == Some(made.verdict);
        let has_card = reader.has(Kind::Card, CardId::of(actor, made.target).0)?;
        let is_match = reader.has(Kind::Match, MatchId::of(actor, made.target).0)?;
        if holds && has_card && !is_match {
            return Ok(Some(made));
        }
    }
    Ok(None)
}
