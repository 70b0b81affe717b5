//! Changing rows: the row, and the mutation that tells the server, in the transaction of [`crate::Store::write`].

use std::cell::Cell;
use std::ops::Deref;

use romp_domain::policy::{Caution, caution_of_change};
use romp_domain::{Entity, Fields, Kind, MatchId, Name, Op, PlaydateAct, PlaydateId, UtcMs};
use rusqlite::Connection;
use serde_json::Value;
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

    /// Stores what a person has changed of an entity since it was `seen`, and nothing else: what others have changed
    /// meanwhile stays. Returns whether anything differs now.
    ///
    /// What loosens what somebody restricted after it was seen is a change of its own, made by somebody who has seen
    /// nothing: the server then refuses that, and not the rest.
    pub fn put_changes<E: Entity>(&self, id: Uuid, seen: &E, entity: &E) -> Result<bool, StoreError> {
        let wanted = entity.to_fields();
        E::read(&wanted)?;
        let seen = seen.to_fields();
        let now = self.fields(E::KIND, id)?.unwrap_or_default();
        let mut unseen = wanted.changed_since(&seen).changed_since(&now);
        let mut changes = unseen.clone();
        let is_unseen =
            |field: &Name, value: &Value| loosens_unseen(E::KIND, field.as_str(), &seen, &now, value);
        changes.0.retain(|field, value| !is_unseen(field, value));
        unseen.0.retain(|field, value| is_unseen(field, value));
        let first = self.append_patch(E::KIND, id, changes, Some(self.seen()?))?;
        let second = self.append_patch(E::KIND, id, unseen, None)?;
        Ok(first || second)
    }

    /// Sets single fields. Returns whether any of them differed.
    pub fn patch(&self, kind: Kind, id: Uuid, fields: &Fields) -> Result<bool, StoreError> {
        let before = self.fields(kind, id)?.unwrap_or_default();
        self.append_patch(kind, id, fields.changed_since(&before), Some(self.seen()?))
    }

    fn append_patch(
        &self,
        kind: Kind,
        id: Uuid,
        fields: Fields,
        seen: Option<u64>,
    ) -> Result<bool, StoreError> {
        if fields.0.is_empty() {
            return Ok(false);
        }
        self.append_as(kind, id, &Op::Patch { fields }, seen)?;
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

/// Whether `value` loosens what a field has `now`, and what it has now restricts what was `seen`.
fn loosens_unseen(kind: Kind, field: &str, seen: &Fields, now: &Fields, value: &Value) -> bool {
    let (seen, now) = (seen.0.get(field), now.0.get(field));
    let Some(there) = now.filter(|_| now != seen) else {
        return false;
    };
    caution_of_change(kind, field, seen, there) == Some(Caution::Restricts)
        && caution_of_change(kind, field, now, value) == Some(Caution::Loosens)
}
