//! A household's sessions, and the tokens of one.

use romp_domain::{DeviceId, HouseholdId, SessionId, UserId, UtcMs};
use rusqlite::{OptionalExtension, Row, params};

use super::columns::{Hash, Id, Num};
use super::tx::SqliteTx;
use crate::db::stored::role_of;
use crate::db::{Fault, Held, MOST_DEVICES, SecretHash, SessionRecord, Sessions};

macro_rules! columns {
    () => {
        "id, household_id, user_id, device_id, created_at, used_at, ended_at, role, token,
             EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND u.confirmed_at IS NULL), by_user"
    };
}

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
        by_user: row.get::<_, Option<Id>>(10)?.map(|user| UserId(user.0)),
    })
}

impl SqliteTx<'_> {
    fn session(&self, sql: &str, key: impl rusqlite::ToSql) -> Result<Option<SessionRecord>, Fault> {
        self.0
            .prepare_cached(sql)?
            .query_and_then([key], record)?
            .next()
            .transpose()
    }
}

impl Sessions for SqliteTx<'_> {
    fn sessions_of(&mut self, household: HouseholdId) -> Result<Vec<SessionRecord>, Fault> {
        self.0
            .prepare_cached(concat!(
                "SELECT ",
                columns!(),
                " FROM sessions WHERE household_id = ?1 ORDER BY id"
            ))?
            .query_and_then([Id(household.0)], record)?
            .collect()
    }

    fn held(&mut self, token: &SecretHash) -> Result<Option<(SessionRecord, Held)>, Fault> {
        let current = concat!("SELECT ", columns!(), " FROM sessions WHERE token = ?1");
        if let Some(session) = self.session(current, Hash(*token))? {
            return Ok(Some((session, Held::Current)));
        }
        let next = concat!("SELECT ", columns!(), " FROM sessions WHERE next_token = ?1");
        let token = *token;
        let presented = |session| SessionRecord { token, ..session };
        if let Some(session) = self.session(next, Hash(token))? {
            return Ok(Some((presented(session), Held::Next)));
        }
        let retired = self
            .0
            .prepare_cached("SELECT session_id, retired_at FROM retired_tokens WHERE token = ?1")?
            .query_one([Hash(token)], |row| Ok((row.get::<_, Id>(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, at)) = retired else {
            return Ok(None);
        };
        let by_id = concat!("SELECT ", columns!(), " FROM sessions WHERE id = ?1");
        let found = self.session(by_id, id)?;
        Ok(found.map(|session| (presented(session), Held::Retired(UtcMs(at)))))
    }

    fn offer_token(&mut self, session: SessionId, next: &SecretHash) -> Result<(), Fault> {
        self.0
            .prepare_cached("UPDATE sessions SET next_token = ?2 WHERE id = ?1")?
            .execute(params![Id(session.0), Hash(*next)])?;
        Ok(())
    }

    fn forget_session(&mut self, session: SessionId) -> Result<(), Fault> {
        for sql in [
            "DELETE FROM retired_tokens WHERE session_id = (SELECT id FROM sessions WHERE id = ?1 AND ended_at IS NOT NULL)",
            "DELETE FROM sessions WHERE id = ?1 AND ended_at IS NOT NULL",
        ] {
            self.0.prepare_cached(sql)?.execute([Id(session.0)])?;
        }
        let devices: Vec<Id> = self
            .0
            .prepare_cached(
                "SELECT id FROM devices WHERE session_id = ?1
                     AND NOT EXISTS (SELECT 1 FROM sessions WHERE id = ?1)
                     AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.device_id = devices.id)",
            )?
            .query_map([Id(session.0)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for device in devices {
            self.0
                .prepare_cached("DELETE FROM rejects WHERE device_id = ?1")?
                .execute([Id(device.0)])?;
            self.0
                .prepare_cached(
                    "DELETE FROM devices WHERE id = ?1 AND (last_mid = 0 OR ?2 < (
                     SELECT count(*) FROM devices other WHERE other.household_id = devices.household_id))",
                )?
                .execute(params![Id(device.0), Num(MOST_DEVICES)])?;
        }
        Ok(())
    }

    fn token_taken_at(&mut self, session: SessionId) -> Result<Option<UtcMs>, Fault> {
        let at: Option<i64> = self
            .0
            .prepare_cached("SELECT max(retired_at) FROM retired_tokens WHERE session_id = ?1")?
            .query_one([Id(session.0)], |row| row.get(0))?;
        Ok(at.map(UtcMs))
    }

    fn replace_tokens(&mut self, session: SessionId, token: &SecretHash) -> Result<(), Fault> {
        self.0
            .prepare_cached("UPDATE sessions SET token = ?2, next_token = NULL WHERE id = ?1")?
            .execute(params![Id(session.0), Hash(*token)])?;
        self.0
            .prepare_cached("DELETE FROM retired_tokens WHERE session_id = ?1")?
            .execute([Id(session.0)])?;
        Ok(())
    }

    fn take_token(&mut self, session: &SessionRecord, at: UtcMs) -> Result<(), Fault> {
        self.0
            .prepare_cached(
                "INSERT INTO retired_tokens (token, household_id, session_id, retired_at)
                 SELECT token, household_id, id, ?2 FROM sessions WHERE id = ?1 AND next_token IS NOT NULL",
            )?
            .execute(params![Id(session.id.0), at.0])?;
        self.0
            .prepare_cached(
                "UPDATE sessions SET token = next_token, next_token = NULL
                 WHERE id = ?1 AND next_token IS NOT NULL",
            )?
            .execute([Id(session.id.0)])?;
        Ok(())
    }
}
