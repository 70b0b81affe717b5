//! The family's own rows. One table per kind, all of the same shape, so the same statements with another name.

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{ErrorCode, Fields, HouseholdId, Kind, PetId, Problem};
use romp_sync::Registers;
use uuid::Uuid;

use super::across;
use super::statements::PgTx;
use super::values::{Json, column, json, num, stamps};
use crate::db::Fault;
use crate::db::stored::grouped;

/// The statement for a kind: its parts, with the table's name between them.
macro_rules! of_kind {
    ($kind:expr, $first:literal $(, $part:literal)*) => {
        match $kind {
            Kind::Household => Ok(concat!($first $(, " household_settings ", $part)*)),
            Kind::Child => Ok(concat!($first $(, " children ", $part)*)),
            Kind::Pet => Ok(concat!($first $(, " pets ", $part)*)),
            Kind::Slot => Ok(concat!($first $(, " slots ", $part)*)),
            Kind::Exception => Ok(concat!($first $(, " exceptions ", $part)*)),
            Kind::Switch => Ok(concat!($first $(, " switches ", $part)*)),
            Kind::Block => Ok(concat!($first $(, " blocks ", $part)*)),
            Kind::Swipe => Ok(concat!($first $(, " interactions ", $part)*)),
            Kind::Card | Kind::Match | Kind::Playdate => {
                Err(Fault::Backend("rows of this kind are the server's own".into()))
            }
        }
    };
}

pub(super) fn row(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
) -> Result<Option<Registers>, Fault> {
    tx.about(household);
    if kind == Kind::Household
        && id == HOUSEHOLD_ROW
        && let Some(settings) = tx.ahead.settings.remove(&household)
    {
        return Ok(settings);
    }
    let sql = of_kind!(
        kind,
        "SELECT data, stamps FROM",
        "WHERE household_id = $1 AND id = $2"
    )?;
    tx.find(sql, &[&household.0, &id], |row| {
        Ok(Registers {
            fields: json(row, 0)?,
            stamps: stamps(row, 1)?.0,
        })
    })
}

/// An update and an insert in one statement, rather than an upsert: the id of a pet is unique across households, and
/// taking another family's must look as if there was nothing.
pub(super) fn put_row(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
    row: &Registers,
) -> Result<(), Fault> {
    tx.about(household);
    tx.ahead.forget(household, kind);
    let sql = of_kind!(
        kind,
        "WITH there AS (UPDATE",
        "SET data = $3, stamps = $4, deleted = $5 WHERE household_id = $1 AND id = $2 RETURNING 1),
         new AS (INSERT INTO",
        "(household_id, id, data, stamps, deleted) SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM there)
          ON CONFLICT DO NOTHING RETURNING 1)
         SELECT FROM there UNION ALL SELECT FROM new"
    )?;
    let stamps = grouped(&row.stamps);
    let deleted = row.fields.is_deleted();
    let put = tx.query(
        sql,
        &[&household.0, &id, &Json(&row.fields), &Json(&stamps), &deleted],
    )?;
    match put.len() {
        1 => Ok(()),
        _ => Err(Problem::new(ErrorCode::NotFound).into()),
    }
}

pub(super) fn rows(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    kind: Kind,
) -> Result<Vec<(Uuid, Fields)>, Fault> {
    if let Some(rows) = tx.ahead.rows.remove(&(household, kind)) {
        return Ok(rows);
    }
    let sql = of_kind!(
        kind,
        "SELECT id, data FROM",
        "WHERE household_id = $1 AND NOT deleted ORDER BY id"
    )?;
    tx.all(sql, &[&household.0], |row| Ok((column(row, 0)?, json(row, 1)?)))
}

pub(super) fn reports(tx: &mut PgTx<'_>) -> Result<Vec<(HouseholdId, PetId, Registers)>, Fault> {
    tx.all(
        "SELECT household_id, id, data, stamps FROM blocks WHERE data ->> 'report' IS NOT NULL
         ORDER BY household_id, id",
        &[],
        |row| {
            let registers = Registers {
                fields: json(row, 2)?,
                stamps: stamps(row, 3)?.0,
            };
            Ok((HouseholdId(column(row, 0)?), PetId(column(row, 1)?), registers))
        },
    )
}

/// Five statements, instead of five for each household: a deck looks at hundreds of them.
pub(super) fn expect(tx: &mut PgTx<'_>, households: &[HouseholdId]) -> Result<(), Fault> {
    let ids: Vec<Uuid> = households.iter().map(|household| household.0).collect();
    let settings = tx.all(
        "SELECT household_id, data, stamps FROM household_settings WHERE household_id = ANY($1) AND id = $2",
        &[&ids, &HOUSEHOLD_ROW],
        |row| {
            let registers = Registers {
                fields: json(row, 1)?,
                stamps: stamps(row, 2)?.0,
            };
            Ok((HouseholdId(column(row, 0)?), Some(registers)))
        },
    )?;
    tx.ahead
        .settings
        .extend(households.iter().map(|household| (*household, None)));
    tx.ahead.settings.extend(settings);
    for kind in [Kind::Slot, Kind::Exception, Kind::Pet] {
        let sql = of_kind!(
            kind,
            "SELECT household_id, id, data FROM",
            "WHERE household_id = ANY($1) AND NOT deleted ORDER BY household_id, id"
        )?;
        let found = tx.all(sql, &[&ids], |row| {
            Ok((HouseholdId(column(row, 0)?), (column(row, 1)?, json(row, 2)?)))
        })?;
        let rows = &mut tx.ahead.rows;
        rows.extend(
            households
                .iter()
                .map(|household| ((*household, kind), Vec::new())),
        );
        for (household, row) in found {
            rows.entry((household, kind)).or_default().push(row);
        }
    }
    across::expect_blocks(tx, &ids)
}

pub(super) fn count_rows(tx: &mut PgTx<'_>, household: HouseholdId, kind: Kind) -> Result<u64, Fault> {
    let sql = of_kind!(kind, "SELECT count(*) FROM", "WHERE household_id = $1")?;
    Ok(tx.find(sql, &[&household.0], |row| num(row, 0))?.unwrap_or(0))
}
