//! The security log, and what was called.

use romp_domain::{AuditEvent, HouseholdId, SessionId, UserId, UtcMs};
use rusqlite::params;

use super::columns::{Id, Num};
use super::tx::SqliteTx;
use crate::db::{AuditRecord, CallCount, Detail, Fault, Log};

impl Log for SqliteTx<'_> {
    fn append_audit(&mut self, household: HouseholdId, record: &AuditRecord) -> Result<(), Fault> {
        self.0
            .prepare_cached(
                "INSERT INTO audit (household_id, at, event, session_id, user_id, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                Id(household.0),
                record.at.0,
                record.event.word(),
                record.session.map(|session| Id(session.0)),
                record.user.map(|user| Id(user.0)),
                record.detail.text()
            ])?;
        Ok(())
    }

    fn audit_of(
        &mut self,
        household: HouseholdId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditRecord)>, Fault> {
        let found = self
            .0
            .prepare_cached(
                "SELECT number, at, event, session_id, user_id, detail FROM audit
                 WHERE household_id = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3",
            )?
            .query_map(
                params![
                    Id(household.0),
                    Num(before.unwrap_or(u64::MAX)),
                    Num(limit as u64)
                ],
                |row| {
                    let record = AuditRecord {
                        at: UtcMs(row.get(1)?),
                        event: AuditEvent::of_word(row.get_ref(2)?.as_str()?),
                        session: row.get::<_, Option<Id>>(3)?.map(|id| SessionId(id.0)),
                        user: row.get::<_, Option<Id>>(4)?.map(|id| UserId(id.0)),
                        detail: Detail::stored(row.get(5)?),
                    };
                    Ok((row.get::<_, Num>(0)?.0, record))
                },
            )?
            .collect::<Result<_, _>>()?;
        Ok(found)
    }

    fn forget_audit(&mut self, before: UtcMs, limit: usize) -> Result<u64, Fault> {
        let gone = self
            .0
            .prepare_cached(
                "DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE at < ?1 ORDER BY at LIMIT ?2)",
            )?
            .execute(params![before.0, Num(limit as u64)])?;
        Ok(gone as u64)
    }

    fn add_calls(&mut self, counts: &[CallCount]) -> Result<(), Fault> {
        let mut add = self.0.prepare_cached(
            "INSERT INTO calls (household_id, session_id, day, what, outcome, count)
             SELECT household_id, id, ?2, ?3, ?4, ?5 FROM sessions WHERE id = ?1
             ON CONFLICT (household_id, session_id, day, what, outcome) DO UPDATE SET count = count + ?5",
        )?;
        for count in counts {
            add.execute(params![
                Id(count.session.0),
                count.day.0,
                count.what,
                count.outcome,
                Num(count.count)
            ])?;
        }
        Ok(())
    }

    fn calls_of(
        &mut self,
        household: HouseholdId,
        session: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<CallCount>, Fault> {
        let found = self
            .0
            .prepare_cached(
                "SELECT session_id, day, what, outcome, count FROM calls
                 WHERE household_id = ?1 AND (?2 IS NULL OR session_id = ?2)
                 ORDER BY day DESC, session_id, what, outcome LIMIT ?3",
            )?
            .query_map(
                params![
                    Id(household.0),
                    session.map(|session| Id(session.0)),
                    Num(limit as u64)
                ],
                |row| {
                    Ok(CallCount {
                        session: SessionId(row.get::<_, Id>(0)?.0),
                        day: UtcMs(row.get(1)?),
                        what: row.get(2)?,
                        outcome: row.get(3)?,
                        count: row.get::<_, Num>(4)?.0,
                    })
                },
            )?
            .collect::<Result<_, _>>()?;
        Ok(found)
    }

    fn forget_calls(&mut self, before: UtcMs, limit: usize) -> Result<u64, Fault> {
        let gone = self
            .0
            .prepare_cached(
                "DELETE FROM calls WHERE (household_id, session_id, day, what, outcome) IN
                     (SELECT household_id, session_id, day, what, outcome FROM calls WHERE day < ?1
                      ORDER BY day LIMIT ?2)",
            )?
            .execute(params![before.0, Num(limit as u64)])?;
        Ok(gone as u64)
    }

    fn is_any_older(&mut self, entries: UtcMs, counts: UtcMs) -> Result<bool, Fault> {
        Ok(self
            .0
            .prepare_cached(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM audit WHERE at < ?1)
                             OR EXISTS (SELECT 1 FROM calls WHERE day < ?2)",
            )?
            .exists(params![entries.0, counts.0])?)
    }
}

#[cfg(test)]
mod tests {
    use romp_domain::HouseholdId;
    use rusqlite::Connection;
    use uuid::Uuid;

    use super::*;
    use crate::db::DbExt;
    use crate::db::sqlite::SqliteDb;

    #[test]
    fn the_database_itself_refuses_to_change_an_entry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("romp.db");
        let db = SqliteDb::open(&path).unwrap();
        db.write(|tx| {
            let household = HouseholdId(Uuid::from_u128(1));
            tx.insert_household(household, UtcMs(1))?;
            tx.append_audit(household, &AuditRecord::new(AuditEvent::SignedIn, UtcMs(1)))
        })
        .unwrap();
        let changed = Connection::open(&path)
            .unwrap()
            .execute("UPDATE audit SET event = 'signed_out'", []);
        assert!(changed.unwrap_err().to_string().contains("append-only"));
    }
}
