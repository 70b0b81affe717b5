//! A family is new to others, or has other terms: neighbours whom it may fit, and who have nearly nothing to choose from,
//! get a new deal, and are told to come for it.
//!
//! Who that is, is found out while nobody waits for it; what is written is the decks that are marked. It happens when
//! the family's own decks are dealt for these terms, and is counted with that: somebody who edits without end wakes
//! nobody without end.

use std::collections::BTreeSet;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::MINUTE_MS;
use romp_domain::{HouseholdId, Kind, PetId, UtcMs};
use romp_matching::{Candidate, eligible};

use super::super::work::{Work, date_in};
use super::Table;
use super::due::{FEW, is_rested, undecided};
use crate::db::{DeckRecord, Fault, Quota};

/// Most neighbours whose decks are looked at because of one change.
const MOST_LOOKED_AT: usize = 500;

/// How often a family's devices are called because of neighbours.
const WAKES: Quota = Quota {
    what: "wakes",
    most: 3,
    window_ms: 10 * MINUTE_MS,
};

/// A neighbour's deck that is to be dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dry {
    household: HouseholdId,
    pet: PetId,
    /// It can be dealt now, so the family is called.
    at_once: bool,
}

/// The neighbours' pets that fit one of the family's whose terms have changed; of too many neighbours others each time.
pub(super) fn concerned(table: &Table, now: UtcMs) -> Vec<Vec<PetId>> {
    let Some(own) = table.own.as_ref().filter(|_| !table.used_up) else {
        return Vec::new();
    };
    let today = date_in(&own.party.zone, now);
    let asking = table.due.iter().filter(|due| due.record.asks);
    let own: Vec<Candidate<'_>> = asking
        .clone()
        .filter_map(|due| own.candidate(due.record.pet))
        .collect();
    let fits = |other: &Candidate<'_>| own.iter().any(|own| eligible(own, other, today).is_ok());
    let mut found: Vec<Vec<PetId>> = table
        .near
        .iter()
        .map(|family| family.candidates().filter(fits).map(|pet| pet.id).collect())
        .filter(|pets: &Vec<PetId>| !pets.is_empty())
        .collect();
    let changes: u64 = asking.map(|due| due.record.generation).sum();
    turn(&mut found, changes);
    found
}

/// Leaves as many as are looked at, each time from where the last time may have ended.
fn turn<T>(found: &mut Vec<T>, changes: u64) {
    if found.len() > MOST_LOOKED_AT {
        let start = changes.wrapping_mul(MOST_LOOKED_AT as u64) % found.len() as u64;
        found.rotate_left(start as usize);
        found.truncate(MOST_LOOKED_AT);
    }
}

/// The decks of these pets that have nearly nothing to choose from, or may be dealt at this very moment from what was
/// known before. In the order of households, as everybody takes their locks.
pub(super) fn dry(mut work: Work<'_>, concerned: &[Vec<PetId>]) -> Result<Vec<Dry>, Fault> {
    let mut dry = Vec::new();
    for pet in concerned.iter().flatten() {
        let Some(record) = work.tx.deck(*pet)? else {
            continue;
        };
        let waiting = undecided(&mut work, &record)?;
        if record.stale || waiting < FEW {
            dry.push(Dry {
                household: record.household,
                pet: *pet,
                at_once: waiting == 0 || is_rested(&work, &record),
            });
        }
    }
    dry.sort();
    Ok(dry)
}

/// Marks the decks, and calls the families' devices.
pub(super) fn wake(work: &mut Work<'_>, dry: &[Dry]) -> Result<(), Fault> {
    let mut called = BTreeSet::new();
    for deck in dry {
        let Some(record) = work.tx.deck(deck.pet)? else {
            continue;
        };
        work.tx.put_deck(&DeckRecord {
            stale: true,
            generation: record.generation + 1,
            ..record
        })?;
        // Who was called before, and has not come, is not called again.
        if deck.at_once
            && !record.stale
            && called.insert(deck.household)
            && work.tx.spend(deck.household, WAKES, work.now)?
        {
            // Nothing of the row changes; a new commit is what makes the family's devices come.
            work.changed(deck.household, Kind::Household, HOUSEHOLD_ROW);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_neighbours_everybody_has_a_turn() {
        let all: Vec<usize> = (0..1_777).collect();
        let mut seen = BTreeSet::new();
        for changes in 0..4 {
            let mut found = all.clone();
            turn(&mut found, changes);
            assert_eq!(found.len(), MOST_LOOKED_AT);
            seen.extend(found);
        }
        assert_eq!(seen.len(), all.len());
        let mut few = all[..MOST_LOOKED_AT].to_vec();
        turn(&mut few, 3);
        assert_eq!(few, all[..MOST_LOOKED_AT]);
    }
}
