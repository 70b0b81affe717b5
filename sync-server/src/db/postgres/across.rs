//! What is looked up without knowing the household.

use romp_domain::{Area, Entity, Fields, HouseholdId, PetId, Swipe, SwipeId};
use tokio_postgres::Row;

use super::statements::PgTx;
use super::values::{id, json, stamps};
use crate::db::{Fault, SwipeRecord};

pub(super) fn owner_of_pet(tx: &mut PgTx<'_>, pet: PetId) -> Result<Option<HouseholdId>, Fault> {
    tx.find("SELECT household_id FROM pets WHERE id = $1", &[&pet.0], |row| {
        id(row, 0, HouseholdId)
    })
}

/// A box whose west is east of its east crosses the date line.
pub(super) fn households_near(
    tx: &mut PgTx<'_>,
    south_west: Area,
    north_east: Area,
    except: HouseholdId,
) -> Result<Vec<HouseholdId>, Fault> {
    let [south, north, west, east] = [
        south_west.lat_c(),
        north_east.lat_c(),
        south_west.lon_c(),
        north_east.lon_c(),
    ]
    .map(i64::from);
    tx.all(
        "SELECT h.household_id FROM household_settings h
         WHERE h.shared AND h.lat_c BETWEEN $1 AND $2
           AND CASE WHEN $3::bigint <= $4::bigint THEN h.lon_c BETWEEN $3 AND $4 ELSE h.lon_c >= $3 OR h.lon_c <= $4 END
           AND h.household_id <> $5
           AND EXISTS (SELECT 1 FROM pets p WHERE p.household_id = h.household_id AND p.visible)
         ORDER BY h.household_id",
        &[&south, &north, &west, &east, &except.0],
        |row| id(row, 0, HouseholdId),
    )
}

/// Only the swipe in the household that has the pet counts; a row that another household may have put under the
/// same id is not there.
pub(super) fn swipe(tx: &mut PgTx<'_>, id: SwipeId) -> Result<Option<SwipeRecord>, Fault> {
    let mut found = tx.all(
        "SELECT i.household_id, i.data, i.stamps FROM interactions i
         JOIN pets p ON p.id = i.actor_pet AND p.household_id = i.household_id
         WHERE i.id = $1 AND NOT i.deleted",
        &[&id.0],
        record,
    )?;
    Ok(found.pop().flatten())
}

pub(super) fn swipes_by(tx: &mut PgTx<'_>, actor: PetId) -> Result<Vec<SwipeRecord>, Fault> {
    let found = tx.all(
        "SELECT i.household_id, i.data, i.stamps FROM pets p
         JOIN interactions i ON i.household_id = p.household_id AND i.actor_pet = p.id
         WHERE p.id = $1 AND NOT i.deleted ORDER BY i.id",
        &[&actor.0],
        record,
    )?;
    Ok(found.into_iter().flatten().collect())
}

/// `None` for a row that is no complete swipe yet.
fn record(row: &Row) -> Result<Option<SwipeRecord>, Fault> {
    let fields: Fields = json(row, 1)?;
    let Some(swipe) = Swipe::read_known(&fields) else {
        return Ok(None);
    };
    Ok(Some(SwipeRecord {
        household: id(row, 0, HouseholdId)?,
        swipe,
        verdict_at: stamps(row, 2)?.clock_of("verdict"),
    }))
}
