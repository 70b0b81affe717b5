//! The end of a run: nothing goes wrong any more, and everything must come together.
//!
//! All outboxes drain in a few rounds; devices of equal role hold the same bytes as a device that pulls everything
//! for the first time; the server's database says what the model says; pairs that should match have matched.

mod back;
mod gone;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::Role;
use romp_domain::time::{HOUR_MS, MINUTE_MS};
use uuid::Uuid;

use super::{Violation, broken};
use crate::dice::Dice;
use crate::future;
use crate::wire::hosted;
use crate::world::World;

/// Rounds of exchanges after which everything must have come together. One to send, one to hear what others sent, two
/// for what was switched off, and a few for what follows from it in other families.
const ROUNDS: u32 = 8;

/// A device's rows: the commit and the text of each.
type Bytes = BTreeMap<(String, Uuid), (u64, String)>;

impl World {
    pub(crate) fn finish(&mut self) -> Result<(), Violation> {
        self.tell(None, "has no more trouble from here on");
        self.clear();
        {
            let host = hosted(&self.host);
            host.handler.doom(None);
        }
        self.mend()?;
        self.kill_server()?;
        for seat in 0..self.places.len() {
            self.places[seat].device.mailbox.set_offline(false);
            self.look(seat)?;
            self.places[seat].device.spare();
        }
        self.set_time(self.now + 25 * HOUR_MS);
        self.everybody_is_back()?;
        let mut last = Vec::new();
        for round in 0.. {
            // What is parked is tried again a minute later at the earliest.
            self.set_time(self.now + 2 * MINUTE_MS);
            for family in self.families() {
                self.consents(family)?;
                self.everything_is_on(family)?;
            }
            for seat in 0..self.places.len() {
                // Copies of a device that sign in again sign each other out, until the server has told them apart.
                if !self.has_session(seat) && !self.is_idle_twin(seat) && !self.is_gone(seat) {
                    self.come_back(seat, Dice::new(0), true)?;
                    self.run_until(self.now)?;
                }
                self.exchange(seat, Dice::new(0), true)?;
                self.run_until(self.now)?;
            }
            let heads: Vec<u64> = self.model.heads.values().copied().collect();
            // What waits on a device that could not be told of the deletion waits for ever.
            let pending: usize = (0..self.places.len())
                .filter(|seat| !self.out_of_reach.contains(seat))
                .map(|seat| {
                    // An old app does not notice that a switch was lifted in another history.
                    let lags = self.places[seat].seat.old && self.broke_off;
                    let observer = &self.places[seat].device.observer;
                    observer.pending() + if lags { 0 } else { observer.parked() }
                })
                .sum();
            if pending == 0 && heads == last {
                break;
            }
            if round == ROUNDS {
                let who: Vec<_> = self
                    .places
                    .iter()
                    .map(|place| (&place.seat.name, place.device.observer.pending()))
                    .collect();
                return broken(
                    "I7 17",
                    format!("not quiet after {ROUNDS} rounds: {who:?}, {heads:?} after {last:?}"),
                );
            }
            last = heads;
        }
        self.nothing_acknowledged_is_lost()?;
        self.all_are_equal()?;
        self.holds_what_it_committed()?;
        self.who_should_match_has_matched()?;
        self.who_is_not_shown_sees_nobody()?;
        self.nothing_is_left_of_the_deleted()?;
        self.all_that_was_told_again_is_back()?;
        for seat in 0..self.places.len() {
            for _ in 0..self.places[seat].device.observer.memory.sent_again.len() {
                self.fault("sent again when it was switched on");
            }
        }
        for place in &self.places {
            place.device.observer.integrity(&place.seat.name)?;
        }
        let conn = rusqlite::Connection::open(hosted(&self.host).path()).unwrap();
        let verdict: String = conn
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        let orphans = conn
            .prepare("PRAGMA foreign_key_check")
            .unwrap()
            .exists([])
            .unwrap();
        if verdict != "ok" || orphans {
            return broken(
                "I10",
                format!("the server: {verdict}, foreign keys broken: {orphans}"),
            );
        }
        Ok(())
    }

    /// The families that have an account.
    fn families(&self) -> Vec<usize> {
        let all = 0..self.setting.families;
        all.filter(|family| !self.gone.contains(family)).collect()
    }

    /// What a server had acknowledged before it was put back was sent again by the devices that still had it.
    fn nothing_acknowledged_is_lost(&self) -> Result<(), Violation> {
        for (seat, place) in self.places.iter().enumerate() {
            // Whoever told its rows again counts anew; those are looked for one by one.
            let anew = place.device.observer.memory.told_again;
            let judged = !place.seat.old && !self.is_gone(seat) && !anew;
            let Some(device) = place.device.observer.device_id().filter(|_| judged) else {
                continue;
            };
            let held = self.model.last_mid(device);
            if self
                .lost
                .get(&device)
                .is_some_and(|(lost, kept)| *kept && held < *lost)
            {
                return broken(
                    "12 I1",
                    format!(
                        "{}: the server held {} and holds {held}",
                        place.seat.name, self.lost[&device].0
                    ),
                );
            }
        }
        Ok(())
    }

    /// The server's side of what a device holds; and that nothing else is shown.
    fn bytes(&self, seat: usize) -> Result<Bytes, Violation> {
        let place = &self.places[seat];
        let mut bytes = Bytes::new();
        for (key, held) in &place.device.observer.memory.rows {
            if place.future && key.0 == future::KIND {
                continue;
            }
            let mut text = held.base.clone().unwrap_or_default();
            let for_one = text.contains("\"of\":\"device\"") || text.contains("\"of\":\"session\"");
            if key.0 == "switch" && for_one && place.device.role() == Role::Child {
                // Others are not told of it.
                continue;
            }
            if place.future && key.0 == "pet" {
                text = text.replace(&format!(",\"{}\":7", future::FIELD), "");
            }
            if held.base != held.shown {
                return broken(
                    "1",
                    format!(
                        "{} is quiet, and shows {key:?} as {:?} over {:?}",
                        place.seat.name, held.shown, held.base
                    ),
                );
            }
            bytes.insert(key.clone(), (held.seq, text));
        }
        Ok(bytes)
    }

    fn all_are_equal(&mut self) -> Result<(), Violation> {
        for family in self.families() {
            for role in [Role::Owner, Role::Child] {
                let fresh = self.add_fresh(family, role)?;
                let truth = self.bytes(fresh)?;
                for seat in 0..fresh {
                    let place = &self.places[seat];
                    let lags = place.seat.old && self.broke_off;
                    if place.seat.family != family
                        || place.device.role() != role
                        || lags
                        || !self.has_session(seat)
                    {
                        continue;
                    }
                    let own = self.bytes(seat)?;
                    if own != truth {
                        let differ: BTreeSet<_> = own
                            .iter()
                            .filter(|(key, value)| truth.get(*key) != Some(value))
                            .map(|(key, _)| key)
                            .chain(truth.keys().filter(|key| !own.contains_key(*key)))
                            .collect();
                        let first = differ.first().map(|key| (own.get(*key), truth.get(*key)));
                        return broken(
                            "1 I3",
                            format!(
                                "{} differs from a fresh device in {differ:?}: {first:?}",
                                place.seat.name
                            ),
                        );
                    }
                }
            }
        }
        Ok(())
    }
}
