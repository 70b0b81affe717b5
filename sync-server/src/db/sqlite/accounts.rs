//! The epoch, households, users, invitations, pairings.

use romp_domain::text::Email;
use romp_domain::wire::Epoch;
use romp_domain::{Hlc, HouseholdId, SessionId, UserId, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::columns::{Checked, Hash, Id, Num};
use crate::db::stored::role_of;
use crate::db::{Fault, HouseholdRecord, NOBODY, PairingRecord, SecretHash, UserRecord};

pub(super) fn epoch(c: &Connection) -> Result<Epoch, Fault> {
    let found: Option<i64> = c
        .prepare_cached("SELECT epoch FROM epoch")?
        .query_one([], |row| row.get(0))
        .optional()?;
    Ok(Epoch(found.unwrap_or(0).cast_unsigned()))
}

pub(super) fn set_epoch(c: &Connection, epoch: Epoch) -> Result<(), Fault> {
    c.prepare_cached(
        "INSERT INTO epoch (one, epoch) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET epoch = ?1",
    )?
    .execute([epoch.0.cast_signed()])?;
    Ok(())
}

pub(super) fn insert_household(c: &Connection, id: HouseholdId, created_at: UtcMs) -> Result<(), Fault> {
    c.prepare_cached("INSERT INTO households (id, created_at) VALUES (?1, ?2)")?
        .execute(params![Id(id.0), created_at.0])?;
    Ok(())
}

pub(super) fn household(c: &Connection, id: HouseholdId) -> Result<Option<HouseholdRecord>, Fault> {
    if id == NOBODY {
        return Ok(None);
    }
    let found = c
        .prepare_cached(
            "SELECT head_seq, clock, created_at, gc_floor, collected_at, swipes FROM households WHERE id = ?1",
        )?
        .query_one([Id(id.0)], |row| {
            Ok(HouseholdRecord {
                id,
                head_seq: row.get::<_, Num>(0)?.0,
                clock: Hlc(row.get::<_, Num>(1)?.0),
                created_at: UtcMs(row.get(2)?),
                gc_floor: row.get::<_, Num>(3)?.0,
                collected_at: UtcMs(row.get(4)?),
                swipes: row.get::<_, Num>(5)?.0,
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn insert_user(c: &Connection, user: &UserRecord) -> Result<bool, Fault> {
    let added = c
        .prepare_cached(
            "INSERT INTO users (id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (email) DO NOTHING",
        )?
        .execute(params![
            Id(user.id.0),
            Id(user.household.0),
            user.email.as_str(),
            user.name.as_str(),
            user.password_hash,
            user.created_at.0,
            user.verified_at.map(|at| at.0),
            user.confirmed_at.map(|at| at.0)
        ])?;
    Ok(added == 1)
}

pub(super) fn user_record(row: &Row<'_>) -> rusqlite::Result<UserRecord> {
    Ok(UserRecord {
        id: UserId(row.get::<_, Id>(0)?.0),
        household: HouseholdId(row.get::<_, Id>(1)?.0),
        email: row.get::<_, Checked<_>>(2)?.0,
        name: row.get::<_, Checked<_>>(3)?.0,
        password_hash: row.get(4)?,
        created_at: UtcMs(row.get(5)?),
        verified_at: row.get::<_, Option<_>>(6)?.map(UtcMs),
        confirmed_at: row.get::<_, Option<_>>(7)?.map(UtcMs),
    })
}

pub(super) fn user(c: &Connection, id: UserId) -> Result<Option<UserRecord>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at
             FROM users WHERE id = ?1",
        )?
        .query_one([Id(id.0)], user_record)
        .optional()?;
    Ok(found)
}

pub(super) fn user_by_email(c: &Connection, email: &Email) -> Result<Option<UserRecord>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at
             FROM users WHERE email = ?1",
        )?
        .query_one([email.as_str()], user_record)
        .optional()?;
    Ok(found)
}

pub(super) fn set_password_hash(c: &Connection, user: UserId, hash: &str) -> Result<(), Fault> {
    c.prepare_cached("UPDATE users SET password_hash = ?2 WHERE id = ?1")?
        .execute(params![Id(user.0), hash])?;
    Ok(())
}

pub(super) fn insert_invitation(c: &Connection, code: &SecretHash, expires_at: UtcMs) -> Result<(), Fault> {
    c.prepare_cached("INSERT INTO invitations (code, expires_at) VALUES (?1, ?2)")?
        .execute(params![Hash(*code), expires_at.0])?;
    Ok(())
}

pub(super) fn has_invitation(c: &Connection, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
    Ok(
        c.prepare_cached(
            "SELECT 1 FROM invitations WHERE code = ?1 AND used_at IS NULL AND expires_at > ?2",
        )?
        .exists(params![Hash(*code), now.0])?,
    )
}

pub(super) fn take_invitation(c: &Connection, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
    let taken = c
        .prepare_cached(
            "UPDATE invitations SET used_at = ?2 WHERE code = ?1 AND used_at IS NULL AND expires_at > ?2",
        )?
        .execute(params![Hash(*code), now.0])?;
    Ok(taken == 1)
}

pub(super) fn insert_pairing(c: &Connection, pairing: &PairingRecord) -> Result<(), Fault> {
    c.prepare_cached(
        "INSERT INTO pairings (code, household_id, role, expires_at, made_by, made_in) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        Hash(pairing.code),
        Id(pairing.household.0),
        pairing.role.word(),
        pairing.expires_at.0,
        pairing.made_by.map(|user| Id(user.0)),
        pairing.made_in.map(|session| Id(session.0))
    ])?;
    Ok(())
}

pub(super) fn keep_newest_pairings(c: &Connection, household: HouseholdId, keep: usize) -> Result<(), Fault> {
    c.prepare_cached(
        "DELETE FROM pairings WHERE household_id = ?1 AND code NOT IN (
             SELECT code FROM pairings WHERE household_id = ?1 ORDER BY expires_at DESC LIMIT ?2)",
    )?
    .execute(params![Id(household.0), Num(keep as u64)])?;
    Ok(())
}

/// Codes that have ended go at the same time: nobody else comes by to remove them.
pub(super) fn take_pairing(
    c: &Connection,
    code: &SecretHash,
    now: UtcMs,
) -> Result<Option<PairingRecord>, Fault> {
    c.prepare_cached("DELETE FROM pairings WHERE expires_at <= ?1")?
        .execute([now.0])?;
    let taken = c
        .prepare_cached(
            "DELETE FROM pairings WHERE code = ?1 RETURNING household_id, role, expires_at, made_by, made_in",
        )?
        .query_one([Hash(*code)], |row| {
            Ok((
                row.get::<_, Id>(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get::<_, Option<Id>>(3)?,
                row.get::<_, Option<Id>>(4)?,
            ))
        })
        .optional()?;
    let Some((household, role, expires_at, made_by, made_in)) = taken else {
        return Ok(None);
    };
    Ok(Some(PairingRecord {
        code: *code,
        household: HouseholdId(household.0),
        role: role_of(&role)?,
        expires_at: UtcMs(expires_at),
        made_by: made_by.map(|user| UserId(user.0)),
        made_in: made_in.map(|session| SessionId(session.0)),
    }))
}
