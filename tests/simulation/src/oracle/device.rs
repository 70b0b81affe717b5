//! What must hold on every device at every step, read from its database by a connection of the oracle's own.
//!
//! Own edits stay until the server has them or has refused them; what is shown is the server's row with those edits
//! over it; reads and cursors never go back; nothing is there that the device's role may not have.

use std::collections::BTreeMap;
use std::path::Path;

use romp_domain::wire::Epoch;
use romp_domain::{DeviceId, Fields, Op, Role};
use romp_store::Account;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde_json::Value;
use uuid::Uuid;

use super::{Violation, broken};
use crate::privacy::Entitled;

/// One row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) hlc: u64,
    pub(crate) kind: String,
    pub(crate) id: Uuid,
    pub(crate) op: String,
    pub(crate) state: String,
    pub(crate) ack_seq: Option<u64>,
    /// By which clock it was stamped, if not by the one that counts now.
    offset_ms: Option<i64>,
}

/// A row as the device has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) seq: u64,
    pub(crate) base: Option<String>,
    pub(crate) shown: Option<String>,
    /// From before everything was pulled anew.
    pub(crate) stale: bool,
}

pub(crate) type Rows = BTreeMap<(String, Uuid), Held>;

/// What was seen of a device so far.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) outbox: BTreeMap<u64, Sent>,
    pub(crate) rows: Rows,
    pub(crate) cursor: u64,
    pub(crate) account: Option<Account>,
    pub(crate) epoch: Epoch,
    /// Everything is being pulled anew.
    pub(crate) anew: bool,
    /// It goes on under a new id that the server has not heard of.
    pub(crate) adopts: bool,
    /// All mutations up to this one are settled, and have been looked at.
    floor: u64,
}

/// The oracle's eye on one device.
pub(crate) struct Observer {
    conn: Connection,
    seen_version: i64,
    pub(crate) memory: Memory,
}

/// What changed between two looks.
pub(crate) struct Look {
    /// The rows that are new or different, or gone.
    pub(crate) changed: Vec<(String, Uuid)>,
    /// The device has another role than before.
    pub(crate) new_role: bool,
}

impl Observer {
    pub(crate) fn open(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self {
            conn: Connection::open_with_flags(path, flags).unwrap(),
            seen_version: -1,
            memory: Memory::default(),
        }
    }

    pub(crate) fn into_memory(self) -> Memory {
        self.memory
    }

    pub(crate) fn remember(&mut self, memory: Memory) {
        self.memory = memory;
    }

    pub(crate) fn account(&self) -> Option<&Account> {
        self.memory.account.as_ref()
    }

    fn value(&self, key: &str) -> Option<Value> {
        let text: Option<String> = self
            .conn
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")
            .unwrap()
            .query_row([key], |row| row.get(0))
            .optional()
            .unwrap();
        text.map(|text| serde_json::from_str(&text).unwrap())
    }

    /// Which installation this is.
    pub(crate) fn device_id(&self) -> Option<DeviceId> {
        let value = self.value("device_id")?;
        Some(serde_json::from_value(value).unwrap())
    }

    /// Looks again, if anything was written since. Judges all that can be judged on the device alone.
    pub(crate) fn look(
        &mut self,
        name: &str,
        entitled: Entitled,
        may_reset: bool,
    ) -> Result<Option<Look>, Violation> {
        let version: i64 = self
            .conn
            .prepare_cached("PRAGMA data_version")
            .unwrap()
            .query_row([], |row| row.get(0))
            .unwrap();
        if version == self.seen_version {
            return Ok(None);
        }
        self.seen_version = version;
        let cursor = self.value("cursor").and_then(|value| value.as_u64()).unwrap_or(0);
        let account: Option<Account> = self
            .value("account")
            .map(|value| serde_json::from_value(value).unwrap());
        let before_role = self.memory.account.as_ref().map(|account| account.role);
        let new_role = before_role.is_some() && before_role != account.as_ref().map(|account| account.role);
        let reset = new_role || may_reset;
        if cursor < self.memory.cursor && !reset {
            return broken(
                "5 I6",
                format!(
                    "{name}: the cursor went back from {} to {cursor}",
                    self.memory.cursor
                ),
            );
        }
        let role = account.as_ref().map_or(Role::Owner, |account| account.role);
        self.outbox(name, new_role || may_reset)?;
        let changed = self.rows(name, reset, cursor)?;
        for key in &changed {
            if let Some(held) = self.memory.rows.get(key) {
                entitled.check(name, role, held.base.as_deref().unwrap_or(""))?;
                entitled.check(name, role, held.shown.as_deref().unwrap_or(""))?;
            }
        }
        self.memory.cursor = cursor;
        self.memory.account = account;
        self.memory.anew = self.value("anew").is_some();
        self.memory.adopts = self.value("adopt").is_some();
        let epoch = self.value("epoch").and_then(|value| value.as_u64());
        self.memory.epoch = Epoch(epoch.unwrap_or(0));
        self.shown_is_base_with_own_edits(name)?;
        Ok(Some(Look { changed, new_role }))
    }

