//! Households: what the register does not say of a family. The first two are made by hand, so that whoever tries
//! the demo meets somebody at once; the others are drawn.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use romp_domain::text::{Email, HouseholdName, Nickname, Password};
use romp_domain::time::DAY_MS;
use romp_domain::{
    AgeBand, Area, Avatar, Child, ChildId, Consent, Household, HouseholdId, Km, Known, Level, Minute, Pet,
    PetId, PlayStyle, SlotId, Sociability, Species, UtcMs, Vaccination, Venue, Weekday, WeeklyHours,
    WeeklySlot, Weight, ZoneName,
};

use super::breed::usual_weight_g;
use super::pet::{one_of, uuid, with_traits};
use super::read::{LicensedPet, Place};
use super::{DEMO_EMAIL, DEMO_PASSWORD, DemoHousehold, NEIGHBOUR_EMAIL};

/// Where the register's pets live.
const ZONE: &str = "America/Los_Angeles";

/// What a family is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    /// The middle of its ZIP code's area.
    pub place: &'a Place,
    /// The instant.
    pub now: UtcMs,
    /// The day of that instant.
    pub today: Date,
}

/// The family that whoever tries the demo signs in as: a dog and a cat, two children, every consent.
pub(super) fn demo(dice: &mut ChaCha8Rng, pets: &[&LicensedPet], at: Setting<'_>) -> DemoHousehold {
    let children = [
        ("Mia", Avatar::Fox, AgeBand::SevenToNine),
        ("Leo", Avatar::Bear, AgeBand::FourToSix),
    ];
    let children = children.into_iter().filter_map(|(nickname, avatar, age_band)| {
        let child = Child::new(Nickname::new(nickname).ok()?, avatar, age_band);
        Some((ChildId(uuid(dice)), child))
    });
    DemoHousehold {
        children: children.collect(),
        ..welcoming(dice, pets, at, "Demo family", DEMO_EMAIL)
    }
}

/// The family next door, whose pets fit those of the demo family in everything.
pub(super) fn neighbour(dice: &mut ChaCha8Rng, pets: &[&LicensedPet], at: Setting<'_>) -> DemoHousehold {
    welcoming(dice, pets, at, "The neighbours", NEIGHBOUR_EMAIL)
}

fn welcoming(
    dice: &mut ChaCha8Rng,
    pets: &[&LicensedPet],
    at: Setting<'_>,
    name: &str,
    email: &str,
) -> DemoHousehold {
    let consent = Consent {
        notice: Consent::NOTICE,
        given_at: at.now,
    };
    let weekdays = Weekday::ALL.iter().copied();
    let free = weekdays.filter_map(|day| match day {
        Weekday::Saturday | Weekday::Sunday => hours(day, 9, 19),
        _ => hours(day, 15, 20),
    });
    DemoHousehold {
        id: HouseholdId(uuid(dice)),
        owner: Email::new(email)
            .ok()
            .zip(Password::new(DEMO_PASSWORD.to_owned()).ok()),
        household: Household {
            name: HouseholdName::new(name).ok(),
            area: Area::around(at.place.lat, at.place.lon).ok(),
            place: at.place.label.clone(),
            travel_km: kilometres(10),
            venues: Venue::ALL.iter().copied().collect(),
            child_consent: Some(consent),
            share_consent: Some(consent),
            ..Household::new(zone())
        },
        children: Vec::new(),
        pets: pets
            .iter()
            .map(|licensed| easy(with_traits(dice, licensed, at.today), at.today))
            .collect(),
        slots: rows(dice, free),
        swipes: Vec::new(),
    }
}

/// What dogs and cats of the first two families weigh, in grams: about the same, so that they may play.
fn easy_weight_g(species: Species) -> Option<i64> {
    match species {
        Species::Dog => Some(18_000),
        Species::Cat => Some(4_500),
        _ => None,
    }
}

/// Whether a pet of the register looks right in one of the first two families: it has a short plain name, and the
/// weight it is given is one its breed comes with.
pub(super) fn suits_the_demo(pet: &LicensedPet) -> bool {
    let name = pet.name.as_ref().map_or("", |name| name.as_str());
    let plain = (3..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphabetic());
    let usual = usual_weight_g(pet.species, &pet.breed);
    plain && easy_weight_g(pet.species).is_some_and(|grams| usual.contains(&grams))
}

