//! One change of a row: judged, merged and stored, with what follows.
//!
//! What protects a family takes effect whatever else its change says: of a patch in which something is switched off, is
//! unknown or not allowed, the part that restricts is stored, and the refusal names the rest (`Problem::refused`). Where
//! the refusal is that a restriction may not be loosened unseen, it is only of that: all else is stored.
//!
//! Deliberately absent: numbering, clocks and verdicts on what was sent before (`push`).

use romp_domain::entity::knows;
use romp_domain::policy::{Caution, FieldSet, caution_of_change, may_write};
use romp_domain::{ErrorCode, Fields, Kind, Mutation, Problem};
use romp_sync::{Registers, Stamp};

use super::unsaid::{author, laid_over};
use super::work::Work;
use super::{caution, effects, habits, judge, swipes, switches};
use crate::db::{Fault, SessionRecord};

/// What became of a change.
pub(super) enum Done {
    /// It took effect, or (`false`) something later was there already.
    All(bool),
    /// Something in it was refused. What protects the family took effect, or all but what would have undone that.
    Part(bool, Problem),
}

/// Most names of fields that a refusal repeats without knowing them, and their longest: a newer device has a few. Refusals
/// are kept.
const MOST_FOREIGN: usize = 8;
const LONGEST_FOREIGN: usize = 40;

/// A patch, judged completely before anything is written.
pub(super) fn apply(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    fields: &Fields,
    stamp: Stamp,
) -> Result<Done, Fault> {
    match whole(work, session, mutation, fields, stamp) {
        Err(Fault::Refused(problem)) => part_of(work, session, mutation, fields, stamp, problem),
        done => done,
    }
}

/// What restricts in a patch that was refused takes effect all the same: somebody hid a pet in a form in which something
/// else was refused. And whoever had not heard of a restriction does not undo it, but has said all else: the newest
/// allergies, with a row that is told again to a server that lost it. Of a swipe or a switch nothing: their fields say one
/// thing together.
fn part_of(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    fields: &Fields,
    stamp: Stamp,
    problem: Problem,
) -> Result<Done, Fault> {
    let kind = mutation.kind;
    if matches!(kind, Kind::Swipe | Kind::Switch) || may_write(session.role, kind) == FieldSet::None {
        return Err(problem.into());
    }
    let before = work.row(session.household, kind, mutation.id)?;
    let Some(before) = before.filter(|row| !row.fields.is_deleted()) else {
        return Err(problem.into());
    };
    let unseen = problem.code == ErrorCode::Stale;
    let (mut part, mut refused) = (fields.clone(), Vec::new());
    part.0.retain(|field, value| {
        let caution = caution_of_change(kind, field, before.fields.0.get(field), value);
        let stays = if unseen {
            caution != Some(Caution::Loosens)
        } else {
            caution == Some(Caution::Restricts)
        };
        if !stays {
            refused.push(field.to_string());
        }
        stays
    });
    if part.0.is_empty() || refused.is_empty() || !may_be_told(kind, &refused) {
        return Err(problem.into());
    }
    match whole(work, session, mutation, &part, stamp) {
        Ok(Done::All(changed)) => Ok(Done::Part(changed, Problem { refused, ..problem })),
        // Of the part, something was switched off besides.
        Ok(Done::Part(changed, besides)) => {
            refused.extend(besides.refused);
            Ok(Done::Part(changed, Problem { refused, ..problem }))
        }
        Err(Fault::Refused(_)) => Err(problem.into()),
        Err(fault) => Err(fault),
    }
}

/// Whether a refusal may name these fields.
fn may_be_told(kind: Kind, fields: &[String]) -> bool {
    let is_name = |name: &str| {
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'0'..=b'9' | b'_'));
        plain && name.len() <= LONGEST_FOREIGN
    };
    let foreign: Vec<_> = fields.iter().filter(|name| !knows(kind, name)).collect();
    foreign.len() <= MOST_FOREIGN && foreign.iter().all(|name| is_name(name))
}

fn whole(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    fields: &Fields,
    stamp: Stamp,
) -> Result<Done, Fault> {
    let (household, kind, id) = (session.household, mutation.kind, mutation.id);
    let mut patch = Registers::made_of(judge::allowed(session, mutation, fields)?, stamp);
    let before = work
        .row(household, kind, id)?
        .map(|row| row.no_later_than(work.now.0));
    let before = before.as_deref();
    if let Some(there) = before {
        patch.follow(there);
    }
    // Before anything else: what is switched off must not tell more than that.
    let off = switches::take_out(work, session, kind, before, &mut patch)?;
    if let Some(problem) = off {
        if patch.fields.0.is_empty() {
            return Err(problem.into());
        }
        let changed = merge(work, session, mutation, patch, before, stamp)?;
        return Ok(Done::Part(changed, problem));
    }
    merge(work, session, mutation, patch, before, stamp).map(Done::All)
}

/// Lays a patch over the row, with what follows. Returns whether anything changed.
fn merge(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    mut patch: Registers,
    before: Option<&Registers>,
    stamp: Stamp,
) -> Result<bool, Fault> {
    let (household, kind, id) = (session.household, mutation.kind, mutation.id);
    if kind == Kind::Swipe {
        if let Some(answer) = swipes::settled(work, session, id, before)? {
            return answer;
        }
        swipes::withdraw_release(session, before, &mut patch, stamp);
        swipes::drop_lost_release(before, &mut patch);
    }
    // Of a removed row nothing is kept but that it was: whatever is said of it later, however long a device was away.
    if before.is_some_and(|row| row.fields.is_deleted()) {
        return Ok(false);
    }
    if kind == Kind::Switch && before.is_none() {
        patch.merge(&author(stamp));
    }
    caution::raise(kind, before, &mut patch);
    let (patch, after, changed) = laid_over(kind, before, patch);
    // First: what is refused for it is judged once more in part, and a use that is counted must count once.
    caution::has_seen(work, session, mutation, &patch, before, stamp.1)?;
    judge::patch(work, session, mutation, &patch, before, &after)?;
    if changed {
        // What restricts may be later than its device said.
        if let Some(Stamp(highest, _)) = patch.stamps.values().max().filter(|highest| highest.0 > stamp.0) {
            work.raise_clock(household, *highest);
        }
        work.put_row(household, kind, id, &after)?;
        if kind == Kind::Swipe && before.is_none() {
            work.new_swipe(household)?;
        }
        caution::note(work, session, mutation, &patch, before, stamp.1)?;
        match kind {
            Kind::Swipe if patch.fields.0.contains_key("verdict") => {
                habits::chosen(work, session, stamp, before, &after)?;
            }
            Kind::Switch => switches::note_change(work, session, id, before, &after)?,
            _ => {}
        }
        effects::of_patch(work, household, kind, id, before, &after)?;
    }
    Ok(changed)
}
