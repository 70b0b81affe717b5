//! The security log.

use romp_domain::{AuditEvent, HouseholdId, SessionId, UserId, UtcMs};
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Num, column, num};
use crate::db::{AuditRecord, Detail, Fault, Log};

impl Log for PgTx<'_> {
    fn audit(&mut self, household: HouseholdId, record: &AuditRecord) -> Result<(), Fault> {
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
}
