//! Every rule alone, from both sides; then symmetry over everything.

use jiff::civil::date;
use proptest::prelude::*;
use romp_domain::pet::Evidence;
use romp_domain::text::Remark;
use romp_domain::{Area, Km, Species, Vaccination};

use super::*;
use crate::candidate::Party;
use crate::cases::{TODAY, any_party, any_pet, candidate, dog, friendly, kilograms, minutes, party};
use crate::week::FreeTime;

/// The verdict on a pair, after checking that both sides get the same.
fn verdict(a: (&Pet, &Party), b: (&Pet, &Party)) -> Result<(), Exclusion> {
    let (one, other) = (candidate(1, a.0, a.1), candidate(2, b.0, b.1));
    let verdict = eligible(&one, &other, TODAY);
    assert_eq!(verdict, eligible(&other, &one, TODAY));
    verdict
}

/// The verdict on two dogs of two households, the second of which was changed.
fn dogs(change: impl FnOnce(&mut Pet)) -> Result<(), Exclusion> {
    let mut changed = dog();
    change(&mut changed);
    verdict((&dog(), &party(1)), (&changed, &party(2)))
}

/// The verdict on two dogs of two households, the second household of which was changed.
fn homes(change: impl FnOnce(&mut Party)) -> Result<(), Exclusion> {
    let mut changed = party(2);
    change(&mut changed);
    verdict((&dog(), &party(1)), (&dog(), &changed))
}

fn meet(a: &Pet, b: &Pet) -> Result<(), Exclusion> {
    verdict((a, &party(1)), (b, &party(2)))
}

fn vaccination(against: &str, valid_until: Date) -> Vaccination {
    Vaccination {
        against: Remark::new(against).unwrap(),
        valid_until,
        evidence: Evidence::Declared,
    }
}

#[test]
fn two_plain_dogs_may_meet() {
    assert_eq!(dogs(|_| ()), Ok(()));
}

#[test]
fn pets_of_one_household_are_not_shown_to_each_other() {
    assert_eq!(
        homes(|home| home.household = party(1).household),
        Err(Exclusion::SameHousehold)
    );
    let (pet, home) = (dog(), party(1));
    let same = candidate(1, &pet, &home);
    assert_eq!(eligible(&same, &same, TODAY), Err(Exclusion::SameHousehold));
}

#[test]
fn a_family_that_one_of_them_blocks_is_kept_away_from_both() {
    assert_eq!(
        homes(|home| home.blocks = BTreeSet::from([party(1).household])),
        Err(Exclusion::Blocked)
    );
    assert_eq!(
        homes(|home| home.blocks = BTreeSet::from([crate::cases::home_id(3)])),
        Ok(())
    );
}

#[test]
fn a_pet_that_is_not_shown_is_not_shown() {
    assert_eq!(dogs(|pet| pet.visible = false), Err(Exclusion::NotShown));
}

#[test]
fn both_look_for_the_others_species() {
    assert_eq!(
        dogs(|pet| pet.seeks_species = BTreeSet::from([Species::Cat])),
        Err(Exclusion::SpeciesNotSought)
    );
    assert_eq!(
        dogs(|pet| pet.seeks_species.clear()),
        Err(Exclusion::SpeciesNotSought)
    );
}

#[test]
fn an_allergy_of_either_household_excludes_the_species() {
    assert_eq!(
        homes(|home| home.allergies = BTreeSet::from([Species::Dog])),
        Err(Exclusion::Allergy)
    );
    assert_eq!(
        homes(|home| home.allergies = BTreeSet::from([Species::Cat])),
        Ok(())
    );
}

#[test]
fn sizes_are_sought_and_an_unknown_size_is_none_of_them() {
    assert_eq!(
        dogs(|pet| pet.seeks_sizes = BTreeSet::from([Size::Small])),
        Err(Exclusion::SizeNotSought)
    );
    assert_eq!(
        dogs(|pet| pet.seeks_sizes = BTreeSet::from([Size::Small, Size::Medium])),
        Ok(())
    );
    let mut unweighed = friendly(Species::Goat);
    unweighed.weight_g = None;
    let mut particular = friendly(Species::Goat);
    assert_eq!(meet(&particular, &unweighed), Ok(()));
    particular.seeks_sizes = Size::ALL.iter().copied().collect();
    assert_eq!(meet(&particular, &unweighed), Err(Exclusion::SizeNotSought));
}

