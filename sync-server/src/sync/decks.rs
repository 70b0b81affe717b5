//! Keeps a family's decks fresh. Only the decks of the family that is here are built; others wait for their turn.
//!
//! A deck is built anew when something it depends on has changed, when few cards are left, and once a day (`due`). Cards
//! that wait for an owner's release stay, and so do the last decided ones, so that an undo finds its card. When the
//! family's own terms have changed, neighbours whom it may fit are woken (`waking`).

mod due;
mod undealt;
mod waking;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use romp_domain::{Card, CardId, HouseholdId, Kind, PetId, Problem, SwipeId, UtcMs};
use romp_matching::{Candidate, DECK_SIZE, deck};

use super::parties::{Family, families_near};
use super::work::{Work, date_in};
use super::{matchmaking, standing};
use crate::db::{DbExt, DeckRecord, Fault, SwipeRecord};
use crate::server::Server;

pub(super) use due::is_any_due;
use due::{DEALS, LOOKED_AT_AGAIN, is_decided, is_due, undecided};
pub(crate) use undealt::Undealt;
use waking::Dry;

/// Decided cards that stay for undo.
const KEPT_FOR_UNDO: usize = 20;

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
        let concerned = waking::concerned(&table, now);
        let dry = if concerned.is_empty() {
            Vec::new()
        } else {
            server
                .db
                .read(move |tx| waking::dry(Work::new(tx, now), &concerned))?
        };
        let takes_part = table.own.is_some();
        let (done, touched) = server
            .db
            .write(move |tx| lay_out(Work::new(tx, now), household, takes_part, &dealt, &dry))?;
        heads.extend(touched);
        if done {
            break;
        }
    }
    Ok(heads)
}

/// Everything that choosing cards needs.
struct Table {
    own: Option<Arc<Family>>,
    near: Vec<Arc<Family>>,
    due: Vec<Due>,
    /// The day's questions are used up: decks that ask one are not dealt.
    used_up: bool,
}

/// A deck that is to be dealt.
struct Due {
    record: DeckRecord,
    /// The pets that were decided on: not dealt again …
    decided: BTreeSet<PetId>,
    /// … but for those whose yes waits for an owner: without its card an owner cannot judge it.
    held: BTreeSet<PetId>,
}

impl Due {
    const fn new(record: DeckRecord) -> Self {
        Self {
            record,
            decided: BTreeSet::new(),
            held: BTreeSet::new(),
        }
    }

    /// Takes one of the pet's swipes in.
    fn note(&mut self, swipe: &SwipeRecord) {
        let target = swipe.swipe.target_pet;
        if swipe.swipe.is_held() {
            self.held.insert(target);
        }
        if is_decided(swipe) {
            self.decided.insert(target);
        }
    }
}

fn gather(mut work: Work<'_>, household: HouseholdId) -> Result<Table, Fault> {
    let mut due = BTreeMap::new();
    for record in work.tx.decks(household)? {
        if is_due(&mut work, &record)? {
            due.insert(record.pet, Due::new(record));
        }
    }
    let pets: Vec<PetId> = due.keys().copied().collect();
    for record in work.tx.swipes_by(household, &pets)? {
        if let Some(due) = due.get_mut(&record.swipe.actor_pet) {
            due.note(&record);
        }
    }
    let due: Vec<Due> = due.into_values().collect();
    let own = if due.is_empty() {
        None
    } else {
        work.family(household)?
    };
    let asks = |due: &Due| due.record.asks;
    let used_up = own.is_some() && due.iter().any(asks) && work.tx.is_used_up(household, DEALS, work.now)?;
    let near = match &own {
        Some(own) if !used_up || !due.iter().all(asks) => families_near(&mut work, &own.party)?,
        _ => Vec::new(),
    };
    Ok(Table {
        own,
        near,
        due,
        used_up,
    })
}

/// The new cards of each deck; none where the day's questions are used up.
type Dealt = Vec<(DeckRecord, Option<Vec<Card>>)>;

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
    let is_answered = |due: &&Due| !(table.used_up && due.record.asks);
    let cards = |due: &Due| Some(due).filter(is_answered).map(cards);
    table.due.iter().map(|due| (due.record, cards(due))).collect()
}

/// Replaces the decks' cards. `false` when something changed since they were gathered, and they must be dealt again.
fn lay_out(
    mut work: Work<'_>,
    household: HouseholdId,
    takes_part: bool,
    dealt: &Dealt,
    dry: &[Dry],
) -> Result<(bool, BTreeMap<HouseholdId, u64>), Fault> {
    if work.tx.household(household)?.is_none() {
        // Deleted while its cards were chosen.
        return Ok((true, BTreeMap::new()));
    }
    let (mut fresh, mut done) = (Vec::new(), true);
    for (gathered, cards) in dealt {
        match work.tx.deck(gathered.pet)? {
            Some(now) if now == *gathered => fresh.push((gathered, cards.as_deref())),
            // Another exchange of the family has dealt it meanwhile.
            Some(now) if now.generation == gathered.generation => {}
            _ => done = false,
        }
    }
    let asks = takes_part && fresh.iter().any(|(deck, cards)| deck.asks && cards.is_some());
    let affordable = !asks || work.tx.spend(household, DEALS, work.now)?;
    if fresh
        .iter()
        .any(|(deck, cards)| deck.asks && (cards.is_none() || !affordable))
    {
        work.tx.spend(household, LOOKED_AT_AGAIN, work.now)?;
    }
    let mut answered = false;
    for (gathered, cards) in &fresh {
        let cards = cards.filter(|_| affordable || !gathered.asks);
        if let Some(cards) = cards {
            replace(&mut work, household, gathered.pet, cards)?;
        } else {
            let cards = still_wanted(&mut work, household, gathered.pet)?;
            replace(&mut work, household, gathered.pet, &cards)?;
        }
        let dealt = undecided(&mut work, gathered)? as u64;
        work.tx.put_deck(&DeckRecord {
            built_at: work.now,
            stale: false,
            asks: gathered.asks && cards.is_none(),
            dealt,
            ..**gathered
        })?;
        answered |= cards.is_some();
    }
    if asks && affordable {
        waking::wake(&mut work, dry)?;
    }
    if answered {
        // For what the own terms lead to, too, the question is paid. And time alone can make a pair fit: a rest is over, a
        // week has begun.
        standing::end_overdue(&mut work, household, UtcMs(0))?;
        standing::judge_again(&mut work, household)?;
        matchmaking::reconsider(&mut work, household)?;
    }
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
    let old = work.tx.cards_for(pet)?;
    let kept = kept(work, household, pet, &old)?;
    for old in old {
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

/// The decided cards of a deck that stay: those that wait for an owner, and the last few. None where the pet is gone or the
/// family takes no part: who is not shown sees nobody.
fn kept(
    work: &mut Work<'_>,
    household: HouseholdId,
    pet: PetId,
    deck: &[Card],
) -> Result<BTreeSet<PetId>, Fault> {
    let own = work.family(household)?;
    if own.is_none_or(|own| own.candidate(pet).is_none()) {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<SwipeId> = deck.iter().map(|card| SwipeId::of(pet, card.pet.id)).collect();
    let mut decided: Vec<SwipeRecord> = work.tx.swipes_of(household, &ids)?;
    decided.retain(is_decided);
    decided.sort_by_key(|record| (Reverse(record.verdict_at), record.swipe.target_pet));
    let held = decided.iter().filter(|record| record.swipe.is_held());
    Ok(held
        .chain(decided.iter().take(KEPT_FOR_UNDO))
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