/// A grown, lively, friendly pet without anything that could keep it from a playdate.
fn easy((id, pet): (PetId, Pet), today: Date) -> (PetId, Pet) {
    let pet = Pet {
        weight_g: easy_weight_g(pet.species).map_or(pet.weight_g, |grams| Weight::new(grams).ok()),
        birth_month: Some(today.first_of_month().saturating_sub(3.years())),
        energy: Level::new(4).ok(),
        play_styles: BTreeSet::from([PlayStyle::Chaser, PlayStyle::Cheerleader]),
        sociability: Some(Sociability::Social),
        good_with_dogs: Known::Yes,
        good_with_cats: Known::Yes,
        good_with_children: Known::Yes,
        heat_until: None,
        hold_until: None,
        vaccinations: pet
            .vaccinations
            .into_iter()
            .map(|vaccination| Vaccination {
                valid_until: today.saturating_add(400.days()),
                ..vaccination
            })
            .collect(),
        visible: true,
        seeks_species: BTreeSet::from([pet.species]),
        ..pet
    };
    (id, pet)
}

/// Any other family.
pub(super) fn drawn(dice: &mut ChaCha8Rng, pets: &[&LicensedPet], at: Setting<'_>) -> DemoHousehold {
    let share_consent = dice.random_bool(0.93).then(|| Consent {
        notice: Consent::NOTICE,
        given_at: at.now.plus_ms(-dice.random_range(1..200) * DAY_MS),
    });
    let free = free_hours(dice);
    DemoHousehold {
        id: HouseholdId(uuid(dice)),
        owner: None,
        household: Household {
            area: around(dice, at.place),
            place: at.place.label.clone(),
            travel_km: kilometres(one_of(dice, &[(3, 20), (5, 35), (10, 30), (20, 15)])),
            allergies: allergies(dice, pets),
            venues: venues(dice),
            share_consent,
            ..Household::new(zone())
        },
        children: Vec::new(),
        pets: pets
            .iter()
            .map(|licensed| with_traits(dice, licensed, at.today))
            .collect(),
        slots: rows(dice, free),
        swipes: Vec::new(),
    }
}

/// Somewhere within about 1.5 km of the place, and known to the grid only.
fn around(dice: &mut ChaCha8Rng, place: &Place) -> Option<Area> {
    let lat = place.lat + dice.random_range(-0.013..0.013);
    let lon = place.lon + dice.random_range(-0.019..0.019);
    Area::around(lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 180.0)).ok()
}

/// Few have any, and nobody is allergic to the pets of the house.
fn allergies(dice: &mut ChaCha8Rng, pets: &[&LicensedPet]) -> BTreeSet<Species> {
    let mut allergies = BTreeSet::new();
    for species in [Species::Dog, Species::Cat, Species::Rabbit] {
        if dice.random_bool(0.05) && pets.iter().all(|pet| pet.species != species) {
            allergies.insert(species);
        }
    }
    allergies
}

/// One at least: most would walk or go to a park, some would open their door.
fn venues(dice: &mut ChaCha8Rng) -> BTreeSet<Venue> {
    let shares = [
        (Venue::NeutralPark, 0.9),
        (Venue::FencedHire, 0.3),
        (Venue::Walk, 0.8),
        (Venue::Yard, 0.4),
        (Venue::Indoor, 0.4),
    ];
    let agreed: BTreeSet<Venue> = shares
        .into_iter()
        .filter(|(_, share)| dice.random_bool(*share))
        .map(|(venue, _)| venue)
        .collect();
    if agreed.is_empty() {
        BTreeSet::from([Venue::Walk])
    } else {
        agreed
    }
}

/// Some evenings of the week and some half days of the weekend; one stretch at least.
fn free_hours(dice: &mut ChaCha8Rng) -> Vec<WeeklyHours> {
    let mut free = Vec::new();
    for day in Weekday::ALL.iter().copied() {
        if matches!(day, Weekday::Saturday | Weekday::Sunday) {
            if dice.random_bool(0.6) {
                free.extend(hours(day, dice.random_range(8..=10), dice.random_range(11..=13)));
            }
            if dice.random_bool(0.6) {
                free.extend(hours(day, dice.random_range(13..=15), dice.random_range(16..=19)));
            }
        } else if dice.random_bool(0.35) {
            free.extend(hours(day, dice.random_range(16..=18), dice.random_range(19..=21)));
        }
    }
    if free.is_empty() {
        free.extend(hours(Weekday::Saturday, 10, 13));
    }
    free
}

fn rows(dice: &mut ChaCha8Rng, free: impl IntoIterator<Item = WeeklyHours>) -> Vec<(SlotId, WeeklySlot)> {
    free.into_iter()
        .map(|hours| (SlotId(uuid(dice)), WeeklySlot { hours }))
        .collect()
}

/// From full hour to full hour.
fn hours(day: Weekday, from: i64, until: i64) -> Option<WeeklyHours> {
    let minute = |hour: i64| Minute::new(hour * 60).ok();
    WeeklyHours::new(day, minute(from)?, minute(until)?).ok()
}

fn kilometres(km: i64) -> Km {
    Km::new(km).unwrap_or_else(|_| unreachable!("{km} is within 1 to 100"))
}

fn zone() -> ZoneName {
    ZoneName::new(ZONE).unwrap_or_else(|_| unreachable!("{ZONE} is in the bundled database"))
}
