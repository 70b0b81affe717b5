//! How each family comes to be: an account, an owner's device, settings, pets, hours, a child, more devices.

use romp_domain::calls::{ChildSave, HouseholdGet, HouseholdSave, PetSave, SlotSave};
use romp_domain::{Area, Km, Role, Venue, ZoneName};

use super::family::{consent, hours, new_child};
use super::pets::new_pet;
use crate::dice::Dice;
use crate::oracle::{Violation, broken};
use crate::privacy::owners_only;
use crate::wire::hosted;
use crate::world::World;

impl World {
    pub(crate) fn gather(&mut self) -> Result<(), Violation> {
        let mut dice = Dice::new(self.households[0].0.as_u64_pair().0);
        for family in 0..self.setting.families {
            let household = self.households[family];
            hosted(&self.host).enter(household);
            let seats: Vec<usize> = (0..self.places.len())
                .filter(|n| self.places[*n].seat.family == family)
                .collect();
            for (n, seat) in seats.iter().enumerate() {
                let role = self.places[*seat].seat.role;
                if let Err(problem) = self.join(*seat, role, dice.clone(), true)? {
                    return broken("I7", format!("a device cannot join: {}", problem.message));
                }
                self.run_until(self.now)?;
                if n == 0 {
                    self.settle(*seat, family, &mut dice)?;
                }
            }
        }
        Ok(())
    }

    /// An owner enters everything that it takes to take part.
    fn settle(&mut self, seat: usize, family: usize, dice: &mut Dice) -> Result<(), Violation> {
        let seen = self.peek(seat, HouseholdGet {})?;
        let mut household = seen.clone();
        let step = |dice: &mut Dice| dice.between(-2, 2) as f64 / 100.0;
        household.name = Some(format!("{} home", owners_only(family)).try_into().unwrap());
        household.place = Some(format!("{} lake", owners_only(family)).try_into().unwrap());
        household.area = Area::around(47.6 + step(dice), -122.3 + step(dice)).ok();
        household.zone = ZoneName::new("America/Los_Angeles").unwrap();
        household.travel_km = Km::new(20).unwrap();
        household.venues.extend([Venue::Walk, Venue::Indoor]);
        household.share_consent = Some(consent(self.now));
        household.child_consent = Some(consent(self.now));
        self.ask(
            seat,
            "enters the family's settings",
            HouseholdSave { seen, household },
        )?;
        for _ in 0..2 + dice.below(3) {
            let mut pet = new_pet(family, dice);
            pet.visible = true;
            self.ask(
                seat,
                "adds a pet",
                PetSave {
                    id: None,
                    seen: None,
                    pet,
                },
            )?;
        }
        for _ in 0..4 {
            let hours = hours(dice);
            self.ask(seat, "says when it is free", SlotSave { id: None, hours })?;
        }
        let child = new_child(family, 0);
        self.ask(
            seat,
            "adds a child",
            ChildSave {
                id: None,
                seen: None,
                child,
            },
        )?;
        debug_assert_eq!(
            self.places[seat].device.role(),
            Role::Owner,
            "the first device is an owner's"
        );
        self.exchange(seat, dice.clone(), true)?;
        self.run_until(self.now)
    }
}
