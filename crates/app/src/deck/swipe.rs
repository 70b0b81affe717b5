//! Giving a verdict on a card.
//!
//! A child's verdict is held: it leaves the household only once an owner releases it. An owner's own verdict is
//! its own release, but "later" releases nothing: it is no verdict, and the card comes back to whoever is next.

use romp_domain::calls::Swipe as Call;
use romp_domain::{
    Card, CardId, Child, ErrorCode, Invalid, InvalidReason, Kind, MatchId, PetId, Problem, Role, Verdict,
};
use romp_store::Writer;
use serde_json::json;

use super::{set_swipe, swipe_of};
use crate::App;

/// Gives a verdict. The card is gone at once; the server hears of it later.
pub(crate) fn swipe(app: &App, call: Call) -> Result<(), Problem> {
    app.store.write(|writer| {
        let practice = judge(writer, &call)?;
        let Call {
            actor,
            target,
            verdict,
            child,
        } = call;
        let before = swipe_of(writer, actor, target)?;
        let (verdict_json, child_json) = (json!(verdict), json!(child));
        let changed = if child.is_some() {
            set_swipe(
                writer,
                actor,
                target,
                practice,
                [("verdict", verdict_json), ("by_child", child_json)],
            )?
        } else {
            let released = Some(verdict).filter(|verdict| *verdict != Verdict::Later);
            let fields = [
                ("verdict", verdict_json),
                ("by_child", child_json),
                ("released", json!(released)),
            ];
            set_swipe(writer, actor, target, practice, fields)?
        };
        if changed {
            writer.log_swipe(actor, target, verdict, before.as_ref())?;
        }
        Ok(())
    })
}

/// Whether this verdict may be given here. Tells whether the card is a practice card.
fn judge(writer: &Writer<'_>, call: &Call) -> Result<bool, Problem> {
    let is_own = |pet: PetId| writer.has(Kind::Pet, pet.0);
    if !is_own(call.actor)? {
        return Err(Invalid::new("actor", InvalidReason::ForeignPet).into());
    }
    if call.actor == call.target || is_own(call.target)? {
        return Err(Invalid::new("target", InvalidReason::OwnPet).into());
    }
    match call.child {
        None if writer.role()? == Role::Child => {
            return Err(Invalid::new("child", InvalidReason::Missing).into());
        }
        Some(child) if writer.get::<Child>(child.0)?.is_none() => {
            return Err(Problem {
                field: Some("child".into()),
                ..Problem::new(ErrorCode::NotFound)
            });
        }
        _ => {}
    }
    if writer.has(Kind::Match, MatchId::of(call.actor, call.target).0)? {
        return Err(Problem::new(ErrorCode::Frozen));
    }
    let card = CardId::of(call.actor, call.target).0;
    if writer.get::<Card>(card)?.is_none() {
        return Err(Problem {
            field: Some("target".into()),
            ..Problem::new(ErrorCode::NotFound)
        });
    }
    Ok(writer.is_practice(Kind::Card, card)?)
}
