//! How everybody comes back at the end of a run: sessions, consents, devices that are new.

use romp_domain::Role;
use romp_domain::calls::{HouseholdGet, HouseholdSave};

use crate::device::{Device, Home};
use crate::dice::Dice;
use crate::oracle::{Violation, broken};
use crate::people::consent;
use crate::plan::Seat;
use crate::privacy::Entitled;
use crate::wire::hosted;
use crate::world::{Place, World};

impl World {
    /// Every device has a session again, owners' devices first: a child's needs their consent.
    pub(super) fn everybody_is_back(&mut self) -> Result<(), Violation> {
        self.lost_families_are_founded_again()?;
        for owners in [true, false] {
            for seat in 0..self.places.len() {
                // A session that has ended is noticed by using it.
                self.exchange(seat, Dice::new(0), true)?;
                self.run_until(self.now)?;
                if self.is_gone(seat) {
                    continue;
                }
                let account = self.places[seat].device.observer.account();
                let role = account.map_or(self.places[seat].seat.role, |account| account.role);
                if (role == Role::Owner) != owners {
                    continue;
                }
                if !owners {
                    self.consents(self.places[seat].seat.family)?;
                    self.everything_is_on(self.places[seat].seat.family)?;
                }
                self.come_back(seat, Dice::new(0), true)?;
                self.run_until(self.now)?;
                let back = self.places[seat]
                    .device
                    .observer
                    .account()
                    .is_some_and(|a| a.session.is_some());
                if !back {
                    // Its changes are an owner's: it can come back as that only. Or adding devices is switched off.
                    let asked = self.sign_in(seat, Dice::new(0), true)?;
                    self.did(seat, "signs in", asked)?;
                    self.run_until(self.now)?;
                    let back = self.places[seat]
                        .device
                        .observer
                        .account()
                        .is_some_and(|a| a.session.is_some());
                    // A child's twin of a device on which somebody signed in is let in once that one is signed out.
                    if !back && !self.is_idle_twin(seat) {
                        return broken("I7", format!("{} cannot come back", self.places[seat].seat.name));
                    }
                }
            }
        }
        Ok(())
    }

    /// An owner's device that still belongs to the family registers it again; where there is none, an operator helps.
    fn lost_families_are_founded_again(&mut self) -> Result<(), Violation> {
        for family in self.families() {
            for seat in 0..self.places.len() {
                if self.places[seat].seat.family == family && self.can_found(seat) {
                    // A session that has ended is noticed by using it.
                    self.exchange(seat, Dice::new(0), true)?;
                    self.run_until(self.now)?;
                    self.come_back(seat, Dice::new(0), true)?;
                    self.run_until(self.now)?;
                }
            }
            let host = hosted(&self.host);
            if !host.knows(self.households[family]) {
                host.enter(self.households[family]);
            }
        }
        self.drain(None)
    }

    /// An owner's device that can speak for the family. A session that has ended is noticed by using it: a copy that has
    /// signed in ends that of its twin.
    fn owner_with_a_session(&mut self, family: usize, also_old: bool) -> Result<Option<usize>, Violation> {
        for seat in 0..self.places.len() {
            let place = &self.places[seat];
            let is_owner = place.seat.family == family && place.device.role() == Role::Owner;
            let is_too_old = !also_old && place.seat.old && self.broke_off;
            if !is_owner || is_too_old || !self.has_session(seat) {
                continue;
            }
            self.exchange(seat, Dice::new(0), true)?;
            self.run_until(self.now)?;
            if self.has_session(seat) {
                return Ok(Some(seat));
            }
        }
        Ok(None)
    }

    pub(super) fn has_session(&self, seat: usize) -> bool {
        let account = self.places[seat].device.observer.account();
        account.is_some_and(|account| account.session.is_some())
    }

    /// Whether a device has nothing to say, and another one that is signed in has its id.
    pub(crate) fn is_idle_twin(&self, seat: usize) -> bool {
        let observer = &self.places[seat].device.observer;
        let id = observer.device_id();
        let twin = |other: usize| {
            other != seat && self.has_session(other) && self.places[other].device.observer.device_id() == id
        };
        observer.pending() == 0 && observer.parked() == 0 && (0..self.places.len()).any(twin)
    }

    /// An owner of the family agrees to children using the app, if nobody has.
    pub(super) fn consents(&mut self, family: usize) -> Result<(), Violation> {
        if self
            .model
            .settings(self.households[family])
            .child_consent
            .is_some()
        {
            return Ok(());
        }
        let owner = self.owner_with_a_session(family, true)?;
        let Some(seat) = owner else {
            // Nobody can: a device is set up for it.
            let seat = self.add_fresh(family, Role::Owner)?;
            return self.consent_on(seat);
        };
        self.consent_on(seat)
    }

    /// An owner of the family lifts all switches.
    pub(super) fn everything_is_on(&mut self, family: usize) -> Result<(), Violation> {
        let owner = self.owner_with_a_session(family, false)?;
        let seat = match owner {
            Some(seat) => seat,
            // Nobody can: a device is set up for it.
            None => self.add_fresh(family, Role::Owner)?,
        };
        self.exchange(seat, Dice::new(0), true)?;
        self.run_until(self.now)?;
        self.lift_all(seat)?;
        self.exchange(seat, Dice::new(0), true)?;
        self.run_until(self.now)
    }

    fn consent_on(&mut self, seat: usize) -> Result<(), Violation> {
        for _ in 0..2 {
            self.exchange(seat, Dice::new(0), true)?;
            self.run_until(self.now)?;
            let seen = self.peek(seat, HouseholdGet {})?;
            let mut household = seen.clone();
            household.child_consent = Some(consent(self.now));
            self.ask(
                seat,
                "agrees to children using the app",
                HouseholdSave { seen, household },
            )?;
        }
        self.exchange(seat, Dice::new(0), true)?;
        self.run_until(self.now)
    }

    pub(super) fn add_fresh(&mut self, family: usize, role: Role) -> Result<usize, Violation> {
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
                old: false,
            },
            device,
            entitled: Entitled { family },
            folders: 0,
            future: false,
            may_go_back: false,
            newest: 0,
            deaf: false,
        });
        let asked = match role {
            Role::Owner => self.sign_in(seat, Dice::new(0), true)?,
            Role::Child => self.join(seat, role, Dice::new(0), true)?,
        };
        if let Err(problem) = asked {
            return broken("I7", format!("a new device cannot join: {}", problem.message));
        }
        self.run_until(self.now)?;
        Ok(seat)
    }
}
