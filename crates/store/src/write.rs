//! Changing rows: the row, and the mutation that tells the server, in the transaction of [`crate::Store::write`].

use std::cell::Cell;
use std::ops::Deref;

use romp_domain::{Entity, Fields, Kind, MatchId, Op, PlaydateAct, PlaydateId, UtcMs};
use rusqlite::Connection;
use uuid::Uuid;

use crate::{Reader, StoreError};

/// Reads and writes within one transaction.
pub struct Writer<'c> {
    reader: Reader<'c>,
    now: UtcMs,
    changed: &'c Cell<bool>,
}

impl<'c> Deref for Writer<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

impl<'c> Writer<'c> {
    pub(crate) const fn new(conn: &'c Connection, now: UtcMs, changed: &'c Cell<bool>) -> Self {
        Self {
            reader: Reader::new(conn),
            now,
            changed,
        }
    }

    /// The time of this transaction, by the device's clock.
    pub const fn now(&self) -> UtcMs {
        self.now
    }

    pub(crate) fn mark_changed(&self) {
        self.changed.set(true);
    }

    /// Stores an entity: all fields when it is new, else those that differ. Returns whether anything did.
    ///
    /// Fields that this build cannot read in the stored row are left alone, not overwritten.
    pub fn put<E: Entity>(&self, id: Uuid, entity: &E) -> Result<bool, StoreError> {
        let wanted = entity.to_fields();
        E::read(&wanted)?;
        let patch = match self.fields(E::KIND, id)? {
            None => wanted,
            Some(before) => {
                let known = E::read_known(&before).map_or(before, |known| known.to_fields());
                wanted.changed_since(&known)
            }
        };
        self.patch(E::KIND, id, &patch)
    }

    /// Stores an entity of which every family has one, whether or not anybody has set it: `unset` stands for the
    /// fields that nobody has. Only what differs is told, so that a device that knows nothing of the family's
    /// settings yet replaces none of them. Returns whether anything did.
    pub fn put_over<E: Entity>(&self, id: Uuid, unset: E, entity: &E) -> Result<bool, StoreError> {
        let wanted = entity.to_fields();
        E::read(&wanted)?;
        let before = self.fields(E::KIND, id)?.unwrap_or_default();
        let known = unset.with_known(&before).to_fields();
        self.patch(E::KIND, id, &wanted.changed_since(&known))
    }

    /// Sets single fields. Returns whether any of them differed.
    pub fn patch(&self, kind: Kind, id: Uuid, fields: &Fields) -> Result<bool, StoreError> {
        let before = self.fields(kind, id)?.unwrap_or_default();
        let fields = fields.changed_since(&before);
        if fields.0.is_empty() {
            return Ok(false);
        }
        self.append(kind, id, &Op::Patch { fields })?;
        self.show(kind.word(), id)?;
        Ok(true)
    }

    /// Removes a row. Returns whether there was one.
    pub fn remove(&self, kind: Kind, id: Uuid) -> Result<bool, StoreError> {
        if !self.has(kind, id)? {
            return Ok(false);
        }
        self.patch(kind, id, &Fields::removal())
    }

    /// Takes a match back: it is gone here at once.
    pub fn unmatch(&self, id: MatchId) -> Result<(), StoreError> {
        let op = Op::Act {
            act: PlaydateAct::Cancel,
            expect_rev: 0,
        };
        self.append(Kind::Match, id.0, &op)?;
        self.show(Kind::Match.word(), id.0)
    }

    /// Answers a playdate. The row stays as it is until the server has decided.
    pub fn act(&self, id: PlaydateId, act: PlaydateAct, expect_rev: u32) -> Result<(), StoreError> {
        self.append(Kind::Playdate, id.0, &Op::Act { act, expect_rev })
    }
}
