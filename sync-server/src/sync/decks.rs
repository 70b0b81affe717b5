//! Keeps a family's decks fresh. Only the decks of the family that is here are built; others wait for their turn.
//!
//! A deck is built anew when something it depends on has changed, when few cards are left, and once a day. Cards
//! that wait for an owner's release stay, and so do the last decided ones, so that an undo finds its card.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::{DAY_MS, MINUTE_MS};
use romp_domain::{Card, CardId, HouseholdId, Kind, PetId, Problem, UtcMs, Verdict};
use romp_matching::{Candidate, DECK_SIZE, deck};

use super::parties::{Family, families_near, reach};
use super::work::{Work, date_in};
use super::{matchmaking, standing};
use crate::db::{DbExt, DeckRecord, Fault, Quota, SwipeRecord};
use crate::server::Server;

/// With fewer undecided cards than this, a new deck is dealt …
const FEW: usize = 5;
/// … but not more often than this.
const PAUSE_MS: i64 = 10 * MINUTE_MS;
/// Most neighbours that one family's change wakes.
const MOST_WOKEN: usize = 500;
/// Decided cards that stay for undo.
const KEPT_FOR_UNDO: usize = 20;

/// How often a family's decks are dealt in a day. A deck answers "who fits these terms?", so an owner who could ask
/// without end would learn other families' hours, weights and places by changing the own ones bit by bit.
const DEALS: Quota = Quota {
    what: "deals",
    most: 16,
    window_ms: DAY_MS,
};

/// How often a family's devices are called because of neighbours.
const WAKES: Quota = Quota {
    what: "wakes",
    most: 3,
    window_ms: PAUSE_MS,
};

/// How often a deal is begun again because something changed meanwhile.
const MOST_BEGUN: usize = 3;

/// Builds the family's decks that need it. Returns the new commit numbers.
pub(super) fn refresh(
    server: &Server,
    household: HouseholdId,
) -> Result<BTreeMap<HouseholdId, u64>, Problem> {
    let now = server.clock.now();
    let mut heads = BTreeMap::new();
    for _ in 0..MOST_BEGUN {
        // Choosing cards takes long: it is done without a transaction, so nobody waits for it, neither to read nor to
        // write; and what changed meanwhile makes it begin again.
        let table = server.db.read(move |tx| gather(Work::new(tx, now), household))?;
        if table.due.is_empty() {
            break;
        }
        let dealt = deal(&table, now);
        let takes_part = table.own.is_some();
        let (done, touched) = server
            .db
            .write(move |tx| lay_out(Work::new(tx, now), household, takes_part, &dealt))?;
        heads.extend(touched);
        if done {
            break;
        }
    }
    Ok(heads)
}

