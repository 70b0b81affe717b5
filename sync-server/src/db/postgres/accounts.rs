//! The epoch, households, users, invitations, pairings.

use romp_domain::text::Email;
use romp_domain::wire::Epoch;
use romp_domain::{Hlc, HouseholdId, SessionId, UserId, UtcMs};
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Num, checked, column, id, num};
use crate::db::stored::role_of;
use crate::db::{Fault, HouseholdRecord, NOBODY, PairingRecord, SecretHash, UserRecord};

pub(super) fn epoch(tx: &mut PgTx<'_>) -> Result<Epoch, Fault> {
    let found: Option<i64> = tx.find("SELECT epoch FROM epoch", &[], |row| column(row, 0))?;
    Ok(Epoch(found.unwrap_or(0).cast_unsigned()))
}

pub(super) fn set_epoch(tx: &mut PgTx<'_>, epoch: Epoch) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO epoch (one, epoch) VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET epoch = $1",
        &[&epoch.0.cast_signed()],
    )?;
    Ok(())
}

pub(super) fn insert_household(tx: &mut PgTx<'_>, id: HouseholdId, created_at: UtcMs) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO households (id, created_at) VALUES ($1, $2)",
        &[&id.0, &created_at.0],
    )?;
    Ok(())
}

pub(super) fn household(tx: &mut PgTx<'_>, id: HouseholdId) -> Result<Option<HouseholdRecord>, Fault> {
    if id == NOBODY {
        return Ok(None);
    }
    tx.about(id);
    tx.find(
        "SELECT head_seq, clock, created_at, gc_floor, collected_at, swipes FROM households WHERE id = $1",
        &[&id.0],
        |row| {
            Ok(HouseholdRecord {
                id,
                head_seq: num(row, 0)?,
                clock: Hlc(num(row, 1)?),
                created_at: UtcMs(column(row, 2)?),
                gc_floor: num(row, 3)?,
                collected_at: UtcMs(column(row, 4)?),
                swipes: num(row, 5)?,
            })
        },
    )
}

pub(super) fn insert_user(tx: &mut PgTx<'_>, user: &UserRecord) -> Result<bool, Fault> {
    let added = tx.execute(
        "INSERT INTO users (id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email) DO NOTHING",
        &[
            &user.id.0,
            &user.household.0,
            &user.email.as_str(),
            &user.name.as_str(),
            &user.password_hash,
            &user.created_at.0,
            &user.verified_at.map(|at| at.0),
            &user.confirmed_at.map(|at| at.0),
        ],
    )?;
    Ok(added == 1)
}

pub(super) fn user_record(row: &Row) -> Result<UserRecord, Fault> {
    Ok(UserRecord {
        id: id(row, 0, UserId)?,
        household: id(row, 1, HouseholdId)?,
        email: checked(row, 2)?,
        name: checked(row, 3)?,
        password_hash: column(row, 4)?,
        created_at: UtcMs(column(row, 5)?),
        verified_at: column::<Option<i64>>(row, 6)?.map(UtcMs),
        confirmed_at: column::<Option<i64>>(row, 7)?.map(UtcMs),
    })
}

pub(super) fn user(tx: &mut PgTx<'_>, id: UserId) -> Result<Option<UserRecord>, Fault> {
    tx.find(
        "SELECT id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at
         FROM users WHERE id = $1",
        &[&id.0],
        user_record,
    )
}

pub(super) fn user_by_email(tx: &mut PgTx<'_>, email: &Email) -> Result<Option<UserRecord>, Fault> {
    tx.find(
        "SELECT id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at
         FROM users WHERE email = $1",
        &[&email.as_str()],
        user_record,
    )
}

pub(super) fn set_password_hash(tx: &mut PgTx<'_>, user: UserId, hash: &str) -> Result<(), Fault> {
    tx.execute(
        "UPDATE users SET password_hash = $2 WHERE id = $1",
        &[&user.0, &hash],
    )?;
    Ok(())
}

pub(super) fn insert_invitation(
    tx: &mut PgTx<'_>,
    code: &SecretHash,
    expires_at: UtcMs,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO invitations (code, expires_at) VALUES ($1, $2)",
        &[&code.as_slice(), &expires_at.0],
    )?;
    Ok(())
}

pub(super) fn has_invitation(tx: &mut PgTx<'_>, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
    let found = tx.query(
        "SELECT 1 FROM invitations WHERE code = $1 AND used_at IS NULL AND expires_at > $2",
        &[&code.as_slice(), &now.0],
    )?;
    Ok(!found.is_empty())
}

pub(super) fn take_invitation(tx: &mut PgTx<'_>, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
    let taken = tx.execute(
        "UPDATE invitations SET used_at = $2 WHERE code = $1 AND used_at IS NULL AND expires_at > $2",
        &[&code.as_slice(), &now.0],
    )?;
    Ok(taken == 1)
}

pub(super) fn insert_pairing(tx: &mut PgTx<'_>, pairing: &PairingRecord) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO pairings (code, household_id, role, expires_at, made_by, made_in)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &pairing.code.as_slice(),
            &pairing.household.0,
            &pairing.role.word(),
            &pairing.expires_at.0,
            &pairing.made_by.map(|user| user.0),
            &pairing.made_in.map(|session| session.0),
        ],
    )?;
    Ok(())
}

pub(super) fn keep_newest_pairings(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    keep: usize,
) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM pairings WHERE household_id = $1 AND code NOT IN (
             SELECT code FROM pairings WHERE household_id = $1 ORDER BY expires_at DESC LIMIT $2)",
        &[&household.0, &Num(keep as u64)],
    )?;
    Ok(())
}

/// Codes that have ended go at the same time: nobody else comes by to remove them.
pub(super) fn take_pairing(
    tx: &mut PgTx<'_>,
    code: &SecretHash,
    now: UtcMs,
) -> Result<Option<PairingRecord>, Fault> {
    let taken = tx.find(
        "WITH gone AS (
             DELETE FROM pairings WHERE expires_at <= $2 OR code = $1
             RETURNING code, household_id, role, expires_at, made_by, made_in)
         SELECT household_id, role, expires_at, made_by, made_in FROM gone WHERE code = $1 AND expires_at > $2",
        &[&code.as_slice(), &now.0],
        |row| {
            Ok(PairingRecord {
                code: *code,
                household: id(row, 0, HouseholdId)?,
                role: role_of(column(row, 1)?)?,
                expires_at: UtcMs(column(row, 2)?),
                made_by: column::<Option<Uuid>>(row, 3)?.map(UserId),
                made_in: column::<Option<Uuid>>(row, 4)?.map(SessionId),
            })
        },
    )?;
    Ok(taken)
}