    /// Reads what is new in the outbox. A mutation never changes once it was written, and never goes before it is
    /// settled; numbers follow each other; clocks rise.
    fn outbox(&mut self, name: &str, lenient: bool) -> Result<(), Violation> {
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
            let waits = |sent: &Sent| sent.state == "pending";
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

    fn rows(&mut self, name: &str, reset: bool, cursor: u64) -> Result<Vec<(String, Uuid)>, Violation> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT kind, id, seq, base, shown, stale FROM row")
            .unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut now = Rows::new();
        while let Some(row) = rows.next().unwrap() {
            now.insert(
                (row.get(0).unwrap(), Uuid::from_bytes(row.get(1).unwrap())),
                Held {
                    seq: row.get::<_, i64>(2).unwrap() as u64,
                    base: row.get(3).unwrap(),
                    shown: row.get(4).unwrap(),
                    stale: row.get(5).unwrap(),
                },
            );
        }
        let mut changed = Vec::new();
        for (key, held) in &now {
            let before = self.memory.rows.get(key);
            if before == Some(held) {
                continue;
            }
            changed.push(key.clone());
            if let Some(before) = before.filter(|before| !reset && !before.stale) {
                if held.seq < before.seq {
                    return broken(
                        "5 I6",
                        format!(
                            "{name}: {key:?} went back from commit {} to {}",
                            before.seq, held.seq
                        ),
                    );
                }
                if held.base != before.base && cursor == self.memory.cursor {
                    return broken("5", format!("{name}: {key:?} changed, and the cursor did not"));
                }
            }
            if held.seq > cursor && !reset && !held.stale {
                return broken(
                    "5",
                    format!(
                        "{name}: {key:?} is of commit {}, the cursor of {cursor}",
                        held.seq
                    ),
                );
            }
        }
        for (key, before) in &self.memory.rows {
            if !now.contains_key(key) {
                changed.push(key.clone());
                if before.base.is_some() && !before.stale && cursor == self.memory.cursor && !reset {
                    return broken("5 I6", format!("{name}: {key:?} vanished between two exchanges"));
                }
            }
        }
        drop(rows);
        drop(statement);
        self.memory.rows = now;
        Ok(changed)
    }

    /// For every field with an own change that the server's row cannot contain yet, the newest one is what is shown.
    fn shown_is_base_with_own_edits(&self, name: &str) -> Result<(), Violation> {
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

    /// Whether anything waits to be sent.
    pub(crate) fn pending(&self) -> usize {
        let pending = self.memory.outbox.values();
        pending.filter(|sent| sent.state == "pending").count()
    }

    /// Everything that `SQLite` itself can say against the file.
    pub(crate) fn integrity(&self, name: &str) -> Result<(), Violation> {
        let verdict: String = self
            .conn
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        let orphans = self
            .conn
            .prepare("PRAGMA foreign_key_check")
            .unwrap()
            .exists([])
            .unwrap();
        if verdict != "ok" || orphans {
            return broken(
                "I10",
                format!("{name}: {verdict}, foreign keys broken: {orphans}"),
            );
        }
        Ok(())
    }
}
