//! Deleting a household, and what is kept of it.
//!
//! Deliberately absent: overwriting what was deleted. PostgreSQL's own vacuum gives the space to other rows, and its
//! log and backups expire as the operator has set them.

use romp_domain::{HouseholdId, UtcMs};

use super::statements::PgTx;
use crate::db::{Fault, SecretHash};

/// In the order in which rows refer to each other. Matches and playdates are not among them: while one still names the
/// household, its own row cannot be deleted, and then nothing is.
const TABLES: &[&str] = &[
    "INSERT INTO erased_pets (id) SELECT id FROM pets WHERE household_id = $1 ON CONFLICT DO NOTHING",
    "DELETE FROM rejects WHERE device_id IN (SELECT id FROM devices WHERE household_id = $1)",
    "DELETE FROM retired_tokens WHERE household_id = $1",
    "DELETE FROM sessions WHERE household_id = $1",
    "DELETE FROM devices WHERE household_id = $1",
    "DELETE FROM mail_codes WHERE household_id = $1",
    "DELETE FROM owner_invitations WHERE household_id = $1",
    "DELETE FROM unverified WHERE household_id = $1",
    "DELETE FROM users WHERE household_id = $1",
    "DELETE FROM pairings WHERE household_id = $1",
    "DELETE FROM feed WHERE household_id = $1",
    "DELETE FROM restrictions WHERE household_id = $1",
    "DELETE FROM household_settings WHERE household_id = $1",
    "DELETE FROM children WHERE household_id = $1",
    "DELETE FROM pets WHERE household_id = $1",
    "DELETE FROM slots WHERE household_id = $1",
    "DELETE FROM exceptions WHERE household_id = $1",
    "DELETE FROM interactions WHERE household_id = $1",
    "DELETE FROM decks WHERE household_id = $1",
    "DELETE FROM quotas WHERE household_id = $1",
    "DELETE FROM cards WHERE household_id = $1",
    "DELETE FROM switches WHERE household_id = $1",
    "DELETE FROM blocks WHERE household_id = $1",
    "DELETE FROM tallies WHERE household_id = $1",
    "DELETE FROM calls WHERE household_id = $1",
    "DELETE FROM audit WHERE household_id = $1",
    "DELETE FROM households WHERE id = $1",
];

pub(super) fn erase_household(tx: &mut PgTx<'_>, household: HouseholdId, at: UtcMs) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO erased_tokens (token, erased_at)
         SELECT token, $2::bigint FROM sessions WHERE household_id = $1
         UNION ALL SELECT next_token, $2 FROM sessions WHERE household_id = $1 AND next_token IS NOT NULL
         ON CONFLICT DO NOTHING",
        &[&household.0, &at.0],
    )?;
    for sql in TABLES {
        tx.execute(sql, &[&household.0])?;
    }
    Ok(())
}

pub(super) fn was_erased(tx: &mut PgTx<'_>, token: &SecretHash) -> Result<bool, Fault> {
    let found = tx.query(
        "SELECT 1 FROM erased_tokens WHERE token = $1",
        &[&token.as_slice()],
    )?;
    Ok(!found.is_empty())
}

pub(super) fn forget_erased(tx: &mut PgTx<'_>, before: UtcMs) -> Result<(), Fault> {
    tx.execute("DELETE FROM erased_tokens WHERE erased_at < $1", &[&before.0])?;
    Ok(())
}
