//! A neighbourhood to try Romp with: real pets of a licence register, made into families from a seed.
//!
//! [`read_pets`] and [`read_places`] read the register and the places of its ZIP codes; [`neighbourhood`] groups
//! the pets into households and gives them what the register does not say: traits, free hours, consent, and what
//! they already think of each other. Only the names, the species, the breeds and the ZIP codes are real.
//!
//! Deliberately absent: the database (whoever takes the households writes them), clocks and chance: the same
//! pets, places and [`Options`] give the same neighbourhood everywhere.

mod breed;
mod family;
mod history;
mod neighbourhood;
mod pet;
mod read;

#[cfg(test)]
mod tests;

use romp_domain::text::{Email, Password};
use romp_domain::{Child, ChildId, Household, HouseholdId, Pet, PetId, SlotId, Swipe, UtcMs, WeeklySlot};

pub use neighbourhood::{neighbourhood, unplaced};
pub use read::{LicensedPet, Place, Places, Skip, SkippedLine, Zip, read_pets, read_places};

/// Who signs in to the demo household.
pub const DEMO_EMAIL: &str = "demo@romp.example";
/// Who signs in to the household whose pets like those of the demo household.
pub const NEIGHBOUR_EMAIL: &str = "neighbour@romp.example";
/// The password of both. It is no secret: a server with a demo on it is open to everybody.
pub const DEMO_PASSWORD: &str = "romp-demo-password";

/// How to make a neighbourhood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Most households, those nearest to the demo household first; all pets find one when `None`.
    pub households: Option<usize>,
    /// Decides everything that chance would.
    pub seed: u64,
    /// The instant to make it for: ages, vaccinations and consents are relative to it.
    pub now: UtcMs,
}

/// A household with everything of it.
#[derive(Debug, Clone)]
pub struct DemoHousehold {
    /// Which.
    pub id: HouseholdId,
    /// The owner who can sign in; only the first two households have one.
    pub owner: Option<(Email, Password)>,
    /// Its settings.
    pub household: Household,
    /// Its children; only the demo household has any.
    pub children: Vec<(ChildId, Child)>,
    /// Its pets, one at least.
    pub pets: Vec<(PetId, Pet)>,
    /// Its free hours.
    pub slots: Vec<(SlotId, WeeklySlot)>,
    /// What its pets think of others: pets of households that come before this one.
    pub swipes: Vec<Swipe>,
}
