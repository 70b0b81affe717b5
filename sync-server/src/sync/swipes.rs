//! What is special about a swipe: it is frozen once the two pets matched, and a child's choice is never covered by a
//! release that was given for another one.

use romp_domain::{Entity, ErrorCode, Kind, MatchId, Problem, Role, Swipe};
use romp_sync::{Registers, Stamp, TOLD_AGAIN_BEFORE};
use serde_json::Value;
use uuid::Uuid;

use super::work::Work;
use crate::db::{Fault, SessionRecord};

/// The answer to a change of a swipe whose pets have matched; none while they have not.
///
/// A child's device is answered as always and sent the row again: being refused would tell it that the other family
/// said yes, which is the owners' business until there is a playdate.
pub(super) fn settled(
    work: &mut Work<'_>,
    session: &SessionRecord,
    id: Uuid,
    before: Option<&Registers>,
) -> Result<Option<Result<bool, Fault>>, Fault> {
    let Some(swipe) = before.and_then(|row| Swipe::read_known(&row.fields)) else {
        return Ok(None);
    };
    let matched = work.tx.matched(MatchId::of(swipe.actor_pet, swipe.target_pet))?;
    if matched.is_none_or(|matched| matched.ended) {
        return Ok(None);
    }
    Ok(Some(match session.role {
        Role::Owner => Err(Problem::saying(ErrorCode::Frozen, "These two already matched.").into()),
        Role::Child => {
            work.changed(session.household, Kind::Swipe, id);
            Ok(true)
        }
    }))
}

/// A release goes with the verdict it came with: it does not stay where that one loses against another.
pub(super) fn drop_lost_release(before: Option<&Registers>, patch: &mut Registers) {
    let stored = before.and_then(|row| row.stamps.get("verdict"));
    let loses = patch
        .stamps
        .get("verdict")
        .is_some_and(|verdict| stored >= Some(verdict));
    let releases = patch.fields.0.get("released").is_some_and(|value| value == "yes");
    if loses && releases {
        patch.fields.0.remove("released");
        patch.stamps.remove("released");
    }
}

/// A child who changes the choice, or another child who makes it, needs a new release: the old one goes with the
/// choice it was given for (R4). A choice that is only told again, and loses against the one that is there, changes
/// nothing. The same where an owner's device was in a child's hands: then the choice names the child, and no release.
pub(super) fn withdraw_release(
    session: &SessionRecord,
    before: Option<&Registers>,
    patch: &mut Registers,
    Stamp(clock, device): Stamp,
) {
    const CHOICE: [&str; 2] = ["verdict", "by_child"];
    let Some(before) = before else {
        return;
    };
    // A device sends what differs: who chooses again is not named anew.
    let child = [&*patch, before].map(|row| row.fields.0.get("by_child"));
    let names_child = child
        .into_iter()
        .flatten()
        .next()
        .is_some_and(|child| !child.is_null());
    if session.role != Role::Child && (!names_child || patch.fields.0.contains_key("released")) {
        return;
    }
    let differs = |field: &&str| {
        let new = patch.fields.0.get(field);
        new.is_some_and(|new| before.fields.0.get(field).unwrap_or(&Value::Null) != new)
    };
    // As the merge decides it, also between two that were told again with the same stamp.
    let mut after = before.clone();
    after.merge(patch);
    let changes = |field: &&str| before.fields.0.get(field) != after.fields.0.get(field);
    let counts = clock >= TOLD_AGAIN_BEFORE || CHOICE.iter().any(changes);
    if counts && CHOICE.iter().any(differs) {
        // As every restriction, it wins whatever the clocks say: a release that is stored was given for the choice before.
        let there = before.stamps.get("released");
        let clock = there.map_or(clock, |there| clock.max(there.0.next()));
        patch.fields.0.insert("released".to_owned(), Value::Null);
        patch.stamps.insert("released".to_owned(), Stamp(clock, device));
    }
}
