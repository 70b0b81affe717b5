//! Pets: changed, hidden, shown, resting, new, removed. Owners only; a child's device is refused by the app.

use jiff::ToSpan;
use jiff::civil::Date;
use romp_domain::calls::{PetRemove, PetSave, Pets};
use romp_domain::pet::Evidence;
use romp_domain::{Known, Level, Pet, Role, Size, Sociability, Species, Vaccination, Weight};

use crate::dice::Dice;
use crate::oracle::Violation;
use crate::plan::What;
use crate::privacy::owners_only;
use crate::world::World;

pub(crate) const PETS: [&str; 8] = ["Rex", "Bella", "Otto", "Luna", "Fips", "Nala", "Rocky", "Kira"];

/// The date of a moment, in UTC.
pub(crate) fn date(ms: i64) -> Date {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// A pet as an owner would enter it.
pub(crate) fn new_pet(family: usize, dice: &mut Dice) -> Pet {
    let species = if dice.below(8) == 0 {
        Species::Cat
    } else {
        Species::Dog
    };
    let mut pet = Pet::new(species);
    pet.name = Some(
        PETS[dice.below(PETS.len() as u64) as usize]
            .to_owned()
            .try_into()
            .unwrap(),
    );
    pet.weight_g = Weight::new(dice.between(9_000, 19_000)).ok();
    pet.birth_month = Some(jiff::civil::date(2021, 3, 1));
    pet.energy = Level::new(dice.between(1, 5)).ok();
    pet.visible = dice.below(10) > 0;
    pet.owner_notes = Some(format!("{} note", owners_only(family)).try_into().unwrap());
    pet.needs = Some(format!("{} water", owners_only(family)).try_into().unwrap());
    pet.good_with_dogs = Known::Yes;
    pet.good_with_cats = Known::Yes;
    pet.seeks_species.extend([Species::Dog, Species::Cat]);
    pet
}

fn edit(pet: &mut Pet, family: usize, now: i64, dice: &mut Dice) -> &'static str {
    let mark = owners_only(family);
    match dice.below(9) {
        0 => {
            pet.owner_notes = Some(format!("{mark} note {}", dice.below(1_000)).try_into().unwrap());
            "the notes"
        }
        1 => {
            pet.needs = Some(format!("{mark} needs {}", dice.below(1_000)).try_into().unwrap());
            "the needs"
        }
        2 => {
            pet.triggers = Some(
                format!("{mark} triggers {}", dice.below(1_000))
                    .try_into()
                    .unwrap(),
            );
            "what upsets it"
        }
        3 => {
            pet.weight_g = Weight::new(dice.between(5_000, 30_000)).ok();
            "the weight"
        }
        4 => {
            pet.energy = Level::new(dice.between(1, 5)).ok();
            "how lively it is"
        }
        5 => {
            pet.sociability = Some(*dice.pick(Sociability::ALL).unwrap());
            "how social it is"
        }
        6 => {
            let valid_until = date(now).saturating_add(dice.between(-20, 300).days());
            let against = format!("{mark} rabies").try_into().unwrap();
            pet.vaccinations = vec![Vaccination {
                against,
                valid_until,
                evidence: Evidence::Declared,
            }];
            "the vaccinations"
        }
        7 => {
            pet.name = Some(
                format!("{} {}", PETS[dice.below(8) as usize], dice.below(9))
                    .try_into()
                    .unwrap(),
            );
            "the name"
        }
        _ => {
            pet.seeks_sizes = match dice.below(3) {
                0 => [Size::Small, Size::Medium].into(),
                _ => [].into(),
            };
            "the sizes it looks for"
        }
    }
}

impl World {
    pub(super) fn with_pets(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        let family = self.places[seat].seat.family;
        let pets = self.peek(seat, Pets {})?;
        if what == What::AddPet {
            if pets.len() < 5 || self.places[seat].device.role() == Role::Child {
                let pet = new_pet(family, &mut dice);
                let sentence = format!("adds a pet, {}", pet.name.as_ref().unwrap().as_str());
                self.ask(
                    seat,
                    &sentence,
                    PetSave {
                        id: None,
                        seen: None,
                        pet,
                    },
                )?;
            }
            return Ok(());
        }
        let Some(view) = dice.pick(&pets).cloned() else {
            return Ok(());
        };
        let name = view
            .pet
            .name
            .as_ref()
            .map_or_else(|| "a pet".to_owned(), |name| name.as_str().to_owned());
        if what == What::RemovePet {
            if pets.len() > 1 {
                self.ask(seat, &format!("removes {name}"), PetRemove { id: view.id })?;
            }
            return Ok(());
        }
        let mut pet = view.pet.clone();
        let today = date(self.now);
        let sentence = match what {
            What::HidePet => {
                pet.visible = false;
                format!("hides {name}")
            }
            What::ShowPet => {
                pet.visible = true;
                format!("shows {name}")
            }
            What::RestPet => {
                let days = dice.between(0, 20);
                pet.hold_until = Some(today.saturating_add(days.days()));
                format!("lets {name} rest for {days} days")
            }
            What::WakePet => {
                pet.hold_until = None;
                format!("says that {name} is well")
            }
            _ => format!(
                "changes {} of {name}",
                edit(&mut pet, family, self.now, &mut dice)
            ),
        };
        self.ask(
            seat,
            &sentence,
            PetSave {
                id: Some(view.id),
                seen: Some(view.pet),
                pet,
            },
        )?;
        Ok(())
    }
}
