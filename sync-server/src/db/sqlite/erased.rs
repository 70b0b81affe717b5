//! Deleting a household, and what is kept of it.

use romp_domain::{HouseholdId, UtcMs};
use rusqlite::{Connection, params};

use super::columns::{Hash, Id};
use crate::db::{Fault, SecretHash};

/// In the order in which rows refer to each other. Matches and playdates are not among them: while one still names the
/// household, its own row cannot be deleted, and then nothing is.
const TABLES: &[&str] = &[
    "INSERT OR IGNORE INTO erased_pets (id) SELECT id FROM pets WHERE household_id = ?1",
    "DELETE FROM rejects WHERE device_id IN (SELECT id FROM devices WHERE household_id = ?1)",
    "DELETE FROM retired_tokens WHERE household_id = ?1",
    "DELETE FROM sessions WHERE household_id = ?1",
    "DELETE FROM devices WHERE household_id = ?1",
    "DELETE FROM mail_codes WHERE household_id = ?1",
    "DELETE FROM owner_invitations WHERE household_id = ?1",
    "DELETE FROM unverified WHERE household_id = ?1",
    "DELETE FROM users WHERE household_id = ?1",
    "DELETE FROM pairings WHERE household_id = ?1",
    "DELETE FROM feed WHERE household_id = ?1",
    "DELETE FROM restrictions WHERE household_id = ?1",
    "DELETE FROM household_settings WHERE household_id = ?1",
    "DELETE FROM children WHERE household_id = ?1",
    "DELETE FROM pets WHERE household_id = ?1",
    "DELETE FROM slots WHERE household_id = ?1",
    "DELETE FROM exceptions WHERE household_id = ?1",
    "DELETE FROM interactions WHERE household_id = ?1",
    "DELETE FROM decks WHERE household_id = ?1",
    "DELETE FROM quotas WHERE household_id = ?1",
    "DELETE FROM cards WHERE household_id = ?1",
    "DELETE FROM switches WHERE household_id = ?1",
    "DELETE FROM blocks WHERE household_id = ?1",
    "DELETE FROM tallies WHERE household_id = ?1",
    "DELETE FROM calls WHERE household_id = ?1",
    "DELETE FROM audit WHERE household_id = ?1",
    "DELETE FROM households WHERE id = ?1",
];

pub(super) fn erase_household(c: &Connection, household: HouseholdId, at: UtcMs) -> Result<(), Fault> {
    c.prepare_cached(
        "INSERT OR IGNORE INTO erased_tokens (token, erased_at)
         SELECT token, ?2 FROM sessions WHERE household_id = ?1
         UNION ALL SELECT next_token, ?2 FROM sessions WHERE household_id = ?1 AND next_token IS NOT NULL",
    )?
    .execute(params![Id(household.0), at.0])?;
    for sql in TABLES {
        c.prepare_cached(sql)?.execute([Id(household.0)])?;
    }
    super::scrub::note_erasure(c)?;
    Ok(())
}

pub(super) fn was_erased(c: &Connection, token: &SecretHash) -> Result<bool, Fault> {
    Ok(c.prepare_cached("SELECT 1 FROM erased_tokens WHERE token = ?1")?
        .exists([Hash(*token)])?)
}

pub(super) fn forget_erased(c: &Connection, before: UtcMs) -> Result<(), Fault> {
    c.prepare_cached("DELETE FROM erased_tokens WHERE erased_at < ?1")?
        .execute([before.0])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sqlite::SqliteDb;

    #[test]
    fn every_table_that_names_a_household_is_among_those_that_are_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("romp.db");
        drop(SqliteDb::open(&path).unwrap());
        let connection = Connection::open(&path).unwrap();
        let naming: Vec<String> = connection
            .prepare(
                "SELECT t.name FROM sqlite_schema t WHERE t.type = 'table' AND EXISTS (
                     SELECT 1 FROM pragma_table_xinfo(t.name) c WHERE c.name IN ('household_id', 'device_id', 'user_id'))",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(naming.len() > 14, "{naming:?}");
        for table in naming {
            let delete = format!("DELETE FROM {table} WHERE");
            assert!(TABLES.iter().any(|sql| sql.starts_with(&delete)), "{table}");
        }
    }
}
