//! Owners beyond signing in: proved addresses, mailed codes, invitations, and who belongs to a family.

use romp_domain::text::{Email, PersonName};
use romp_domain::{HouseholdId, SessionId, UserId, UtcMs};

use super::accounts::user_record;
use super::statements::PgTx;
use super::values::{Num, id};
use crate::db::{Fault, MailCodeRecord, Owners, Purpose, SecretHash, UserRecord};

/// Ends the owners' devices that were paired before it was noted by whom: any owner may have let them in.
const PAIRED_BY_NOBODY_KNOWN: &str = "UPDATE sessions SET ended_at = $2
     WHERE household_id = (SELECT household_id FROM users WHERE id = $1 AND confirmed_at IS NOT NULL)
         AND user_id IS NULL AND by_user IS NULL AND role = 'owner' AND ended_at IS NULL";

/// Forgets the pairing codes of an owner's family, whoever made them: another one is made in a moment.
const PAIRINGS: &str = "DELETE FROM pairings
     WHERE household_id = (SELECT household_id FROM users WHERE id = $1 AND confirmed_at IS NOT NULL)";

/// Forgets the invitations to an owner's family, whoever made them.
const INVITATIONS: &str = "DELETE FROM owner_invitations
     WHERE household_id = (SELECT household_id FROM users WHERE id = $1 AND confirmed_at IS NOT NULL)";

