//! Keeps a family's decks fresh. Only the decks of the family that is here are built; others wait for their turn.
//!
//! A deck is built anew when something it depends on has changed, when few cards are left, and once a day. Cards
//! that wait for an owner's release stay, and so do the last decided ones, so that an undo finds its card.

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::{DAY_MS, MINUTE_MS};
use romp_domain::{Card, CardId, HouseholdId, Kind, PetId, Problem, UtcMs, Verdict};
use romp_matching::{Candidate, DECK_SIZE, deck};

use super::matchmaking;
use super::parties::{Family, families_near, family, reach};
use super::work::{Work, date_in};
use crate::db::{DbExt, DeckRecord, Fault, SwipeRecord};
use crate::server::Server;

/// With fewer undecided cards than this, a new deck is dealt …
const FEW: usize = 5;
/// … but not more often than this.
const PAUSE_MS: i64 = 10 * MINUTE_MS;
/// Most neighbours that one family's change wakes.
const MOST_WOKEN: usize = 500;
/// Decided cards that stay for undo.
const KEPT_FOR_UNDO: usize = 20;

/// Builds the family's decks that need it. Returns the new commit numbers.
pub(super) fn refresh(
    server: &Server,
    household: HouseholdId,
) -> Result<BTreeMap<HouseholdId, u64>, Problem> {
    let now = server.clock.now();
    let due = server.db.read(move |tx| {
        let work = Work::new(tx, now);
        due(work, household)
    })?;
    if due.is_empty() {
        return Ok(BTreeMap::new());
    }
    // Choosing cards takes long: it is done without a transaction, so nobody waits for it, neither to read nor to write.
    let table = server
        .db
        .read(move |tx| gather(Work::new(tx, now), household, &due))?;
    let dealt = deal(&table, now);
    Ok(server
        .db
        .write(move |tx| lay_out(Work::new(tx, now), household, &dealt))?)
}

/// A family is new to others, or has other terms: neighbours who have nothing to choose from get a new deal, and are
/// told to come for it.
pub(super) fn wake_neighbours(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    let settings = work.settings(household)?;
    let (Some(area), Some(_)) = (settings.area, settings.share_consent) else {
        return Ok(());
    };
    let (south_west, north_east) = reach(area, f64::from(settings.travel_km.get()));
    let near = work.tx.households_near(south_west, north_east, household)?;
    for neighbour in near.into_iter().take(MOST_WOKEN) {
        for record in work.tx.decks(neighbour)? {
            if !record.stale && has_run_dry(work, &record)? {
                work.tx.put_deck(&DeckRecord {
                    stale: true,
                    ..record
                })?;
                // Nothing of the row changes; a new commit is what makes the family's devices come.
                work.changed(neighbour, Kind::Household, HOUSEHOLD_ROW);
            }
        }
    }
    Ok(())
}

/// Whether the last deal gave nothing, or what it gave is nearly used up and some time has passed.
fn has_run_dry(work: &mut Work<'_>, record: &DeckRecord) -> Result<bool, Fault> {
    let rested = work.now.since_ms(record.built_at) >= PAUSE_MS;
    Ok(work.tx.cards_for(record.pet)?.is_empty() || (rested && undecided(work, record.pet)? < FEW))
}

fn due(mut work: Work<'_>, household: HouseholdId) -> Result<Vec<PetId>, Fault> {
    let mut due = Vec::new();
    for record in work.tx.decks(household)? {
        let age_ms = work.now.since_ms(record.built_at);
        if record.stale || age_ms >= DAY_MS || (age_ms >= PAUSE_MS && undecided(&mut work, record.pet)? < FEW)
        {
            due.push(record.pet);
        }
    }
    Ok(due)
}

/// How many cards of a pet's deck wait for a verdict.
fn undecided(work: &mut Work<'_>, pet: PetId) -> Result<usize, Fault> {
    let swipes = work.tx.swipes_by(pet)?;
    let decided = decided(&swipes);
    Ok(work
        .tx
        .cards_for(pet)?
        .iter()
        .filter(|card| !decided.contains_key(&card.pet.id))
        .count())
}

/// The targets that have a verdict other than "later", with when it was given.
fn decided(swipes: &[SwipeRecord]) -> BTreeMap<PetId, &SwipeRecord> {
    swipes
        .iter()
        .filter(|record| matches!(record.swipe.verdict, Some(Verdict::Yes | Verdict::No)))
        .map(|record| (record.swipe.target_pet, record))
        .collect()
}

