//! What is looked up without knowing the household.

use romp_domain::{Area, Entity, Fields, HouseholdId, PetId, Swipe, SwipeId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{Id, Json, Stamps};
use crate::db::{Fault, NOBODY, SwipeRecord};

pub(super) fn owner_of_pet(c: &Connection, pet: PetId) -> Result<Option<HouseholdId>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT household_id FROM pets WHERE id = ?1
             UNION ALL SELECT ?2 FROM erased_pets WHERE id = ?1 LIMIT 1",
        )?
        .query_one([Id(pet.0), Id(NOBODY.0)], |row| row.get::<_, Id>(0))
        .optional()?;
    Ok(found.map(|id| HouseholdId(id.0)))
}

/// A box whose west is east of its east crosses the date line.
pub(super) fn households_near(
    c: &Connection,
    south_west: Area,
    north_east: Area,
    except: HouseholdId,
) -> Result<Vec<HouseholdId>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT h.household_id FROM household_settings h
             WHERE h.shared = 1 AND h.lat_c BETWEEN ?1 AND ?2
               AND CASE WHEN ?3 <= ?4 THEN h.lon_c BETWEEN ?3 AND ?4 ELSE h.lon_c >= ?3 OR h.lon_c <= ?4 END
               AND h.household_id <> ?5
               AND EXISTS (SELECT 1 FROM pets p WHERE p.household_id = h.household_id AND p.visible = 1)
             ORDER BY h.household_id",
        )?
        .query_map(
            params![
                south_west.lat_c(),
                north_east.lat_c(),
                south_west.lon_c(),
                north_east.lon_c(),
                Id(except.0)
            ],
            |row| Ok(HouseholdId(row.get::<_, Id>(0)?.0)),
        )?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// Only the swipe in the household that has the pet counts; a row that another household may have put under the
/// same id is not there.
pub(super) fn swipe(c: &Connection, id: SwipeId) -> Result<Option<SwipeRecord>, Fault> {
    let mut found = c
        .prepare_cached(
            "SELECT i.household_id, i.data, i.stamps FROM interactions i
             JOIN pets p ON p.id = i.actor_pet AND p.household_id = i.household_id
             WHERE i.id = ?1 AND NOT i.deleted",
        )?
        .query_and_then([Id(id.0)], record)?
        .collect::<Result<Vec<_>, Fault>>()?;
    Ok(found.pop().flatten())
}

pub(super) fn swipes_by(c: &Connection, actor: PetId) -> Result<Vec<SwipeRecord>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT i.household_id, i.data, i.stamps FROM pets p
             JOIN interactions i ON i.household_id = p.household_id AND i.actor_pet = p.id
             WHERE p.id = ?1 AND NOT i.deleted ORDER BY i.id",
        )?
        .query_and_then([Id(actor.0)], record)?
        .collect::<Result<Vec<_>, Fault>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// `None` for a row that is no complete swipe yet.
fn record(row: &Row<'_>) -> Result<Option<SwipeRecord>, Fault> {
    let Json(fields) = row.get::<_, Json<Fields>>(1)?;
    let Some(swipe) = Swipe::read_known(&fields) else {
        return Ok(None);
    };
    Ok(Some(SwipeRecord {
        household: HouseholdId(row.get::<_, Id>(0)?.0),
        swipe,
        verdict_at: row.get::<_, Stamps>(2)?.clock_of("verdict"),
    }))
}
