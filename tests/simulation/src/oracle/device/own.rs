//! A device's own changes: they stay until the server has them or has refused them, and are what is shown.

use std::collections::BTreeMap;

use romp_domain::{Fields, Op};
use uuid::Uuid;

use super::{Observer, Sent};
use crate::oracle::server::TOLD_AGAIN_MS;
use crate::oracle::{Violation, broken};

impl Observer {
    /// Reads what is new in the outbox. A mutation never changes once it was written, and never goes before it is
    /// settled; numbers follow each other; clocks rise.
    pub(super) fn outbox(&mut self, name: &str, lenient: bool) -> Result<(), Violation> {
        if lenient {
            self.memory.floor = 0;
        }
        let mut statement = self
            .conn
            .prepare_cached("SELECT mid, hlc, kind, id, op, state, ack_seq, offset_ms FROM outbox WHERE mid > ?1 ORDER BY mid")
            .unwrap();
        let floor = self.memory.floor;
        let fresh: BTreeMap<u64, Sent> = statement
            .query_map([floor as i64], |row| {
                Ok((
                    row.get::<_, i64>(0)? as u64,
                    Sent {
                        hlc: row.get::<_, i64>(1)? as u64,
                        kind: row.get(2)?,
                        id: Uuid::from_bytes(row.get(3)?),
                        op: row.get(4)?,
                        state: row.get(5)?,
                        ack_seq: row.get::<_, Option<i64>>(6)?.map(|seq| seq as u64),
                        offset_ms: row.get(7)?,
                    },
                ))
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        // What is settled has a stamp from before the clock was put right: only what waits is in one order.
        let mut last: Option<(u64, &Sent)> = None;
        for (mid, sent) in &fresh {
            if last.is_some_and(|(before, _)| before + 1 != *mid) {
                return broken(
                    "4",
                    format!("{name}: mutation {} is missing in its outbox", mid - 1),
                );
            }
            // A row that is told again, after the server lost it, is as old as it was.
            let is_new = |sent: &Sent| (sent.hlc >> 16) as i64 >= TOLD_AGAIN_MS;
            self.memory.told_again |= !is_new(sent);
            let waits = |sent: &Sent| sent.state == "pending" && is_new(sent);
            if waits(sent)
                && last.is_some_and(|(_, before)| {
                    waits(before) && before.offset_ms == sent.offset_ms && before.hlc >= sent.hlc
                })
            {
                return broken("13", format!("{name}: the clock did not rise at mutation {mid}"));
            }
            last = Some((*mid, sent));
        }
        for (mid, before) in self.memory.outbox.range(floor + 1..) {
            match fresh.get(mid) {
                None if before.state == "pending" && !lenient => {
                    return broken("4 I1", format!("{name}: its own change {mid} vanished unsent"));
                }
                Some(now) if now.op != before.op && !lenient => {
                    return broken(
                        "4 I1",
                        format!(
                            "{name}: change {mid} became another one: {} → {}",
                            before.op, now.op
                        ),
                    );
                }
                Some(now) if before.state != "pending" && now.state != before.state && !lenient => {
                    return broken(
                        "2",
                        format!("{name}: change {mid} was {} and is {}", before.state, now.state),
                    );
                }
                _ => {}
            }
        }
        self.memory.outbox = fresh;
        // What is settled and known as such need not be read again, while its commit was pulled.
        let cursor = self.memory.cursor;
        let settled = |sent: &Sent| sent.state != "pending" && sent.ack_seq.is_none_or(|seq| seq <= cursor);
        let settled: Vec<u64> = self
            .memory
            .outbox
            .iter()
            .take_while(|(_, sent)| settled(sent))
            .map(|(mid, _)| *mid)
            .collect();
        if let Some(last) = settled.last() {
            self.memory.floor = *last;
        }
        Ok(())
    }

    /// For every field with an own change that the server's row cannot contain yet, the newest one is what is shown.
    pub(super) fn shown_is_base_with_own_edits(&self, name: &str) -> Result<(), Violation> {
        let cursor = self.memory.cursor;
        let mut own: BTreeMap<(String, Uuid), Fields> = BTreeMap::new();
        for sent in self.memory.outbox.values() {
            let open = sent.state == "pending"
                || (sent.state == "acked" && sent.ack_seq.is_some_and(|seq| seq > cursor));
            if !open {
                continue;
            }
            if let Ok(Op::Patch { fields }) = serde_json::from_str(&sent.op) {
                own.entry((sent.kind.clone(), sent.id))
                    .or_default()
                    .0
                    .extend(fields.0);
            }
        }
        for (key, fields) in own {
            let shown: Option<Fields> = self
                .memory
                .rows
                .get(&key)
                .and_then(|held| held.shown.as_deref())
                .map(|text| serde_json::from_str(text).unwrap());
            if fields.is_deleted() {
                if shown.is_some() {
                    return broken("4", format!("{name}: {key:?} was removed here, and is shown"));
                }
                continue;
            }
            let Some(shown) = shown else {
                // Somebody else removed it, and the removal has come.
                let removed = self
                    .memory
                    .rows
                    .get(&key)
                    .and_then(|held| held.base.as_deref())
                    .is_some_and(|base| base.contains("\"deleted\":true"));
                if removed {
                    continue;
                }
                return broken("4", format!("{name}: {key:?} was changed here, and is not shown"));
            };
            for (field, value) in &fields.0 {
                if shown.0.get(field) != Some(value) {
                    return broken(
                        "4",
                        format!(
                            "{name}: {key:?}.{field} was set to {value} here, and shows {:?}",
                            shown.0.get(field)
                        ),
                    );
                }
            }
        }
        Ok(())
    }
}
