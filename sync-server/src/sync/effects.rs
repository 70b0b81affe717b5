//! What follows from a change: for the family's own decks, and for every other family that sees the pet.

use romp_domain::playdate::CancelReason;
use romp_domain::policy::may_act;
use romp_domain::time::DAY_MS;
use romp_domain::{
    CardId, Entity, ErrorCode, Household, HouseholdId, Kind, MatchId, Mutation, Pet, PetId, PlaydateAct,
    PlaydateId, PlaydateState, Problem, SwipeId, Switch, UtcMs,
};
use romp_sync::{Registers, Stamp};
use uuid::Uuid;

use super::work::{Work, date_in};
use super::{apart, matchmaking, playdates, standing, switches};
use crate::db::{DeckRecord, Fault, PlaydateRecord, SessionRecord};
use crate::reports;

/// What follows from a changed row of the family.
pub(super) fn of_patch(
    work: &mut Work<'_>,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    match kind {
        Kind::Pet => pet_changed(work, household, PetId(id), before, after),
        Kind::Household => household_changed(work, household, before, after),
        Kind::Slot | Kind::Exception => {
            work.after.decks = Some(household);
            Ok(())
        }
        // Most swipes are none, and need not be read.
        Kind::Swipe
            if after
                .fields
                .0
                .get("released")
                .is_none_or(|verdict| verdict != "yes") =>
        {
            Ok(())
        }
        Kind::Swipe => {
            work.let_out.insert((household, SwipeId(id)));
            Ok(())
        }
        Kind::Block => {
            let told = |row: &Registers| {
                row.fields
                    .0
                    .get(reports::FIELD)
                    .is_some_and(|told| !told.is_null())
            };
            if told(after) && !before.is_some_and(told) {
                tracing::warn!("a family is reported; `romp-server reports` shows what is told");
            }
            apart::block_changed(work, household, PetId(id), after)
        }
        Kind::Child | Kind::Card | Kind::Match | Kind::Playdate | Kind::Switch => Ok(()),
    }
}

fn pet_changed(
    work: &mut Work<'_>,
    household: HouseholdId,
    id: PetId,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    deck_stale(work, household, id)?;
    work.pets_came |= before.is_none();
    let Some(pet) = Pet::read_known(&after.fields).filter(|_| !after.fields.is_deleted()) else {
        take_off_all_decks(work, id)?;
        return standing::leave(work, household, Some(id));
    };
    let weight = |row: &Registers| row.fields.0.get("weight_g").cloned();
    if before.is_some_and(|before| weight(before) != weight(after)) {
        standing::weighed(work, household, id)?;
    }
    let today = date_in(&work.settings(household)?.zone, work.now);
    if !pet.visible || pet.rests_on(today) {
        take_off_all_decks(work, id)?;
    }
    Ok(())
}

fn household_changed(
    work: &mut Work<'_>,
    household: HouseholdId,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    let shared = |row: &Registers| {
        Household::read_known(&row.fields).is_some_and(|household| household.share_consent.is_some())
    };
    // Withdrawn a second time in a batch, there is nothing left to end.
    if before.is_some_and(shared) && !shared(after) && !work.after.withdrawn {
        work.after.withdrawn = true;
        // The pets leave every deck and every match now.
        for (id, _) in work.all::<Pet>(household)? {
            take_off_all_decks(work, PetId(id))?;
        }
        standing::leave(work, household, None)?;
    }
    let zone = |row: &Registers| row.fields.0.get("zone").cloned();
    work.after.zone |= before.and_then(zone) != zone(after);
    work.after.decks = Some(household);
    Ok(())
}

/// What follows from the changes of a batch and touches everything that the family has: once, and not once a change. Five
/// hundred changes of its hours are one change of terms.
#[derive(Debug, Default)]
pub(super) struct After {
    /// What the decks of this family depend on has changed.
    pub(super) decks: Option<HouseholdId>,
    /// The family lives in another time zone.
    zone: bool,
    /// The consent to be shown to others was withdrawn, and everything with others has ended.
    withdrawn: bool,
}

