//! Swipes: one column a field, and the stamps packed (`swipe_stamps`).
//!
//! The number of a swipe's note and the last restriction of its release stand in its row, too: each other place would cost
//! as much as the row. In the order of the feed they are listed by `swipe_notes`.
//!
//! Absent: what a swipe means. Rows come here judged; a field that no swipe has is a fault.

use std::collections::BTreeSet;

use romp_domain::{
    ByName, ChildId, DeviceId, Fields, Hlc, HouseholdId, Kind, Name, PetId, Swipe, SwipeId, Verdict,
};
use romp_sync::Registers;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use uuid::Uuid;

use super::columns::{Id, Num};
use super::swipe_stamps::{FIELDS, groups};
use crate::db::{Fault, RELEASED, Restriction, SwipeRecord};

const VERDICT: usize = 2;

/// The column of the number of a row's note, after those of the fields, the stamps and the id.
pub(super) const SEQ: usize = 8;

/// Their columns in the order of their names.
const IN_ORDER: [usize; 6] = [0, 3, 5, 4, 1, 2];

/// The columns of a row, in the order in which they are read and written.
macro_rules! columns {
    () => {
        "actor_pet, target_pet, verdict, by_child, released, deleted, stamps"
    };
}
pub(super) use columns;

const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    ", id, seq FROM interactions WHERE household_id = ?1 AND id = ?2"
);

/// From one id to another. To walk past a few swipes costs much less than to look for each of many that are not there.
const WALK: &str = concat!(
    "SELECT ",
    columns!(),
    ", id, seq FROM interactions WHERE household_id = ?1 AND id BETWEEN ?2 AND ?3 ORDER BY id LIMIT ?4"
);

pub(super) fn row(c: &Connection, household: HouseholdId, id: Uuid) -> Result<Option<Registers>, Fault> {
    c.prepare_cached(FIND)?
        .query_one([Id(household.0), Id(id)], |row| Ok(registers(row)))
        .optional()?
        .transpose()
}

pub(super) fn swipe_rows(
    c: &Connection,
    household: HouseholdId,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Registers)>, Fault> {
    let mut found = Vec::new();
    each(c, household, ids, |id, row| {
        found.push((id, registers(row)?));
        Ok(())
    })?;
    Ok(found)
}

/// Finds swipes by their ids: by walking past what lies between them, one by one where that is more than is asked for.
pub(super) fn each(
    c: &Connection,
    household: HouseholdId,
    ids: &[Uuid],
    mut take: impl FnMut(Uuid, &Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return Ok(());
    };
    let mut walk = c.prepare_cached(WALK)?;
    let mut there = walk.query(params![
        Id(household.0),
        Id(*first),
        Id(*last),
        Num(ids.len() as u64)
    ])?;
    let mut passed = 0;
    let mut left = &ids[..];
    while let Some(row) = there.next()? {
        let id = row.get::<_, Id>(SEQ - 1)?.0;
        passed += 1;
        left = &left[left.partition_point(|wanted| *wanted < id)..];
        if left.first() == Some(&id) {
            take(id, row)?;
            left = &left[1..];
        }
    }
    if passed < ids.len() {
        return Ok(());
    }
    let mut find = c.prepare_cached(FIND)?;
    for id in left {
        let mut there = find.query([Id(household.0), Id(*id)])?;
        if let Some(row) = there.next()? {
            take(*id, row)?;
        }
    }
    Ok(())
}

/// The last time that a swipe's release was withheld or taken back.
pub(super) fn withheld(
    c: &Connection,
    household: HouseholdId,
    id: Uuid,
) -> Result<Option<Restriction>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT withheld_seq, withheld_by FROM interactions
             WHERE household_id = ?1 AND id = ?2 AND withheld_seq IS NOT NULL",
        )?
        .query_one([Id(household.0), Id(id)], |row| {
            Ok(Restriction {
                kind: Kind::Swipe,
                id,
                field: RELEASED.to_owned(),
                seq: row.get::<_, Num>(0)?.0,
                device: DeviceId(row.get::<_, Id>(1)?.0),
            })
        })
        .optional()?;
    Ok(found)
}

/// Notes that a swipe's release was withheld or taken back.
pub(super) fn withhold(
    c: &Connection,
    household: HouseholdId,
    restriction: &Restriction,
) -> Result<(), Fault> {
    let noted = c
        .prepare_cached(
            "UPDATE interactions SET withheld_seq = ?3, withheld_by = ?4 WHERE household_id = ?1 AND id = ?2",
        )?
        .execute(params![
            Id(household.0),
            Id(restriction.id),
            Num(restriction.seq),
            Id(restriction.device.0)
        ])?;
    match noted {
        0 => Err(Fault::Backend(
            "a restriction of a swipe that is not there".into(),
        )),
        _ => Ok(()),
    }
}

