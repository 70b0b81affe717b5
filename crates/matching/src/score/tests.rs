//! Both sides alike, between 0 and 1, and nothing claimed that is not so.

use std::collections::BTreeSet;

use proptest::prelude::*;
use romp_domain::{Area, Km, PlayStyle, PublicPet, Weekday};

use super::*;
use crate::candidate::Party;
use crate::cases::{TODAY, any_party, any_pet, candidate, dog, kilograms, level, minutes, party, zone};
use crate::week::FreeTime;

fn pair(a: &Pet, b: &Pet) -> Score {
    score(&candidate(1, a, &party(1)), &candidate(2, b, &party(2)), TODAY)
}

fn lively() -> Pet {
    Pet {
        energy: level(4),
        play_styles: BTreeSet::from([PlayStyle::Chaser, PlayStyle::Tugger]),
        sociability: Some(Sociability::Social),
        birth_month: Some(jiff::civil::date(2022, 1, 1)),
        ..dog()
    }
}

#[test]
fn the_same_pet_next_door_is_a_perfect_fit() {
    assert!((pair(&lively(), &lively()).value - 1.0).abs() < 1e-12);
}

#[test]
fn every_difference_costs_something() {
    let same = pair(&lively(), &lively()).value;
    let changed = [
        Pet {
            play_styles: BTreeSet::from([PlayStyle::Gentle]),
            ..lively()
        },
        Pet {
            energy: level(2),
            ..lively()
        },
        Pet {
            sociability: Some(Sociability::Shy),
            ..lively()
        },
        Pet {
            weight_g: kilograms(12),
            ..lively()
        },
        Pet {
            birth_month: Some(jiff::civil::date(2015, 1, 1)),
            ..lively()
        },
    ];
    for other in changed {
        assert!(pair(&lively(), &other).value < same, "{other:?}");
    }
    let away = Party {
        area: Area::around(47.65, -122.33).unwrap(),
        ..party(2)
    };
    let (a, b) = (lively(), lively());
    assert!(score(&candidate(1, &a, &party(1)), &candidate(2, &b, &away), TODAY).value < same);
}

#[test]
fn what_is_not_known_lies_between_a_fit_and_a_misfit() {
    let (mut unknown, mut misfit) = (lively(), lively());
    unknown.energy = None;
    misfit.energy = level(1);
    let [fit, unknown, misfit] = [lively(), unknown, misfit].map(|other| pair(&lively(), &other).value);
    assert!(fit > unknown && unknown > misfit);
}

#[test]
fn a_wish_of_one_side_only_is_worth_little() {
    assert!((harmonic_mean(1.0, 0.2) - 1.0 / 3.0).abs() < 1e-12);
    assert!(
        (harmonic_mean(0.0, 0.0)).abs() < 1e-12,
        "and nothing is not a number that is none"
    );
}

#[test]
fn a_pet_is_content_when_the_other_knows_all_its_ways_to_play() {
    let one = Pet {
        play_styles: BTreeSet::from([PlayStyle::Chaser]),
        ..lively()
    };
    let satisfied = |own: &Pet, other: &Pet| styles(own, other).unwrap();
    assert!((satisfied(&one, &lively()) - 1.0).abs() < 1e-12);
    assert!((satisfied(&lively(), &one) - 0.5).abs() < 1e-12);
}

#[test]
fn the_best_three_reasons_are_given_in_the_readers_zone() {
    let (a, b) = (lively(), lively());
    let friday_evening = FreeTime::of([minutes(2 * 1440 + 60..2 * 1440 + 180)]); // Saturday 01:00 UTC
    let (mut home_a, mut home_b) = (party(1), party(2));
    home_a.free = friday_evening.clone();
    home_b.free = friday_evening;
    home_b.zone = zone("UTC");
    let (one, other) = (candidate(1, &a, &home_a), candidate(2, &b, &home_b));
    let told = |weekday| {
        [
            Reason::BothPlay {
                style: PlayStyle::Chaser,
            },
            Reason::BothFree { weekday },
            Reason::SameEnergy,
        ]
    };
    assert_eq!(score(&one, &other, TODAY).reasons, told(Weekday::Friday));
    assert_eq!(score(&other, &one, TODAY).reasons, told(Weekday::Saturday));
}

/// Whether a reason follows from what the two families publish.
fn is_so(reason: Reason, a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    let (one, other) = (
        PublicPet::of(a.id, a.pet, TODAY),
        PublicPet::of(b.id, b.pet, TODAY),
    );
    match reason {
        Reason::BothPlay { style } => one.play_styles.contains(&style) && other.play_styles.contains(&style),
        Reason::BothFree { weekday } => a
            .party
            .free
            .intersection(&b.party.free)
            .weekdays(&a.party.zone, MEETING_MS)
            .contains(&weekday),
        Reason::SameSize => one.size.is_some() && one.size == other.size,
        Reason::SameEnergy => one
            .energy
            .zip(other.energy)
            .is_some_and(|(one, other)| one.get().abs_diff(other.get()) <= 1),
        Reason::Nearby => a.km_to(b) < 2.0,
    }
}

proptest! {
    #[test]
    fn a_score_is_the_same_from_both_sides_and_its_reasons_are_so(
        a in any_pet(), b in any_pet(), home_a in any_party(), home_b in any_party(),
    ) {
        let (one, other) = (candidate(1, &a, &home_a), candidate(2, &b, &home_b));
        let (there, back) = (score(&one, &other, TODAY), score(&other, &one, TODAY));
        prop_assert!((0.0..=1.0).contains(&there.value), "{}", there.value);
        prop_assert!((there.value - back.value).abs() < 1e-12);
        prop_assert!(there.reasons.len() <= MAX_REASONS);
        for reason in there.reasons {
            prop_assert!(is_so(reason, &one, &other), "{:?}", reason);
        }
    }

    #[test]
    fn a_family_that_travels_further_minds_the_way_less(km in 2..100_i64) {
        let far = Party { area: Area::around(47.62, -122.33).unwrap(), ..party(2) };
        let minds = |km| {
            let (pet, home) = (dog(), Party { travel_km: Km::new(km).unwrap(), ..party(1) });
            distance(&candidate(1, &pet, &home), &candidate(2, &pet, &far))
        };
        prop_assert!(minds(km) > minds(km - 1) || minds(km) == 0.0);
    }
}
