//! The hard rules: who may not meet. Each rule is judged from both sides before the next, so the answer does not depend
//! on who asks; and those that protect come before those that are wishes, so that no wish hides one of them.
//!
//! What is not known is never taken to be safe where a rule protects an animal: dogs without a weight meet no
//! dogs, and pets of different species meet only when both owners said yes, not merely when nobody said no.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use romp_domain::{Known, Pet, Size, Sociability, Species, Venue};

use crate::MEETING_MS;
use crate::candidate::Candidate;

/// Why two pets are not shown to each other. Closed; in the order in which the rules are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exclusion {
    /// They live together.
    SameHousehold,
    /// One of the families wants to be apart from the other.
    Blocked,
    /// Somebody of one household cannot be near the other's species.
    Allergy,
    /// One of them is ill or resting.
    OnHold,
    /// One of them is in heat, or was within [`HEAT_REST_DAYS`].
    InHeat,
    /// One of them may be younger than [`YOUNGEST_DAYS`].
    TooYoung,
    /// A vaccination of one of them has run out.
    VaccinationExpired,
    /// Two dogs, one of which has no weight: the gap cannot be judged.
    WeightUnknown,
    /// Two dogs more than [`MAX_GAP_KG`] apart.
    WeightGap,
    /// One is not good with the other's kind, or (different species) nobody has said that it is.
    NotGoodWith,
    /// Both bark or lunge at strangers.
    BothReactive,
    /// One of them is not shown to others.
    NotShown,
    /// One does not look for the other's species.
    SpeciesNotSought,
    /// One looks for other sizes, or the other's size is not known.
    SizeNotSought,
    /// Further apart than one of the families travels.
    TooFar,
    /// No kind of place suits both.
    NoSharedVenue,
    /// The families are not free together for an hour within the horizon.
    NoSharedTime,
}

/// The widest gap between two dogs, in whole kilograms: about 11 kg (25 lb) is the rule of thumb for free play.
/// Finer steps would tell whoever changes the own weight bit by bit what the other one weighs.
pub const MAX_GAP_KG: u32 = 11;

/// How long after the last day of heat a pet meets nobody, in days: four weeks, by rule of thumb.
pub const HEAT_REST_DAYS: i64 = 28;

/// The youngest age at which dogs and cats meet others, in days: the last dose of the basic vaccinations is given
/// at 16 weeks or later (WSAVA vaccination guidelines), and protection needs two more weeks.
pub const YOUNGEST_DAYS: i64 = 18 * 7;

/// Judges a pair on `today`. `Ok` means that nothing forbids the meeting.
///
/// What protects an animal or a person comes first: a wish is the reason only where nothing else is.
///
/// `eligible(a, b)` and `eligible(b, a)` are equal, the reason included.
pub fn eligible(a: &Candidate<'_>, b: &Candidate<'_>, today: Date) -> Result<(), Exclusion> {
    protection(a, b, today)?;
    wishes(a, b)
}

/// The rules that protect an animal or a person.
fn protection(a: &Candidate<'_>, b: &Candidate<'_>, today: Date) -> Result<(), Exclusion> {
    use Exclusion as E;
    let either = |rule: fn(&Pet, &Pet) -> bool| rule(a.pet, b.pet) || rule(b.pet, a.pet);
    let any = |rule: &dyn Fn(&Pet) -> bool| rule(a.pet) || rule(b.pet);

    forbid(
        a.party.household == b.party.household || a.id == b.id,
        E::SameHousehold,
    )?;
    forbid(blocks(a, b) || blocks(b, a), E::Blocked)?;
    forbid(allergic(a, b) || allergic(b, a), E::Allergy)?;
    forbid(any(&|pet| on_hold(pet, today)), E::OnHold)?;
    forbid(any(&|pet| rests_for_heat(pet, today)), E::InHeat)?;
    forbid(any(&|pet| too_young(pet, today)), E::TooYoung)?;
    forbid(any(&|pet| vaccination_expired(pet, today)), E::VaccinationExpired)?;
    weight_gap(a.pet, b.pet)?;
    forbid(either(|own, other| !good_with(own, other)), E::NotGoodWith)?;
    forbid(
        a.pet.sociability == Some(Sociability::Reactive) && b.pet.sociability == Some(Sociability::Reactive),
        E::BothReactive,
    )
}

