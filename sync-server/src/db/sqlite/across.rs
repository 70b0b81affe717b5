//! What is looked up without knowing the household.

use romp_domain::{Area, HouseholdId, PetId};
use rusqlite::{Connection, OptionalExtension, params};

use super::columns::Id;
use crate::db::{Fault, NOBODY};

pub(super) fn owner_of_pet(c: &Connection, pet: PetId) -> Result<Option<HouseholdId>, Fault> {
    let owner = c
        .prepare_cached("SELECT household_id FROM pets WHERE id = ?1")?
        .query_one([Id(pet.0)], |row| row.get::<_, Id>(0))
        .optional()?;
    if let Some(owner) = owner {
        return Ok(Some(HouseholdId(owner.0)));
    }
    // Asked apart: nearly every pet that is looked for is there, and two simple statements cost less than one of both.
    let is_erased = c
        .prepare_cached("SELECT 1 FROM erased_pets WHERE id = ?1")?
        .exists([Id(pet.0)])?;
    Ok(is_erased.then_some(NOBODY))
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
               AND NOT EXISTS (SELECT 1 FROM unverified u WHERE u.household_id = h.household_id)
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

/// A household has few blocks, and each names a pet: two lookups by primary key.
pub(super) fn blocked_by(c: &Connection, household: HouseholdId) -> Result<Vec<HouseholdId>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT DISTINCT p.household_id FROM blocks b JOIN pets p ON p.id = b.id
             WHERE b.household_id = ?1 AND b.blocked ORDER BY p.household_id",
        )?
        .query_map([Id(household.0)], |row| Ok(HouseholdId(row.get::<_, Id>(0)?.0)))?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn pets_of(c: &Connection, household: HouseholdId) -> Result<Vec<(PetId, bool)>, Fault> {
    let found = c
        .prepare_cached("SELECT id, deleted FROM pets WHERE household_id = ?1 ORDER BY id")?
        .query_map([Id(household.0)], |row| {
            Ok((PetId(row.get::<_, Id>(0)?.0), row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}
