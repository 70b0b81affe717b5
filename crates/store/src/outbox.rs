//! The outbox: this device's mutations, numbered without gaps, from the edit until long after the server has them.
//! States: `pending` → `acked` or `rejected`; of the rejected ones some are parked (see `parked`). A server that lost data
//! can ask for them again (see `heal`): the settled ones stay for [`KEPT_MS`], and only a prefix is ever forgotten.

use romp_domain::time::DAY_MS;
use romp_domain::wire::Link;
use romp_domain::{
    ErrorCode, Hlc, Kind, MatchId, Mutation, Op, PlaydateAct, PlaydateId, Problem, Role, UtcMs,
};
use romp_sync::link_after;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use crate::{Reader, StoreError, Writer};

/// How long settled mutations are kept, by the server's time: longer than any backup of a server should be old.
const KEPT_MS: i64 = 30 * DAY_MS;

/// The mutations that the server has not got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// How many.
    pub count: u32,
    /// When the oldest was made.
    pub oldest: Option<UtcMs>,
}

/// A mutation that the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its number.
    pub mid: u64,
    /// What kind of row it was about.
    pub kind: Kind,
    /// Why.
    pub problem: Problem,
}

/// A change made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What kind of row it is about.
    pub kind: Kind,
    /// Which row.
    pub id: Uuid,
    /// What it does.
    pub op: Op,
}

/// `SQLite`'s integers have a sign; numbers beyond it come from a faulty peer only, and stay at the end.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn kind_of(row: &Row<'_>, column: usize) -> Result<Kind, rusqlite::Error> {
    let word: String = row.get(column)?;
    Kind::from_word(&word)
        .ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, word.into()))
}

/// Reads the columns `mid, hlc, kind, id, op, base_seq, waited`.
pub(crate) fn mutation(row: &Row<'_>) -> Result<Mutation, StoreError> {
    Ok(Mutation {
        base_seq: row.get::<_, Option<i64>>(5)?.map(|seq| seq as u64),
        waited: row.get(6)?,
        mid: row.get::<_, i64>(0)? as u64,
        hlc: Hlc(row.get::<_, i64>(1)? as u64),
        kind: kind_of(row, 2)?,
        id: Uuid::from_bytes(row.get(3)?),
        op: serde_json::from_str(&row.get::<_, String>(4)?)?,
    })
}

