//! A family goes for good: what it has with others ends, and then it is deleted.

use std::collections::BTreeMap;

use romp_domain::{HouseholdId, Kind, PetId, UtcMs};

use super::work::Work;
use super::{effects, standing};
use crate::db::{Fault, NOBODY, Tx};

/// Deletes a household. Returns the new commit numbers of the families that had something with it.
///
/// To them it is as if the family's pets were gone, all at once: cards leave the decks, matches end, coming playdates
/// are called off, and of past ones stays that there was a meeting. What no family is left of goes completely.
pub(crate) fn erase(
    tx: &mut dyn Tx,
    household: HouseholdId,
    now: UtcMs,
) -> Result<BTreeMap<HouseholdId, u64>, Fault> {
    let mut work = Work::new(&mut *tx, now);
    for (pet, _) in work.tx.rows(household, Kind::Pet)? {
        effects::take_off_all_decks(&mut work, PetId(pet))?;
    }
    standing::leave(&mut work, household, None)?;
    disown(&mut work, household)?;
    let mut heads = work.finish()?;
    heads.remove(&household);
    tx.erase_household(household, now)?;
    Ok(heads)
}

/// Takes the household out of what it shares with others.
fn disown(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    for mut record in work.tx.matches_of(household)? {
        for side in record.sides.iter_mut().filter(|side| side.household == household) {
            side.household = NOBODY;
        }
        if record.sides.iter().all(|side| side.household == NOBODY) {
            work.tx.remove_match(record.id)?;
            continue;
        }
        work.tx.put_match(&record)?;
        for mut playdate in work.tx.playdates_of_match(record.id)? {
            for (side, of_match) in playdate.sides.iter_mut().zip(&record.sides) {
                side.household = of_match.household;
            }
            if playdate.cancelled_by == Some(household) {
                playdate.cancelled_by = Some(NOBODY);
            }
            work.tx.put_playdate(&playdate)?;
        }
    }
    Ok(())
}
