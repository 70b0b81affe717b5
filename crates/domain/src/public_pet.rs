//! The part of a pet that another family may see: enough to choose a playmate, nothing that tells who or where.
//!
//! Deliberately absent: the household, exact weight, birth month, health, notes, needs, vaccinations, children.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::PetId;
use crate::pet::{Pet, PlayStyle, Sex, Sociability};
use crate::species::{Breed, Species};
use crate::text::PetName;
use crate::unit::{Level, Size};

/// A pet as other families see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicPet {
    /// Which pet.
    pub id: PetId,
    /// Its name.
    #[serde(default)]
    pub name: Option<PetName>,
    /// What it is.
    pub species: Species,
    /// What is known of its breed.
    pub breed: Breed,
    /// Sex.
    pub sex: Sex,
    /// Whole years; 0 is younger than one.
    #[serde(default)]
    pub age_years: Option<u8>,
    /// Size class.
    #[serde(default)]
    pub size: Option<Size>,
    /// From calm to always running.
    #[serde(default)]
    pub energy: Option<Level>,
    /// How it plays.
    #[serde(default)]
    pub play_styles: BTreeSet<PlayStyle>,
    /// How it is with strangers.
    #[serde(default)]
    pub sociability: Option<Sociability>,
    /// Stays on the lead.
    #[serde(default)]
    pub lead_only: bool,
}

impl PublicPet {
    /// What others may see of `pet` on `today`.
    pub fn of(id: PetId, pet: &Pet, today: Date) -> Self {
        Self {
            id,
            name: pet.name.clone(),
            species: pet.species,
            breed: pet.breed.clone(),
            sex: pet.sex,
            age_years: pet.birth_month.map(|born| whole_years(born, today)),
            size: pet.size(),
            energy: pet.energy,
            play_styles: pet.play_styles.clone(),
            sociability: pet.sociability,
            lead_only: pet.lead_only,
        }
    }
}

impl PublicPet {
    /// What stays when the pet is gone, or its family shows it no longer: that there was one of this species.
    #[must_use]
    pub fn forgotten(&self) -> Self {
        Self {
            id: self.id,
            name: None,
            species: self.species,
            breed: Breed::Unknown,
            sex: Sex::Unknown,
            age_years: None,
            size: None,
            energy: None,
            play_styles: BTreeSet::new(),
            sociability: None,
            lead_only: false,
        }
    }
}

fn whole_years(born: Date, today: Date) -> u8 {
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    let years = i32::from(today.year()) - i32::from(born.year()) - i32::from(!had_birthday);
    years.clamp(0, 99) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn age_counts_birthdays_and_never_goes_below_zero() {
        assert_eq!(whole_years(date(2020, 5, 1), date(2026, 4, 30)), 5);
        assert_eq!(whole_years(date(2020, 5, 1), date(2026, 5, 1)), 6);
        assert_eq!(whole_years(date(2030, 1, 1), date(2026, 5, 1)), 0);
    }

    #[test]
    fn what_others_see_has_exactly_these_fields() {
        let mut pet = Pet::new(Species::Dog);
        pet.owner_notes = Some(crate::text::Note::new("canary").unwrap());
        let shown =
            serde_json::to_value(PublicPet::of(PetId(uuid::Uuid::nil()), &pet, date(2026, 1, 1))).unwrap();
        let fields: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            fields,
            [
                "age_years",
                "breed",
                "energy",
                "id",
                "lead_only",
                "name",
                "play_styles",
                "sex",
                "size",
                "sociability",
                "species"
            ]
        );
    }
}
