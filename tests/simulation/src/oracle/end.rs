//! The end of a run: nothing goes wrong any more, and everything must come together.
//!
//! All outboxes drain in a few rounds; devices of equal role hold the same bytes as a device that pulls everything
//! for the first time; the server's database says what the model says; pairs that should match have matched.

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::calls::{HouseholdGet, HouseholdSave};
use romp_domain::time::{DAY_MS, HOUR_MS};
use romp_domain::{Entity, Kind, MatchId, Pet, PetId, Role, Swipe};
use romp_matching::{Candidate, FreeTime, HORIZON_DAYS, Party, eligible};
use romp_server::db::{DbExt, MatchRecord, PlaydateRecord};
use romp_sync::Registers;
use uuid::Uuid;

use super::{Violation, broken};
use crate::device::{Device, Home};
use crate::dice::Dice;
use crate::future;
use crate::people::consent;
use crate::plan::Seat;
use crate::privacy::Entitled;
use crate::wire::hosted;
use crate::world::{Place, World};

/// Rounds of exchanges after which everything must have come together. One to send, one to hear what others sent, and
/// a few for what follows from it in other families.
const ROUNDS: u32 = 6;

/// What the database holds of everything in the model.
type All = (
    Vec<Option<Registers>>,
    Vec<Option<u64>>,
    Vec<Option<MatchRecord>>,
    Vec<Option<PlaydateRecord>>,
);

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
            for family in 0..self.setting.families {
                self.consents(family)?;
            }
            for seat in 0..self.places.len() {
                // Copies of a device that sign in again sign each other out, until the server has told them apart.
                if !self.has_session(seat) && !self.is_idle_twin(seat) {
                    self.come_back(seat, Dice::new(0), true)?;
                    self.run_until(self.now)?;
                }
                self.exchange(seat, Dice::new(0), true)?;
                self.run_until(self.now)?;
            }
            let heads: Vec<u64> = self.model.heads.values().copied().collect();
            let pending: usize = self
                .places
                .iter()
                .map(|place| place.device.observer.pending())
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

    /// Every device has a session again, owners' devices first: a child's needs their consent.
    fn everybody_is_back(&mut self) -> Result<(), Violation> {
        for owners in [true, false] {
            for seat in 0..self.places.len() {
                // A session that has ended is noticed by using it.
                self.exchange(seat, Dice::new(0), true)?;
                self.run_until(self.now)?;
                let account = self.places[seat].device.observer.account();
                let role = account.map_or(self.places[seat].seat.role, |account| account.role);
                if (role == Role::Owner) != owners {
                    continue;
                }
                if !owners {
                    self.consents(self.places[seat].seat.family)?;
                }
                self.come_back(seat, Dice::new(0), true)?;
                self.run_until(self.now)?;
                let back = self.places[seat]
                    .device
                    .observer
                    .account()
                    .is_some_and(|a| a.session.is_some());
                if !back {
                    // Its changes are an owner's: it can come back as that only.
                    let joined = self.join(seat, Role::Owner, Dice::new(0), true)?;
                    self.run_until(self.now)?;
                    let back = self.places[seat]
                        .device
                        .observer
                        .account()
                        .is_some_and(|a| a.session.is_some());
                    if !back {
                        return broken(
                            "I7",
                            format!("{} cannot come back: {joined:?}", self.places[seat].seat.name),
                        );
                    }
                }
            }
        }
        Ok(())
    }

    fn has_session(&self, seat: usize) -> bool {
        let account = self.places[seat].device.observer.account();
        account.is_some_and(|account| account.session.is_some())
    }

    /// Whether a device has nothing to say, and another one that is signed in has its id.
    fn is_idle_twin(&self, seat: usize) -> bool {
        let observer = &self.places[seat].device.observer;
        let id = observer.device_id();
        let twin = |other: usize| {
            other != seat && self.has_session(other) && self.places[other].device.observer.device_id() == id
        };
        observer.pending() == 0 && (0..self.places.len()).any(twin)
    }

    /// An owner of the family agrees to children using the app, if nobody has.
    fn consents(&mut self, family: usize) -> Result<(), Violation> {
        if self
            .model
            .settings(self.households[family])
            .child_consent
            .is_some()
        {
            return Ok(());
        }
        let owner = self.places.iter().position(|place| {
            place.seat.family == family
                && place.device.role() == Role::Owner
                && place
                    .device
                    .observer
                    .account()
                    .is_some_and(|a| a.session.is_some())
        });
        let Some(seat) = owner else {
            // Nobody can: a device is set up for it.
            let seat = self.add_fresh(family, Role::Owner)?;
            return self.consent_on(seat);
        };
        self.consent_on(seat)
    }

    fn consent_on(&mut self, seat: usize) -> Result<(), Violation> {
        for _ in 0..2 {
            self.exchange(seat, Dice::new(0), true)?;
            self.run_until(self.now)?;
            let mut household = self.peek(seat, HouseholdGet {})?;
            household.child_consent = Some(consent(self.now));
            self.ask(
                seat,
                "agrees to children using the app",
                HouseholdSave { household },
            )?;
        }
        self.exchange(seat, Dice::new(0), true)?;
        self.run_until(self.now)
    }

    fn add_fresh(&mut self, family: usize, role: Role) -> Result<usize, Violation> {
        let seat = self.places.len();
        let folder = Home::Folder(self.folder.join(format!("{seat}-0")));
        let name = format!("a new device of family {family}");
        let device = Device::new(&self.host, folder, seat as u64 + 77, self.now, 0);
        self.places.push(Place {
            seat: Seat {
                family,
                role,
                name,
                skew_ms: 0,
            },
            device,
            entitled: Entitled { family },
            folders: 0,
            future: false,
            may_go_back: false,
        });
        if let Err(problem) = self.join(seat, role, Dice::new(0), true)? {
            return broken("I7", format!("a new device cannot join: {}", problem.message));
        }
        self.run_until(self.now)?;
        Ok(seat)
    }

    /// What a server had acknowledged before it was put back was sent again by the devices that still had it.
    fn nothing_acknowledged_is_lost(&self) -> Result<(), Violation> {
        for place in &self.places {
            let Some(device) = place.device.observer.device_id() else {
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
        for family in 0..self.setting.families {
            for role in [Role::Owner, Role::Child] {
                let fresh = self.add_fresh(family, role)?;
                let truth = self.bytes(fresh)?;
                for seat in 0..fresh {
                    let place = &self.places[seat];
                    if place.seat.family != family || place.device.role() != role || !self.has_session(seat) {
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

    /// The database says what the model says.
    pub(crate) fn holds_what_it_committed(&self) -> Result<(), Violation> {
        let server = hosted(&self.host).server.clone();
        let keys: Vec<_> = self.model.rows.keys().copied().collect();
        let devices: Vec<_> = self.model.devices.keys().copied().collect();
        let matches: Vec<MatchId> = self.model.matches.keys().copied().collect();
        let playdates: Vec<_> = self.model.playdates.keys().copied().collect();
        let (rows, mids, matches, playdates): All = server
            .db
            .read(move |tx| {
                let rows = keys
                    .iter()
                    .map(|(home, kind, id)| tx.row(*home, *kind, *id))
                    .collect::<Result<_, _>>()?;
                let mids = devices
                    .iter()
                    .map(|id| Ok(tx.device(*id)?.map(|device| device.held.mid)))
                    .collect::<Result<_, romp_server::db::Fault>>()?;
                let matches = matches
                    .iter()
                    .map(|id| tx.matched(*id))
                    .collect::<Result<_, _>>()?;
                let playdates = playdates
                    .iter()
                    .map(|id| tx.playdate(*id))
                    .collect::<Result<_, _>>()?;
                Ok((rows, mids, matches, playdates))
            })
            .unwrap();
        let rows_hold = rows
            .iter()
            .zip(self.model.rows.values())
            .all(|(is, should)| is.as_ref() == Some(should));
        let mids_hold = mids
            .iter()
            .zip(self.model.devices.values())
            .all(|(is, should)| *is == Some(should.held.mid));
        let met = matches
            .iter()
            .zip(self.model.matches.values())
            .all(|(is, should)| is.as_ref() == Some(should))
            && playdates
                .iter()
                .zip(self.model.playdates.values())
                .all(|(is, should)| is.as_ref() == Some(should));
        if rows_hold && mids_hold && met {
            return Ok(());
        }
        broken(
            "I1 I10",
            format!(
                "the database lost what it committed: rows {rows_hold}, devices {mids_hold}, meetings {met}"
            ),
        )
    }

    /// Brute force: every two released yeses of pets that may meet have led to a match.
    fn who_should_match_has_matched(&self) -> Result<(), Violation> {
        let all: Vec<(Party, Vec<(PetId, Pet)>)> = self
            .households
            .iter()
            .filter_map(|household| self.party(*household))
            .collect();
        let candidates: Vec<Candidate<'_>> = all
            .iter()
            .flat_map(|(party, pets)| {
                pets.iter()
                    .map(move |(id, pet)| Candidate { id: *id, pet, party })
            })
            .collect();
        for a in &candidates {
            for b in &candidates {
                let yes = |actor: PetId, target: PetId, home| {
                    let id = romp_domain::SwipeId::of(actor, target).0;
                    self.model
                        .row(home, Kind::Swipe, id)
                        .and_then(|row| Swipe::read_known(&row.fields))
                        .is_some_and(|swipe| swipe.is_released_yes())
                };
                if a.id >= b.id || !yes(a.id, b.id, a.party.household) || !yes(b.id, a.id, b.party.household)
                {
                    continue;
                }
                // On the dates of both homes: around midnight only one of them may be asked.
                let today = |party: &Party| {
                    let at = jiff::Timestamp::from_millisecond(self.now).unwrap();
                    at.to_zoned(party.zone.rules()).date()
                };
                let fit = eligible(a, b, today(a.party)).is_ok() && eligible(a, b, today(b.party)).is_ok();
                let matched = self.model.matches.get(&MatchId::of(a.id, b.id));
                if fit && matched.is_none_or(|record| record.ended) {
                    return broken(
                        "6 I9",
                        format!("{} and {} said yes, fit, and did not match", a.id, b.id),
                    );
                }
            }
        }
        Ok(())
    }

    fn party(&self, household: romp_domain::HouseholdId) -> Option<(Party, Vec<(PetId, Pet)>)> {
        let of = |kind: Kind| {
            self.model.rows.iter().filter(move |((home, k, _), row)| {
                *home == household && *k == kind && !row.fields.is_deleted()
            })
        };
        let settings = self.model.settings(household);
        let weekly: Vec<_> = of(Kind::Slot)
            .filter_map(|(_, row)| romp_domain::WeeklySlot::read_known(&row.fields))
            .map(|slot| slot.hours)
            .collect();
        let special: Vec<_> = of(Kind::Exception)
            .filter_map(|(_, row)| romp_domain::DateException::read_known(&row.fields))
            .collect();
        let now = romp_domain::UtcMs(self.now);
        let until = now.plus_ms(HORIZON_DAYS * DAY_MS + HOUR_MS);
        let free = FreeTime::expand(&settings.zone, &weekly, &special, now, until);
        let pets = of(Kind::Pet)
            .filter_map(|((_, _, id), row)| Some((PetId(*id), Pet::read_known(&row.fields)?)))
            .collect();
        Party::of(household, &settings, free).map(|party| (party, pets))
    }
}
