//! Devices, what they were refused, and sessions.

use romp_domain::wire::{Chain, Link};
use romp_domain::{DeviceId, Hlc, HouseholdId, Problem, SessionId, UtcMs};
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Json, Num, checked, column, id, json, num};
use crate::db::{DeviceRecord, Fault, SessionRecord};

macro_rules! columns {
    () => {
        "id, household_id, session_id, name, last_mid, last_chain, last_hlc, cursor, seen_at"
    };
}

pub(super) fn device(tx: &mut PgTx<'_>, device: DeviceId) -> Result<Option<DeviceRecord>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM devices WHERE id = $1");
    let found = tx.find(sql, &[&device.0], record)?;
    if let Some(found) = &found {
        tx.about(found.household);
    }
    Ok(found)
}

pub(super) fn devices(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<Vec<DeviceRecord>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM devices WHERE household_id = $1 ORDER BY id"
    );
    tx.all(sql, &[&household.0], record)
}

fn record(row: &Row) -> Result<DeviceRecord, Fault> {
    Ok(DeviceRecord {
        id: id(row, 0, DeviceId)?,
        household: id(row, 1, HouseholdId)?,
        session: column::<Option<Uuid>>(row, 2)?.map(SessionId),
        name: checked(row, 3)?,
        held: Link {
            mid: num(row, 4)?,
            chain: Chain(column::<i64>(row, 5)?.cast_unsigned()),
        },
        last_hlc: Hlc(num(row, 6)?),
        cursor: num(row, 7)?,
        seen_at: UtcMs(column(row, 8)?),
    })
}

pub(super) fn put_device(tx: &mut PgTx<'_>, device: &DeviceRecord) -> Result<(), Fault> {
    tx.execute(
        concat!(
            "INSERT INTO devices (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (id) DO UPDATE SET household_id = $2, session_id = $3, name = $4, last_mid = $5,
                 last_chain = $6, last_hlc = $7, cursor = $8, seen_at = $9"
        ),
        &[
            &device.id.0,
            &device.household.0,
            &device.session.map(|session| session.0),
            &device.name.as_str(),
            &Num(device.held.mid),
            &device.held.chain.0.cast_signed(),
            &Num(device.last_hlc.0),
            &Num(device.cursor),
            &device.seen_at.0,
        ],
    )?;
    Ok(())
}

pub(super) fn put_reject(
    tx: &mut PgTx<'_>,
    device: DeviceId,
    mid: u64,
    problem: &Problem,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO rejects (device_id, mid, problem) VALUES ($1, $2, $3)
         ON CONFLICT (device_id, mid) DO UPDATE SET problem = $3",
        &[&device.0, &Num(mid), &Json(problem)],
    )?;
    Ok(())
}

pub(super) fn forget_rejects(tx: &mut PgTx<'_>, device: DeviceId, mid: u64) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM rejects WHERE device_id = $1 AND mid < $2",
        &[&device.0, &Num(mid)],
    )?;
    Ok(())
}

pub(super) fn rejects(
    tx: &mut PgTx<'_>,
    device: DeviceId,
    first: u64,
    last: u64,
) -> Result<Vec<(u64, Problem)>, Fault> {
    tx.all(
        "SELECT mid, problem FROM rejects WHERE device_id = $1 AND mid BETWEEN $2 AND $3 ORDER BY mid",
        &[&device.0, &Num(first), &Num(last)],
        |row| Ok((num(row, 0)?, json(row, 1)?)),
    )
}

pub(super) fn insert_session(tx: &mut PgTx<'_>, session: &SessionRecord) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO sessions
             (id, household_id, user_id, device_id, role, token, created_at, used_at, ended_at, by_user)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &session.id.0,
            &session.household.0,
            &session.user.map(|user| user.0),
            &session.device.0,
            &session.role.word(),
            &session.token.as_slice(),
            &session.created_at.0,
            &session.used_at.0,
            &session.ended_at.map(|at| at.0),
            &session.by_user.map(|user| user.0),
        ],
    )?;
    Ok(())
}

pub(super) fn touch_session(tx: &mut PgTx<'_>, id: SessionId, at: UtcMs) -> Result<(), Fault> {
    tx.execute(
        "UPDATE sessions SET used_at = greatest(used_at, $2) WHERE id = $1",
        &[&id.0, &at.0],
    )?;
    Ok(())
}

pub(super) fn end_session(tx: &mut PgTx<'_>, id: SessionId, at: UtcMs) -> Result<bool, Fault> {
    let ended = tx.execute(
        "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
        &[&id.0, &at.0],
    )?;
    Ok(ended > 0)
}
