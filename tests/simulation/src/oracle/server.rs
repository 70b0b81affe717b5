//! The sequential model of the server: what each committed transaction should have made of the rows, field by field.

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::wire::Epoch;
use romp_domain::{
    Card, DeviceId, Entity, Fields, Hlc, Household, HouseholdId, Kind, MatchId, Mutation, Op, Pet, PetId,
    PlaydateId, Role, Swipe, ZoneName,
};
use romp_server::db::{DeviceRecord, MatchRecord, PlaydateRecord};
use romp_sync::{Registers, Stamp};
use serde_json::Value;
use uuid::Uuid;

use super::{Violation, broken};
use crate::privacy::child_may_set;
use crate::spy::Write;

/// How far a stored stamp may be ahead of the server's time, in milliseconds.
const AHEAD_MS: i64 = 60_000;

pub(crate) type Key = (HouseholdId, Kind, Uuid);

/// The exchange that the server is busy with.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) household: HouseholdId,
    pub(crate) device: DeviceId,
    pub(crate) role: Role,
    pub(crate) clock: Hlc,
    /// The place after which a device goes on that has just got another id.
    pub(crate) adopts: Option<u64>,
    pub(crate) mutations: Vec<Mutation>,
}

/// Everything the server should hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) rows: BTreeMap<Key, Registers>,
    pub(crate) devices: BTreeMap<DeviceId, DeviceRecord>,
    pub(crate) rejected: BTreeMap<DeviceId, BTreeSet<u64>>,
    pub(crate) heads: BTreeMap<HouseholdId, u64>,
    pub(crate) feed: BTreeMap<HouseholdId, BTreeMap<(Kind, Uuid), u64>>,
    pub(crate) cards: BTreeMap<(HouseholdId, Uuid), Card>,
    pub(crate) matches: BTreeMap<MatchId, MatchRecord>,
    pub(crate) playdates: BTreeMap<PlaydateId, PlaydateRecord>,
    pub(crate) homes: BTreeMap<PetId, HouseholdId>,
    pub(crate) epoch: Epoch,
    /// Up to which mutation a device is another one's copy.
    pub(crate) copied: BTreeMap<DeviceId, u64>,
    /// The last time that a field was set to its careful value: at which commit, by which device.
    restricted: BTreeMap<(Key, String), (u64, DeviceId)>,
    /// Mutations that took effect, lost against a later one, or were refused.
    pub(crate) judged: Judged,
}

/// How many mutations had which end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Judged {
    pub(crate) applied: u64,
    pub(crate) refused: u64,
    pub(crate) matches: u64,
    pub(crate) confirmed: u64,
}

/// What a push should lead to.
#[derive(Default)]
pub(crate) struct Expected {
    rows: BTreeMap<Key, Registers>,
    last_mid: u64,
    last_hlc: Hlc,
    pub(crate) acts: Vec<Mutation>,
    /// Fields set to careful values.
    restricts: Vec<(Key, String)>,
    /// Matches that end in this very transaction: what follows in it finds them ended.
    ended: BTreeSet<MatchId>,
}

impl Model {
    pub(crate) fn row(&self, household: HouseholdId, kind: Kind, id: Uuid) -> Option<&Registers> {
        self.rows.get(&(household, kind, id))
    }

    /// A pet that is not removed.
    pub(crate) fn pet(&self, household: HouseholdId, pet: PetId) -> Option<Pet> {
        let row = self.row(household, Kind::Pet, pet.0)?;
        (!row.fields.is_deleted())
            .then(|| Pet::read_known(&row.fields))
            .flatten()
    }

    pub(crate) fn settings(&self, household: HouseholdId) -> Household {
        self.row(household, Kind::Household, Uuid::nil())
            .and_then(|row| Household::read_known(&row.fields))
            .unwrap_or_else(|| Household::new(ZoneName::utc()))
    }

    /// The last mutation of a device that the server holds.
    pub(crate) fn last_mid(&self, device: DeviceId) -> u64 {
        self.devices.get(&device).map_or(0, |device| device.held.mid)
    }

