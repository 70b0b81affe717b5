//! What is looked up without knowing the household.

use romp_domain::{Area, HouseholdId, PetId};
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{column, id};
use crate::db::{Fault, NOBODY};

pub(super) fn owner_of_pet(tx: &mut PgTx<'_>, pet: PetId) -> Result<Option<HouseholdId>, Fault> {
    if let Some(known) = tx.ahead.owners.remove(&pet) {
        return Ok(known);
    }
    tx.find(
        "SELECT household_id FROM pets WHERE id = $1
         UNION ALL SELECT $2 FROM erased_pets WHERE id = $1 LIMIT 1",
        &[&pet.0, &NOBODY.0],
        |row| id(row, 0, HouseholdId),
    )
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
           AND NOT EXISTS (SELECT 1 FROM unverified u WHERE u.household_id = h.household_id)
           AND EXISTS (SELECT 1 FROM pets p WHERE p.household_id = h.household_id AND p.visible)
         ORDER BY h.household_id",
        &[&south, &north, &west, &east, &except.0],
        |row| id(row, 0, HouseholdId),
    )
}

/// A household has few blocks, and each names a pet: two lookups by primary key.
pub(super) fn blocked_by(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<Vec<HouseholdId>, Fault> {
    if let Some(known) = tx.ahead.blocks.remove(&household) {
        return Ok(known);
    }
    tx.all(
        "SELECT DISTINCT p.household_id FROM blocks b JOIN pets p ON p.id = b.id
         WHERE b.household_id = $1 AND b.blocked ORDER BY p.household_id",
        &[&household.0],
        |row| id(row, 0, HouseholdId),
    )
}

/// The same for many households, to be asked for later.
pub(super) fn expect_blocks(tx: &mut PgTx<'_>, households: &[Uuid]) -> Result<(), Fault> {
    let found = tx.all(
        "SELECT DISTINCT b.household_id, p.household_id FROM blocks b JOIN pets p ON p.id = b.id
         WHERE b.household_id = ANY($1) AND b.blocked ORDER BY b.household_id, p.household_id",
        &[&households],
        |row| Ok((id(row, 0, HouseholdId)?, id(row, 1, HouseholdId)?)),
    )?;
    let blocks = &mut tx.ahead.blocks;
    blocks.extend(
        households
            .iter()
            .map(|household| (HouseholdId(*household), Vec::new())),
    );
    for (household, other) in found {
        blocks.entry(household).or_default().push(other);
    }
    Ok(())
}

pub(super) fn pets_of(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<Vec<(PetId, bool)>, Fault> {
    tx.about(household);
    tx.all(
        "SELECT id, deleted FROM pets WHERE household_id = $1 ORDER BY id",
        &[&household.0],
        |row| Ok((id(row, 0, PetId)?, column(row, 1)?)),
    )
}
