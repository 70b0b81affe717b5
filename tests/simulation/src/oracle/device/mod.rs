//! What must hold on every device at every step, read from its database by a connection of the oracle's own.
//!
//! Own edits stay until the server has them or has refused them; what is shown is the server's row with those edits
//! over it; reads and cursors never go back; nothing is there that the device's role may not have.

mod own;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use romp_domain::wire::Epoch;
use romp_domain::{DeviceId, Fields, Kind, Op, Problem, Role};
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
    /// It waits until something is switched on again.
    pub(crate) parked: bool,
    /// Why it was refused.
    problem: Option<String>,
    /// It was parked before, under another number.
    waited: bool,
}

impl Sent {
    /// The fields that it sets; none for an act.
    fn patch(&self) -> Option<Fields> {
        match serde_json::from_str(&self.op) {
            Ok(Op::Patch { fields }) => Some(fields),
            _ => None,
        }
    }

    /// Which fields of it were refused; none: all.
    fn refused(&self) -> Vec<String> {
        let problem = self.problem.as_deref().map(serde_json::from_str::<Problem>);
        problem.map_or_else(Vec::new, |problem| problem.unwrap().refused)
    }

    /// The fields that it sets and that were not refused for good: of what is sent again as another change, those that
    /// took effect at once.
    fn counts(&self) -> Option<Fields> {
        let mut fields = self.patch()?;
        if self.state == "rejected" && !self.parked {
            let refused = self.refused();
            fields.0.retain(|field, _| {
                !refused.is_empty() && !refused.iter().any(|refused| *field == refused.as_str())
            });
        }
        Some(fields)
    }
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
    device: Option<DeviceId>,
    pub(crate) epoch: Epoch,
    /// Everything is being pulled anew.
    pub(crate) anew: bool,
    /// It goes on under a new id that the server has not heard of.
    pub(crate) adopts: bool,
    /// It told its rows again, because the server had lost them: its numbers are others since.
    pub(crate) told_again: bool,
    /// The stamps of mutations that were parked before, and keep the one that they had.
    pub(crate) sent_again: BTreeSet<u64>,
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
    /// The history that the device has just left for another one, and what it had been told in it.
    pub(crate) left: Option<(Epoch, Rows)>,
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

    /// Which installation this is, as far as it was looked at: its disk may fail at any other time.
    pub(crate) fn device_id(&self) -> Option<DeviceId> {
        self.memory.device.or_else(|| self.read_device())
    }

    fn read_device(&self) -> Option<DeviceId> {
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
        // One look at the file for all that is read of it.
        self.conn.execute_batch("BEGIN").unwrap();
        let look = self.look_at_all(name, entitled, may_reset);
        self.conn.execute_batch("COMMIT").unwrap();
        look.map(Some)
    }

    fn look_at_all(&mut self, name: &str, entitled: Entitled, may_reset: bool) -> Result<Look, Violation> {
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
        let before = self.memory.epoch;
        let epoch = Epoch(self.value("epoch").and_then(|value| value.as_u64()).unwrap_or(0));
        let had = (epoch != before).then(|| self.memory.rows.clone());
        let changed = self.rows(name, reset, cursor)?;
        for key in &changed {
            if let Some(held) = self.memory.rows.get(key) {
                entitled.check(name, role, held.base.as_deref().unwrap_or(""))?;
                entitled.check(name, role, held.shown.as_deref().unwrap_or(""))?;
            }
        }
        self.memory.cursor = cursor;
        self.memory.device = self.read_device();
        self.memory.account = account;
        self.memory.anew = self.value("anew").is_some();
        self.memory.adopts = self.value("adopt").is_some();
        self.memory.epoch = epoch;
        self.shown_is_base_with_own_edits(name)?;
        let left = had.map(|rows| (before, rows));
        Ok(Look {
            changed,
            new_role,
            left,
        })
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
    /// How much waits to be sent.
    pub(crate) fn pending(&self) -> usize {
        let pending = self.memory.outbox.values();
        pending.filter(|sent| sent.state == "pending").count()
    }

    /// How much waits to be switched on again.
    pub(crate) fn parked(&self) -> usize {
        let parked = self.memory.outbox.values();
        parked.filter(|sent| sent.parked).count()
    }

    /// The changes of a row that were made or told again here and are still remembered: what became of each.
    pub(crate) fn remembers(&self, kind: Kind, id: Uuid) -> Vec<String> {
        self.conn
            .prepare_cached(
                "SELECT mid || ' ' || state || ' ' || op || ' ' || coalesce(problem, '') FROM outbox
                 WHERE kind = ?1 AND id = ?2 ORDER BY mid",
            )
            .unwrap()
            .query_map(rusqlite::params![kind.word(), id.as_bytes()], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
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
