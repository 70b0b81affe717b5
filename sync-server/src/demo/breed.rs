//! Breeds as registers write them ("Retriever, Labrador"; "Mix"), and the weights they usually come with.

use std::ops::RangeInclusive;

use romp_domain::text::BreedName;
use romp_domain::{Breed, Species};

/// One of the two breed fields of a register.
enum Field {
    Nothing,
    Mix,
    Named(BreedName),
}

/// What two breed fields say together.
pub(super) fn of(first: &str, second: &str) -> Breed {
    match (field(first), field(second)) {
        (Field::Nothing, Field::Nothing) => Breed::Unknown,
        (Field::Named(breed), Field::Nothing) | (Field::Nothing, Field::Named(breed)) => {
            Breed::Pure { breed }
        }
        (Field::Named(one), Field::Named(other)) if one == other => Breed::Pure { breed: one },
        (Field::Named(one), Field::Named(other)) => Breed::Mix {
            first: Some(one),
            second: Some(other),
        },
        (Field::Named(breed), Field::Mix) | (Field::Mix, Field::Named(breed)) => Breed::Mix {
            first: Some(breed),
            second: None,
        },
        (Field::Mix, _) | (_, Field::Mix) => Breed::Mix {
            first: None,
            second: None,
        },
    }
}

fn field(text: &str) -> Field {
    let text = text.trim();
    let lower = text.to_lowercase();
    match lower.as_str() {
        "" | "unknown" | "none" | "n/a" => Field::Nothing,
        "mix" | "mixed" => Field::Mix,
        _ if lower.starts_with("mixed breed") => Field::Mix,
        _ => BreedName::new(&in_speech(text)).map_or(Field::Nothing, Field::Named),
    }
}

/// "Retriever, Labrador" as people say it: "Labrador Retriever".
fn in_speech(text: &str) -> String {
    match text.split_once(", ") {
        Some((kind, which)) => format!("{which} {kind}"),
        None => text.to_owned(),
    }
}

/// Usual weights in grams by a word of the breed's name, first hit first. Only to make a demo look right: matching
/// never infers anything from a breed.
const DOGS: &[(&str, RangeInclusive<i64>)] = &[
    ("boston", 5_000..=11_000),
    ("chihuahua", 1_800..=4_000),
    ("yorkshire", 2_000..=4_500),
    ("pomeranian", 1_800..=4_000),
    ("maltese", 2_500..=4_500),
    ("toy", 2_500..=5_500),
    ("miniature", 4_000..=9_000),
    ("shih tzu", 4_000..=8_000),
    ("pug", 6_000..=9_500),
    ("dachshund", 6_000..=12_000),
    ("corgi", 10_000..=15_000),
    ("beagle", 9_000..=14_000),
    ("dane", 45_000..=75_000),
    ("mastiff", 45_000..=80_000),
    ("bernard", 50_000..=80_000),
    ("newfoundland", 45_000..=68_000),
    ("mountain dog", 36_000..=52_000),
    ("rottweiler", 36_000..=58_000),
    ("retriever", 24_000..=36_000),
    ("german shepherd", 24_000..=40_000),
    ("standard poodle", 20_000..=31_000),
    ("husky", 17_000..=27_000),
    ("boxer", 25_000..=32_000),
    ("collie", 14_000..=22_000),
    ("terrier", 6_000..=22_000),
];

/// The weights, in grams, among which pets of a species and breed usually are.
pub(super) fn usual_weight_g(species: Species, breed: &Breed) -> RangeInclusive<i64> {
    match species {
        Species::Dog => {
            let name = name_of(breed).map(|name| name.as_str().to_lowercase());
            let known = name.and_then(|name| DOGS.iter().find(|(word, _)| name.contains(word)));
            known.map_or(8_000..=30_000, |(_, range)| range.clone())
        }
        Species::Cat => 2_800..=6_500,
        Species::Rabbit => 1_200..=4_000,
        Species::GuineaPig => 700..=1_200,
        Species::Goat => 15_000..=38_000,
        Species::Pig => 30_000..=90_000,
        Species::Other => 500..=8_000,
    }
}

fn name_of(breed: &Breed) -> Option<&BreedName> {
    match breed {
        Breed::Pure { breed } => Some(breed),
        Breed::Mix { first, .. } => first.as_ref(),
        Breed::Unknown | Breed::Described { .. } => None,
    }
}