/// Everything that choosing cards needs.
struct Table {
    own: Option<Family>,
    near: Vec<Family>,
    /// The pets whose decks are due, with the pets they have decided on.
    due: Vec<(PetId, BTreeSet<PetId>)>,
}

fn gather(mut work: Work<'_>, household: HouseholdId, due: &[PetId]) -> Result<Table, Fault> {
    let own = family(&mut work, household)?;
    let near = match &own {
        Some(own) => families_near(&mut work, &own.party)?,
        None => Vec::new(),
    };
    let mut seen = Vec::new();
    for pet in due {
        seen.push((*pet, decided(&work.tx.swipes_by(*pet)?).into_keys().collect()));
    }
    Ok(Table { own, near, due: seen })
}

/// The new cards of each pet.
type Dealt = Vec<(PetId, Vec<Card>)>;

fn deal(table: &Table, now: UtcMs) -> Dealt {
    let others: Vec<Candidate<'_>> = table.near.iter().flat_map(Family::candidates).collect();
    let cards =
        |pet: PetId, seen: &BTreeSet<PetId>| match table.own.as_ref().and_then(|own| own.candidate(pet)) {
            Some(actor) => deck(&actor, &others, seen, date_in(&actor.party.zone, now), DECK_SIZE),
            None => Vec::new(),
        };
    table
        .due
        .iter()
        .map(|(pet, seen)| (*pet, cards(*pet, seen)))
        .collect()
}

fn lay_out(
    mut work: Work<'_>,
    household: HouseholdId,
    dealt: &Dealt,
) -> Result<BTreeMap<HouseholdId, u64>, Fault> {
    for (pet, cards) in dealt {
        let mut fresh: BTreeMap<PetId, &Card> = BTreeMap::new();
        for card in cards {
            // Somebody may have hidden their pet since the snapshot.
            if still_shown(&mut work, card.pet.id)? {
                fresh.insert(card.pet.id, card);
            }
        }
        let kept = kept(&mut work, *pet)?;
        for old in work.tx.cards_for(*pet)? {
            let target = old.pet.id;
            match fresh.get(&target) {
                Some(card) if **card == old => drop(fresh.remove(&target)),
                Some(_) => {}
                None if kept.contains(&target) && still_shown(&mut work, target)? => {}
                None => {
                    let id = CardId::of(*pet, target).0;
                    work.tx.remove_card(household, id)?;
                    work.changed(household, Kind::Card, id);
                }
            }
        }
        for card in fresh.into_values() {
            work.tx.put_card(household, card)?;
            work.changed(household, Kind::Card, CardId::of(*pet, card.pet.id).0);
        }
        let now: UtcMs = work.now;
        work.tx.put_deck(&DeckRecord {
            pet: *pet,
            household,
            built_at: now,
            stale: false,
        })?;
    }
    // Time alone can make a pair fit, too: a rest is over, a week has begun. Looked at as often as decks are dealt.
    matchmaking::reconsider(&mut work, household)?;
    work.finish()
}

/// The decided cards that stay: those that wait for an owner, and the last few.
fn kept(work: &mut Work<'_>, pet: PetId) -> Result<BTreeSet<PetId>, Fault> {
    let swipes = work.tx.swipes_by(pet)?;
    let mut latest: Vec<&SwipeRecord> = decided(&swipes).into_values().collect();
    latest.sort_by_key(|record| std::cmp::Reverse(record.verdict_at));
    let held = latest.iter().filter(|record| record.swipe.is_held());
    Ok(held
        .chain(latest.iter().take(KEPT_FOR_UNDO))
        .map(|record| record.swipe.target_pet)
        .collect())
}

/// Whether a pet may be on a card right now: shown by its owner, with the family's consent, and not resting.
fn still_shown(work: &mut Work<'_>, pet: PetId) -> Result<bool, Fault> {
    let Some(owner) = work.tx.owner_of_pet(pet)? else {
        return Ok(false);
    };
    let settings = work.settings(owner)?;
    let today = date_in(&settings.zone, work.now);
    let shown = work
        .one::<romp_domain::Pet>(owner, pet.0)?
        .is_some_and(|pet| pet.visible && !pet.rests_on(today));
    Ok(shown && settings.share_consent.is_some())
}
