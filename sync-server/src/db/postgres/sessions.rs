//! A household's sessions, and the tokens of one.

use romp_domain::{DeviceId, HouseholdId, SessionId, UserId, UtcMs};
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::{PgTx, Values};
use super::values::{column, hash, id};
use crate::db::stored::role_of;
use crate::db::{Fault, Held, MOST_DEVICES, SecretHash, SessionRecord, Sessions};

macro_rules! columns {
    () => {
        "id, household_id, user_id, device_id, created_at, used_at, ended_at, role, token,
             EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND u.confirmed_at IS NULL), by_user"
    };
}

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
        by_user: column::<Option<Uuid>>(row, 10)?.map(UserId),
    })
}

impl PgTx<'_> {
    fn session(&mut self, sql: &'static str, values: Values<'_>) -> Result<Option<SessionRecord>, Fault> {
        let found = self.find(sql, values, record)?;
        if let Some(found) = &found {
            self.about(found.household);
        }
        Ok(found)
    }
}

impl Sessions for PgTx<'_> {
    fn sessions_of(&mut self, household: HouseholdId) -> Result<Vec<SessionRecord>, Fault> {
        self.about(household);
        self.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM sessions WHERE household_id = $1 ORDER BY id"
            ),
            &[&household.0],
            record,
        )
    }

    fn held(&mut self, token: &SecretHash) -> Result<Option<(SessionRecord, Held)>, Fault> {
        let key: Values<'_> = &[&token.as_slice()];
        let current = concat!("SELECT ", columns!(), " FROM sessions WHERE token = $1");
        if let Some(session) = self.session(current, key)? {
            return Ok(Some((session, Held::Current)));
        }
        let next = concat!("SELECT ", columns!(), " FROM sessions WHERE next_token = $1");
        let presented = |session| SessionRecord {
            token: *token,
            ..session
        };
        if let Some(session) = self.session(next, key)? {
            return Ok(Some((presented(session), Held::Next)));
        }
        let retired = "SELECT session_id, retired_at FROM retired_tokens WHERE token = $1";
        let retired = self.find(retired, key, |row| Ok((column::<Uuid>(row, 0)?, column(row, 1)?)))?;
        let Some((id, at)) = retired else {
            return Ok(None);
        };
        let by_id = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1");
        let found = self.session(by_id, &[&id])?;
        Ok(found.map(|session| (presented(session), Held::Retired(UtcMs(at)))))
    }

    fn offer_token(&mut self, session: SessionId, next: &SecretHash) -> Result<(), Fault> {
        self.execute(
            "UPDATE sessions SET next_token = $2 WHERE id = $1",
            &[&session.0, &next.as_slice()],
        )?;
        Ok(())
    }

    fn forget_session(&mut self, session: SessionId) -> Result<(), Fault> {
        let of_ended = "DELETE FROM retired_tokens
             WHERE session_id = (SELECT id FROM sessions WHERE id = $1 AND ended_at IS NOT NULL)";
        self.execute(of_ended, &[&session.0])?;
        let ended = "DELETE FROM sessions WHERE id = $1 AND ended_at IS NOT NULL";
        self.execute(ended, &[&session.0])?;
        let unused = "SELECT id FROM devices WHERE session_id = $1
             AND NOT EXISTS (SELECT 1 FROM sessions WHERE id = $1)
             AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.device_id = devices.id)";
        for device in self.all(unused, &[&session.0], |row| column::<Uuid>(row, 0))? {
            self.execute("DELETE FROM rejects WHERE device_id = $1", &[&device])?;
            let not_needed = "DELETE FROM devices WHERE id = $1 AND (last_mid = 0 OR $2 < (
                 SELECT count(*) FROM devices other WHERE other.household_id = devices.household_id))";
            self.execute(not_needed, &[&device, &(MOST_DEVICES as i64)])?;
        }
        Ok(())
    }

    fn token_taken_at(&mut self, session: SessionId) -> Result<Option<UtcMs>, Fault> {
        let sql = "SELECT max(retired_at) FROM retired_tokens WHERE session_id = $1";
        let at = self.find(sql, &[&session.0], |row| column::<Option<i64>>(row, 0))?;
        Ok(at.flatten().map(UtcMs))
    }

    fn replace_tokens(&mut self, session: SessionId, token: &SecretHash) -> Result<(), Fault> {
        self.execute(
            "UPDATE sessions SET token = $2, next_token = NULL WHERE id = $1",
            &[&session.0, &token.as_slice()],
        )?;
        self.execute("DELETE FROM retired_tokens WHERE session_id = $1", &[&session.0])?;
        Ok(())
    }

    fn take_token(&mut self, session: &SessionRecord, at: UtcMs) -> Result<(), Fault> {
        self.execute(
            "INSERT INTO retired_tokens (token, household_id, session_id, retired_at)
             SELECT token, household_id, id, $2::bigint FROM sessions WHERE id = $1 AND next_token IS NOT NULL",
            &[&session.id.0, &at.0],
        )?;
        self.execute(
            "UPDATE sessions SET token = next_token, next_token = NULL
             WHERE id = $1 AND next_token IS NOT NULL",
            &[&session.id.0],
        )?;
        Ok(())
    }
}
