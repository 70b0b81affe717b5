//! Reading: the committed files, and files that nobody should have to read.

use std::collections::BTreeSet;

use romp_domain::text::{BreedName, PetName};
use romp_domain::{Breed, ErrorCode, PublicPet, Species};

use super::super::*;
use super::{read_csv, sample};

const PRACTICE: &str = include_str!("../../../../assets/demo/practice.json");

fn breed_of(first: &str, second: &str) -> Breed {
    let (pets, _) = read_csv(format!("98115,Rex,\"{second}\",\"{first}\",Dog\n"));
    pets.into_iter().next().unwrap().breed
}

#[test]
fn the_sample_holds_2000_pets_and_its_odd_ones() {
    let (pets, places) = sample();
    assert_eq!(pets.len(), 2_000);
    assert_eq!(unplaced(&pets, &places), 0);
    let count = |species| pets.iter().filter(|pet| pet.species == species).count();
    assert_eq!((count(Species::Goat), count(Species::Pig)), (25, 5));
    let names: BTreeSet<&str> = pets
        .iter()
        .filter_map(|pet| Some(pet.name.as_ref()?.as_str()))
        .collect();
    for name in [
        "Zoë",
        "S’morZ",
        "Capitán (Capi)",
        "\"Mo\"",
        "Guapa - \"Livi\"",
        "99",
    ] {
        assert!(names.contains(name), "{name}");
    }
    assert!(names.iter().any(|name| name.chars().count() >= 40));
    assert!(!names.contains("__") && !names.contains("-"), "signs are no name");
    assert!(pets.iter().filter(|pet| pet.name.is_none()).count() >= 40);
}

#[test]
fn names_survive_as_far_as_they_can_be_stored() {
    let name = |text: &str| {
        let (pets, skipped) = read_csv(format!("98115,\"{text}\",,,Dog\n"));
        assert_eq!(skipped, []);
        pets[0].name.as_ref().map(|name| name.as_str().to_owned())
    };
    assert_eq!(name("Rosemay \"\"Rosie\"\"").unwrap(), "Rosemay \"Rosie\"");
    assert_eq!(name("  Zoë\nO'Malley ").unwrap(), "Zoë O'Malley");
    assert_eq!(name(&"é".repeat(PetName::MAX)).unwrap().chars().count(), 50);
    for unusable in ["", "  ", "__", "-", &"x".repeat(PetName::MAX + 1), "\u{200B}"] {
        assert_eq!(name(unusable), None, "{unusable:?}");
    }
}

#[test]
fn breeds_are_read_as_people_say_them() {
    let named = |text: &str| BreedName::new(text).unwrap();
    let mix = |first: Option<&str>, second: Option<&str>| Breed::Mix {
        first: first.map(named),
        second: second.map(named),
    };
    let pure = |text| Breed::Pure { breed: named(text) };
    assert_eq!(breed_of("Retriever, Labrador", ""), pure("Labrador Retriever"));
    assert_eq!(breed_of("Beagle", "Beagle"), pure("Beagle"));
    assert_eq!(breed_of("", "Beagle"), pure("Beagle"));
    assert_eq!(breed_of("Beagle", "Mix"), mix(Some("Beagle"), None));
    assert_eq!(breed_of("Beagle", "Pug"), mix(Some("Beagle"), Some("Pug")));
    assert_eq!(breed_of("Mix", ""), mix(None, None));
    assert_eq!(
        breed_of("Mixed Breed, Large (over 44 lbs fully grown)", ""),
        mix(None, None)
    );
    assert_eq!(breed_of("Unknown", ""), Breed::Unknown);
    assert_eq!(breed_of("", ""), Breed::Unknown);
    assert_eq!(breed_of(&"x".repeat(100), ""), Breed::Unknown);
}

#[test]
fn lines_that_cannot_be_used_are_skipped_and_told_of() {
    let mut text = b"98115,Rex,,,Dog\n98115,Short\n98115,Nobody,,,\nnowhere,Rex,,,Dog\n".to_vec();
    text.extend(b"98115,\xFF\xFE,,,Dog\n98115-0001,Hop,,,Alpaca,and more\n");
    let (pets, skipped) = read_csv(text);
    let kept: Vec<_> = pets
        .iter()
        .map(|pet| (pet.species, pet.zip.to_string()))
        .collect();
    assert_eq!(
        kept,
        [
            (Species::Dog, "98115".to_owned()),
            (Species::Other, "98115".to_owned())
        ]
    );
    let skipped: Vec<_> = skipped
        .iter()
        .map(|skipped| (skipped.line, skipped.why))
        .collect();
    assert_eq!(
        skipped,
        [
            (3, Skip::TooShort),
            (4, Skip::NoSpecies),
            (5, Skip::NoZip),
            (6, Skip::NotText)
        ]
    );
}

#[test]
fn places_are_on_this_earth() {
    let text = "zip,city,state,lat,lon\n98115,Seattle,WA,47.7,-122.3\n1,X,WA,47,-122\n98116,X,WA,NaN,1\n98117,X,WA,91,1\n98118,X,WA,,\n";
    let (places, skipped) = read_places(text.as_bytes()).unwrap();
    assert_eq!(
        places.keys().map(ToString::to_string).collect::<Vec<_>>(),
        ["98115"]
    );
    assert_eq!(skipped.len(), 4);
}

#[test]
fn a_file_that_is_no_register_is_one_problem_that_names_the_column() {
    for (text, column) in [
        ("", "name"),
        ("name,species\nRex,Dog\n", "breed1"),
        ("SQLite format 3\0", "name"),
    ] {
        let problem = read_pets(text.as_bytes()).unwrap_err();
        assert_eq!(
            (problem.code, problem.field.as_deref()),
            (ErrorCode::InvalidField, Some(column))
        );
    }
    let marked = "\u{FEFF}Name,SPECIES, breed1 ,breed2,zip\nRex,Dog,,,98115\n";
    assert_eq!(
        read_pets(marked.as_bytes()).unwrap().0.len(),
        1,
        "a mark at the start does no harm"
    );
}

#[test]
fn the_practice_cards_are_public_pets_with_ids_of_their_own() {
    let cards: Vec<PublicPet> = serde_json::from_str(PRACTICE).unwrap();
    assert_eq!(cards.len(), 12);
    assert_eq!(
        cards.iter().map(|card| card.id).collect::<BTreeSet<_>>().len(),
        12
    );
    assert!(
        cards
            .iter()
            .all(|card| card.name.is_some() && !card.play_styles.is_empty())
    );
    assert!(
        cards
            .iter()
            .map(|card| card.species)
            .collect::<BTreeSet<_>>()
            .len()
            >= 4
    );
    let again = serde_json::to_value(&cards).unwrap();
    assert_eq!(
        again,
        serde_json::from_str::<serde_json::Value>(PRACTICE).unwrap(),
        "a field is misspelt"
    );
}
