//! A device's own changes: they stay until the server has them or has refused them, and are what is shown.

use std::collections::BTreeMap;

use romp_domain::Fields;
use uuid::Uuid;

use super::{Observer, Sent};
use crate::oracle::server::TOLD_AGAIN_MS;
use crate::oracle::{Violation, broken};

impl Observer {
    /// Reads what is new in the outbox. A mutation never changes once it was written, and never goes before it is
    /// settled; numbers follow each other; clocks rise; what was refused for now waits.
    pub(super) fn outbox(&mut self, name: &str, lenient: bool) -> Result<(), Violation> {
        if lenient {
            self.memory.floor = 0;
        }
        let mut statement = self
            .conn
            .prepare_cached("SELECT mid, hlc, kind, id, op, state, ack_seq, offset_ms, parked, problem, waited FROM outbox WHERE mid > ?1 ORDER BY mid")
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
                        parked: row.get(8)?,
                        problem: row.get(9)?,
                        waited: row.get(10)?,
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
            // What was parked is sent again with its old stamp.
            if sent.waited && sent.state == "pending" {
                self.memory.sent_again.insert(sent.hlc);
            }
            let waits = |sent: &Sent| sent.state == "pending" && is_new(sent) && !sent.waited;
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
        if !lenient {
            self.what_is_refused_for_now_is_parked(name, &fresh)?;
            self.what_is_unparked_is_sent_again(name, &fresh)?;
        }
        self.memory.outbox = fresh;
        drop(statement);
        self.pass_over_what_is_settled();
        Ok(())
    }

    /// What is settled and known as such need not be read again, while its commit was pulled.
    fn pass_over_what_is_settled(&mut self) {
        let cursor = self.memory.cursor;
        let settled = |sent: &Sent| {
            let pulled = !sent.parked && sent.ack_seq.is_none_or(|seq| seq <= cursor);
            sent.state != "pending" && pulled
        };
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
    }

    /// For every field with an own change that the server's row cannot contain yet, the newest one is what is shown.
    pub(super) fn shown_is_base_with_own_edits(&self, name: &str) -> Result<(), Violation> {
        let cursor = self.memory.cursor;
        let mut own: BTreeMap<(String, Uuid), Fields> = BTreeMap::new();
        for (mid, sent) in &self.memory.outbox {
            let open = sent.state == "pending"
                || sent.parked
                || (sent.state == "acked" && sent.ack_seq.is_some_and(|seq| seq > cursor));
            if !open {
                continue;
            }
            let fields = if sent.parked {
                Some(still_waits(&self.memory.outbox, *mid, sent))
            } else {
                sent.patch()
            };
            if let Some(fields) = fields.filter(|fields| !fields.0.is_empty()) {
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

    /// A change that was refused because something is switched off is parked, unless all of it was changed here since.
    fn what_is_refused_for_now_is_parked(
        &self,
        name: &str,
        fresh: &BTreeMap<u64, Sent>,
    ) -> Result<(), Violation> {
        for (mid, before) in &self.memory.outbox {
            let refused = fresh
                .get(mid)
                .and_then(|now| now.problem.as_ref())
                .is_some_and(|text| text.contains("switched_off"));
            if before.state == "pending" && refused && !waits_in(fresh, *mid) {
                nothing_of_it_waits(name, fresh, *mid, &fresh[mid])?;
            }
        }
        Ok(())
    }

    /// A change that is parked no more waits to be sent again: all of it that nothing here has replaced since.
    fn what_is_unparked_is_sent_again(
        &self,
        name: &str,
        fresh: &BTreeMap<u64, Sent>,
    ) -> Result<(), Violation> {
        let parked = self.memory.outbox.iter().filter(|(_, before)| before.parked);
        parked
            .filter(|(mid, _)| !waits_in(fresh, **mid))
            .try_for_each(|(mid, sent)| nothing_of_it_waits(name, fresh, *mid, sent))
    }
}

/// What of a parked change still waits: not what took effect all the same, and not what somebody has changed here since.
fn still_waits(outbox: &BTreeMap<u64, Sent>, mid: u64, sent: &Sent) -> Fields {
    let Some(mut fields) = sent.patch() else {
        return Fields::default();
    };
    let refused = sent.refused();
    let of_the_row = || {
        let all = outbox.range(mid + 1..).map(|(_, later)| later);
        all.filter(|later| later.kind == sent.kind && later.id == sent.id)
    };
    // What was removed before the server heard of it never comes, and neither does its removal.
    let removes = |sent: &Sent| sent.patch().is_some_and(|patch| patch.is_deleted());
    let mut earlier = outbox
        .range(..mid)
        .map(|(_, earlier)| earlier)
        .filter(|earlier| earlier.kind == sent.kind && earlier.id == sent.id)
        .peekable();
    let never_came = earlier.peek().is_some() && earlier.all(|earlier| earlier.state == "rejected");
    if of_the_row().any(removes) || (removes(sent) && never_came) {
        return Fields::default();
    }
    let later: Vec<Fields> = of_the_row().filter_map(Sent::counts).collect();
    fields.0.retain(|field, _| {
        let waits = refused.is_empty() || refused.iter().any(|refused| *field == refused.as_str());
        waits && !later.iter().any(|later| later.0.contains_key(field))
    });
    fields
}

fn nothing_of_it_waits(
    name: &str,
    outbox: &BTreeMap<u64, Sent>,
    mid: u64,
    sent: &Sent,
) -> Result<(), Violation> {
    let left = still_waits(outbox, mid, sent);
    left.0.keys().next().map_or(Ok(()), |field| {
        broken(
            "S3 4",
            format!("{name}: {field} of change {mid} was switched off, and waits no more"),
        )
    })
}

/// Whether a change is parked, or waits to be sent.
fn waits_in(outbox: &BTreeMap<u64, Sent>, mid: u64) -> bool {
    outbox
        .get(&mid)
        .is_some_and(|now| now.parked || now.state == "pending")
}
