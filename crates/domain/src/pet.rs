//! A pet with everything its owner can say about it, and what it looks for in a playmate.
//!
//! Other families never see this type; they see [`crate::PublicPet`].

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{Invalid, Reason};
use crate::macros::closed_set;
use crate::species::{Breed, Species};
use crate::text::{Note, PetName, Remark};
use crate::unit::{Level, Size, Weight};

closed_set! {
    /// Sex.
    #[derive(Default)]
    Sex {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Not known.
        #[default]
        Unknown = "unknown",
    }
}

closed_set! {
    /// An answer that may be unknown. Unknown is never taken for yes.
    #[derive(Default)]
    Known {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// Nobody has said.
        #[default]
        Unknown = "unknown",
    }
}

closed_set! {
    /// How a pet plays.
    PlayStyle {
        /// Runs after others, or away from them.
        Chaser = "chaser",
        /// Wrestles.
        Wrestler = "wrestler",
        /// Pulls at toys.
        Tugger = "tugger",
        /// Bumps into others at full speed.
        BodySlammer = "body_slammer",
        /// Runs along and cheers.
        Cheerleader = "cheerleader",
        /// Plays softly.
        Gentle = "gentle",
    }
}

closed_set! {
    /// How a pet is with strangers of its kind.
    Sociability {
        /// Needs time.
        Shy = "shy",
        /// Likes some.
        Selective = "selective",
        /// Likes most.
        Social = "social",
        /// Barks or lunges; meets one calm pet at a time.
        Reactive = "reactive",
    }
}

closed_set! {
    /// What a pet guards.
    Guard {
        /// Its food.
        Food = "food",
        /// Its toys.
        Toys = "toys",
        /// Its people.
        People = "people",
    }
}

closed_set! {
    /// How a vaccination is known.
    Evidence {
        /// The owner says so.
        Declared = "declared",
        /// Somebody saw the certificate.
        Seen = "seen",
    }
}

/// One vaccination.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vaccination {
    /// Against what.
    pub against: Remark,
    /// The last day on which it protects.
    pub valid_until: Date,
    /// How it is known.
    pub evidence: Evidence,
}

/// A pet. Every field is one conflict-free register of its own when devices merge. All but the species may be
/// absent, because a child's device is sent only the fields a child may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pet {
    /// Its name; some pets have none.
    #[serde(default)]
    pub name: Option<PetName>,
    /// What it is.
    pub species: Species,
    /// What is known of its breed.
    #[serde(default)]
    pub breed: Breed,
    /// Sex.
    #[serde(default)]
    pub sex: Sex,
    /// Neutered or spayed.
    #[serde(default)]
    pub altered: Known,
    /// In heat up to and including this day.
    #[serde(default)]
    pub heat_until: Option<Date>,
    /// First day of the month of birth.
    #[serde(default)]
    pub birth_month: Option<Date>,
    /// Weight; other families see only the size.
    #[serde(default)]
    pub weight_g: Option<Weight>,
    /// From calm to always running.
    #[serde(default)]
    pub energy: Option<Level>,
    /// How it plays.
    #[serde(default)]
    pub play_styles: BTreeSet<PlayStyle>,
    /// How it is with strangers.
    #[serde(default)]
    pub sociability: Option<Sociability>,
    /// How well it comes when called.
    #[serde(default)]
    pub recall: Option<Level>,
    /// Good with dogs.
    #[serde(default)]
    pub good_with_dogs: Known,
    /// Good with cats.
    #[serde(default)]
    pub good_with_cats: Known,
    /// Good with small animals.
    #[serde(default)]
    pub good_with_small_animals: Known,
    /// Good with children.
    #[serde(default)]
    pub good_with_children: Known,
    /// What it guards.
    #[serde(default)]
    pub guards: BTreeSet<Guard>,
    /// What upsets it.
    #[serde(default)]
    pub triggers: Option<Remark>,
    /// Stays on the lead.
    #[serde(default)]
    pub lead_only: bool,
    /// Vaccinations.
    #[serde(default)]
    pub vaccinations: Vec<Vaccination>,
    /// Protected against parasites up to and including this day.
    #[serde(default)]
    pub parasites_until: Option<Date>,
    /// Ill or resting: meets nobody up to and including this day.
    #[serde(default)]
    pub hold_until: Option<Date>,
    /// What it needs (water, a slow start, a ramp).
    #[serde(default)]
    pub needs: Option<Remark>,
    /// Notes that never leave the owners' devices and the family's own account.
    #[serde(default)]
    pub owner_notes: Option<Note>,
    /// Shown to other families at all (and only with the household's consent).
    #[serde(default)]
    pub visible: bool,
    /// Species it would like to meet.
    #[serde(default)]
    pub seeks_species: BTreeSet<Species>,
    /// Sizes it would like to meet; none named means any.
    #[serde(default)]
    pub seeks_sizes: BTreeSet<Size>,
}

impl Pet {
    /// Most vaccinations kept.
    pub const MAX_VACCINATIONS: usize = 20;

    /// A pet of which only the species is known: not shown to others, looking for its own kind.
    pub fn new(species: Species) -> Self {
        Self {
            name: None,
            species,
            breed: Breed::Unknown,
            sex: Sex::Unknown,
            altered: Known::Unknown,
            heat_until: None,
            birth_month: None,
            weight_g: None,
            energy: None,
            play_styles: BTreeSet::new(),
            sociability: None,
            recall: None,
            good_with_dogs: Known::Unknown,
            good_with_cats: Known::Unknown,
            good_with_small_animals: Known::Unknown,
            good_with_children: Known::Unknown,
            guards: BTreeSet::new(),
            triggers: None,
            lead_only: false,
            vaccinations: Vec::new(),
            parasites_until: None,
            hold_until: None,
            needs: None,
            owner_notes: None,
            visible: false,
            seeks_species: BTreeSet::from([species]),
            seeks_sizes: BTreeSet::new(),
        }
    }

    /// The rules that no single field can break.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.vaccinations.len() > Self::MAX_VACCINATIONS {
            return Err(Invalid::new(
                "vaccinations",
                Reason::TooMany {
                    max: Self::MAX_VACCINATIONS,
                },
            ));
        }
        Ok(())
    }

    /// Whether it rests on `day`, for illness or heat.
    pub fn rests_on(&self, day: Date) -> bool {
        self.hold_until.is_some_and(|until| day <= until) || self.heat_until.is_some_and(|until| day <= until)
    }

    /// The size class, if the weight is known.
    pub fn size(&self) -> Option<Size> {
        self.weight_g.map(Weight::size)
    }
}
