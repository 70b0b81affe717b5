//! A household's sessions.

use romp_domain::{DeviceId, HouseholdId, SessionId, UserId, UtcMs};
use rusqlite::Row;

use super::columns::{Hash, Id};
use super::tx::SqliteTx;
use crate::db::stored::role_of;
use crate::db::{Fault, SessionRecord, Sessions};

fn record(row: &Row<'_>) -> Result<SessionRecord, Fault> {
    Ok(SessionRecord {
        id: SessionId(row.get::<_, Id>(0)?.0),
        household: HouseholdId(row.get::<_, Id>(1)?.0),
        user: row.get::<_, Option<Id>>(2)?.map(|user| UserId(user.0)),
        device: DeviceId(row.get::<_, Id>(3)?.0),
        created_at: UtcMs(row.get(4)?),
        used_at: UtcMs(row.get(5)?),
        ended_at: row.get::<_, Option<_>>(6)?.map(UtcMs),
        role: role_of(row.get_ref(7)?.as_str().map_err(rusqlite::Error::from)?)?,
        token: row.get::<_, Hash>(8)?.0,
        waiting: row.get(9)?,
    })
}

impl Sessions for SqliteTx<'_> {
    fn sessions_of(&mut self, household: HouseholdId) -> Result<Vec<SessionRecord>, Fault> {
        self.0
            .prepare_cached(
                "SELECT s.id, s.household_id, s.user_id, s.device_id, s.created_at, s.used_at, s.ended_at, s.role, s.token,
                     u.id IS NOT NULL AND u.confirmed_at IS NULL
                 FROM sessions s LEFT JOIN users u ON u.id = s.user_id
                 WHERE s.household_id = ?1 ORDER BY s.id",
            )?
            .query_and_then([Id(household.0)], record)?
            .collect()
    }
}
