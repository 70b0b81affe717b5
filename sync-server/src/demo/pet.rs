//! What the register does not say of a pet: plausible traits, drawn one by one. Most pets are easy; a few of each
//! kind are not, so that every rule of matching has something to do.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use romp_domain::pet::Evidence;
use romp_domain::text::Remark;
use romp_domain::{
    Guard, Known, Level, Pet, PetId, PlayStyle, Sex, Sociability, Species, Vaccination, Weight,
};
use uuid::{Builder, Uuid};

use super::breed::usual_weight_g;
use super::read::LicensedPet;

/// An id out of the neighbourhood's own dice.
pub(super) fn uuid(dice: &mut ChaCha8Rng) -> Uuid {
    let mut bytes = [0; 16];
    dice.fill_bytes(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// One of several, as often as its weight among all weights says. There is one at least.
pub(super) fn one_of<T: Copy>(dice: &mut ChaCha8Rng, choices: &[(T, u32)]) -> T {
    let total: u32 = choices.iter().map(|(_, weight)| weight).sum();
    let mut left = dice.random_range(0..total);
    for (choice, weight) in choices {
        if left < *weight {
            return *choice;
        }
        left -= weight;
    }
    unreachable!("the weights add up to their sum")
}

/// A pet of the register with traits, as it is on `today`.
pub(super) fn with_traits(dice: &mut ChaCha8Rng, licensed: &LicensedPet, today: Date) -> (PetId, Pet) {
    let species = licensed.species;
    let id = PetId(uuid(dice));
    let age_months = age_months(dice);
    let sex = one_of(dice, &[(Sex::Female, 48), (Sex::Male, 48), (Sex::Unknown, 4)]);
    let altered = one_of(dice, &[(Known::Yes, 85), (Known::No, 10), (Known::Unknown, 5)]);
    let heat_until = (sex == Sex::Female && altered == Known::No && dice.random_bool(0.2))
        .then(|| today.saturating_add(dice.random_range(1..15_i64).days()));
    let pet = Pet {
        name: licensed.name.clone(),
        breed: licensed.breed.clone(),
        sex,
        altered,
        heat_until,
        birth_month: Some(today.first_of_month().saturating_sub(age_months.months())),
        weight_g: weight(dice, licensed, age_months),
        energy: energy(dice, age_months),
        play_styles: styles(dice),
        sociability: Some(sociability(dice)),
        recall: level(dice.random_range(1..=5)),
        good_with_dogs: good_with(dice, species == Species::Dog),
        good_with_cats: good_with(dice, species == Species::Cat),
        good_with_small_animals: good_with(dice, matches!(species, Species::Rabbit | Species::GuineaPig)),
        good_with_children: good_with(dice, true),
        guards: guards(dice),
        lead_only: species == Species::Dog && dice.random_bool(0.15),
        vaccinations: vaccinations(dice, species, today),
        parasites_until: dice
            .random_bool(0.7)
            .then(|| today.saturating_add(dice.random_range(10..90_i64).days())),
        hold_until: dice
            .random_bool(0.02)
            .then(|| today.saturating_add(dice.random_range(1..30_i64).days())),
        visible: dice.random_bool(0.96),
        seeks_species: seeks(dice, species),
        ..Pet::new(species)
    };
    (id, pet)
}

fn level(n: i64) -> Option<Level> {
    Level::new(n).ok()
}

/// Half a year to fourteen years, the young more often; two in a hundred are pups and kittens.
fn age_months(dice: &mut ChaCha8Rng) -> i64 {
    if dice.random_bool(0.02) {
        dice.random_range(1..=4)
    } else {
        dice.random_range(6..=168).min(dice.random_range(6..=168))
    }
}

fn weight(dice: &mut ChaCha8Rng, licensed: &LicensedPet, age_months: i64) -> Option<Weight> {
    let grown = dice.random_range(usual_weight_g(licensed.species, &licensed.breed));
    let so_far = if age_months < 12 {
        grown * (age_months + 4) / 16
    } else {
        grown
    };
    dice.random_bool(0.97)
        .then(|| Weight::new(so_far / 100 * 100).ok())
        .flatten()
}

fn energy(dice: &mut ChaCha8Rng, age_months: i64) -> Option<Level> {
    let usual = match age_months {
        0..24 => 5,
        24..72 => 4,
        72..120 => 3,
        _ => 2,
    };
    level((usual + dice.random_range(-1..=1)).clamp(1, 5))
}

fn styles(dice: &mut ChaCha8Rng) -> BTreeSet<PlayStyle> {
    let count = dice.random_range(1..=3);
    PlayStyle::ALL.sample(dice, count).copied().collect()
}

fn sociability(dice: &mut ChaCha8Rng) -> Sociability {
    let choices = [
        (Sociability::Social, 50),
        (Sociability::Selective, 25),
        (Sociability::Shy, 17),
        (Sociability::Reactive, 8),
    ];
    one_of(dice, &choices)
}

fn good_with(dice: &mut ChaCha8Rng, own_kind: bool) -> Known {
    let (yes, no) = if own_kind { (65, 5) } else { (30, 20) };
    let choices = [
        (Known::Yes, yes),
        (Known::No, no),
        (Known::Unknown, 100 - yes - no),
    ];
    one_of(dice, &choices)
}

fn guards(dice: &mut ChaCha8Rng) -> BTreeSet<Guard> {
    let guards = dice.random_bool(0.12);
    guards
        .then(|| Guard::ALL.choose(dice).copied())
        .flatten()
        .into_iter()
        .collect()
}

fn vaccinations(dice: &mut ChaCha8Rng, species: Species, today: Date) -> Vec<Vaccination> {
    let against: &[&str] = match species {
        Species::Dog => &["Rabies", "Distemper and parvovirus"],
        Species::Cat => &["Rabies", "Panleukopenia"],
        Species::Rabbit => &["Rabbit haemorrhagic disease"],
        Species::GuineaPig | Species::Goat | Species::Pig | Species::Other => &[],
    };
    let ran_out = dice.random_bool(0.04);
    against
        .iter()
        .filter_map(|against| {
            let days: i64 = if ran_out {
                -dice.random_range(1..200)
            } else {
                dice.random_range(30..900)
            };
            Some(Vaccination {
                against: Remark::new(against).ok()?,
                valid_until: today.saturating_add(days.days()),
                evidence: one_of(dice, &[(Evidence::Declared, 70), (Evidence::Seen, 30)]),
            })
        })
        .collect()
}

/// Their own kind, and now and then another.
fn seeks(dice: &mut ChaCha8Rng, species: Species) -> BTreeSet<Species> {
    let mut seeks = BTreeSet::from([species]);
    if dice.random_bool(0.15) {
        seeks.extend(Species::ALL.choose(dice));
    }
    seeks
}
