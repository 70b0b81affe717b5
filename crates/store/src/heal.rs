//! Making good what others lost: a server that asks for mutations again, a clock that was far off.

use std::collections::BTreeSet;

use romp_domain::policy::may_write;
use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{Fields, Hlc, Kind, Mutation, Op};
use rusqlite::params;
use uuid::Uuid;

use crate::outbox::to_sql;
use crate::{StoreError, Writer};

impl Writer<'_> {
    /// The first mutation that the server has lost, if its answer says that it has lost any.
    ///
    /// Counts only as an answer to the newest question, so that a late answer cannot set the device back. There are
    /// two signs: it asks for mutations before those it was sent, or its newest commit lies before the cursor.
    pub(crate) fn lost_from(
        &self,
        request: &SyncRequest,
        reply: &SyncReply,
    ) -> Result<Option<u64>, StoreError> {
        let asked = request.mutations.first().map(|mutation| mutation.mid);
        if asked != self.pending_up_to(u64::MAX)?.first().copied() || request.cursor != self.cursor()? {
            return Ok(None);
        }
        let wanted = reply
            .need_from
            .filter(|from| *from > 0 && asked.is_some_and(|first| *from < first));
        let set_back = (reply.cursor < request.cursor).then(|| reply.ack_mid.saturating_add(1));
        Ok(wanted.or(set_back))
    }

    /// The server has lost everything from mutation `from` on: what was acknowledged waits again, and, because the
    /// server's commits were lost with it, everything is pulled anew. What it still has is visible at `ack_seq`.
    ///
    /// Where the lost mutations were forgotten here after their time, this device's rows are told again instead.
    pub(crate) fn resend_from(&self, from: u64, ack_seq: u64) -> Result<(), StoreError> {
        let kept: Option<i64> = self
            .conn()
            .query_row("SELECT min(mid) FROM outbox", [], |row| row.get(0))?;
        let lacks = kept.map_or(from <= self.last_mid()?, |kept| kept > to_sql(from));
        if lacks {
            self.tell_again(from)?;
        }
        let mut statement = self.conn().prepare(
            "UPDATE outbox SET state = 'pending', ack_seq = NULL, settled_at = NULL, problem = NULL, dismissed = 0
             WHERE mid >= ?1 RETURNING kind, id",
        )?;
        let resent: BTreeSet<(String, [u8; 16])> = statement
            .query_map([to_sql(from)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        self.conn().execute(
            "UPDATE outbox SET ack_seq = ?1 WHERE state = 'acked'",
            [to_sql(ack_seq)],
        )?;
        self.set_cursor(0)?;
        self.mark_changed();
        for (kind, id) in resent {
            self.show(&kind, Uuid::from_bytes(id))?;
        }
        Ok(())
    }

    /// Fills the gap from `from` on with the rows as this device knows them, and renumbers what it kept to follow.
    ///
    /// The patches are stamped before everything else, so they lose against whatever the server still has.
    fn tell_again(&self, from: u64) -> Result<(), StoreError> {
        let rows = self.own_rows()?;
        // Out of the way first: numbers are unique at every moment.
        self.conn().execute("UPDATE outbox SET mid = -mid", [])?;
        let mut mid = from;
        for (kind, id, fields) in rows {
            let hlc = Hlc(mid);
            self.insert(&Mutation {
                mid,
                hlc,
                kind,
                id,
                op: Op::Patch { fields },
            })?;
            mid += 1;
        }
        let kept: Vec<i64> = self
            .conn()
            .prepare("SELECT mid FROM outbox WHERE mid < 0 ORDER BY mid DESC")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for old in kept {
            self.conn()
                .execute("UPDATE outbox SET mid = ?2 WHERE mid = ?1", [old, to_sql(mid)])?;
            mid += 1;
        }
        self.set_last_mid(mid - 1)
    }

    /// The server's rows as this device last knew them, with the fields it may write.
    fn own_rows(&self) -> Result<Vec<(Kind, Uuid, Fields)>, StoreError> {
        let role = self.role()?;
        let mut statement = self.conn().prepare(
            "SELECT kind, id, base FROM row WHERE base IS NOT NULL AND practice = 0 ORDER BY kind, id",
        )?;
        let mut rows = statement.query([])?;
        let mut own = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(kind) = Kind::from_word(&row.get::<_, String>(0)?) else {
                continue;
            };
            let mut fields: Fields = serde_json::from_str(&row.get::<_, String>(2)?)?;
            fields.0.retain(|name, _| may_write(role, kind).contains(name));
            if !fields.0.is_empty() {
                own.push((kind, Uuid::from_bytes(row.get(1)?), fields));
            }
        }
        Ok(own)
    }

    /// Moves the stamps of what is still to be sent. Returns the highest of them.
    pub(crate) fn move_pending_stamps(&self, by_ms: i64) -> Result<Hlc, StoreError> {
        let pending: Vec<(i64, i64)> = self
            .conn()
            .prepare("SELECT mid, hlc FROM outbox WHERE state = 'pending' ORDER BY mid")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut last = Hlc(0);
        for (mid, hlc) in pending {
            let old = Hlc(hlc as u64);
            let moved = Hlc(Hlc::at_ms(old.ms().saturating_add(by_ms)).0 | (old.0 & 0xFFFF));
            last = moved.max(last.next());
            self.conn()
                .prepare_cached("UPDATE outbox SET hlc = ?2 WHERE mid = ?1")?
                .execute(params![mid, last.0 as i64])?;
        }
        Ok(last)
    }
}
