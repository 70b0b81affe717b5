//! A family that this one wants nothing to do with any more.
//!
//! A family knows of another one nothing but its pets, so a block names one of them: the row's id is the pet's. The
//! server finds out whose pet it is, and keeps the two families apart with all their pets, in both directions. It is
//! lifted, not removed: so that whoever did not know of it cannot undo it.
//!
//! A block can carry a report to whoever runs the server. It goes the way of every change, so it can be written without a
//! connection, and it is the reporting family's: the other one neither sees it nor can remove it.

use serde::{Deserialize, Serialize};

use crate::public_pet::PublicPet;
use crate::species::Species;
use crate::text::{Note, PetName};

/// A block of the family that has the pet whose id this row has. Only the own owners ever see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// What the pet is.
    pub species: Species,
    /// The pet's name, as it was last seen: by it a person knows which family it was.
    #[serde(default)]
    pub name: Option<PetName>,
    /// Whether the two families are kept apart; not any more once it is lifted.
    pub blocked: bool,
    /// What happened, for whoever runs the server. Not said at all by a device that blocks and has nothing to report:
    /// another one of the family may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Note>,
}

impl Block {
    /// A block of the family that has this pet.
    pub fn of(pet: &PublicPet) -> Self {
        Self {
            species: pet.species,
            name: pet.name.clone(),
            blocked: true,
            report: None,
        }
    }
}