    /// Takes in one committed transaction, and judges it.
    pub(crate) fn committed(
        &mut self,
        exchange: Option<&Exchange>,
        writes: &[Write],
        now: i64,
    ) -> Result<(), Violation> {
        let expected = self.expected(exchange, writes, now)?;
        let mut put = BTreeSet::new();
        let mut before: BTreeMap<Key, Registers> = BTreeMap::new();
        let mut seqs: BTreeMap<HouseholdId, u64> = BTreeMap::new();
        for write in writes {
            match write {
                Write::Household(id) => drop(self.heads.insert(*id, 0)),
                Write::Row(household, kind, id, row) => {
                    let key = (*household, *kind, *id);
                    let Some(exchange) = exchange else {
                        return broken("9 I4", format!("{key:?} was written without an exchange"));
                    };
                    if exchange.household != *household {
                        return broken("9 I4", format!("{key:?} was written by another family"));
                    }
                    self.stamps_are_sound(&key, row, now)?;
                    if *kind == Kind::Pet {
                        self.homes.insert(PetId(*id), *household);
                    }
                    put.insert(key);
                    if let Some(old) = self.rows.insert(key, row.clone()) {
                        before.entry(key).or_insert(old);
                    }
                }
                Write::Reject(device, mid) => {
                    self.judged.refused += 1;
                    self.rejected.entry(*device).or_default().insert(*mid);
                }
                Write::Device(device) => self.device_put(device, &expected)?,
                Write::Seq(household, seq) => {
                    let before = self.heads.insert(*household, *seq).unwrap_or(0);
                    if *seq != before + 1 || seqs.insert(*household, *seq).is_some() {
                        return broken("5", format!("commit {seq} of {household} followed {before}"));
                    }
                }
                Write::Mark(household, note) => {
                    if seqs.get(household) != Some(&note.seq) {
                        return broken(
                            "5",
                            format!("{note:?} of {household} was noted at another commit: {seqs:?}"),
                        );
                    }
                    let feed = self.feed.entry(*household).or_default();
                    feed.insert((note.kind, note.id), note.seq);
                }
                Write::Unmark(household, kind, id) => {
                    if self
                        .row(*household, *kind, *id)
                        .is_some_and(|row| !row.fields.is_deleted())
                    {
                        return broken(
                            "11 1",
                            format!("{kind:?} {id} of {household} is there, and was forgotten"),
                        );
                    }
                    self.feed.entry(*household).or_default().remove(&(*kind, *id));
                }
                Write::Epoch(epoch) => self.epoch = *epoch,
                Write::Card(household, card) => self.card_put(*household, card, now)?,
                Write::CardGone(household, id) => drop(self.cards.remove(&(*household, *id))),
                Write::Match(record) => self.match_put(record, now)?,
                Write::Playdate(record) => self.playdate_put(record, exchange, &expected, now)?,
            }
        }
        self.is_as_expected(exchange, &expected, &before, &put)?;
        for key in &put {
            if !seqs.contains_key(&key.0) && expected.rows.contains_key(key) {
                return broken("5", format!("{key:?} was written without a commit number"));
            }
            self.consequences(key, now)?;
        }
        if let Some(exchange) = exchange {
            let seq = seqs.get(&exchange.household).copied().unwrap_or(0);
            for (key, field) in expected.restricts {
                self.restricted.insert((key, field), (seq, exchange.device));
            }
        }
        Ok(())
    }

    /// The rows are what the pushed mutations should have made of them, and no others were written.
    fn is_as_expected(
        &self,
        exchange: Option<&Exchange>,
        expected: &Expected,
        before: &BTreeMap<Key, Registers>,
        put: &BTreeSet<Key>,
    ) -> Result<(), Violation> {
        for (key, row) in &expected.rows {
            let is = self.rows.get(key);
            if is != Some(row) && !is.is_some_and(|is| is_buried(row, is)) {
                return broken(
                    "2 3 I1 I2",
                    format!(
                        "{key:?} should be {} and is {}",
                        told(Some(row)),
                        told(self.rows.get(key))
                    ),
                );
            }
        }
        for key in put {
            if !expected.rows.contains_key(key) {
                let is = &self.rows[key];
                if before.get(key).is_some_and(|before| is_buried(before, is)) {
                    continue;
                }
                return broken(
                    "2 3 I2",
                    format!(
                        "{key:?} was written, and nobody had changed it: {} → {}, by {:?}",
                        told(before.get(key)),
                        told(Some(is)),
                        exchange.map(|exchange| (exchange.role, &exchange.mutations))
                    ),
                );
            }
        }
        Ok(())
    }

