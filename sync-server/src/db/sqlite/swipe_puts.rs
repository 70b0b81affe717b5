//! Swipes on their way into their table: many new ones in one statement.
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

/// Values of a row in [`insert`], besides the household.
const VALUES: usize = 11;

/// How many new rows one statement takes: as many as are left, of these. Much of what a statement costs is to begin and to
/// end it.
const AT_ONCE: [usize; 4] = [64, 16, 4, 1];

/// Stores so many rows.
fn insert(rows: usize) -> String {
    let values = |row: usize| {
        let places = (0..VALUES).map(|value| format!(", ?{}", 2 + row * VALUES + value));
        format!("(?1{})", places.collect::<String>())
    };
    let rows: Vec<String> = (0..rows).map(values).collect();
    format!(
        "INTO interactions (household_id, id, {}, seq, withheld_seq, withheld_by) VALUES {}",
        columns!(),
        rows.join(", ")
    )
}

/// New ones, many at once. When one fails, those before it stay (`OR FAIL`): otherwise a copy would be kept of every page
/// that a statement changes. Nothing is lost by it, because the job that has failed takes back all that it wrote.
static INSERT: LazyLock<[String; AT_ONCE.len()]> =
    LazyLock::new(|| AT_ONCE.map(|rows| format!("INSERT OR FAIL {}", insert(rows))));

/// One that may be there. Without a number for its note, it keeps the one it has; likewise the restriction, which is of the
/// same commit.
static PUT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "INSERT {}
         ON CONFLICT (household_id, id) DO UPDATE SET
         actor_pet = excluded.actor_pet, target_pet = excluded.target_pet, verdict = excluded.verdict,
         by_child = excluded.by_child, released = excluded.released, deleted = excluded.deleted,
         stamps = excluded.stamps, seq = coalesce(excluded.seq, seq),
         withheld_seq = coalesce(excluded.withheld_seq, withheld_seq),
         withheld_by = coalesce(excluded.withheld_by, withheld_by)",
        insert(1)
    )
});

pub(super) fn put_row(
    c: &Connection,
    household: HouseholdId,
    id: Uuid,
    row: &Registers,
) -> Result<(), Fault> {
    let mut statement = c.prepare_cached(&PUT)?;
    statement.raw_bind_parameter(1, Id(household.0))?;
    bind(&mut statement, 0, id, row, None, None)?;
    statement.raw_execute()?;
    Ok(())
}

pub(super) fn put_swipes(
    c: &Connection,
    household: HouseholdId,
    seq: u64,
    swipes: &[SwipeWrite],
) -> Result<(), Fault> {
    if swipes.is_empty() {
        return Ok(());
    }
    let (new, there): (Vec<&SwipeWrite>, Vec<&SwipeWrite>) = swipes.iter().partition(|swipe| swipe.is_new);
    let ids: Vec<Uuid> = there.iter().map(|swipe| swipe.id).collect();
    let before = swipe_notes::noted(c, household, &ids)?;
    let mut new = &new[..];
    for (sql, at_once) in INSERT.iter().zip(AT_ONCE) {
        let (whole, rest) = new.split_at(new.len() - new.len() % at_once);
        put_all(c, household, seq, sql, whole.chunks_exact(at_once))?;
        new = rest;
    }
    put_all(c, household, seq, &PUT, there.chunks(1))?;
    swipe_notes::moved(c, household, &before, seq, swipes.iter().map(|swipe| swipe.id))
}

/// Stores rows with one statement for each of the lists.
fn put_all<'a>(
    c: &Connection,
    household: HouseholdId,
    seq: u64,
    sql: &str,
    lists: impl ExactSizeIterator<Item = &'a [&'a SwipeWrite]>,
) -> Result<(), Fault> {
    if lists.len() == 0 {
        return Ok(());
    }
    let mut statement = c.prepare_cached(sql)?;
    statement.raw_bind_parameter(1, Id(household.0))?;
    for together in lists {
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
    Ok(())
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
