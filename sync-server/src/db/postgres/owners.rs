//! Owners beyond signing in: proved addresses, mailed codes, invitations, and who belongs to a family.

use romp_domain::text::PersonName;
use romp_domain::{HouseholdId, SessionId, UserId, UtcMs};

use super::accounts::user_record;
use super::statements::PgTx;
use super::values::{Num, id};
use crate::db::{Fault, MailCodeRecord, Purpose, SecretHash, UserRecord};

pub(super) fn users_of(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<Vec<UserRecord>, Fault> {
    tx.about(household);
    tx.all(
        "SELECT id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at
         FROM users WHERE household_id = $1 ORDER BY created_at, id",
        &[&household.0],
        user_record,
    )
}

pub(super) fn rename_user(tx: &mut PgTx<'_>, user: UserId, name: &PersonName) -> Result<(), Fault> {
    tx.execute(
        "UPDATE users SET name = $2 WHERE id = $1",
        &[&user.0, &name.as_str()],
    )?;
    Ok(())
}

pub(super) fn verify_user(tx: &mut PgTx<'_>, user: UserId, at: UtcMs) -> Result<(), Fault> {
    tx.execute(
        "UPDATE users SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL",
        &[&user.0, &at.0],
    )?;
    Ok(())
}

pub(super) fn confirm_user(tx: &mut PgTx<'_>, user: UserId, at: UtcMs) -> Result<bool, Fault> {
    let confirmed = tx.execute(
        "UPDATE users SET confirmed_at = $2 WHERE id = $1 AND confirmed_at IS NULL",
        &[&user.0, &at.0],
    )?;
    Ok(confirmed == 1)
}

pub(super) fn remove_user(tx: &mut PgTx<'_>, user: UserId, at: UtcMs) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO erased_tokens (token, erased_at)
         SELECT token, $2 FROM sessions WHERE user_id = $1 ON CONFLICT DO NOTHING",
        &[&user.0, &at.0],
    )?;
    tx.execute(
        "UPDATE sessions SET ended_at = coalesce(ended_at, $2), user_id = NULL WHERE user_id = $1",
        &[&user.0, &at.0],
    )?;
    tx.execute("DELETE FROM mail_codes WHERE user_id = $1", &[&user.0])?;
    tx.execute("DELETE FROM users WHERE id = $1", &[&user.0])?;
    Ok(())
}

pub(super) fn end_user_sessions(
    tx: &mut PgTx<'_>,
    user: UserId,
    except: Option<SessionId>,
    at: UtcMs,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE sessions SET ended_at = $3
         WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $2",
        &[&user.0, &except.map(|id| id.0), &at.0],
    )?;
    Ok(())
}

pub(super) fn is_unverified(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<bool, Fault> {
    let found = tx.query(
        "SELECT 1 FROM unverified WHERE household_id = $1",
        &[&household.0],
    )?;
    Ok(!found.is_empty())
}

pub(super) fn set_unverified(tx: &mut PgTx<'_>, household: HouseholdId, since: UtcMs) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO unverified (household_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &[&household.0, &since.0],
    )?;
    Ok(())
}

pub(super) fn unset_unverified(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<bool, Fault> {
    let removed = tx.execute("DELETE FROM unverified WHERE household_id = $1", &[&household.0])?;
    Ok(removed == 1)
}

/// Codes that have ended go at the same time: nobody else comes by to remove them.
pub(super) fn insert_mail_code(tx: &mut PgTx<'_>, code: &MailCodeRecord, now: UtcMs) -> Result<(), Fault> {
    tx.execute("DELETE FROM mail_codes WHERE expires_at <= $1", &[&now.0])?;
    tx.execute(
        "INSERT INTO mail_codes (code, household_id, user_id, purpose, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            &code.code.as_slice(),
            &code.household.0,
            &code.user.0,
            &code.purpose.word(),
            &code.expires_at.0,
        ],
    )?;
    Ok(())
}

pub(super) fn has_mail_code(
    tx: &mut PgTx<'_>,
    user: UserId,
    purpose: Purpose,
    code: &SecretHash,
    now: UtcMs,
) -> Result<bool, Fault> {
    let found = tx.query(
        "SELECT 1 FROM mail_codes WHERE code = $1 AND user_id = $2 AND purpose = $3 AND expires_at > $4",
        &[&code.as_slice(), &user.0, &purpose.word(), &now.0],
    )?;
    Ok(!found.is_empty())
}

pub(super) fn forget_mail_codes(tx: &mut PgTx<'_>, user: UserId, purpose: Purpose) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM mail_codes WHERE user_id = $1 AND purpose = $2",
        &[&user.0, &purpose.word()],
    )?;
    Ok(())
}

pub(super) fn insert_owner_invitation(
    tx: &mut PgTx<'_>,
    code: &SecretHash,
    household: HouseholdId,
    expires_at: UtcMs,
    keep: usize,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO owner_invitations (code, household_id, expires_at) VALUES ($1, $2, $3)",
        &[&code.as_slice(), &household.0, &expires_at.0],
    )?;
    tx.execute(
        "DELETE FROM owner_invitations WHERE household_id = $1 AND code NOT IN (
             SELECT code FROM owner_invitations WHERE household_id = $1 ORDER BY expires_at DESC LIMIT $2)",
        &[&household.0, &Num(keep as u64)],
    )?;
    Ok(())
}

pub(super) fn has_owner_invitation(tx: &mut PgTx<'_>, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
    let found = tx.query(
        "SELECT 1 FROM owner_invitations WHERE code = $1 AND expires_at > $2",
        &[&code.as_slice(), &now.0],
    )?;
    Ok(!found.is_empty())
}

pub(super) fn take_owner_invitation(
    tx: &mut PgTx<'_>,
    code: &SecretHash,
    now: UtcMs,
) -> Result<Option<HouseholdId>, Fault> {
    tx.find(
        "DELETE FROM owner_invitations WHERE code = $1 AND expires_at > $2 RETURNING household_id",
        &[&code.as_slice(), &now.0],
        |row| id(row, 0, HouseholdId),
    )
}