pub(super) fn rows(c: &Connection, household: HouseholdId) -> Result<Vec<(Uuid, Fields)>, Fault> {
    c.prepare_cached(concat!(
        "SELECT ",
        columns!(),
        ", id FROM interactions WHERE household_id = ?1 AND deleted IS NOT 1 ORDER BY id"
    ))?
    .query_and_then([Id(household.0)], |row| {
        Ok((row.get::<_, Id>(7)?.0, registers(row)?.fields))
    })?
    .collect()
}

pub(super) fn swipe(
    c: &Connection,
    household: HouseholdId,
    id: SwipeId,
) -> Result<Option<SwipeRecord>, Fault> {
    Ok(swipes_of(c, household, &[id])?.pop())
}

pub(super) fn swipes_of(
    c: &Connection,
    household: HouseholdId,
    ids: &[SwipeId],
) -> Result<Vec<SwipeRecord>, Fault> {
    let mut find = c.prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM interactions WHERE household_id = ?1 AND id = ?2 AND deleted IS NOT 1"
    ))?;
    let mut found = Vec::new();
    for id in ids {
        let swipe = find.query_one([Id(household.0), Id(id.0)], |row| record(row, household));
        found.extend(swipe.optional()?.flatten());
    }
    Ok(found)
}

pub(super) fn answer(c: &Connection, pet: PetId, id: SwipeId) -> Result<Option<SwipeRecord>, Fault> {
    let found = c
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            ", household_id FROM interactions
             WHERE household_id = (SELECT household_id FROM pets WHERE id = ?1) AND id = ?2 AND deleted IS NOT 1"
        ))?
        .query_one([Id(pet.0), Id(id.0)], |row| {
            record(row, HouseholdId(row.get::<_, Id>(7)?.0))
        })
        .optional()?;
    Ok(found.flatten())
}

/// An index of actors would cost more than it saves.
pub(super) fn swipes_by(
    c: &Connection,
    household: HouseholdId,
    actors: &[PetId],
) -> Result<Vec<SwipeRecord>, Fault> {
    let actors: BTreeSet<Uuid> = actors.iter().map(|actor| actor.0).collect();
    let mut statement = c.prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM interactions WHERE household_id = ?1 AND deleted IS NOT 1 ORDER BY id"
    ))?;
    let mut rows = statement.query([Id(household.0)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let actor: Option<Id> = row.get(0)?;
        if actor.is_some_and(|actor| actors.contains(&actor.0)) {
            found.extend(record(row, household)?);
        }
    }
    Ok(found)
}

/// `None` for a row that is no complete swipe yet.
fn record(row: &Row<'_>, household: HouseholdId) -> rusqlite::Result<Option<SwipeRecord>> {
    let id = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<Id>>(column)?.map(|id| id.0));
    let word = |column| {
        let word = row.get_ref(column)?.as_str_or_null()?;
        Ok::<_, rusqlite::Error>(word.and_then(Verdict::from_word))
    };
    let (Some(actor), Some(target)) = (id(0)?, id(1)?) else {
        return Ok(None);
    };
    let verdict_at = groups(row.get_ref(6)?.as_blob()?)
        .find(|(mask, _)| mask & (1 << VERDICT) != 0)
        .map_or(Hlc::default(), |(_, stamp)| stamp.0);
    let swipe = Swipe {
        actor_pet: PetId(actor),
        target_pet: PetId(target),
        verdict: word(2)?,
        by_child: id(3)?.map(ChildId),
        released: word(4)?,
    };
    Ok(Some(SwipeRecord {
        household,
        swipe,
        verdict_at,
    }))
}

fn registers(row: &Row<'_>) -> Result<Registers, Fault> {
    let mut registers = Registers {
        fields: Fields(ByName::with_room(FIELDS.len())),
        stamps: ByName::with_room(FIELDS.len()),
    };
    for (mask, stamp) in groups(row.get_ref(6)?.as_blob().map_err(unreadable)?) {
        for column in IN_ORDER {
            if mask & (1 << column) == 0 {
                continue;
            }
            let name = Name::known(FIELDS[column]);
            let value = match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Bool(number != 0),
                ValueRef::Blob(id) => Value::String(id_text(id)?),
                other => Value::String(other.as_str().map_err(unreadable)?.to_owned()),
            };
            registers.fields.0.insert(name.clone(), value);
            registers.stamps.insert(name, stamp);
        }
    }
    Ok(registers)
}

fn id_text(id: &[u8]) -> Result<String, Fault> {
    let id = Uuid::from_slice(id).map_err(unreadable)?.hyphenated();
    Ok(id.encode_lower(&mut Uuid::encode_buffer()).to_owned())
}

fn unreadable(_: impl std::fmt::Display) -> Fault {
    Fault::Backend("a stored swipe cannot be read".into())
}
