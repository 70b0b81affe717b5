//! Swipes on their way into their table: many of them in one statement.
//!
//! Absent: what is read of them (`swipes`), and the lists of the feed (`swipe_notes`).

use std::sync::LazyLock;

use romp_domain::row::DELETED;
use romp_domain::{DeviceId, HouseholdId};
use romp_sync::Registers;
use rusqlite::types::ToSql;
use rusqlite::{Connection, Statement};
use serde_json::Value;
use uuid::Uuid;

use super::columns::{Id, Num};
use super::swipe_notes;
use super::swipe_stamps::packed;
use super::swipes::columns;
use crate::db::{Fault, RELEASED, SwipeWrite};

/// Values of a row in [`put_sql`], besides the household.
const VALUES: usize = 11;

/// How many rows one statement takes: most of what a statement costs is to begin and to end it.
const AT_ONCE: usize = 16;

/// Stores so many rows. Without a number for its note, a row keeps the one it has; likewise the restriction, which is of
/// the same commit.
fn put_sql(rows: usize) -> String {
    let values = |row: usize| {
        let places = (0..VALUES).map(|value| format!(", ?{}", 2 + row * VALUES + value));
        format!("(?1{})", places.collect::<String>())
    };
    let rows: Vec<String> = (0..rows).map(values).collect();
    format!(
        "INSERT INTO interactions (household_id, id, {}, seq, withheld_seq, withheld_by) VALUES {}
         ON CONFLICT (household_id, id) DO UPDATE SET
         actor_pet = excluded.actor_pet, target_pet = excluded.target_pet, verdict = excluded.verdict,
         by_child = excluded.by_child, released = excluded.released, deleted = excluded.deleted,
         stamps = excluded.stamps, seq = coalesce(excluded.seq, seq),
         withheld_seq = coalesce(excluded.withheld_seq, withheld_seq),
         withheld_by = coalesce(excluded.withheld_by, withheld_by)",
        columns!(),
        rows.join(", ")
    )
}

static PUT_ONE: LazyLock<String> = LazyLock::new(|| put_sql(1));
static PUT_MANY: LazyLock<String> = LazyLock::new(|| put_sql(AT_ONCE));

pub(super) fn put_row(
    c: &Connection,
    household: HouseholdId,
    id: Uuid,
    row: &Registers,
) -> Result<(), Fault> {
    let mut statement = c.prepare_cached(&PUT_ONE)?;
    statement.raw_bind_parameter(1, Id(household.0))?;
    bind(&mut statement, 0, id, row, None, None)?;
    statement.raw_execute()?;
    Ok(())
}

pub(super) fn put_swipes(
    c: &Connection,
    household: HouseholdId,
    seq: u64,
    mut swipes: &[SwipeWrite],
) -> Result<(), Fault> {
    if swipes.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = swipes.iter().map(|swipe| swipe.id).collect();
    let before = swipe_notes::noted(c, household, &ids)?;
    for (sql, at_once) in [(&PUT_MANY, AT_ONCE), (&PUT_ONE, 1)] {
        let (whole, rest) = swipes.split_at(swipes.len() - swipes.len() % at_once);
        if whole.is_empty() {
            continue;
        }
        swipes = rest;
        let mut statement = c.prepare_cached(sql)?;
        statement.raw_bind_parameter(1, Id(household.0))?;
        for together in whole.chunks_exact(at_once) {
            for (number, swipe) in together.iter().enumerate() {
                bind(
                    &mut statement,
                    number,
                    swipe.id,
                    &swipe.row,
                    Some(seq),
                    swipe.withheld_by,
                )?;
            }
            statement.raw_execute()?;
        }
    }
    swipe_notes::moved(c, household, &before, seq, ids.into_iter())
}

/// Sets the values of a statement's row of this number.
fn bind(
    statement: &mut Statement<'_>,
    number: usize,
    id: Uuid,
    row: &Registers,
    seq: Option<u64>,
    withheld_by: Option<DeviceId>,
) -> Result<(), Fault> {
    let (mut actor, mut target, mut by_child) = (None, None, None);
    let (mut verdict, mut released, mut deleted) = (None, None, None);
    for (name, value) in &row.fields.0 {
        match name.as_str() {
            "actor_pet" => actor = id_of(name, value)?,
            "target_pet" => target = id_of(name, value)?,
            "by_child" => by_child = id_of(name, value)?,
            "verdict" => verdict = value.as_str(),
            RELEASED => released = value.as_str(),
            DELETED => deleted = value.as_bool(),
            odd => return Err(Fault::Backend(format!("a swipe has no field {odd}"))),
        }
    }
    let first = 2 + number * VALUES;
    let values: [&dyn ToSql; VALUES] = [
        &Id(id),
        &actor,
        &target,
        &verdict,
        &by_child,
        &released,
        &deleted,
        &packed(&row.stamps),
        &seq.map(Num),
        &withheld_by.and(seq).map(Num),
        &withheld_by.map(|device| Id(device.0)),
    ];
    for (place, value) in (first..).zip(values) {
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

fn id_of(name: &str, value: &Value) -> Result<Option<Id>, Fault> {
    let id = match value {
        Value::Null => return Ok(None),
        value => value.as_str().and_then(|text| Uuid::try_parse(text).ok()),
    };
    id.map(|id| Some(Id(id)))
        .ok_or_else(|| Fault::Backend(format!("a swipe's {name} is no id")))
}
