//! Owners beyond signing in: proved addresses, mailed codes, invitations, and who belongs to a family.

use romp_domain::text::{Email, PersonName};
use romp_domain::{HouseholdId, SessionId, UserId, UtcMs};
use rusqlite::{OptionalExtension, params};

use super::accounts::user_record;
use super::columns::{Hash, Id, Num};
use super::tx::SqliteTx;
use crate::db::{Fault, MailCodeRecord, Owners, Purpose, SecretHash, UserRecord};

/// Ends a user's sessions and those that the user answers for. The owners' devices are told; a child's forgets what it was
/// sent, and keeps what was chosen on it.
const SESSIONS_OF_USER: [&str; 4] = [
    "INSERT OR IGNORE INTO erased_tokens (token, erased_at)
     SELECT token, ?2 FROM sessions WHERE user_id = ?1 OR (by_user = ?1 AND role = 'owner')",
    "INSERT OR IGNORE INTO erased_tokens (token, erased_at)
     SELECT next_token, ?2 FROM sessions
     WHERE next_token IS NOT NULL AND (user_id = ?1 OR (by_user = ?1 AND role = 'owner'))",
    "UPDATE sessions SET ended_at = coalesce(ended_at, ?2), user_id = NULL WHERE user_id = ?1",
    "UPDATE sessions SET ended_at = coalesce(ended_at, ?2), by_user = NULL WHERE by_user = ?1",
];

/// Ends the owners' devices that were paired before it was noted by whom: any owner may have let them in.
const PAIRED_BY_NOBODY_KNOWN: &str = "UPDATE sessions SET ended_at = ?2
     WHERE household_id = (SELECT household_id FROM users WHERE id = ?1 AND confirmed_at IS NOT NULL)
         AND user_id IS NULL AND by_user IS NULL AND role = 'owner' AND ended_at IS NULL";

/// Forgets the pairing codes of an owner's family, whoever made them: another one is made in a moment.
const PAIRINGS: &str = "DELETE FROM pairings
     WHERE household_id = (SELECT household_id FROM users WHERE id = ?1 AND confirmed_at IS NOT NULL)";

/// Forgets the invitations to an owner's family, whoever made them.
const INVITATIONS: &str = "DELETE FROM owner_invitations
     WHERE household_id = (SELECT household_id FROM users WHERE id = ?1 AND confirmed_at IS NOT NULL)";

/// Deletes a user, in the order in which rows refer to each other.
const USER: [&str; 4] = [
    PAIRINGS,
    INVITATIONS,
    "DELETE FROM mail_codes WHERE user_id = ?1",
    "DELETE FROM users WHERE id = ?1",
];

