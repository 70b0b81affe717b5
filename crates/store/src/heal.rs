//! Making good what others lost: a server that asks for mutations again, and a device whose data was copied.

use std::collections::BTreeSet;

use romp_domain::entity::knows;
use romp_domain::policy::may_write;
use romp_domain::wire::{Link, MAX_MUTATIONS, Reset, SyncReply, SyncRequest};
use romp_domain::{DeviceId, Fields, Hlc, Kind, Mutation, Op, Sent};
use romp_sync::TOLD_AGAIN_BEFORE;
use rusqlite::params;
use uuid::Uuid;

use crate::absorb::BATCH_BYTES;
use crate::outbox::to_sql;
use crate::{StoreError, Writer};

impl Writer<'_> {
    /// Whether nothing has happened here since the request was made that would make another one of it.
    pub(crate) fn is_newest(&self, request: &SyncRequest) -> Result<bool, StoreError> {
        Ok(request.device == Some(self.device()?)
            && request.epoch == self.epoch()?
            && request.cursor == self.cursor()?
            && request.link == self.link()?)
    }

    /// Goes on as `id`: another installation, with the same past, goes on under this device's id.
    ///
    /// Numbers, chain and everything that waits stay as they are. Believed only as an answer to the newest question:
    /// an old request that arrives twice is answered as if it came from somebody else.
    pub(crate) fn go_on_as(&self, id: DeviceId, request: &SyncRequest) -> Result<(), StoreError> {
        let waiting = self.first_pending(MAX_MUTATIONS, BATCH_BYTES)?.mutations;
        let sent = request.mutations.last().map(Sent::mid);
        let all_of_it =
            waiting.last().map(|mutation| mutation.mid) <= sent || request.mutations.len() >= MAX_MUTATIONS;
        if self.is_newest(request)? && all_of_it {
            tracing::info!("this device's data was copied; it goes on under another id");
            self.set_device(id)?;
            self.set_adopts(true)?;
        }
        Ok(())
    }

    /// The first mutation that the server has lost, if its answer says that it has lost any.
    ///
    /// Counts only as an answer to the newest question, so that a late answer cannot set the device back.
    pub(crate) fn lost_from(
        &self,
        request: &SyncRequest,
        reply: &SyncReply,
    ) -> Result<Option<u64>, StoreError> {
        let asked = request.mutations.first().map(Sent::mid);
        if asked != self.pending_up_to(u64::MAX)?.first().copied() || !self.is_newest(request)? {
            return Ok(None);
        }
        let sent_from = match (asked, request.link) {
            (Some(first), _) => first,
            (None, Some(link)) => link.mid.saturating_add(1),
            (None, None) => return Ok(None),
        };
        let wanted = match reply.reset {
            Some(Reset::Epoch) => Some(reply.ack_mid.saturating_add(1)),
            _ => reply.need_from,
        };
        // A device that never said anything was told what others said, and they may not come back.
        let only_listened = sent_from == 1 && reply.reset == Some(Reset::Epoch) && self.was_told()?;
        Ok(wanted.filter(|from| *from > 0 && (*from < sent_from || (only_listened && *from == 1))))
    }

    /// Whether there is anything that a server said.
    fn was_told(&self) -> Result<bool, StoreError> {
        Ok(self
            .conn()
            .prepare_cached("SELECT 1 FROM row WHERE base IS NOT NULL AND practice = 0")?
            .exists([])?)
    }

    /// The server has lost everything from mutation `from` on: what was acknowledged waits again, and, because the
    /// server's commits were lost with it, everything is pulled anew.
    ///
    /// Where the lost mutations were forgotten here after their time, or the server lost them all, the family's rows are
    /// told again before them, as this device knew them.
    pub(crate) fn resend_from(&self, from: u64, reply: &SyncReply) -> Result<(), StoreError> {
        let kept: Option<i64> = self
            .conn()
            .query_row("SELECT min(mid) FROM outbox", [], |row| row.get(0))?;
        let lacks = kept.map_or(from <= self.last_mid()?, |kept| kept > to_sql(from));
        // A server that knows nothing of this device may have lost everything, also what others had sent who do not
        // come back.
        if lacks || from == 1 {
            self.tell_again(from)?;
        }
        self.set_link(Link {
            mid: from - 1,
            chain: reply.ack_chain,
        })?;
        self.forget_what_was_seen(reply.ack_mid)?;
        let mut statement = self.conn().prepare(
            "UPDATE outbox SET state = 'pending', ack_seq = NULL, settled_at = NULL, problem = NULL,
                 dismissed = (state = 'acked' OR (state = 'pending' AND dismissed)), parked = 0,
                 made_at = CASE state WHEN 'pending' THEN made_at ELSE ?2 END
             WHERE mid >= ?1 RETURNING kind, id",
        )?;
        // What was settled waits anew, from now on.
        let resent: BTreeSet<(String, [u8; 16])> = statement
            .query_map([to_sql(from), self.now().0], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        if reply.reset.is_none() {
            self.doubt_rows()?;
            self.begin_anew(reply.ack_seq)?;
        }
        self.mark_changed();
        for (kind, id) in resent {
            self.show(&kind, Uuid::from_bytes(id))?;
        }
        Ok(())
    }

    /// Fills the gap from `from` on with the rows as this device knows them, and renumbers what it kept to follow.
    ///
    /// A patch is stamped with the commit that last changed its row, which is before everything else: it loses against
    /// whatever the server still has, and of two devices the one that knew more wins. What others refer to is made
    /// first, for a swipe is refused without its pet.
    fn tell_again(&self, from: u64) -> Result<(), StoreError> {
        // Out of the way first: numbers are unique at every moment.
        self.conn().execute("UPDATE outbox SET mid = -mid", [])?;
        let mut mid = from;
        for row in self.own_rows()? {
            self.insert(&Mutation {
                mid,
                hlc: told_again(row.seq),
                base_seq: None,
                waited: false,
                kind: row.kind,
                id: row.id,
                op: Op::Patch { fields: row.fields },
            })?;
            mid += 1;
        }
        // That one of them is over, or that nobody knows it, says nothing to anybody who only had it here.
        self.conn()
            .execute("UPDATE outbox SET dismissed = 1 WHERE mid > 0", [])?;
        let kept: Vec<i64> = self
            .conn()
            .prepare("SELECT mid FROM outbox WHERE mid < 0 ORDER BY mid DESC")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for old in kept {
            self.conn().execute(
                "UPDATE outbox SET mid = ?2 WHERE mid = ?1",
                params![old, to_sql(mid)],
            )?;
            mid += 1;
        }
        self.set_last_mid(mid - 1)
    }

    /// The server's rows as this device last knew them, with the fields it may write: whom the family keeps away first, so
    /// that nothing begins with them anew, then what others refer to. What a newer server had said of them goes apart: one
    /// that does not know it refuses it, and not the row.
    fn own_rows(&self) -> Result<Vec<OwnRow>, StoreError> {
        let role = self.device_role()?;
        let mut statement = self.conn().prepare(
            "SELECT kind, id, base, seq FROM row WHERE base IS NOT NULL AND practice = 0
             ORDER BY kind <> 'block', kind NOT IN ('child', 'pet'), seq, kind, id",
        )?;
        let mut rows = statement.query([])?;
        let mut own = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(kind) = Kind::from_word(&row.get::<_, String>(0)?) else {
                continue;
            };
            let mut fields: Fields = serde_json::from_str(&row.get::<_, String>(2)?)?;
            fields.0.retain(|name, _| may_write(role, kind).contains(name));
            let (known, strange) = fields.0.into_iter().partition(|(name, _)| knows(kind, name));
            for fields in [Fields(known), Fields(strange)] {
                if !fields.0.is_empty() {
                    own.push(OwnRow {
                        kind,
                        id: Uuid::from_bytes(row.get(1)?),
                        fields,
                        seq: row.get::<_, i64>(3)? as u64,
                    });
                }
            }
        }
        Ok(own)
    }
}

/// A row to tell again.
struct OwnRow {
    kind: Kind,
    id: Uuid,
    fields: Fields,
    /// The commit that last changed it.
    seq: u64,
}

/// The stamp of a row that is told again.
fn told_again(seq: u64) -> Hlc {
    Hlc(seq.min(TOLD_AGAIN_BEFORE.0 - 1))
}