impl Reader<'_> {
    /// What waits to be sent.
    pub fn pending(&self) -> Result<Pending, StoreError> {
        Ok(self
            .conn()
            .prepare_cached("SELECT count(*), min(made_at) FROM outbox WHERE state = 'pending'")?
            .query_row([], |row| {
                Ok(Pending {
                    count: row.get(0)?,
                    oldest: row.get::<_, Option<i64>>(1)?.map(UtcMs),
                })
            })?)
    }

    /// Whether anything but choices of children waits to be sent: what only an owner's device may bring along, and only makes.
    pub fn has_owner_changes(&self) -> Result<bool, StoreError> {
        Ok(self
            .conn()
            .prepare_cached(
                "SELECT 1 FROM outbox WHERE (state = 'pending' OR parked = 1)
                 AND (kind <> ?1 OR ?2 AND (op ->> '$.fields.released' IS NOT NULL OR iif(json_type(op, '$.fields.by_child') IS NULL,
                 (SELECT shown ->> '$.by_child' FROM row WHERE row.kind = ?1 AND row.id = outbox.id),
                 op ->> '$.fields.by_child') IS NULL))",
            )?
            .exists(params![Kind::Swipe.word(), self.device_role()? == Role::Owner])?)
    }

    /// What the server refused and nobody has dismissed, newest first. Nothing while in a child's hands: most of it is
    /// the owner's.
    pub fn refused(&self) -> Result<Vec<Refused>, StoreError> {
        if self.handed()?.is_some() {
            return Ok(Vec::new());
        }
        let mut statement = self.conn().prepare_cached(
            "SELECT mid, kind, problem FROM outbox WHERE state = 'rejected' AND dismissed = 0 AND parked = 0 ORDER BY mid DESC",
        )?;
        let mut rows = statement.query([])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            list.push(Refused {
                mid: row.get::<_, i64>(0)? as u64,
                kind: kind_of(row, 1)?,
                problem: serde_json::from_str(&row.get::<_, String>(2)?)?,
            });
        }
        Ok(list)
    }

    /// The last answer to a playdate that the pulled row does not contain yet; to be called off, too, with its match that
    /// was taken back. None while in a child's hands: it is the owner's.
    pub fn waiting_act(&self, id: PlaydateId, of: MatchId) -> Result<Option<PlaydateAct>, StoreError> {
        let taken_back = self.last_act(Kind::Match, of.0)?;
        Ok(taken_back.or(self.last_act(Kind::Playdate, id.0)?))
    }

    fn last_act(&self, kind: Kind, id: Uuid) -> Result<Option<PlaydateAct>, StoreError> {
        if self.handed()?.is_some() {
            return Ok(None);
        }
        let op: Option<String> = self
            .conn()
            .prepare_cached(
                "SELECT op FROM outbox WHERE kind = ?1 AND id = ?2
                 AND (state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?3)) ORDER BY mid DESC LIMIT 1",
            )?
            .query_row(
                params![kind.word(), id.as_bytes(), to_sql(self.cursor()?)],
                |row| row.get(0),
            )
            .optional()?;
        Ok(match op.map(|op| serde_json::from_str(&op)).transpose()? {
            Some(Op::Act { act, .. }) => Some(act),
            Some(Op::Patch { .. }) | None => None,
        })
    }

    /// The number of the last change made here.
    pub fn last_made(&self) -> Result<u64, StoreError> {
        self.last_mid()
    }

    /// The changes made here after number `mid`.
    pub fn made_since(&self, mid: u64) -> Result<Vec<Made>, StoreError> {
        self.made_by(
            "SELECT mid, hlc, kind, id, op, base_seq, waited FROM outbox WHERE mid > ?1 ORDER BY mid",
            to_sql(mid),
        )
    }

    /// The choices made here since an instant, as they were stamped; of what the server has answered, none that it had
    /// before: the clock by which they were stamped may have been ahead.
    pub fn choices_since(&self, at: UtcMs) -> Result<Vec<Made>, StoreError> {
        self.made_by(
            "SELECT mid, hlc, kind, id, op, base_seq, waited FROM outbox WHERE kind = 'swipe' AND hlc >= ?1
             AND coalesce(settled_at << 16 >= ?1, 1) ORDER BY mid",
            Hlc::at_ms(at.0).0 as i64,
        )
    }

    fn made_by(&self, sql: &'static str, value: i64) -> Result<Vec<Made>, StoreError> {
        let mut statement = self.conn().prepare_cached(sql)?;
        let mut rows = statement.query([value])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            let Mutation { kind, id, op, .. } = mutation(row)?;
            list.push(Made { kind, id, op });
        }
        Ok(list)
    }

    /// The time: by the device's clock as the server last put it right, and never earlier than what was seen of the
    /// server's or said here before. A clock that is set back does not turn time back.
    pub fn time(&self, wall: UtcMs) -> Result<UtcMs, StoreError> {
        Ok(UtcMs(self.clock_state()?.tick(wall.0).ms()))
    }

    /// The first pending mutations that follow each other and were stamped by the same clock, up to `count` and about
    /// `bytes` of JSON.
    pub(crate) fn first_pending(&self, count: usize, bytes: usize) -> Result<Sendable, StoreError> {
        // Number, clock, kind, id and punctuation: what a mutation has besides its `op`.
        const ENVELOPE_BYTES: usize = 160;
        let mut statement = self.conn().prepare_cached(
            "SELECT mid, hlc, kind, id, op, base_seq, waited, offset_ms FROM outbox WHERE state = 'pending'
             ORDER BY mid LIMIT ?1",
        )?;
        let mut rows = statement.query([to_sql(count as u64)])?;
        let mut batch = Sendable::default();
        let mut used = 0;
        while let Some(row) = rows.next()? {
            let next = mutation(row)?;
            let offset_ms = row.get(7)?;
            used += ENVELOPE_BYTES + row.get_ref(4)?.as_bytes().map_or(0, <[u8]>::len);
            if let Some(last) = batch.mutations.last() {
                let follows = last.mid + 1 == next.mid && offset_ms == batch.offset_ms;
                if !follows || used > bytes {
                    break;
                }
            }
            batch.offset_ms = offset_ms;
            batch.mutations.push(next);
        }
        Ok(batch)
    }

    /// The place in this device's chain after mutation `mid`, all of whose forerunners from `link` on are still here.
    pub(crate) fn link_at(&self, link: Link, mid: u64) -> Result<Link, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT mid, hlc, kind, id, op, base_seq, waited FROM outbox WHERE mid > ?1 AND mid <= ?2 ORDER BY mid",
        )?;
        let mut rows = statement.query([to_sql(link.mid), to_sql(mid)])?;
        let mut reached = link;
        while let Some(row) = rows.next()? {
            reached = link_after(reached, &mutation(row)?.into());
        }
        Ok(reached)
    }
}

/// Mutations that may go out together.
#[derive(Debug, Default)]
pub(crate) struct Sendable {
    pub(crate) mutations: Vec<Mutation>,
    /// What the clock that stamped them would show now, minus what the device's shows; none: it is the present one.
    pub(crate) offset_ms: Option<i64>,
}

