//! Swipes as matching asks for them. They are stored like every other row (`own_rows`).

use romp_domain::{Entity, Fields, Hlc, HouseholdId, PetId, Swipe, SwipeId};
use tokio_postgres::Row;

use super::statements::PgTx;
use super::values::{Num, json, stamps};
use crate::db::{Fault, SwipeRecord};

pub(super) fn add_swipes(tx: &mut PgTx<'_>, household: HouseholdId, number: u64) -> Result<(), Fault> {
    tx.execute(
        "UPDATE households SET swipes = swipes + $2 WHERE id = $1",
        &[&household.0, &Num(number)],
    )?;
    Ok(())
}

pub(super) fn swipe(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    id: SwipeId,
) -> Result<Option<SwipeRecord>, Fault> {
    let found = tx.find(
        "SELECT data, stamps FROM interactions WHERE household_id = $1 AND id = $2 AND NOT deleted",
        &[&household.0, &id.0],
        |row| record(row, household),
    )?;
    Ok(found.flatten())
}

pub(super) fn swipes_by(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    actor: PetId,
) -> Result<Vec<SwipeRecord>, Fault> {
    let found = tx.all(
        "SELECT data, stamps FROM interactions
         WHERE household_id = $1 AND actor_pet = $2 AND NOT deleted ORDER BY id",
        &[&household.0, &actor.0],
        |row| record(row, household),
    )?;
    Ok(found.into_iter().flatten().collect())
}

/// `None` for a row that is no complete swipe yet.
fn record(row: &Row, household: HouseholdId) -> Result<Option<SwipeRecord>, Fault> {
    let fields: Fields = json(row, 0)?;
    let Some(swipe) = Swipe::read_known(&fields) else {
        return Ok(None);
    };
    let stamps = stamps(row, 1)?.0;
    Ok(Some(SwipeRecord {
        household,
        swipe,
        verdict_at: stamps.get("verdict").map_or(Hlc::default(), |stamp| stamp.0),
    }))
}
