//! The sequential model of the server: what each committed transaction should have made of the rows, field by field.

mod careful;
mod expect;
mod stamps;
mod switches;

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::wire::Epoch;
use romp_domain::{
    Card, DeviceId, Entity, Hlc, Household, HouseholdId, Kind, MatchId, Mutation, Op, Pet, PetId, PlaydateId,
    Role, SessionId, ZoneName,
};
use romp_server::db::{DeviceRecord, MatchRecord, PlaydateRecord};
use romp_sync::Registers;
use uuid::Uuid;

use super::{Violation, broken};
use crate::spy::Write;

/// How far a stored stamp may be ahead of the server's time, in milliseconds.
const AHEAD_MS: i64 = 60_000;
/// What is stamped before this was lost by the server and is told again; nobody chooses it now.
pub(crate) const TOLD_AGAIN_MS: i64 = 86_400_000;

pub(crate) type Key = (HouseholdId, Kind, Uuid);

/// The exchange that the server is busy with.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) household: HouseholdId,
    pub(crate) device: DeviceId,
    pub(crate) role: Role,
    pub(crate) session: SessionId,
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
    /// Of mutations that took effect in part, because the rest is switched off: the fields that did not.
    pub(crate) refused_in_part: BTreeMap<(DeviceId, u64), BTreeSet<String>>,
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
    /// Rows that were told again and refused, and why that is as it should be.
    pub(crate) excused: BTreeMap<Key, &'static str>,
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
    /// Matches that were ended by the mutations that came first.
    left: BTreeSet<MatchId>,
    /// Mutations that took effect in part, and the fields that did not.
    refused_in_part: BTreeMap<u64, BTreeSet<String>>,
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

    /// Whether one of two families keeps the other away: by any pet that is, or was, of it.
    pub(crate) fn are_apart(&self, one: HouseholdId, two: HouseholdId) -> bool {
        let blocks = |by: HouseholdId, whom: HouseholdId| {
            let all = (by, Kind::Block, Uuid::nil())..=(by, Kind::Block, Uuid::max());
            self.rows.range(all).any(|((_, _, id), row)| {
                row.fields.0.get("blocked") == Some(&serde_json::Value::Bool(true))
                    && self.homes.get(&PetId(*id)) == Some(&whom)
            })
        };
        blocks(one, two) || blocks(two, one)
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
        let erased: Vec<HouseholdId> = writes
            .iter()
            .filter_map(|write| match write {
                Write::Erased(household) => Some(*household),
                _ => None,
            })
            .collect();
        for household in &erased {
            // From the first write of it on, for everybody else the family is not there any more.
            self.rows.retain(|(home, _, _), _| home != household);
            self.homes.retain(|_, home| home != household);
        }
        let mut put = BTreeSet::new();
        let mut before: BTreeMap<Key, Registers> = BTreeMap::new();
        let mut seqs: BTreeMap<HouseholdId, u64> = BTreeMap::new();
        // Swipes are stored last, with their notes; what follows from them is judged by what the transaction leaves.
        let is_swipe = |write: &&Write| matches!(write, Write::Row(_, Kind::Swipe, ..));
        let (swipes, others): (Vec<_>, Vec<_>) = writes.iter().partition(is_swipe);
        for write in swipes.into_iter().chain(others) {
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
                Write::Reject(device, mid, _) => {
                    self.judged.refused += 1;
                    self.excuse(exchange, *mid);
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
                Write::Match(record) => self.match_put(record, exchange, &expected, now)?,
                Write::MatchGone(id) => {
                    self.matches.remove(id);
                    self.playdates.retain(|_, playdate| playdate.matched != *id);
                }
                Write::Playdate(record) => self.playdate_put(record, exchange, &expected, now)?,
                Write::Erased(_) => {}
            }
        }
        for household in &erased {
            self.erased(*household);
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
            self.remember(exchange, expected, seq);
        }
        Ok(())
    }

    /// Keeps in mind what a push restricted, at which commit, and what of it was refused in part.
    fn remember(&mut self, exchange: &Exchange, expected: Expected, seq: u64) {
        let device = exchange.device;
        let in_part = expected.refused_in_part.into_iter();
        self.refused_in_part
            .extend(in_part.map(|(mid, fields)| ((device, mid), fields)));
        let restricts = expected.restricts.into_iter();
        self.restricted
            .extend(restricts.map(|restricted| (restricted, (seq, device))));
    }

    /// A choice that is told again, or waited, is rightly refused where its pet is not there: removed, or known to others
    /// only.
    fn excuse(&mut self, exchange: Option<&Exchange>, mid: u64) {
        let refused =
            exchange.and_then(|exchange| Some((exchange, exchange.mutations.iter().find(|m| m.mid == mid)?)));
        let Some((exchange, mutation)) = refused else {
            return;
        };
        let Op::Patch { fields } = &mutation.op else {
            return;
        };
        let pet = fields
            .0
            .get("actor_pet")
            .and_then(|pet| serde_json::from_value(pet.clone()).ok());
        let is_there = pet.is_some_and(|pet| self.pet(exchange.household, pet).is_some());
        let is_old = mutation.hlc.ms() < TOLD_AGAIN_MS || mutation.waited;
        if is_old && mutation.kind == Kind::Swipe && !is_there {
            let key = (exchange.household, mutation.kind, mutation.id);
            self.excused.insert(key, "choice of a pet that was not there");
        }
    }

    /// Nothing of a family is left.
    fn erased(&mut self, household: HouseholdId) {
        self.heads.remove(&household);
        self.feed.remove(&household);
        self.cards.retain(|(home, _), _| *home != household);
        self.devices.retain(|_, device| device.household != household);
        self.restricted.retain(|((home, _, _), _), _| *home != household);
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

fn told(row: Option<&Registers>) -> String {
    row.map_or_else(|| "nothing".to_owned(), |row| serde_json::to_string(row).unwrap())
}