impl Owners for PgTx<'_> {
    fn users_of(&mut self, household: HouseholdId) -> Result<Vec<UserRecord>, Fault> {
        self.about(household);
        self.all(
            "SELECT id, household_id, email, name, password_hash, created_at, verified_at, confirmed_at
         FROM users WHERE household_id = $1 ORDER BY created_at, id",
            &[&household.0],
            user_record,
        )
    }

    fn rename_user(&mut self, user: UserId, name: &PersonName) -> Result<(), Fault> {
        self.execute(
            "UPDATE users SET name = $2 WHERE id = $1",
            &[&user.0, &name.as_str()],
        )?;
        Ok(())
    }

    fn set_email(&mut self, user: UserId, email: &Email) -> Result<bool, Fault> {
        let set = self.execute(
            "UPDATE users SET email = $2, verified_at = NULL
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM users WHERE email = $2 AND id <> $1)",
            &[&user.0, &email.as_str()],
        )?;
        Ok(set == 1)
    }

    fn verify_user(&mut self, user: UserId, at: UtcMs) -> Result<(), Fault> {
        self.execute(
            "UPDATE users SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL",
            &[&user.0, &at.0],
        )?;
        Ok(())
    }

    fn confirm_user(&mut self, user: UserId, at: UtcMs) -> Result<bool, Fault> {
        let confirmed = self.execute(
            "UPDATE users SET confirmed_at = $2 WHERE id = $1 AND confirmed_at IS NULL",
            &[&user.0, &at.0],
        )?;
        Ok(confirmed == 1)
    }

    fn remove_user(&mut self, user: UserId, at: UtcMs) -> Result<(), Fault> {
        // First: afterwards the user's own look the same.
        self.execute(PAIRED_BY_NOBODY_KNOWN, &[&user.0, &at.0])?;
        // Also of the owners' devices that the user answers for. A child's forgets what it was sent, and keeps what was
        // chosen on it.
        self.execute(
            "INSERT INTO erased_tokens (token, erased_at)
         SELECT token, $2::bigint FROM sessions WHERE user_id = $1 OR (by_user = $1 AND role = 'owner')
             UNION SELECT next_token, $2::bigint FROM sessions
             WHERE next_token IS NOT NULL AND (user_id = $1 OR (by_user = $1 AND role = 'owner'))
             ON CONFLICT DO NOTHING",
            &[&user.0, &at.0],
        )?;
        self.execute(
            "UPDATE sessions SET ended_at = coalesce(ended_at, $2), user_id = NULL WHERE user_id = $1",
            &[&user.0, &at.0],
        )?;
        self.execute(
            "UPDATE sessions SET ended_at = coalesce(ended_at, $2), by_user = NULL WHERE by_user = $1",
            &[&user.0, &at.0],
        )?;
        self.execute(PAIRINGS, &[&user.0])?;
        self.execute(INVITATIONS, &[&user.0])?;
        self.execute("DELETE FROM mail_codes WHERE user_id = $1", &[&user.0])?;
        self.execute("DELETE FROM users WHERE id = $1", &[&user.0])?;
        Ok(())
    }

    fn end_user_sessions(&mut self, user: UserId, except: Option<SessionId>, at: UtcMs) -> Result<(), Fault> {
        self.execute(
            "UPDATE sessions SET ended_at = $3
         WHERE (user_id = $1 OR (by_user = $1 AND role = 'owner'))
             AND ended_at IS NULL AND id IS DISTINCT FROM $2",
            &[&user.0, &except.map(|id| id.0), &at.0],
        )?;
        self.execute(PAIRED_BY_NOBODY_KNOWN, &[&user.0, &at.0])?;
        self.execute(PAIRINGS, &[&user.0])?;
        self.execute(INVITATIONS, &[&user.0])?;
        Ok(())
    }

    fn is_unverified(&mut self, household: HouseholdId) -> Result<bool, Fault> {
        let found = self.query(
            "SELECT 1 FROM unverified WHERE household_id = $1",
            &[&household.0],
        )?;
        Ok(!found.is_empty())
    }

    fn any_unverified(&mut self) -> Result<Option<HouseholdId>, Fault> {
        let found = self.query("SELECT household_id FROM unverified LIMIT 1", &[])?;
        found.first().map(|row| id(row, 0, HouseholdId)).transpose()
    }

    fn set_unverified(&mut self, household: HouseholdId, since: UtcMs) -> Result<(), Fault> {
        self.execute(
            "INSERT INTO unverified (household_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[&household.0, &since.0],
        )?;
        Ok(())
    }

    fn unset_unverified(&mut self, household: HouseholdId) -> Result<bool, Fault> {
        let removed = self.execute("DELETE FROM unverified WHERE household_id = $1", &[&household.0])?;
        Ok(removed == 1)
    }

    /// Codes that have ended go at the same time: nobody else comes by to remove them.
    fn insert_mail_code(&mut self, code: &MailCodeRecord, now: UtcMs) -> Result<(), Fault> {
        self.execute("DELETE FROM mail_codes WHERE expires_at <= $1", &[&now.0])?;
        self.execute(
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

    fn has_mail_code(
        &mut self,
        user: UserId,
        purpose: Purpose,
        code: &SecretHash,
        now: UtcMs,
    ) -> Result<bool, Fault> {
        let found = self.query(
            "SELECT 1 FROM mail_codes WHERE code = $1 AND user_id = $2 AND purpose = $3 AND expires_at > $4",
            &[&code.as_slice(), &user.0, &purpose.word(), &now.0],
        )?;
        Ok(!found.is_empty())
    }

    fn forget_mail_codes(&mut self, user: UserId, purpose: Purpose) -> Result<(), Fault> {
        self.execute(
            "DELETE FROM mail_codes WHERE user_id = $1 AND purpose = $2",
            &[&user.0, &purpose.word()],
        )?;
        Ok(())
    }

    fn insert_owner_invitation(
        &mut self,
        code: &SecretHash,
        household: HouseholdId,
        expires_at: UtcMs,
        keep: usize,
    ) -> Result<(), Fault> {
        self.execute(
            "INSERT INTO owner_invitations (code, household_id, expires_at) VALUES ($1, $2, $3)",
            &[&code.as_slice(), &household.0, &expires_at.0],
        )?;
        self.execute(
            "DELETE FROM owner_invitations WHERE household_id = $1 AND code NOT IN (
             SELECT code FROM owner_invitations WHERE household_id = $1 ORDER BY expires_at DESC LIMIT $2)",
            &[&household.0, &Num(keep as u64)],
        )?;
        Ok(())
    }

    fn has_owner_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
        let found = self.query(
            "SELECT 1 FROM owner_invitations WHERE code = $1 AND expires_at > $2",
            &[&code.as_slice(), &now.0],
        )?;
        Ok(!found.is_empty())
    }

    fn take_owner_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<Option<HouseholdId>, Fault> {
        self.find(
            "DELETE FROM owner_invitations WHERE code = $1 AND expires_at > $2 RETURNING household_id",
            &[&code.as_slice(), &now.0],
            |row| id(row, 0, HouseholdId),
        )
    }
}
