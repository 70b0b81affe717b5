//! A server that lost its database: which rows it must have again in the end, and why it need not have the others.
//!
//! A device that comes to the new history out of one that was lost tells what it was told there. So every row that such
//! a device held is back in the end, unless its refusal is excused. A row that nobody held who came is named as that.

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::wire::Epoch;
use romp_domain::{Kind, Role};

use super::device::Rows;
use super::server::{Key, Model};
use super::{Violation, broken};
use crate::world::World;

/// What became of a row that the server had.
#[derive(Debug, Clone, Default)]
struct Fate {
    /// Seats whose devices hold it, may tell it, and have not come yet.
    held_by: BTreeSet<usize>,
    /// Seats whose devices came with it, and have not forgotten what they told.
    told_by: BTreeSet<usize>,
    /// Somebody has come with it.
    was_told: bool,
    /// Nobody had it when the database was lost.
    unknown: bool,
    /// Somebody has come with it whose id another one may have used before: then nobody can tell what the server lost
    /// from what that one said.
    by_copy: bool,
}

/// What the families had when the server's database was lost.
#[derive(Debug, Clone)]
pub(crate) struct Wiped {
    rows: BTreeMap<Key, Fate>,
    /// The histories that had ended by then.
    ended: Vec<Epoch>,
    /// The server was put back to a backup since: who has told a row may be the only one that can once more.
    put_back: bool,
}

impl Wiped {
    pub(crate) const fn was_put_back(&mut self) {
        self.put_back = true;
    }
}

/// Whether a role tells rows of a kind again.
const fn tells(role: Role, kind: Kind) -> bool {
    match role {
        Role::Owner => !matches!(kind, Kind::Card | Kind::Match | Kind::Playdate),
        Role::Child => matches!(kind, Kind::Swipe),
    }
}

fn holds(rows: &Rows, key: &Key) -> bool {
    let held = rows.get(&(key.1.word().to_owned(), key.2));
    held.is_some_and(|held| held.base.is_some())
}

impl World {
    /// Who holds what of all that the server had.
    pub(crate) fn all_is_lost(&self, before: &Model) -> Wiped {
        let is_there = before.rows.iter().filter(|(_, row)| !row.fields.is_deleted());
        let fate = |key: &Key| Fate {
            held_by: (0..self.places.len())
                .filter(|seat| {
                    let place = &self.places[*seat];
                    let memory = &place.device.observer.memory;
                    self.households[place.seat.family] == key.0
                        && tells(place.device.role(), key.1)
                        && holds(&memory.rows, key)
                        && self.old_epochs.contains(&memory.epoch)
                        && !place.seat.old
                })
                .collect(),
            ..Fate::default()
        };
        let mut rows: BTreeMap<Key, Fate> = is_there.map(|(key, _)| (*key, fate(key))).collect();
        for fate in rows.values_mut() {
            fate.unknown = fate.held_by.is_empty();
        }
        Wiped {
            rows,
            ended: self.old_epochs.clone(),
            put_back: false,
        }
    }

    /// A device was looked at: it may have come to the new history, or have forgotten what it held.
    pub(crate) fn what_is_left_to_tell(&mut self, seat: usize, left: Option<(Epoch, Rows)>) {
        let Some(wiped) = &mut self.wiped else { return };
        let place = &self.places[seat];
        let role = place.device.role();
        let household = self.households[place.seat.family];
        let memory = &place.device.observer.memory;
        // From one history that has ended to another one is not there yet: the last answer before all was lost came late.
        let is_there = !wiped.ended.contains(&memory.epoch);
        let came = left.filter(|(epoch, _)| is_there && wiped.ended.contains(epoch) && !place.seat.old);
        let device = place.device.observer.device_id();
        let is_copied = device.is_some_and(|device| self.had_copies.contains(&device));
        for (key, fate) in wiped.rows.iter_mut().filter(|(key, _)| key.0 == household) {
            if let Some((_, rows)) = &came {
                fate.held_by.remove(&seat);
                if tells(role, key.1) && holds(rows, key) && is_copied {
                    fate.by_copy = true;
                } else if tells(role, key.1) && holds(rows, key) {
                    fate.told_by.insert(seat);
                    fate.was_told = true;
                }
            } else if fate.held_by.contains(&seat) && !holds(&memory.rows, key) {
                fate.held_by.remove(&seat);
            }
        }
    }

    /// A device has forgotten what it held, and what it told.
    pub(crate) fn forgot_all(&mut self, seat: usize) {
        let Some(wiped) = &mut self.wiped else { return };
        for fate in wiped.rows.values_mut() {
            fate.held_by.remove(&seat);
            fate.told_by.remove(&seat);
        }
    }

    /// Every row that the server had before it lost its database is back, or there is a reason why not.
    pub(super) fn all_that_was_told_again_is_back(&mut self) -> Result<(), Violation> {
        let Some(wiped) = self.wiped.take() else {
            return Ok(());
        };
        for (key, fate) in &wiped.rows {
            if !self.model.heads.contains_key(&key.0) {
                // The family has deleted its account since.
                continue;
            }
            let reason = self.why_it_is_not_back(&wiped, key, fate)?;
            self.fault(reason.unwrap_or("row back after the server lost all"));
        }
        Ok(())
    }

    fn why_it_is_not_back(
        &self,
        wiped: &Wiped,
        key: &Key,
        fate: &Fate,
    ) -> Result<Option<&'static str>, Violation> {
        if self.model.rows.contains_key(key) {
            return Ok(None);
        }
        if self.model.excused.contains_key(key) {
            return Ok(Some("not back: choice of a pet that was not there"));
        }
        let name = |seat: usize| &self.places[seat].seat.name;
        if let Some(seat) = fate.held_by.iter().find(|seat| !self.is_idle_twin(**seat)) {
            return broken(
                "12",
                format!("{} still holds {key:?} and has not come", name(*seat)),
            );
        }
        let remembers = |seat: usize| self.places[seat].device.observer.remembers(key.1, key.2);
        let can_tell_more = |seat: &&usize| !wiped.put_back || !remembers(**seat).is_empty();
        if let Some(seat) = fate.told_by.iter().find(can_tell_more) {
            return broken(
                "12 I1",
                format!(
                    "{} held {key:?} when it came, and it is not back: {:?}",
                    name(*seat),
                    remembers(*seat)
                ),
            );
        }
        Ok(Some(match (fate.was_told, wiped.put_back) {
            (true, true) => "not back: told, and lost once more with a backup",
            (true, false) => "not back: who came with it was set up anew before it was told",
            (false, _) if fate.by_copy => "not back: known to a copied device only, and its twin came first",
            (false, _) if fate.unknown => "not back: no device that could tell it had heard of it",
            (false, _) if fate.held_by.is_empty() => {
                "not back: who had heard of it was set up anew before coming"
            }
            (false, _) => "not back: held by a copy without a session",
        }))
    }
}
