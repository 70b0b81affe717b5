//! Devices, what they were refused, and sessions.

use romp_domain::wire::{Chain, Link};
use romp_domain::{DeviceId, Hlc, HouseholdId, Problem, SessionId, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{Checked, Hash, Id, Json, Num};
use crate::db::{DeviceRecord, Fault, SessionRecord};

macro_rules! columns {
    () => {
        "id, household_id, session_id, name, last_mid, last_chain, last_hlc, cursor, seen_at"
    };
}

pub(super) fn device(c: &Connection, id: DeviceId) -> Result<Option<DeviceRecord>, Fault> {
    let found = c
        .prepare_cached(concat!("SELECT ", columns!(), " FROM devices WHERE id = ?1"))?
        .query_one([Id(id.0)], record)
        .optional()?;
    Ok(found)
}

pub(super) fn devices(c: &Connection, household: HouseholdId) -> Result<Vec<DeviceRecord>, Fault> {
    let found = c
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM devices WHERE household_id = ?1 ORDER BY id"
        ))?
        .query_map([Id(household.0)], record)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

fn record(row: &Row<'_>) -> rusqlite::Result<DeviceRecord> {
    Ok(DeviceRecord {
        id: DeviceId(row.get::<_, Id>(0)?.0),
        household: HouseholdId(row.get::<_, Id>(1)?.0),
        session: row.get::<_, Option<Id>>(2)?.map(|session| SessionId(session.0)),
        name: row.get::<_, Checked<_>>(3)?.0,
        held: Link {
            mid: row.get::<_, Num>(4)?.0,
            chain: Chain(row.get::<_, i64>(5)?.cast_unsigned()),
        },
        last_hlc: Hlc(row.get::<_, Num>(6)?.0),
        cursor: row.get::<_, Num>(7)?.0,
        seen_at: UtcMs(row.get(8)?),
    })
}

/// Nearly always only its place moves: then the indexes stay as they are.
pub(super) fn put_device(c: &Connection, device: &DeviceRecord) -> Result<(), Fault> {
    let values = params![
        Id(device.id.0),
        Id(device.household.0),
        device.session.map(|session| Id(session.0)),
        device.name.as_str(),
        Num(device.held.mid),
        device.held.chain.0.cast_signed(),
        Num(device.last_hlc.0),
        Num(device.cursor),
        device.seen_at.0
    ];
    let moved = c
        .prepare_cached(
            "UPDATE devices SET last_mid = ?5, last_chain = ?6, last_hlc = ?7, cursor = ?8, seen_at = ?9
             WHERE id = ?1 AND household_id = ?2 AND session_id IS ?3 AND name = ?4",
        )?
        .execute(values)?;
    if moved == 0 {
        c.prepare_cached(concat!(
            "INSERT INTO devices (",
            columns!(),
            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET household_id = ?2, session_id = ?3, name = ?4, last_mid = ?5,
             last_chain = ?6, last_hlc = ?7, cursor = ?8, seen_at = ?9"
        ))?
        .execute(values)?;
    }
    Ok(())
}

pub(super) fn put_reject(c: &Connection, device: DeviceId, mid: u64, problem: &Problem) -> Result<(), Fault> {
    c.prepare_cached(
        "INSERT INTO rejects (device_id, mid, problem) VALUES (?1, ?2, ?3)
         ON CONFLICT (device_id, mid) DO UPDATE SET problem = ?3",
    )?
    .execute(params![Id(device.0), Num(mid), Json(problem)])?;
    Ok(())
}

pub(super) fn forget_rejects(c: &Connection, device: DeviceId, mid: u64) -> Result<(), Fault> {
    c.prepare_cached("DELETE FROM rejects WHERE device_id = ?1 AND mid < ?2")?
        .execute(params![Id(device.0), Num(mid)])?;
    Ok(())
}

pub(super) fn rejects(
    c: &Connection,
    device: DeviceId,
    first: u64,
    last: u64,
) -> Result<Vec<(u64, Problem)>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT mid, problem FROM rejects WHERE device_id = ?1 AND mid BETWEEN ?2 AND ?3 ORDER BY mid",
        )?
        .query_map(params![Id(device.0), Num(first), Num(last)], |row| {
            Ok((row.get::<_, Num>(0)?.0, row.get::<_, Json<_>>(1)?.0))
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn insert_session(c: &Connection, session: &SessionRecord) -> Result<(), Fault> {
    c.prepare_cached(
        "INSERT INTO sessions (id, household_id, user_id, device_id, role, token, created_at, used_at, ended_at, by_user)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        Id(session.id.0),
        Id(session.household.0),
        session.user.map(|user| Id(user.0)),
        Id(session.device.0),
        session.role.word(),
        Hash(session.token),
        session.created_at.0,
        session.used_at.0,
        session.ended_at.map(|at| at.0),
        session.by_user.map(|user| Id(user.0))
    ])?;
    Ok(())
}

pub(super) fn touch_session(c: &Connection, id: SessionId, at: UtcMs) -> Result<(), Fault> {
    c.prepare_cached("UPDATE sessions SET used_at = max(used_at, ?2) WHERE id = ?1")?
        .execute(params![Id(id.0), at.0])?;
    Ok(())
}

pub(super) fn end_session(c: &Connection, id: SessionId, at: UtcMs) -> Result<bool, Fault> {
    let ended = c
        .prepare_cached("UPDATE sessions SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL")?
        .execute(params![Id(id.0), at.0])?;
    Ok(ended > 0)
}