impl Owners for SqliteTx<'_> {
    fn users_of(&mut self, household: HouseholdId) -> Result<Vec<UserRecord>, Fault> {
        let users = self
            .0
            .prepare_cached(
                "SELECT id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at
             FROM users WHERE household_id = ?1 ORDER BY created_at, id",
            )?
            .query_map([Id(household.0)], user_record)?
            .collect::<Result<_, _>>()?;
        Ok(users)
    }

    fn rename_user(&mut self, user: UserId, name: &PersonName) -> Result<(), Fault> {
        self.0
            .prepare_cached("UPDATE users SET name = ?2 WHERE id = ?1")?
            .execute(params![Id(user.0), name.as_str()])?;
        Ok(())
    }

    fn set_email(&mut self, user: UserId, email: &Email) -> Result<bool, Fault> {
        let set = self
            .0
            .prepare_cached(
                "UPDATE users SET email = ?2, verified_at = NULL
             WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM users WHERE email = ?2 AND id <> ?1)",
            )?
            .execute(params![Id(user.0), email.as_str()])?;
        Ok(set == 1)
    }

    fn verify_user(&mut self, user: UserId, at: UtcMs) -> Result<(), Fault> {
        self.0
            .prepare_cached("UPDATE users SET verified_at = ?2 WHERE id = ?1 AND verified_at IS NULL")?
            .execute(params![Id(user.0), at.0])?;
        Ok(())
    }

    fn confirm_user(&mut self, user: UserId, at: UtcMs) -> Result<bool, Fault> {
        let confirmed = self
            .0
            .prepare_cached("UPDATE users SET confirmed_at = ?2 WHERE id = ?1 AND confirmed_at IS NULL")?
            .execute(params![Id(user.0), at.0])?;
        Ok(confirmed == 1)
    }

    fn remove_user(&mut self, user: UserId, at: UtcMs) -> Result<(), Fault> {
        // First: afterwards the user's own look the same.
        self.0
            .prepare_cached(PAIRED_BY_NOBODY_KNOWN)?
            .execute(params![Id(user.0), at.0])?;
        for sql in SESSIONS_OF_USER {
            self.0.prepare_cached(sql)?.execute(params![Id(user.0), at.0])?;
        }
        for sql in USER {
            self.0.prepare_cached(sql)?.execute([Id(user.0)])?;
        }
        Ok(())
    }

    fn end_user_sessions(&mut self, user: UserId, except: Option<SessionId>, at: UtcMs) -> Result<(), Fault> {
        self.0
            .prepare_cached(
                "UPDATE sessions SET ended_at = ?3
                 WHERE (user_id = ?1 OR (by_user = ?1 AND role = 'owner')) AND ended_at IS NULL AND id IS NOT ?2",
            )?
            .execute(params![Id(user.0), except.map(|id| Id(id.0)), at.0])?;
        self.0
            .prepare_cached(PAIRED_BY_NOBODY_KNOWN)?
            .execute(params![Id(user.0), at.0])?;
        for sql in [PAIRINGS, INVITATIONS] {
            self.0.prepare_cached(sql)?.execute([Id(user.0)])?;
        }
        Ok(())
    }

    fn is_unverified(&mut self, household: HouseholdId) -> Result<bool, Fault> {
        Ok(self
            .0
            .prepare_cached("SELECT 1 FROM unverified WHERE household_id = ?1")?
            .exists([Id(household.0)])?)
    }

    fn any_unverified(&mut self) -> Result<Option<HouseholdId>, Fault> {
        let found: Option<Id> = self
            .0
            .prepare_cached("SELECT household_id FROM unverified LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(found.map(|id| HouseholdId(id.0)))
    }

    fn set_unverified(&mut self, household: HouseholdId, since: UtcMs) -> Result<(), Fault> {
        self.0
            .prepare_cached("INSERT OR IGNORE INTO unverified (household_id, since) VALUES (?1, ?2)")?
            .execute(params![Id(household.0), since.0])?;
        Ok(())
    }

    fn unset_unverified(&mut self, household: HouseholdId) -> Result<bool, Fault> {
        let removed = self
            .0
            .prepare_cached("DELETE FROM unverified WHERE household_id = ?1")?
            .execute([Id(household.0)])?;
        Ok(removed == 1)
    }

    /// Codes that have ended go at the same time: nobody else comes by to remove them.
    fn insert_mail_code(&mut self, code: &MailCodeRecord, now: UtcMs) -> Result<(), Fault> {
        self.0
            .prepare_cached("DELETE FROM mail_codes WHERE expires_at <= ?1")?
            .execute([now.0])?;
        self.0.prepare_cached(
        "INSERT INTO mail_codes (code, household_id, user_id, purpose, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        Hash(code.code),
        Id(code.household.0),
        Id(code.user.0),
        code.purpose.word(),
        code.expires_at.0
    ])?;
        Ok(())
    }

    fn has_mail_code(
        &mut self,
        user: UserId,
        purpose: Purpose,
        code: &SecretHash,
        now: UtcMs,
    ) -> Result<bool, Fault> {
        Ok(self.0.prepare_cached(
        "SELECT 1 FROM mail_codes WHERE code = ?1 AND user_id = ?2 AND purpose = ?3 AND expires_at > ?4",
    )?
    .exists(params![Hash(*code), Id(user.0), purpose.word(), now.0])?)
    }

    fn forget_mail_codes(&mut self, user: UserId, purpose: Purpose) -> Result<(), Fault> {
        self.0
            .prepare_cached("DELETE FROM mail_codes WHERE user_id = ?1 AND purpose = ?2")?
            .execute(params![Id(user.0), purpose.word()])?;
        Ok(())
    }

    fn insert_owner_invitation(
        &mut self,
        code: &SecretHash,
        household: HouseholdId,
        expires_at: UtcMs,
        keep: usize,
    ) -> Result<(), Fault> {
        self.0
            .prepare_cached(
                "INSERT INTO owner_invitations (code, household_id, expires_at) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![Hash(*code), Id(household.0), expires_at.0])?;
        self.0
            .prepare_cached(
                "DELETE FROM owner_invitations WHERE household_id = ?1 AND code NOT IN (
             SELECT code FROM owner_invitations WHERE household_id = ?1 ORDER BY expires_at DESC LIMIT ?2)",
            )?
            .execute(params![Id(household.0), Num(keep as u64)])?;
        Ok(())
    }

    fn has_owner_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
        Ok(self
            .0
            .prepare_cached("SELECT 1 FROM owner_invitations WHERE code = ?1 AND expires_at > ?2")?
            .exists(params![Hash(*code), now.0])?)
    }

    fn take_owner_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<Option<HouseholdId>, Fault> {
        let household = self
            .0
            .prepare_cached(
                "DELETE FROM owner_invitations WHERE code = ?1 AND expires_at > ?2 RETURNING household_id",
            )?
            .query_one(params![Hash(*code), now.0], |row| row.get::<_, Id>(0))
            .optional()?;
        Ok(household.map(|id| HouseholdId(id.0)))
    }
}