/// What the two families wish.
fn wishes(a: &Candidate<'_>, b: &Candidate<'_>) -> Result<(), Exclusion> {
    use Exclusion as E;
    let either = |rule: fn(&Pet, &Pet) -> bool| rule(a.pet, b.pet) || rule(b.pet, a.pet);
    let any = |rule: &dyn Fn(&Pet) -> bool| rule(a.pet) || rule(b.pet);

    forbid(any(&|pet| !pet.visible), E::NotShown)?;
    forbid(
        either(|own, other| !own.seeks_species.contains(&other.species)),
        E::SpeciesNotSought,
    )?;
    forbid(
        either(|own, other| !seeks_size(&own.seeks_sizes, other.size())),
        E::SizeNotSought,
    )?;
    forbid(
        a.km_to(b) > f64::from(a.party.travel_km.min(b.party.travel_km).get()),
        E::TooFar,
    )?;
    forbid(shared_venues(a, b).next().is_none(), E::NoSharedVenue)?;
    forbid(!a.party.free.shares(&b.party.free, MEETING_MS), E::NoSharedTime)
}

fn forbid(forbidden: bool, why: Exclusion) -> Result<(), Exclusion> {
    if forbidden { Err(why) } else { Ok(()) }
}

/// Whether a species meets others at a kind of place: cats, rabbits and guinea pigs stay at home.
pub fn suits(species: Species, venue: Venue) -> bool {
    match species {
        Species::Cat => venue == Venue::Indoor,
        Species::Rabbit | Species::GuineaPig => matches!(venue, Venue::Indoor | Venue::Yard),
        Species::Dog | Species::Goat | Species::Pig | Species::Other => true,
    }
}

/// The venues both families agree to and both species can be at.
pub(crate) fn shared_venues<'c>(
    a: &'c Candidate<'c>,
    b: &'c Candidate<'c>,
) -> impl Iterator<Item = Venue> + 'c {
    a.party
        .venues
        .intersection(&b.party.venues)
        .copied()
        .filter(move |venue| suits(a.pet.species, *venue) && suits(b.pet.species, *venue))
}

fn blocks(own: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    own.party.blocks.contains(&other.party.household)
}

fn allergic(own: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    own.party.allergies.contains(&other.pet.species)
}

/// None named means any; a size that is not known is none of those named.
fn seeks_size(sought: &BTreeSet<Size>, size: Option<Size>) -> bool {
    sought.is_empty() || size.is_some_and(|size| sought.contains(&size))
}

fn weight_gap(a: &Pet, b: &Pet) -> Result<(), Exclusion> {
    if (a.species, b.species) != (Species::Dog, Species::Dog) {
        return Ok(());
    }
    match (a.weight_g, b.weight_g) {
        (Some(a), Some(b)) if a.whole_kilograms().abs_diff(b.whole_kilograms()) <= MAX_GAP_KG => Ok(()),
        (Some(_), Some(_)) => Err(Exclusion::WeightGap),
        _ => Err(Exclusion::WeightUnknown),
    }
}

/// Whether a pet meets nobody on a day because it is ill, or in heat or was lately: what only its own family is told.
pub fn rests(pet: &Pet, day: Date) -> bool {
    on_hold(pet, day) || rests_for_heat(pet, day)
}

fn on_hold(pet: &Pet, today: Date) -> bool {
    pet.hold_until.is_some_and(|until| today <= until)
}

fn rests_for_heat(pet: &Pet, today: Date) -> bool {
    pet.heat_until
        .is_some_and(|until| today <= until.saturating_add(HEAT_REST_DAYS.days()))
}

/// Only the month of birth is known, so the pet is taken to be born on the last day of it. A pet whose month is
/// not known is taken to be grown: owners of the very young know it.
fn too_young(pet: &Pet, today: Date) -> bool {
    matches!(pet.species, Species::Dog | Species::Cat)
        && pet
            .birth_month
            .is_some_and(|born| today < born.last_of_month().saturating_add(YOUNGEST_DAYS.days()))
}

/// Whether the newest vaccination against anything has run out. Upper and lower case are the same disease.
fn vaccination_expired(pet: &Pet, today: Date) -> bool {
    let mut newest: BTreeMap<String, Date> = BTreeMap::new();
    for vaccination in &pet.vaccinations {
        let until = newest
            .entry(vaccination.against.as_str().to_lowercase())
            .or_insert(vaccination.valid_until);
        *until = vaccination.valid_until.max(*until);
    }
    newest.values().any(|until| *until < today)
}

/// Within a species only a no counts; across species only a yes. There is no question about goats, pigs and
/// others: there, that the owner looks for the species is the yes.
fn good_with(own: &Pet, other: &Pet) -> bool {
    let answer = match other.species {
        Species::Dog => own.good_with_dogs,
        Species::Cat => own.good_with_cats,
        Species::Rabbit | Species::GuineaPig => own.good_with_small_animals,
        Species::Goat | Species::Pig | Species::Other => return true,
    };
    match answer {
        Known::Yes => true,
        Known::No => false,
        Known::Unknown => own.species == other.species,
    }
}

#[cfg(test)]
mod tests;