/// Does what is to be done once, before the batch's yeses are looked at: whether they lead to matches depends on it.
pub(super) fn of_batch(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    let after = std::mem::take(&mut work.after);
    if after.zone {
        // Children's devices read quiet hours by it, and everybody playdates.
        for (id, _) in work.all::<Switch>(household)? {
            work.changed(household, Kind::Switch, id);
        }
        for playdate in work.tx.playdates_of(household, UtcMs(0))? {
            work.changed(household, Kind::Playdate, playdate.id.0);
        }
    }
    work.after.decks = after.decks;
    decks_of_batch(work)
}

/// The family's decks are stale by the changes so far. Also before anything is asked of them in the middle of a batch: until
/// changed terms are dealt for, nothing is made of them.
pub(super) fn decks_of_batch(work: &mut Work<'_>) -> Result<(), Fault> {
    match work.after.decks.take() {
        Some(household) => all_decks_stale(work, household),
        None => Ok(()),
    }
}

/// What the family's decks depend on has changed.
pub(super) fn all_decks_stale(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    for (id, _) in work.all::<Pet>(household)? {
        deck_stale(work, household, PetId(id))?;
    }
    Ok(())
}

fn deck_stale(work: &mut Work<'_>, household: HouseholdId, pet: PetId) -> Result<(), Fault> {
    let known = work.tx.deck(pet)?;
    let (built_at, generation, dealt) = known.map_or((work.now.plus_ms(-DAY_MS), 0, 0), |deck| {
        (deck.built_at, deck.generation, deck.dealt)
    });
    work.tx.put_deck(&DeckRecord {
        pet,
        household,
        built_at,
        stale: true,
        generation: generation + 1,
        asks: true,
        dealt,
    })
}

/// Takes a pet out of every family's decks, at once.
pub(super) fn take_off_all_decks(work: &mut Work<'_>, pet: PetId) -> Result<(), Fault> {
    for (household, card) in work.tx.cards_showing(pet)? {
        let id = CardId::of(card.for_pet, pet).0;
        work.tx.remove_card(household, id)?;
        work.gone(household, Kind::Card, id);
    }
    Ok(())
}

/// Stores a changed playdate and tells both families.
pub(super) fn put_playdate(work: &mut Work<'_>, playdate: &PlaydateRecord) -> Result<(), Fault> {
    work.tx.put_playdate(playdate)?;
    for side in &playdate.sides {
        work.changed(side.household, Kind::Playdate, playdate.id.0);
    }
    Ok(())
}

/// Calls a playdate off, unless it is over. `by`: the family whose change did it; none when time alone did.
pub(super) fn cancel(
    work: &mut Work<'_>,
    playdate: &PlaydateRecord,
    reason: CancelReason,
    by: Option<HouseholdId>,
) -> Result<(), Fault> {
    match playdates::cancelled(playdate, reason, by) {
        Some(next) => put_playdate(work, &next),
        None => Ok(()),
    }
}

/// An owner accepts, declines or cancels, or takes a match back. `Ok(false)`: it was so already.
pub(super) fn act(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    act: PlaydateAct,
    expect_rev: u32,
    stamp: Stamp,
) -> Result<bool, Fault> {
    if mutation.kind == Kind::Match {
        return apart::take_back(work, session, MatchId(mutation.id), act, stamp);
    }
    if mutation.kind != Kind::Playdate {
        return Err(Problem::saying(ErrorCode::BadRequest, "Only playdates can be answered.").into());
    }
    if !may_act(session.role) {
        return Err(Problem::new(ErrorCode::Forbidden).into());
    }
    switches::act(work, session, act)?;
    let playdate = work
        .tx
        .playdate(PlaydateId(mutation.id))?
        .ok_or_else(|| Problem::new(ErrorCode::NotFound))?;
    let Some(next) = playdates::answer(&playdate, session.household, act, expect_rev, work.now)? else {
        return Ok(false);
    };
    put_playdate(work, &next)?;
    if next.state == PlaydateState::Declined {
        matchmaking::propose_again(work, next.matched)?;
    }
    Ok(true)
}