#[test]
fn dogs_more_than_eleven_kilograms_apart_do_not_meet() {
    assert_eq!(dogs(|pet| pet.weight_g = kilograms(31)), Ok(()));
    assert_eq!(
        dogs(|pet| pet.weight_g = kilograms(32)),
        Err(Exclusion::WeightGap)
    );
    assert_eq!(dogs(|pet| pet.weight_g = kilograms(8)), Err(Exclusion::WeightGap));
    assert_eq!(dogs(|pet| pet.weight_g = None), Err(Exclusion::WeightUnknown));
    let (mut goat, kid) = (friendly(Species::Goat), friendly(Species::Goat));
    goat.weight_g = kilograms(90);
    assert_eq!(meet(&goat, &kid), Ok(()), "the rule is about dogs");
}

#[test]
fn both_families_travel_far_enough() {
    let away = |km| {
        homes(move |home| {
            home.area = Area::around(47.61, -122.20).unwrap(); // 9.75 km
            home.travel_km = Km::new(km).unwrap();
        })
    };
    assert_eq!(away(10), Ok(()));
    assert_eq!(away(9), Err(Exclusion::TooFar));
}

#[test]
fn an_ill_pet_meets_nobody_up_to_the_last_day() {
    assert_eq!(dogs(|pet| pet.hold_until = Some(TODAY)), Err(Exclusion::OnHold));
    assert_eq!(dogs(|pet| pet.hold_until = TODAY.yesterday().ok()), Ok(()));
}

#[test]
fn heat_rests_for_four_more_weeks() {
    assert_eq!(
        dogs(|pet| pet.heat_until = Some(date(2025, 12, 4))),
        Err(Exclusion::InHeat)
    );
    assert_eq!(dogs(|pet| pet.heat_until = Some(date(2025, 12, 3))), Ok(()));
    assert_eq!(
        dogs(|pet| pet.heat_until = Some(Date::MAX)),
        Err(Exclusion::InHeat)
    );
}

#[test]
fn pups_and_kittens_wait_until_they_are_protected() {
    // Born on 31 August at the latest: 18 weeks old on 4 January.
    assert_eq!(
        dogs(|pet| pet.birth_month = Some(date(2025, 8, 1))),
        Err(Exclusion::TooYoung)
    );
    assert_eq!(dogs(|pet| pet.birth_month = Some(date(2025, 7, 1))), Ok(()));
    assert_eq!(
        dogs(|pet| pet.birth_month = Some(date(2027, 1, 1))),
        Err(Exclusion::TooYoung)
    );
    let mut kid = friendly(Species::Goat);
    kid.birth_month = Some(date(2025, 12, 1));
    assert_eq!(meet(&kid, &friendly(Species::Goat)), Ok(()));
}

#[test]
fn a_vaccination_that_ran_out_excludes_unless_it_was_renewed() {
    let old = vaccination("Rabies", date(2025, 12, 31));
    assert_eq!(
        dogs(|pet| pet.vaccinations = vec![old.clone()]),
        Err(Exclusion::VaccinationExpired)
    );
    let renewed = vaccination("rabies", TODAY);
    assert_eq!(
        dogs(|pet| pet.vaccinations = vec![renewed.clone(), old.clone()]),
        Ok(())
    );
    assert_eq!(dogs(|pet| pet.vaccinations = vec![old.clone(), renewed]), Ok(()));
    let other = vaccination("distemper", TODAY);
    assert_eq!(
        dogs(|pet| pet.vaccinations = vec![other, old]),
        Err(Exclusion::VaccinationExpired)
    );
}

#[test]
fn within_a_species_a_no_counts_and_across_species_only_a_yes() {
    assert_eq!(
        dogs(|pet| pet.good_with_dogs = Known::No),
        Err(Exclusion::NotGoodWith)
    );
    assert_eq!(dogs(|pet| pet.good_with_cats = Known::No), Ok(()));
    let mut dog = friendly(Species::Dog);
    dog.seeks_species = Species::ALL.iter().copied().collect();
    for species in [Species::Cat, Species::Rabbit, Species::GuineaPig, Species::Goat] {
        assert_eq!(meet(&dog, &friendly(species)), Ok(()), "{species:?}");
        let mut unsure = friendly(species);
        unsure.good_with_dogs = Known::Unknown;
        assert_eq!(meet(&dog, &unsure), Err(Exclusion::NotGoodWith), "{species:?}");
    }
    dog.good_with_small_animals = Known::Unknown;
    assert_eq!(
        meet(&dog, &friendly(Species::Rabbit)),
        Err(Exclusion::NotGoodWith)
    );
    assert_eq!(
        meet(&dog, &friendly(Species::Goat)),
        Ok(()),
        "nobody asks about goats"
    );
}