    /// What the new mutations of the exchange make of the rows. Empty where the transaction is not a push.
    fn expected(
        &self,
        exchange: Option<&Exchange>,
        writes: &[Write],
        now: i64,
    ) -> Result<Expected, Violation> {
        let mut expected = Expected::default();
        let Some(exchange) = exchange else {
            return Ok(expected);
        };
        let pushed = writes.iter().rev().find_map(|write| match write {
            Write::Device(device) if device.id == exchange.device => Some(device),
            _ => None,
        });
        let known = self.devices.get(&exchange.device);
        let adopted = exchange.adopts.unwrap_or(0);
        let (known_mid, known_hlc) =
            known.map_or((adopted, Hlc(0)), |known| (known.held.mid, known.last_hlc));
        expected.last_mid = known_mid;
        expected.last_hlc = known_hlc;
        let Some(pushed) = pushed else {
            return Ok(expected);
        };
        let refused: BTreeSet<u64> = writes
            .iter()
            .filter_map(|write| match write {
                Write::Reject(device, mid) if *device == exchange.device => Some(*mid),
                _ => None,
            })
            .collect();
        expected.ended = writes
            .iter()
            .filter_map(|write| match write {
                Write::Match(record) if record.ended => Some(record.id),
                _ => None,
            })
            .collect();
        for mutation in &exchange.mutations {
            if mutation.mid <= expected.last_mid || mutation.mid > pushed.held.mid {
                continue;
            }
            if mutation.mid != expected.last_mid + 1 {
                return broken("2", format!("mutation {} was skipped", expected.last_mid + 1));
            }
            expected.last_mid = mutation.mid;
            expected.last_hlc = corrected(mutation.hlc, exchange.clock, now, expected.last_hlc);
            if !refused.contains(&mutation.mid) {
                self.expect(exchange, mutation, &mut expected)?;
            }
        }
        Ok(expected)
    }

    fn expect(
        &self,
        exchange: &Exchange,
        mutation: &Mutation,
        expected: &mut Expected,
    ) -> Result<(), Violation> {
        let fields = match &mutation.op {
            Op::Act { .. } if exchange.role == Role::Child => {
                return broken("I5", format!("a child's device did {:?}", mutation.op));
            }
            Op::Act { .. } => {
                expected.acts.push(mutation.clone());
                return Ok(());
            }
            Op::Patch { fields } => fields,
        };
        if exchange.role == Role::Child && !child_may_set(mutation.kind, fields) {
            return broken("I5", format!("a child's device set {mutation:?}"));
        }
        let key = (exchange.household, mutation.kind, mutation.id);
        let before = expected.rows.get(&key).or_else(|| self.rows.get(&key)).cloned();
        let mut patch = fields.clone();
        let mut released = None;
        let stamp = Stamp(expected.last_hlc, exchange.device);
        if let Some(row) = before.as_ref().filter(|_| mutation.kind == Kind::Swipe) {
            if let Some(id) = self.is_matched(&row.fields) {
                if exchange.role == Role::Child {
                    // Settled between the families; the device is answered as if nothing were special.
                    return Ok(());
                }
                if !expected.ended.contains(&id) {
                    return broken("6", format!("a swipe of a match was changed: {mutation:?}"));
                }
            }
            let differs = |name: &str| {
                let old = row.fields.0.get(name).unwrap_or(&Value::Null);
                patch.0.get(name).is_some_and(|new| new != old)
            };
            if exchange.role == Role::Child && (differs("verdict") || differs("by_child")) {
                // A release never covers what the child chooses afterwards, whatever the clocks say.
                let at = row.stamps.get("released");
                released = Some(at.map_or(stamp, |at| stamp.max(Stamp(Hlc(at.0.0 + 1), exchange.device))));
                patch.0.insert("released".to_owned(), Value::Null);
            }
        }
        // Of what was removed nothing is kept, and nothing can be said of it any more.
        if before.as_ref().is_some_and(|row| row.fields.is_deleted()) && !patch.0.contains_key("deleted") {
            return Ok(());
        }
        let mut after = before.clone().unwrap_or_else(|| unsaid(mutation.kind));
        let mut changed = false;
        let mut restricts = Vec::new();
        for (name, value) in &patch.0 {
            let mut stamp = released.filter(|_| name == "released").unwrap_or(stamp);
            let there = before.as_ref().and_then(|row| row.stamps.get(name));
            match careful(mutation.kind, name, value) {
                Some(true) => {
                    // Careful values win, whatever the clocks say.
                    stamp.0 = stamp.0.max(there.map_or(Hlc(0), |there| Hlc(there.0.0 + 1)));
                    restricts.push((key, name.clone()));
                }
                Some(false) if there.is_none_or(|there| stamp > *there) => {
                    let own_choice = mutation.kind == Kind::Swipe && patch.0.contains_key("verdict");
                    let last = self.restricted.get(&(key, name.clone()));
                    let unseen = last.is_some_and(|(seq, device)| {
                        *device != exchange.device && mutation.base_seq.is_none_or(|seen| seen < *seq)
                    });
                    if unseen && !own_choice {
                        return broken(
                            "8",
                            format!(
                                "{key:?}.{name} was loosened by somebody who had not seen the restriction"
                            ),
                        );
                    }
                }
                _ => {}
            }
            if exchange.role == Role::Child && name == "verdict" {
                restricts.push((key, "released".to_owned()));
            }
            if after.stamps.get(name).is_none_or(|old| stamp > *old) {
                after.fields.0.insert(name.clone(), value.clone());
                after.stamps.insert(name.clone(), stamp);
                changed = true;
            }
        }
        if changed {
            expected.rows.insert(key, after);
            expected.restricts.extend(restricts);
        }
        Ok(())
    }

