//! The neighbourhood made of the committed sample.

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::text::PetName;
use romp_domain::time::DAY_MS;
use romp_domain::{Entity, HouseholdId, Pet, PetId, Species, Swipe, UtcMs, Venue, Verdict};
use romp_matching::{Candidate, DECK_SIZE, FreeTime, HORIZON_DAYS, Party, deck, eligible};

use super::super::*;
use super::{PLACES, read_csv, sample};

/// Sunday, 22 November 2026, noon UTC.
const NOW: UtcMs = UtcMs(1_795_348_800_000);
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

fn options(households: Option<usize>, seed: u64) -> Options {
    Options {
        households,
        seed,
        now: NOW,
    }
}

fn town(households: Option<usize>) -> Vec<DemoHousehold> {
    let (pets, places) = sample();
    neighbourhood(&pets, &places, options(households, 7)).collect()
}

fn party(home: &DemoHousehold) -> Option<Party> {
    let hours: Vec<_> = home.slots.iter().map(|(_, slot)| slot.hours).collect();
    let until = NOW.plus_ms(HORIZON_DAYS * DAY_MS);
    let free = FreeTime::expand(&home.household.zone, &hours, &[], NOW, until);
    Party::of(home.id, &home.household, free)
}

#[test]
fn every_pet_lives_in_one_household_and_every_row_is_valid() {
    let (pets, _) = sample();
    let town = town(None);
    let names = |names: &mut Vec<String>| {
        names.sort();
        names.clone()
    };
    let word = |name: Option<&PetName>| name.map_or_else(String::new, ToString::to_string);
    let mut living: Vec<String> = Vec::new();
    let (mut ids, mut rows) = (BTreeSet::new(), 0);
    for home in &town {
        assert!((1..=3).contains(&home.pets.len()));
        assert_eq!(home.household.zone.as_str(), "America/Los_Angeles");
        assert!(home.household.area.is_some() && !home.slots.is_empty());
        romp_domain::Household::read(&home.household.to_fields()).unwrap();
        ids.insert(home.id.0);
        ids.extend(home.slots.iter().map(|(id, _)| id.0));
        rows += 1 + home.slots.len() + home.pets.len();
        for (id, pet) in &home.pets {
            ids.insert(id.0);
            assert_eq!(&Pet::read(&pet.to_fields()).unwrap(), pet);
            living.push(word(pet.name.as_ref()));
        }
        for swipe in &home.swipes {
            assert_eq!(&Swipe::read(&swipe.to_fields()).unwrap(), swipe);
        }
    }
    assert_eq!(ids.len(), rows, "two rows share an id");
    let mut register: Vec<String> = pets.iter().map(|pet| word(pet.name.as_ref())).collect();
    assert_eq!(names(&mut living), names(&mut register));
    let sharing = town
        .iter()
        .filter(|home| home.household.share_consent.is_some())
        .count();
    assert!(sharing * 10 > town.len() * 8 && sharing < town.len());
    assert!(
        town.iter()
            .skip(2)
            .all(|home| home.children.is_empty() && home.household.child_consent.is_none())
    );
}

#[test]
fn the_same_seed_gives_the_same_neighbourhood_and_fewer_households_are_its_beginning() {
    let all = format!("{:?}", town(None));
    assert_eq!(all, format!("{:?}", town(None)));
    let (pets, places) = sample();
    let other: Vec<_> = neighbourhood(&pets, &places, options(None, 8)).collect();
    assert_ne!(all, format!("{other:?}"));
    let all: Vec<HouseholdId> = town(None).iter().map(|home| home.id).collect();
    for count in [0, 1, 2, 50] {
        let some: Vec<HouseholdId> = town(Some(count)).iter().map(|home| home.id).collect();
        assert_eq!(some, all[..count]);
    }
}

#[test]
fn the_demo_family_comes_first_with_its_pets_children_and_consents() {
    let town = town(Some(40));
    let (demo, next_door) = (&town[0], &town[1]);
    let owner = |home: &DemoHousehold| {
        let (email, password) = home.owner.clone().unwrap();
        (email.as_str().to_owned(), password.expose().to_owned())
    };
    assert_eq!(owner(demo), (DEMO_EMAIL.to_owned(), DEMO_PASSWORD.to_owned()));
    assert_eq!(
        owner(next_door),
        (NEIGHBOUR_EMAIL.to_owned(), DEMO_PASSWORD.to_owned())
    );
    assert!(town[2..].iter().all(|home| home.owner.is_none()));
    for home in [demo, next_door] {
        let species: Vec<Species> = home.pets.iter().map(|(_, pet)| pet.species).collect();
        assert_eq!(species, [Species::Dog, Species::Cat]);
        assert!(home.pets.iter().all(|(_, pet)| pet.name.is_some()));
        assert!(home.household.share_consent.is_some() && home.household.venues.contains(&Venue::Indoor));
    }
    let children: Vec<_> = demo
        .children
        .iter()
        .map(|(_, child)| child.nickname.as_str())
        .collect();
    assert_eq!(children, ["Mia", "Leo"]);
    assert!(demo.household.child_consent.is_some());
    assert_eq!(demo.swipes, [], "its children start with a fresh deck");
}

