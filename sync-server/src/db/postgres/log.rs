//! The security log, and what was called.

use romp_domain::{AuditEvent, HouseholdId, SessionId, UserId, UtcMs};
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Num, column, id, num};
use crate::db::{AuditRecord, CallCount, Detail, Fault, Log};

impl Log for PgTx<'_> {
    fn append_audit(&mut self, household: HouseholdId, record: &AuditRecord) -> Result<(), Fault> {
        self.execute(
            "INSERT INTO audit (household_id, at, event, session_id, user_id, detail)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &household.0,
                &record.at.0,
                &record.event.word(),
                &record.session.map(|session| session.0),
                &record.user.map(|user| user.0),
                &record.detail.text(),
            ],
        )?;
        Ok(())
    }

    fn audit_of(
        &mut self,
        household: HouseholdId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditRecord)>, Fault> {
        self.all(
            "SELECT number, at, event, session_id, user_id, detail FROM audit
             WHERE household_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
            &[&household.0, &Num(before.unwrap_or(u64::MAX)), &Num(limit as u64)],
            |row| {
                let record = AuditRecord {
                    at: UtcMs(column(row, 1)?),
                    event: AuditEvent::of_word(column(row, 2)?),
                    session: column::<Option<Uuid>>(row, 3)?.map(SessionId),
                    user: column::<Option<Uuid>>(row, 4)?.map(UserId),
                    detail: Detail::stored(column(row, 5)?),
                };
                Ok((num(row, 0)?, record))
            },
        )
    }

    fn forget_audit(&mut self, before: UtcMs, limit: usize) -> Result<u64, Fault> {
        self.execute(
            "DELETE FROM audit WHERE (household_id, number) IN
                 (SELECT household_id, number FROM audit WHERE at < $1 ORDER BY at LIMIT $2)",
            &[&before.0, &Num(limit as u64)],
        )
    }

    fn add_calls(&mut self, counts: &[CallCount]) -> Result<(), Fault> {
        for count in counts {
            self.execute(
                "INSERT INTO calls AS c (household_id, session_id, day, what, outcome, count)
                 SELECT household_id, id, $2::bigint, $3::text, $4::text, $5::bigint FROM sessions WHERE id = $1
                 ON CONFLICT (household_id, session_id, day, what, outcome) DO UPDATE SET count = c.count + $5",
                &[
                    &count.session.0,
                    &count.day.0,
                    &count.what,
                    &count.outcome,
                    &Num(count.count),
                ],
            )?;
        }
        Ok(())
    }

    fn calls_of(
        &mut self,
        household: HouseholdId,
        session: Option<SessionId>,
        limit: usize,
    ) -> Result<Vec<CallCount>, Fault> {
        self.all(
            "SELECT session_id, day, what, outcome, count FROM calls
             WHERE household_id = $1 AND ($2::uuid IS NULL OR session_id = $2)
             ORDER BY day DESC, session_id, what, outcome LIMIT $3",
            &[
                &household.0,
                &session.map(|session| session.0),
                &Num(limit as u64),
            ],
            |row| {
                Ok(CallCount {
                    session: id(row, 0, SessionId)?,
                    day: UtcMs(column(row, 1)?),
                    what: column(row, 2)?,
                    outcome: column(row, 3)?,
                    count: num(row, 4)?,
                })
            },
        )
    }

    fn forget_calls(&mut self, before: UtcMs, limit: usize) -> Result<u64, Fault> {
        self.execute(
            "DELETE FROM calls WHERE (household_id, session_id, day, what, outcome) IN
                 (SELECT household_id, session_id, day, what, outcome FROM calls WHERE day < $1
                  ORDER BY day LIMIT $2)",
            &[&before.0, &Num(limit as u64)],
        )
    }

    fn is_any_older(&mut self, entries: UtcMs, counts: UtcMs) -> Result<bool, Fault> {
        let found = self.query(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM audit WHERE at < $1)
                         OR EXISTS (SELECT 1 FROM calls WHERE day < $2)",
            &[&entries.0, &counts.0],
        )?;
        Ok(!found.is_empty())
    }
}