impl Writer<'_> {
    /// Appends a mutation of somebody who has seen what is here.
    pub(crate) fn append(&self, kind: Kind, id: Uuid, op: &Op) -> Result<(), StoreError> {
        self.append_as(kind, id, op, Some(self.seen()?))
    }

    /// Appends a mutation with the next number and the next tick of the clock. `base_seq`: see [`Mutation::base_seq`].
    pub(crate) fn append_as(
        &self,
        kind: Kind,
        id: Uuid,
        op: &Op,
        base_seq: Option<u64>,
    ) -> Result<(), StoreError> {
        let mut clock = self.clock_state()?;
        let hlc = clock.tick(self.now().0);
        self.set_clock_state(clock)?;
        let mid = self.last_mid()? + 1;
        self.set_last_mid(mid)?;
        self.insert(&Mutation {
            mid,
            hlc,
            base_seq,
            waited: false,
            kind,
            id,
            op: op.clone(),
        })
    }

    pub(crate) fn insert(&self, mutation: &Mutation) -> Result<(), StoreError> {
        self.mark_changed();
        self.conn()
            .prepare_cached(
                "INSERT INTO outbox (mid, hlc, kind, id, op, made_at, base_seq, waited)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                to_sql(mutation.mid),
                mutation.hlc.0 as i64,
                mutation.kind.word(),
                mutation.id.as_bytes(),
                serde_json::to_string(&mutation.op)?,
                self.now().0,
                mutation.base_seq.map(to_sql),
                mutation.waited,
            ])?;
        Ok(())
    }

    /// Settles a pending mutation as acknowledged. Returns its row, unless it was settled before.
    pub(crate) fn settle_acked(
        &self,
        mid: u64,
        ack_seq: u64,
        at: UtcMs,
    ) -> Result<Option<(String, Uuid)>, StoreError> {
        self.settle(mid, "acked", Some(to_sql(ack_seq)), None, false, at)
    }

    /// Settles a pending mutation as refused. Returns its row, unless it was settled before.
    ///
    /// One that was accepted before the server lost it, and whose matter is settled or gone by now, is nobody's news;
    /// nor is what a newer server had said, and an older one does not know.
    pub(crate) fn settle_rejected(
        &self,
        mid: u64,
        problem: &Problem,
        at: UtcMs,
    ) -> Result<Option<(String, Uuid)>, StoreError> {
        let over = matches!(
            problem.code,
            ErrorCode::Frozen | ErrorCode::NotFound | ErrorCode::UnknownField
        );
        self.settle(
            mid,
            "rejected",
            None,
            Some(serde_json::to_string(problem)?),
            over,
            at,
        )
    }

    fn settle(
        &self,
        mid: u64,
        state: &str,
        ack_seq: Option<i64>,
        problem: Option<String>,
        over: bool,
        at: UtcMs,
    ) -> Result<Option<(String, Uuid)>, StoreError> {
        let settled = self
            .conn()
            .prepare_cached(
                "UPDATE outbox SET state = ?2, ack_seq = ?3, problem = ?4, settled_at = ?5,
                 dismissed = dismissed AND ?6 WHERE mid = ?1 AND state = 'pending' RETURNING kind, id",
            )?
            .query_row(params![to_sql(mid), state, ack_seq, problem, at.0, over], |row| {
                Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?)))
            })
            .optional()?;
        if settled.is_some() {
            self.mark_changed();
        }
        Ok(settled)
    }

    /// The pending mutations up to `mid`.
    pub(crate) fn pending_up_to(&self, mid: u64) -> Result<Vec<u64>, StoreError> {
        let mut statement = self
            .conn()
            .prepare_cached("SELECT mid FROM outbox WHERE state = 'pending' AND mid <= ?1 ORDER BY mid")?;
        let mids = statement.query_map([to_sql(mid)], |row| row.get::<_, i64>(0))?;
        Ok(mids
            .map(|mid| mid.map(|mid| mid as u64))
            .collect::<Result<_, _>>()?)
    }

    /// The rows of the mutations acknowledged in commits after `from`, up to `to`: they stop being laid over.
    pub(crate) fn acked_between(&self, from: u64, to: u64) -> Result<Vec<(String, Uuid)>, StoreError> {
        let mut statement = self.conn().prepare_cached(
            "SELECT DISTINCT kind, id FROM outbox WHERE state = 'acked' AND ack_seq > ?1 AND ack_seq <= ?2",
        )?;
        let rows = statement.query_map([to_sql(from), to_sql(to)], |row| {
            Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets the refused changes that the person has read.
    pub fn dismiss_refused(&self) -> Result<(), StoreError> {
        let gone = self
            .conn()
            .prepare_cached("UPDATE outbox SET dismissed = 1 WHERE state = 'rejected' AND dismissed = 0")?
            .execute([])?;
        if gone > 0 {
            self.mark_changed();
        }
        Ok(())
    }

    /// Forgets the oldest settled mutations that nobody can need any more. Like the time at which they were settled, `at` is
    /// the server's: this device's clock may be anything, for a moment or for long.
    pub(crate) fn prune_outbox(&self, at: UtcMs) -> Result<(), StoreError> {
        // On a child's device nobody reads what was refused.
        let (is_read, before) = (self.device_role()? == Role::Owner, at.0.saturating_sub(KEPT_MS));
        self.conn()
            .prepare_cached(
                "DELETE FROM outbox WHERE mid < coalesce((
                     SELECT min(mid) FROM outbox WHERE state = 'pending' OR settled_at > ?1
                     OR (state = 'acked' AND ack_seq > ?2) OR (state = 'rejected' AND dismissed = 0 AND ?3)
                     OR parked = 1
                 ), 9223372036854775807)",
            )?
            .execute(params![before, to_sql(self.cursor()?), is_read])?;
        Ok(())
    }
}
