//! Careful values win: whoever hid a pet, put it on hold or withdrew a consent is not overruled by somebody who did
//! not know it yet, whatever the clocks say.
//!
//! Which values are careful is the policy table's ([`caution_of_change`]). Restricting always takes effect. Loosening needs
//! having seen the last restriction, or having made it: the mutation says up to which commit its device had seen.

use romp_domain::policy::{Caution, caution_of_change};
use romp_domain::row::DELETED;
use romp_domain::{DeviceId, ErrorCode, Kind, Mutation, Problem, Role};
use romp_sync::{Registers, Stamp, TOLD_AGAIN_BEFORE};
use serde_json::Value;
use uuid::Uuid;

use super::work::Work;
use crate::db::{Fault, Restriction, SessionRecord};

/// Refuses a patch that loosens what somebody restricted meanwhile.
pub(super) fn has_seen(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    patch: &Registers,
    before: Option<&Registers>,
    speaker: DeviceId,
) -> Result<(), Fault> {
    for (field, value) in &patch.fields.0 {
        let loosens = change(mutation.kind, before, field, value) == Some(Caution::Loosens);
        let later = before.and_then(|row| row.stamps.get(field)) < patch.stamps.get(field);
        // A release that comes with its verdict is the owner's own choice, not the release of somebody else's: if that
        // verdict is the one that stays.
        let verdict = patch.stamps.get("verdict");
        let stored = before.and_then(|row| row.stamps.get("verdict"));
        let own_choice = mutation.kind == Kind::Swipe && verdict.is_some() && stored < verdict;
        if !loosens || !later || own_choice {
            continue;
        }
        // Whoever removes a switch, or has it concern others, loosens all of it.
        let whole = mutation.kind == Kind::Switch && (field == DELETED || field == "scope");
        let (one, all) = ([field.as_str()], &SWITCHING[..]);
        for field in if whole { all } else { &one } {
            let last = work
                .tx
                .restriction(session.household, mutation.kind, mutation.id, field)?;
            if last.is_some_and(|last| is_unseen(&last, mutation, speaker)) {
                return Err(Problem::new(ErrorCode::Stale).into());
            }
        }
    }
    Ok(())
}

/// The fields of a switch that say how much it turns off.
const SWITCHING: [&str; 6] = ["on", "scope", "operations", "starts_at", "ends_at", "hours"];

/// Whether a change of a switch restricts as well as it loosens: for others, at other hours, or something else.
fn moves(kind: Kind, before: Option<&Registers>, field: &str, value: &Value) -> bool {
    let loosens = |from, to| caution_of_change(kind, field, Some(from), to) == Some(Caution::Loosens);
    let there = before.and_then(|row| row.fields.0.get(field));
    kind == Kind::Switch
        && field != DELETED
        && there.is_some_and(|there| there != value && loosens(there, value) && loosens(value, there))
}

fn change(kind: Kind, before: Option<&Registers>, field: &str, value: &Value) -> Option<Caution> {
    caution_of_change(kind, field, before.and_then(|row| row.fields.0.get(field)), value)
}

/// Lets restrictions win: their stamps are raised above those of the values that are there. Not those that a device
/// only tells again, because the server had lost them: they may have been lifted since.
pub(super) fn raise(kind: Kind, before: Option<&Registers>, patch: &mut Registers) {
    for (field, value) in &patch.fields.0 {
        if change(kind, before, field, value) != Some(Caution::Restricts) {
            continue;
        }
        let there = before.and_then(|row| row.stamps.get(field));
        if let (Some(Stamp(clock, _)), Some(stamp)) = (there, patch.stamps.get_mut(field))
            && stamp.0 >= TOLD_AGAIN_BEFORE
        {
            stamp.0 = stamp.0.max(clock.next());
        }
    }
}

/// Notes what a patch restricted.
pub(super) fn note(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    patch: &Registers,
    before: Option<&Registers>,
    speaker: DeviceId,
) -> Result<(), Fault> {
    let (household, kind, id) = (session.household, mutation.kind, mutation.id);
    for (field, value) in &patch.fields.0 {
        // A child's choice waits for a release that was given for it.
        let held = kind == Kind::Swipe && session.role == Role::Child && field == "verdict";
        let field = if held { "released" } else { field.as_str() };
        let restricts = change(kind, before, field, value) == Some(Caution::Restricts);
        if !held && !restricts && !moves(kind, before, field, value) {
            continue;
        }
        // Whoever restricts without having seen another's restriction has not seen it afterwards either: then the
        // note is nobody's, and must be seen by its own maker, too.
        // Of a row that was not there, nobody has restricted anything.
        let last = match before {
            Some(_) => work.tx.restriction(household, kind, id, field)?,
            None => None,
        };
        let unseen = last.is_some_and(|last| is_unseen(&last, mutation, speaker));
        let maker = if unseen { DeviceId(Uuid::nil()) } else { speaker };
        work.restricted(household, kind, id, field, maker);
    }
    Ok(())
}

/// Whether somebody else restricted after what the mutation's maker had seen.
fn is_unseen(last: &Restriction, mutation: &Mutation, speaker: DeviceId) -> bool {
    last.device != speaker && mutation.base_seq.is_none_or(|seen| seen < last.seq)
}