#[test]
fn the_first_card_of_each_demo_pet_and_others_like_it_back() {
    let town = town(None);
    let parties: Vec<_> = town.iter().map(party).collect();
    let everybody: Vec<Candidate<'_>> = town
        .iter()
        .zip(&parties)
        .filter_map(|(home, party)| Some((home, party.as_ref()?)))
        .flat_map(|(home, party)| {
            home.pets
                .iter()
                .map(move |(id, pet)| Candidate { id: *id, pet, party })
        })
        .collect();
    let yes: BTreeSet<(PetId, PetId)> = town
        .iter()
        .flat_map(|home| &home.swipes)
        .filter(|swipe| swipe.is_released_yes())
        .map(|swipe| (swipe.actor_pet, swipe.target_pet))
        .collect();
    for (number, (id, pet)) in town[0].pets.iter().enumerate() {
        let actor = everybody.iter().find(|candidate| candidate.id == *id).unwrap();
        let cards = deck(actor, &everybody, &BTreeSet::new(), TODAY, DECK_SIZE);
        assert_eq!(cards.len(), DECK_SIZE, "{:?}", pet.species);
        assert_eq!(cards[0].pet.id, town[1].pets[number].0, "next door fits best");
        let back = cards
            .iter()
            .filter(|card| yes.contains(&(card.pet.id, *id)))
            .count();
        assert!(
            back >= 6 && yes.contains(&(cards[0].pet.id, *id)),
            "{back} like it back"
        );
    }
}

#[test]
fn swipes_are_on_eligible_pets_of_earlier_households_and_never_mutual() {
    let town = town(None);
    let parties: Vec<_> = town.iter().map(party).collect();
    let mut pets: BTreeMap<PetId, (usize, Candidate<'_>)> = BTreeMap::new();
    for (number, (home, party)) in town.iter().zip(&parties).enumerate() {
        for (id, pet) in &home.pets {
            if let Some(party) = party {
                pets.insert(*id, (number, Candidate { id: *id, pet, party }));
            }
        }
    }
    let mut pairs = BTreeSet::new();
    let mut verdicts: BTreeMap<Option<Verdict>, usize> = BTreeMap::new();
    for (number, home) in town.iter().enumerate() {
        for swipe in &home.swipes {
            let ((actor_home, actor), (target_home, target)) =
                (&pets[&swipe.actor_pet], &pets[&swipe.target_pet]);
            assert_eq!(*actor_home, number, "a swipe of another household's pet");
            assert!(target_home < actor_home);
            assert_eq!(eligible(actor, target, TODAY), Ok(()));
            assert!(pairs.insert((swipe.actor_pet, swipe.target_pet)), "swiped twice");
            assert!(!swipe.is_released_yes() || swipe.by_child.is_none());
            *verdicts.entry(swipe.verdict).or_default() += 1;
        }
    }
    assert!(
        verdicts.len() == 3 && verdicts.values().all(|count| *count > 20),
        "{verdicts:?}"
    );
}

#[test]
fn few_strange_or_homeless_pets_are_no_trouble() {
    let (places, _) = read_places(PLACES.as_bytes()).unwrap();
    let make = |text: &str| {
        let (pets, _) = read_csv(text);
        let homes: Vec<_> = neighbourhood(&pets, &places, options(None, 1)).collect();
        (homes, unplaced(&pets, &places))
    };
    assert_eq!(make("").0.len(), 0);
    let (homes, homeless) = make("00000,Rex,,,Dog\n98115,,,,Goat\n98115,,,,Pig\n");
    assert_eq!((homes.len(), homeless), (2, 1));
    assert_eq!(homes[0].owner.as_ref().unwrap().0.as_str(), DEMO_EMAIL);
    let ends_of_time = [i64::MIN, 0, i64::MAX].map(|ms| {
        let (pets, _) = read_csv("98115,Rex,,,Dog\n98115,Tom,,,Cat\n98115,Ann,,,Dog\n");
        neighbourhood(
            &pets,
            &places,
            Options {
                now: UtcMs(ms),
                ..options(None, 1)
            },
        )
        .count()
    });
    assert_eq!(ends_of_time, [2, 2, 2]);
}
