//! Two families are kept apart because one of them blocks the other, and a match is taken back.
//!
//! To the other family a block looks as if this one had taken its pets out: cards go, matches end, coming playdates are
//! called off because a pet is not shown any more, and of past ones stays that there was a meeting. Who blocked whom, it
//! is not told, and nothing that it can do is answered differently. A match that is taken back looks like a playdate
//! that was called off, and the match is gone.

use std::collections::BTreeSet;
use std::sync::Arc;

use romp_domain::playdate::CancelReason;
use romp_domain::policy::may_act;
use romp_domain::{
    CardId, Entity, ErrorCode, Fields, HouseholdId, Kind, MatchId, PetId, PlaydateAct, Problem, Swipe,
    SwipeId, Verdict,
};
use romp_sync::{Registers, Stamp};
use serde_json::json;

use super::work::Work;
use super::{effects, standing};
use crate::db::{Fault, NOBODY, RELEASED, SessionRecord, Side};

/// The family that has the pet is blocked, or not any more.
pub(super) fn block_changed(
    work: &mut Work<'_>,
    household: HouseholdId,
    pet: PetId,
    after: &Registers,
) -> Result<(), Fault> {
    if after.fields.0.get("blocked") != Some(&json!(true)) {
        // They may meet again: looked at with the family's other terms.
        work.after.decks = Some(household);
        return Ok(());
    }
    match work.tx.owner_of_pet(pet)? {
        Some(other) if other != household && other != NOBODY => part(work, household, other),
        // Nobody's yet: whoever brings it is kept away from the beginning.
        _ => Ok(()),
    }
}

/// Ends what is between a family and those from which it is kept apart. Pets have come by which it may be known.
pub(super) fn pets_came(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    for other in together(work, household)? {
        if work.are_apart(household, other)? {
            part(work, household, other)?;
        }
    }
    Ok(())
}

/// The families with which it has a match, or a card on either side.
fn together(work: &mut Work<'_>, household: HouseholdId) -> Result<BTreeSet<HouseholdId>, Fault> {
    let matches = work.tx.matches_of(household)?;
    let open = matches.into_iter().filter(|record| !record.ended);
    let mut all: BTreeSet<_> = open
        .flat_map(|record| record.sides.map(|side| side.household))
        .collect();
    for (pet, _) in work.tx.pets_of(household)? {
        all.extend(work.tx.cards_showing(pet)?.into_iter().map(|(of, _)| of));
        for shown in work.tx.shown_to(pet)? {
            all.extend(work.tx.owner_of_pet(shown)?);
        }
    }
    all.remove(&household);
    all.remove(&NOBODY);
    Ok(all)
}

/// Ends everything that is between two families, at once and for both.
fn part(work: &mut Work<'_>, household: HouseholdId, other: HouseholdId) -> Result<(), Fault> {
    for (shown, to) in [(household, other), (other, household)] {
        for (pet, _) in work.tx.pets_of(shown)? {
            for (of, card) in work.tx.cards_showing(pet)? {
                if of == to {
                    let id = CardId::of(card.for_pet, pet).0;
                    work.tx.remove_card(to, id)?;
                    work.gone(to, Kind::Card, id);
                }
            }
        }
    }
    standing::part(work, household, other)
}

/// An owner takes a match back. `Ok(false)`: it had ended before.
///
/// The own choice becomes one that is not let out, in the same transaction: nothing brings the two together again but an
/// owner who decides so. What the child chose stays what it chose.
pub(super) fn take_back(
    work: &mut Work<'_>,
    session: &SessionRecord,
    id: MatchId,
    act: PlaydateAct,
    stamp: Stamp,
) -> Result<bool, Fault> {
    if !may_act(session.role) {
        return Err(Problem::new(ErrorCode::Forbidden).into());
    }
    if act != PlaydateAct::Cancel {
        return Err(Problem::saying(ErrorCode::BadRequest, "A match can only be taken back.").into());
    }
    let household = session.household;
    let record = work.tx.matched(id)?;
    let is_own = |side: &Side| side.household == household;
    let Some(mut record) = record.filter(|record| record.sides.iter().any(is_own)) else {
        return Err(Problem::new(ErrorCode::NotFound).into());
    };
    if record.ended {
        return Ok(false);
    }
    for playdate in work.tx.playdates_of_match(id)? {
        if playdate.slot.end() > work.now {
            effects::cancel(work, &playdate, CancelReason::ByOwner, Some(household))?;
        }
    }
    record.ended = true;
    work.tx.put_match(&record)?;
    for side in &record.sides {
        work.gone(side.household, Kind::Match, id.0);
    }
    let [one, two] = record.sides.each_ref();
    let (own, other) = if is_own(one) { (one, two) } else { (two, one) };
    withhold(work, household, SwipeId::of(own.pet, other.pet), stamp)?;
    Ok(true)
}

/// Has a choice not let out any more. As every restriction, that wins whatever the clocks say.
fn withhold(work: &mut Work<'_>, household: HouseholdId, id: SwipeId, stamp: Stamp) -> Result<(), Fault> {
    let Some(before) = work.row(household, Kind::Swipe, id.0)? else {
        return Ok(());
    };
    if !Swipe::read_known(&before.fields).is_some_and(|swipe| swipe.is_released_yes()) {
        return Ok(());
    }
    let Stamp(clock, device) = stamp;
    let there = before.stamps.get(RELEASED);
    let clock = there.map_or(clock, |there| clock.max(there.0.next()));
    let no = (RELEASED.to_owned(), json!(Verdict::No));
    let patch = Registers::of(&Fields([no].into_iter().collect()), Stamp(clock, device));
    let mut after = Registers::clone(&before);
    after.merge(&patch);
    work.raise_clock(household, clock);
    work.put_row(household, Kind::Swipe, id.0, &Arc::new(after))?;
    work.restricted(household, Kind::Swipe, id.0, RELEASED, device);
    Ok(())
}