/// A family is new to others, or has other terms: neighbours who have nothing to choose from get a new deal, and are
/// told to come for it.
pub(super) fn wake_neighbours(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    let settings = work.settings(household)?;
    let (Some(area), Some(_)) = (settings.area, settings.share_consent) else {
        return Ok(());
    };
    let (south_west, north_east) = reach(area, f64::from(settings.travel_km.get()));
    let near = work.households_near(south_west, north_east, household)?;
    for neighbour in near.into_iter().take(MOST_WOKEN) {
        for record in work.tx.decks(neighbour)? {
            let generation = record.generation + 1;
            if record.stale {
                // It may be dealt at this very moment, from what was known before.
                work.tx.put_deck(&DeckRecord { generation, ..record })?;
            } else if has_run_dry(work, &record)? && work.tx.spend(neighbour, WAKES, work.now)? {
                work.tx.put_deck(&DeckRecord {
                    stale: true,
                    generation,
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
    Ok(work.tx.cards_for(record.pet)?.is_empty() || (rested && undecided(work, record)? < FEW))
}

fn is_due(work: &mut Work<'_>, record: &DeckRecord) -> Result<bool, Fault> {
    let age_ms = work.now.since_ms(record.built_at);
    Ok(record.stale || age_ms >= DAY_MS || (age_ms >= PAUSE_MS && undecided(work, record)? < FEW))
}

/// Whether a deck of the household is to be dealt.
pub(super) fn is_any_due(mut work: Work<'_>, household: HouseholdId) -> Result<bool, Fault> {
    for record in work.tx.decks(household)? {
        if is_due(&mut work, &record)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many cards of a pet's deck wait for a verdict.
fn undecided(work: &mut Work<'_>, record: &DeckRecord) -> Result<usize, Fault> {
    let swipes = work.tx.swipes_by(record.household, record.pet)?;
    let decided = decided(&swipes);
    Ok(work
        .tx
        .cards_for(record.pet)?
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
    own: Option<Arc<Family>>,
    near: Vec<Arc<Family>>,
    due: Vec<Due>,
}

/// A deck that is to be dealt.
struct Due {
    record: DeckRecord,
    /// The pets that were decided on: not dealt again …
    decided: BTreeSet<PetId>,
    /// … but for those whose yes waits for an owner: without its card an owner cannot judge it.
    held: BTreeSet<PetId>,
}

fn gather(mut work: Work<'_>, household: HouseholdId) -> Result<Table, Fault> {
    let mut due = Vec::new();
    for record in work.tx.decks(household)? {
        if is_due(&mut work, &record)? {
            let swipes = work.tx.swipes_by(household, record.pet)?;
            let held = swipes
                .iter()
                .filter(|record| record.swipe.is_held())
                .map(|record| record.swipe.target_pet);
            due.push(Due {
                record,
                held: held.collect(),
                decided: decided(&swipes).into_keys().collect(),
            });
        }
    }
    let own = if due.is_empty() {
        None
    } else {
        work.family(household)?
    };
    let near = match &own {
        Some(own) => families_near(&mut work, &own.party)?,
        None => Vec::new(),
    };
    Ok(Table { own, near, due })
}

/// The new cards of each deck.
type Dealt = Vec<(DeckRecord, Vec<Card>)>;

fn deal(table: &Table, now: UtcMs) -> Dealt {
    let others: Vec<Candidate<'_>> = table.near.iter().flat_map(|family| family.candidates()).collect();
    let cards = |due: &Due| {
        let Some(actor) = table.own.as_ref().and_then(|own| own.candidate(due.record.pet)) else {
            return Vec::new();
        };
        let today = date_in(&actor.party.zone, now);
        let mut cards = deck(&actor, &others, &due.decided, today, DECK_SIZE);
        let waiting: Vec<Candidate<'_>> = others
            .iter()
            .filter(|other| due.held.contains(&other.id))
            .copied()
            .collect();
        cards.extend(deck(&actor, &waiting, &BTreeSet::new(), today, waiting.len()));
        cards
    };
    table.due.iter().map(|due| (due.record, cards(due))).collect()
}

/// Replaces the decks' cards. `false` when something changed since they were gathered, and they must be dealt again.
fn lay_out(
    mut work: Work<'_>,
    household: HouseholdId,
    takes_part: bool,
    dealt: &Dealt,
) -> Result<(bool, BTreeMap<HouseholdId, u64>), Fault> {
    if work.tx.household(household)?.is_none() {
        // Deleted while its cards were chosen.
        return Ok((true, BTreeMap::new()));
    }
    let affordable = !takes_part || work.tx.spend(household, DEALS, work.now)?;
    let mut done = true;
    for (gathered, cards) in dealt {
        if work
            .tx
            .deck(gathered.pet)?
            .is_none_or(|now| now.generation != gathered.generation)
        {
            done = false;
            continue;
        }
        let cards = if affordable {
            cards.clone()
        } else {
            still_wanted(&mut work, household, gathered.pet)?
        };
        replace(&mut work, household, gathered.pet, &cards)?;
        work.tx.put_deck(&DeckRecord {
            built_at: work.now,
            stale: false,
            ..*gathered
        })?;
    }
    // Time alone can make a pair fit, too: a rest is over, a week has begun. Looked at as often as decks are dealt.
    standing::end_overdue(&mut work, household, UtcMs(0))?;
    matchmaking::reconsider(&mut work, household)?;
    Ok((done, work.finish()?))
}

fn replace(work: &mut Work<'_>, household: HouseholdId, pet: PetId, cards: &[Card]) -> Result<(), Fault> {
    let mut fresh: BTreeMap<PetId, &Card> = BTreeMap::new();
    for card in cards {
        // Somebody may have hidden their pet, or blocked the other family, since the snapshot.
        if still_shown(work, household, card.pet.id)? {
            fresh.insert(card.pet.id, card);
        }
    }
    let kept = kept(work, household, pet)?;
    for old in work.tx.cards_for(pet)? {
        let target = old.pet.id;
        match fresh.get(&target) {
            Some(card) if **card == old => drop(fresh.remove(&target)),
            Some(_) => {}
            None if kept.contains(&target) && still_shown(work, household, target)? => {}
            None => {
                let id = CardId::of(pet, target).0;
                work.tx.remove_card(household, id)?;
                work.gone(household, Kind::Card, id);
            }
        }
    }
    for card in fresh.into_values() {
        work.tx.put_card(household, card)?;
        work.changed(household, Kind::Card, CardId::of(pet, card.pet.id).0);
    }
    Ok(())
}

/// Without a deal: the cards there are, less those that the family's own rules now forbid by what is on them.
fn still_wanted(work: &mut Work<'_>, household: HouseholdId, pet: PetId) -> Result<Vec<Card>, Fault> {
    let Some(own) = work.family(household)? else {
        return Ok(Vec::new());
    };
    let Some(actor) = own.candidate(pet) else {
        return Ok(Vec::new());
    };
    let today = date_in(&own.party.zone, work.now);
    let mut cards = work.tx.cards_for(pet)?;
    cards.retain(|card| {
        let shown = &card.pet;
        let sizes = &actor.pet.seeks_sizes;
        actor.pet.visible
            && !actor.pet.rests_on(today)
            && actor.pet.seeks_species.contains(&shown.species)
            && !own.party.allergies.contains(&shown.species)
            && (sizes.is_empty() || shown.size.is_some_and(|size| sizes.contains(&size)))
    });
    Ok(cards)
}

/// The decided cards that stay: those that wait for an owner, and the last few.
fn kept(work: &mut Work<'_>, household: HouseholdId, pet: PetId) -> Result<BTreeSet<PetId>, Fault> {
    let swipes = work.tx.swipes_by(household, pet)?;
    let mut latest: Vec<&SwipeRecord> = decided(&swipes).into_values().collect();
    latest.sort_by_key(|record| std::cmp::Reverse(record.verdict_at));
    let held = latest.iter().filter(|record| record.swipe.is_held());
    Ok(held
        .chain(latest.iter().take(KEPT_FOR_UNDO))
        .map(|record| record.swipe.target_pet)
        .collect())
}

/// Whether a pet may be on a card of a household right now: shown by its owner, with the family's consent, not resting,
/// and the two families are not kept apart.
fn still_shown(work: &mut Work<'_>, household: HouseholdId, pet: PetId) -> Result<bool, Fault> {
    let Some(owner) = work.tx.owner_of_pet(pet)? else {
        return Ok(false);
    };
    if work.are_apart(household, owner)? {
        return Ok(false);
    }
    let settings = work.settings(owner)?;
    let today = date_in(&settings.zone, work.now);
    let shown = work
        .one::<romp_domain::Pet>(owner, pet.0)?
        .is_some_and(|pet| pet.visible && !pet.rests_on(today));
    Ok(shown && settings.share_consent.is_some())
}
