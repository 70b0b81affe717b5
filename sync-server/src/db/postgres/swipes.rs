//! Swipes as matching asks for them. They are stored like every other row (`own_rows`).

use std::collections::HashMap;

use romp_domain::{Entity, Fields, Hlc, HouseholdId, Kind, PetId, Swipe, SwipeId};
use romp_sync::Registers;
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Json, Num, column, id, json, stamps};
use crate::db::stored::grouped;
use crate::db::{Fault, NOBODY, RELEASED, SwipeRecord, SwipeWrite};

pub(super) fn swipe_rows(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Registers)>, Fault> {
    tx.about(household);
    tx.all(
        "SELECT id, data, stamps FROM interactions WHERE household_id = $1 AND id = ANY($2)",
        &[&household.0, &ids],
        |row| {
            let registers = Registers {
                fields: json(row, 1)?,
                stamps: stamps(row, 2)?.0,
            };
            Ok((column(row, 0)?, registers))
        },
    )
}

/// One statement a table, whatever the number, and all of them in one round trip.
pub(super) fn put_swipes(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    seq: u64,
    swipes: &[SwipeWrite],
) -> Result<(), Fault> {
    tx.ahead.forget(household, Kind::Swipe);
    let ids: Vec<Uuid> = swipes.iter().map(|swipe| swipe.id).collect();
    let rows: Vec<_> = swipes.iter().map(|swipe| Json(&swipe.row.fields)).collect();
    let grouped: Vec<_> = swipes.iter().map(|swipe| grouped(&swipe.row.stamps)).collect();
    let stamps: Vec<_> = grouped.iter().map(Json).collect();
    let deleted: Vec<bool> = swipes.iter().map(|swipe| swipe.row.fields.is_deleted()).collect();
    let withheld = swipes
        .iter()
        .filter_map(|swipe| Some((swipe.id, swipe.withheld_by?.0)));
    let (withheld, devices): (Vec<Uuid>, Vec<Uuid>) = withheld.unzip();
    let (kind, seq) = (Kind::Swipe.word(), Num(seq));
    tx.execute_together(&[
        (
            "INSERT INTO interactions (household_id, id, data, stamps, deleted)
             SELECT $1::uuid, * FROM unnest($2::uuid[], $3::jsonb[], $4::text[], $5::boolean[])
             ON CONFLICT (household_id, id) DO UPDATE SET
                 data = excluded.data, stamps = excluded.stamps, deleted = excluded.deleted",
            &[&household.0, &ids, &rows, &stamps, &deleted],
        ),
        (
            "INSERT INTO feed (household_id, kind, id, seq, gone)
             SELECT $1::uuid, $2::text, id, $3::bigint, gone FROM unnest($4::uuid[], $5::boolean[]) AS t (id, gone)
             ON CONFLICT (household_id, kind, id) DO UPDATE SET seq = excluded.seq, gone = excluded.gone",
            &[&household.0, &kind, &seq, &ids, &deleted],
        ),
        (
            "INSERT INTO restrictions (household_id, kind, id, field, seq, device_id)
             SELECT $1::uuid, $2::text, id, $3::text, $4::bigint, device
             FROM unnest($5::uuid[], $6::uuid[]) AS t (id, device)
             ON CONFLICT (household_id, kind, id, field) DO UPDATE SET
                 seq = excluded.seq, device_id = excluded.device_id",
            &[&household.0, &kind, &RELEASED, &seq, &withheld, &devices],
        ),
    ])
}

/// Two statements, instead of two for each yes.
pub(super) fn expect_answers(tx: &mut PgTx<'_>, answers: &[(PetId, SwipeId)]) -> Result<(), Fault> {
    let pets: Vec<Uuid> = answers.iter().map(|(pet, _)| pet.0).collect();
    let owners = tx.all(
        "SELECT id, household_id FROM pets WHERE id = ANY($1)
         UNION ALL SELECT id, $2 FROM erased_pets WHERE id = ANY($1)",
        &[&pets, &NOBODY.0],
        |row| Ok((PetId(column(row, 0)?), id(row, 1, HouseholdId)?)),
    )?;
    let owners: HashMap<PetId, HouseholdId> = owners.into_iter().collect();
    let asked: Vec<(HouseholdId, SwipeId)> = answers
        .iter()
        .filter_map(|(pet, swipe)| Some((*owners.get(pet)?, *swipe)))
        .collect();
    let (households, ids): (Vec<Uuid>, Vec<Uuid>) = asked
        .iter()
        .map(|(household, swipe)| (household.0, swipe.0))
        .unzip();
    let found = tx.all(
        "SELECT i.data, i.stamps, i.household_id, i.id
         FROM unnest($1::uuid[], $2::uuid[]) AS t (household_id, id)
         JOIN interactions i ON i.household_id = t.household_id AND i.id = t.id AND NOT i.deleted",
        &[&households, &ids],
        |row| {
            let household = id(row, 2, HouseholdId)?;
            Ok(((household, SwipeId(column(row, 3)?)), record(row, household)?))
        },
    )?;
    let ahead = &mut tx.ahead;
    ahead
        .owners
        .extend(answers.iter().map(|(pet, _)| (*pet, owners.get(pet).copied())));
    ahead.swipes.extend(asked.into_iter().map(|asked| (asked, None)));
    ahead.swipes.extend(found);
    Ok(())
}

pub(super) fn swipe(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    id: SwipeId,
) -> Result<Option<SwipeRecord>, Fault> {
    if let Some(known) = tx.ahead.swipes.remove(&(household, id)) {
        return Ok(known);
    }
    let found = tx.find(
        "SELECT data, stamps FROM interactions WHERE household_id = $1 AND id = $2 AND NOT deleted",
        &[&household.0, &id.0],
        |row| record(row, household),
    )?;
    Ok(found.flatten())
}

pub(super) fn swipes_of(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    ids: &[SwipeId],
) -> Result<Vec<SwipeRecord>, Fault> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = tx.all(
        "SELECT data, stamps FROM interactions WHERE household_id = $1 AND id = ANY($2) AND NOT deleted",
        &[&household.0, &ids],
        |row| record(row, household),
    )?;
    Ok(found.into_iter().flatten().collect())
}

pub(super) fn swipes_by(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    actors: &[PetId],
) -> Result<Vec<SwipeRecord>, Fault> {
    let actors: Vec<Uuid> = actors.iter().map(|actor| actor.0).collect();
    let found = tx.all(
        "SELECT data, stamps FROM interactions
         WHERE household_id = $1 AND actor_pet = ANY($2) AND NOT deleted ORDER BY id",
        &[&household.0, &actors],
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