    /// The match that a swipe led to, while it lasts.
    fn is_matched(&self, swipe: &Fields) -> Option<MatchId> {
        let swipe = Swipe::read_known(swipe)?;
        let record = self
            .matches
            .get(&MatchId::of(swipe.actor_pet, swipe.target_pet))?;
        (!record.ended).then_some(record.id)
    }

    /// No field goes back in time, and none is from the future.
    fn stamps_are_sound(&self, key: &Key, row: &Registers, now: i64) -> Result<(), Violation> {
        for (name, stamp) in &row.stamps {
            // A counter that runs over may carry a millisecond.
            if stamp.0.ms() > now + AHEAD_MS + 1 {
                return broken("13 I8", format!("{key:?}.{name} is stamped ahead of time"));
            }
            let before = self.rows.get(key).and_then(|row| row.stamps.get(name));
            if before.is_some_and(|before| before > stamp) {
                return broken("2 I1", format!("{key:?}.{name} was replaced by something older"));
            }
        }
        Ok(())
    }

    fn device_put(&mut self, device: &DeviceRecord, expected: &Expected) -> Result<(), Violation> {
        let mid = device.held.mid;
        if let Some(before) = self.devices.get(&device.id) {
            let pushed = mid != before.held.mid;
            if mid < before.held.mid || device.household != before.household {
                return broken("2 I2", format!("device {} went back: {device:?}", device.id));
            }
            if pushed && (mid != expected.last_mid || device.last_hlc != expected.last_hlc) {
                return broken(
                    "13 2",
                    format!(
                        "device {} was stamped {:?}, not {:?}",
                        device.id, device.last_hlc, expected.last_hlc
                    ),
                );
            }
            self.judged.applied += mid - before.held.mid;
        } else if mid > 0 {
            self.copied.insert(device.id, mid);
        }
        self.devices.insert(device.id, device.clone());
        Ok(())
    }
}

/// Whether setting a field to a value hides, pauses or withdraws (`true`), shows, resumes or lets out (`false`), or
/// protects nobody (none). Written here once more, as the table of what a child may have is.
fn careful(kind: Kind, field: &str, value: &Value) -> Option<bool> {
    match (kind, field) {
        (Kind::Pet, "visible") => Some(value != &Value::Bool(true)),
        (Kind::Pet, "hold_until" | "heat_until") => Some(!value.is_null()),
        (Kind::Household, "share_consent" | "child_consent") => Some(value.is_null()),
        (Kind::Swipe, "released") => Some(value != "yes"),
        _ => None,
    }
}

/// Whether a row is what stays of a removed one after all devices know of it: that it was removed.
fn is_buried(before: &Registers, after: &Registers) -> bool {
    let kept = |row: &Registers| {
        (
            row.fields.0.get("deleted").cloned(),
            row.stamps.get("deleted").copied(),
        )
    };
    before.fields.is_deleted() && after.fields.0.len() == 1 && kept(before) == kept(after)
}

/// What a row says before anybody said anything.
fn unsaid(kind: Kind) -> Registers {
    if kind == Kind::Household {
        let nobody = Stamp(Hlc(0), DeviceId(Uuid::nil()));
        return Registers::of(&Household::new(ZoneName::utc()).to_fields(), nobody);
    }
    Registers::default()
}

/// The stamp that a mutation should get: moved by how wrong its device's clock is, never ahead of the server's, and
/// always later than the device's last.
fn corrected(stamped: Hlc, sent: Hlc, now: i64, previous: Hlc) -> Hlc {
    let wrong = sent.ms() - now;
    let moved = if wrong.abs() > AHEAD_MS {
        let ms = (stamped.ms() - wrong).clamp(0, 0xFFFF_FFFF_FFFF) as u64;
        Hlc((ms << 16) | (stamped.0 & 0xFFFF))
    } else {
        stamped
    };
    let limit = Hlc(((now + AHEAD_MS) as u64) << 16);
    moved.min(limit).max(Hlc(previous.0 + 1))
}

fn told(row: Option<&Registers>) -> String {
    row.map_or_else(|| "nothing".to_owned(), |row| serde_json::to_string(row).unwrap())
}
