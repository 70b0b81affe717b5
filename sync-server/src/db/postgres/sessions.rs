//! A household's sessions.

use romp_domain::{DeviceId, HouseholdId, SessionId, UserId, UtcMs};
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{column, hash, id};
use crate::db::stored::role_of;
use crate::db::{Fault, SessionRecord, Sessions};

fn record(row: &Row) -> Result<SessionRecord, Fault> {
    Ok(SessionRecord {
        id: id(row, 0, SessionId)?,
        household: id(row, 1, HouseholdId)?,
        user: column::<Option<Uuid>>(row, 2)?.map(UserId),
        device: id(row, 3, DeviceId)?,
        created_at: UtcMs(column(row, 4)?),
        used_at: UtcMs(column(row, 5)?),
        ended_at: column::<Option<i64>>(row, 6)?.map(UtcMs),
        role: role_of(column(row, 7)?)?,
        token: hash(row, 8)?,
        waiting: column(row, 9)?,
    })
}

impl Sessions for PgTx<'_> {
    fn sessions_of(&mut self, household: HouseholdId) -> Result<Vec<SessionRecord>, Fault> {
        self.about(household);
        self.all(
            "SELECT s.id, s.household_id, s.user_id, s.device_id, s.created_at, s.used_at, s.ended_at, s.role, s.token,
                 u.id IS NOT NULL AND u.confirmed_at IS NULL
             FROM sessions s LEFT JOIN users u ON u.id = s.user_id
             WHERE s.household_id = $1 ORDER BY s.id",
            &[&household.0],
            record,
        )
    }
}
