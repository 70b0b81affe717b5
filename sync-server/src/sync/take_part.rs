//! Somebody of a family has proved an address: from now on it counts as what it agreed to.

use std::collections::BTreeMap;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{HouseholdId, Kind, UtcMs};

use super::effects;
use super::work::Work;
use crate::db::{Fault, Tx};

/// The family takes part, as if it had agreed to be shown just now. Returns the new commit numbers. Does nothing for
/// one that does already.
pub(crate) fn take_part(
    tx: &mut dyn Tx,
    household: HouseholdId,
    now: UtcMs,
) -> Result<BTreeMap<HouseholdId, u64>, Fault> {
    if !tx.unset_unverified(household)? {
        return Ok(BTreeMap::new());
    }
    let mut work = Work::new(tx, now);
    effects::all_decks_stale(&mut work, household)?;
    if work.tx.row(household, Kind::Household, HOUSEHOLD_ROW)?.is_some() {
        // Nothing of the row changes; a new commit is what makes the family's devices come for their cards, and with
        // that the neighbours'.
        work.changed(household, Kind::Household, HOUSEHOLD_ROW);
    }
    work.finish()
}
