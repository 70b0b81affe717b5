//! Pets and households for tests: plain ones that fit each other, and arbitrary ones for properties.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::{Date, date};
use proptest::collection::{btree_set, vec};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use romp_domain::time::{DAY_MS, MINUTE_MS};
use romp_domain::{
    Area, HouseholdId, Km, Known, Level, Pet, PetId, PlayStyle, Size, Sociability, Species, TimeSpan, UtcMs,
    Venue, Weight, ZoneName,
};
use uuid::Uuid;

use crate::candidate::{Candidate, Party};
use crate::week::FreeTime;

/// Thursday, 1 January 2026, midnight UTC.
pub(crate) const NOW: UtcMs = UtcMs(1_767_225_600_000);
/// The same day.
pub(crate) const TODAY: Date = date(2026, 1, 1);

pub(crate) fn zone(name: &str) -> ZoneName {
    ZoneName::new(name).unwrap()
}

pub(crate) fn pet_id(n: u32) -> PetId {
    PetId(Uuid::from_u128(n.into()))
}

pub(crate) fn home_id(n: u32) -> HouseholdId {
    HouseholdId(Uuid::from_u128(n.into()))
}

pub(crate) fn level(n: i64) -> Option<Level> {
    Level::new(n).ok()
}

pub(crate) fn kilograms(n: i64) -> Option<Weight> {
    Weight::new(n * 1000).ok()
}

/// A span from and to a number of minutes after [`NOW`].
pub(crate) fn minutes(range: Range<i64>) -> TimeSpan {
    let at = |m: i64| NOW.plus_ms(m * MINUTE_MS);
    TimeSpan::new(at(range.start), at(range.end)).unwrap()
}

/// A shown dog of 20 kg, looking for dogs.
pub(crate) fn dog() -> Pet {
    Pet {
        visible: true,
        weight_g: kilograms(20),
        ..Pet::new(Species::Dog)
    }
}

/// A shown pet of any species that is good with everybody and looks for dogs and its own kind.
pub(crate) fn friendly(species: Species) -> Pet {
    Pet {
        species,
        seeks_species: BTreeSet::from([Species::Dog, species]),
        good_with_dogs: Known::Yes,
        good_with_cats: Known::Yes,
        good_with_small_animals: Known::Yes,
        ..dog()
    }
}

/// A household in Seattle that agrees to every venue and is free during the whole horizon.
pub(crate) fn party(n: u32) -> Party {
    Party {
        household: home_id(n),
        area: Area::around(47.61, -122.33).unwrap(),
        travel_km: Km::new(10).unwrap(),
        allergies: BTreeSet::new(),
        venues: Venue::ALL.iter().copied().collect(),
        zone: zone("America/Los_Angeles"),
        blocks: BTreeSet::new(),
        free: FreeTime::of([TimeSpan::new(NOW, NOW.plus_ms(14 * DAY_MS)).unwrap()]),
    }
}

/// The first pet of a household.
pub(crate) fn candidate<'a>(n: u32, pet: &'a Pet, party: &'a Party) -> Candidate<'a> {
    Candidate {
        id: pet_id(n),
        pet,
        party,
    }
}

/// Spans of 15 minutes to 5 hours within the horizon, on five-minute marks.
pub(crate) fn any_spans(most: usize) -> impl Strategy<Value = Vec<TimeSpan>> {
    let span =
        (0..14 * 24 * 12_i64, 3..60_i64).prop_map(|(start, length)| minutes(start * 5..(start + length) * 5));
    vec(span, 0..most)
}

fn near(days: Range<i64>) -> impl Strategy<Value = Option<Date>> {
    weighted(0.1, days.prop_map(|days| TODAY + jiff::ToSpan::days(days)))
}

fn mostly<T: Copy + std::fmt::Debug + 'static>(usual: T, all: &'static [T]) -> impl Strategy<Value = T> {
    prop_oneof![4 => Just(usual), 1 => select(all)]
}

/// Pets of which a fair share may meet each other.
pub(crate) fn any_pet() -> impl Strategy<Value = Pet> {
    let body = (
        mostly(Species::Dog, Species::ALL),
        prop_oneof![9 => (2..40_i64).prop_map(kilograms), 1 => Just(None)],
        of((1..=5_i64).prop_map(|n| Level::new(n).unwrap())),
        btree_set(select(PlayStyle::ALL), 0..4),
        of(select(Sociability::ALL)),
        near(-4_000..60).prop_map(|day| day.map(Date::first_of_month)),
    );
    let rules = (
        mostly(true, &[true, false]),
        subsequence(Species::ALL.to_vec(), 1..=7),
        prop_oneof![4 => Just(Vec::new()), 1 => subsequence(Size::ALL.to_vec(), 0..=4)],
        mostly(Known::Yes, Known::ALL),
        mostly(Known::Yes, Known::ALL),
        near(-40..20),
        near(-40..20),
    );
    (body, rules).prop_map(|(body, rules)| Pet {
        species: body.0,
        weight_g: body.1,
        energy: body.2,
        play_styles: body.3,
        sociability: body.4,
        birth_month: body.5,
        visible: rules.0,
        seeks_species: rules.1.into_iter().collect(),
        seeks_sizes: rules.2.into_iter().collect(),
        good_with_dogs: rules.3,
        good_with_cats: rules.4,
        hold_until: rules.5,
        heat_until: rules.6,
        ..dog()
    })
}

/// Households within some 20 km of each other; some read their clocks elsewhere.
pub(crate) fn any_party() -> impl Strategy<Value = Party> {
    (
        1..6_u32,
        (47.5..47.7_f64, -122.4..-122.2_f64),
        1..30_i64,
        prop_oneof![4 => Just(Vec::new()), 1 => subsequence(Species::ALL.to_vec(), 0..=2)],
        subsequence(Venue::ALL.to_vec(), 1..=5),
        mostly(
            "America/Los_Angeles",
            &["America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu"],
        ),
        any_spans(40),
    )
        .prop_map(
            |(home, place, travel, allergies, venues, zone_name, free)| Party {
                household: home_id(home),
                area: Area::around(place.0, place.1).unwrap(),
                travel_km: Km::new(travel).unwrap(),
                allergies: allergies.into_iter().collect(),
                venues: venues.into_iter().collect(),
                zone: zone(zone_name),
                blocks: BTreeSet::new(),
                free: FreeTime::of(free),
            },
        )
}

/// Checks that a list of spans is in order and that no two of them touch.
pub(crate) fn is_tidy(free: &FreeTime) -> bool {
    free.spans()
        .windows(2)
        .all(|pair| pair[0].end() < pair[1].start())
}

/// Whether an instant lies in one of the spans: the plain meaning of free time.
pub(crate) fn holds(spans: &[TimeSpan], at: UtcMs) -> bool {
    spans.iter().any(|span| span.start() <= at && at < span.end())
}
