//! The family's own rows but for swipes. One table per kind, all of the same shape, so the same statements with
//! another name.

use romp_domain::{ErrorCode, Fields, HouseholdId, Kind, PetId, Problem};
use romp_sync::Registers;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::columns::{Id, Json, Num};
use crate::db::Fault;
use crate::db::stored::{Stamps, grouped};

/// The statement for a kind: what stands before the table's name, and what stands after it.
macro_rules! of_kind {
    ($kind:expr, $before:literal, $after:literal) => {
        match $kind {
            Kind::Household => Ok(concat!($before, " household_settings ", $after)),
            Kind::Child => Ok(concat!($before, " children ", $after)),
            Kind::Pet => Ok(concat!($before, " pets ", $after)),
            Kind::Slot => Ok(concat!($before, " slots ", $after)),
            Kind::Exception => Ok(concat!($before, " exceptions ", $after)),
            Kind::Switch => Ok(concat!($before, " switches ", $after)),
            Kind::Block => Ok(concat!($before, " blocks ", $after)),
            Kind::Swipe | Kind::Card | Kind::Match | Kind::Playdate => {
                Err(Fault::Backend("rows of this kind are kept elsewhere".into()))
            }
        }
    };
}

pub(super) fn row(
    c: &Connection,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
) -> Result<Option<Registers>, Fault> {
    let sql = of_kind!(
        kind,
        "SELECT data, stamps FROM",
        "WHERE household_id = ?1 AND id = ?2"
    )?;
    let found = c
        .prepare_cached(sql)?
        .query_one([Id(household.0), Id(id)], |row| {
            Ok(Registers {
                fields: row.get::<_, Json<Fields>>(0)?.0,
                stamps: row.get::<_, Stamps>(1)?.0,
            })
        })
        .optional()?;
    Ok(found)
}

/// Two plain statements rather than an upsert: the id of a pet is unique across households, and taking another
/// family's must look as if there was nothing.
pub(super) fn put_row(
    c: &Connection,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
    row: &Registers,
) -> Result<(), Fault> {
    let stamps = grouped(&row.stamps);
    let values = params![
        Id(household.0),
        Id(id),
        Json(&row.fields),
        Json(&stamps),
        row.fields.is_deleted()
    ];
    let update = of_kind!(
        kind,
        "UPDATE",
        "SET data = ?3, stamps = ?4, deleted = ?5 WHERE household_id = ?1 AND id = ?2"
    )?;
    if c.prepare_cached(update)?.execute(values)? == 1 {
        return Ok(());
    }
    let insert = of_kind!(
        kind,
        "INSERT INTO",
        "(household_id, id, data, stamps, deleted) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING"
    )?;
    match c.prepare_cached(insert)?.execute(values)? {
        1 => Ok(()),
        _ => Err(Problem::new(ErrorCode::NotFound).into()),
    }
}

pub(super) fn rows(c: &Connection, household: HouseholdId, kind: Kind) -> Result<Vec<(Uuid, Fields)>, Fault> {
    let sql = of_kind!(
        kind,
        "SELECT id, data FROM",
        "WHERE household_id = ?1 AND NOT deleted ORDER BY id"
    )?;
    let found = c
        .prepare_cached(sql)?
        .query_map([Id(household.0)], |row| {
            Ok((row.get::<_, Id>(0)?.0, row.get::<_, Json<Fields>>(1)?.0))
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn reports(c: &Connection) -> Result<Vec<(HouseholdId, PetId, Registers)>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT household_id, id, data, stamps FROM blocks WHERE data ->> '$.report' IS NOT NULL
             ORDER BY household_id, id",
        )?
        .query_map([], |row| {
            let registers = Registers {
                fields: row.get::<_, Json<Fields>>(2)?.0,
                stamps: row.get::<_, Stamps>(3)?.0,
            };
            let (by, pet) = (row.get::<_, Id>(0)?.0, row.get::<_, Id>(1)?.0);
            Ok((HouseholdId(by), PetId(pet), registers))
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn count_rows(c: &Connection, household: HouseholdId, kind: Kind) -> Result<u64, Fault> {
    let sql = of_kind!(kind, "SELECT count(*) FROM", "WHERE household_id = ?1")?;
    let count: Num = c
        .prepare_cached(sql)?
        .query_one([Id(household.0)], |row| row.get(0))?;
    Ok(count.0)
}