#[test]
fn two_reactive_pets_do_not_meet() {
    let mut reactive = dog();
    reactive.sociability = Some(Sociability::Reactive);
    assert_eq!(meet(&reactive, &dog()), Ok(()));
    assert_eq!(meet(&reactive, &reactive), Err(Exclusion::BothReactive));
}

#[test]
fn a_kind_of_place_suits_both_families_and_both_species() {
    let at = |venues: &[Venue]| Party {
        venues: venues.iter().copied().collect(),
        ..party(2)
    };
    let walk = Party {
        venues: BTreeSet::from([Venue::Walk, Venue::Yard]),
        ..party(1)
    };
    let here = |pet: &Pet, venues: &[Venue]| verdict((pet, &walk), (pet, &at(venues)));
    assert_eq!(here(&dog(), &[Venue::Walk]), Ok(()));
    assert_eq!(here(&dog(), &[Venue::NeutralPark]), Err(Exclusion::NoSharedVenue));
    let (cat, rabbit) = (friendly(Species::Cat), friendly(Species::Rabbit));
    assert_eq!(
        here(&cat, Venue::ALL),
        Err(Exclusion::NoSharedVenue),
        "cats stay at home"
    );
    assert_eq!(verdict((&cat, &party(1)), (&cat, &at(&[Venue::Indoor]))), Ok(()));
    assert_eq!(here(&rabbit, Venue::ALL), Ok(()), "rabbits may use the yard");
    assert_eq!(here(&rabbit, &[Venue::Walk]), Err(Exclusion::NoSharedVenue));
}

#[test]
fn families_share_an_hour() {
    let free = |spans: &[romp_domain::TimeSpan]| {
        let spans = spans.to_vec();
        homes(move |home| home.free = FreeTime::of(spans))
    };
    assert_eq!(free(&[minutes(600..660)]), Ok(()));
    assert_eq!(
        free(&[minutes(600..659), minutes(700..759)]),
        Err(Exclusion::NoSharedTime),
        "two halves are no hour"
    );
    assert_eq!(free(&[]), Err(Exclusion::NoSharedTime));
}

type Change = fn(&mut Pet, &mut Party);

#[test]
fn no_wish_hides_a_rule_that_protects() {
    let wishes: [Change; 6] = [
        |pet, _| pet.visible = false,
        |pet, _| pet.seeks_species.clear(),
        |pet, _| pet.seeks_sizes = BTreeSet::from([Size::Small]),
        |_, home| home.area = Area::around(48.6, -122.20).unwrap(),
        |_, home| home.venues.clear(),
        |_, home| home.free = FreeTime::none(),
    ];
    let rules: [Change; 9] = [
        |_, home| home.blocks = BTreeSet::from([party(1).household]),
        |_, home| home.allergies = BTreeSet::from([Species::Dog]),
        |pet, _| pet.hold_until = Some(TODAY),
        |pet, _| pet.heat_until = Some(TODAY),
        |pet, _| pet.birth_month = Some(date(2025, 12, 1)),
        |pet, _| pet.vaccinations = vec![vaccination("Rabies", date(2025, 12, 31))],
        |pet, _| pet.weight_g = None,
        |pet, _| pet.weight_g = kilograms(60),
        |pet, _| pet.good_with_dogs = Known::No,
    ];
    for (w, wish) in wishes.iter().enumerate() {
        for (r, rule) in rules.iter().enumerate() {
            let (mut pet, mut home) = (dog(), party(2));
            rule(&mut pet, &mut home);
            let alone = verdict((&dog(), &party(1)), (&pet, &home));
            assert!(alone.is_err(), "rule {r}");
            wish(&mut pet, &mut home);
            let both = verdict((&dog(), &party(1)), (&pet, &home));
            assert_eq!(both, alone, "wish {w} and rule {r}");
        }
    }
}

proptest! {
    #[test]
    fn who_may_meet_does_not_depend_on_who_asks(a in any_pet(), b in any_pet(), home_a in any_party(), home_b in any_party()) {
        let (one, other) = (candidate(1, &a, &home_a), candidate(2, &b, &home_b));
        prop_assert_eq!(eligible(&one, &other, TODAY), eligible(&other, &one, TODAY));
    }
}
