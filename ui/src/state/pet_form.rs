//! A pet being edited: from the pet to what is typed, and back through the domain's constructors. Pure.

use std::collections::BTreeSet;

use jiff::civil::Date;
use romp_domain::pet::Evidence;
use romp_domain::text::{BreedName, Note, PetName, Remark};
use romp_domain::{
    Breed, Guard, InvalidReason, Known, Level, Pet, PlayStyle, Sex, Size, Sociability, Species, Vaccination,
    Weight,
};

use super::typed::{Errors, Typed, day};

/// Kinds of answers about the breed: word and label.
pub(crate) const BREEDS: &[(&str, &str)] = &[
    ("unknown", "Not known"),
    ("pure", "One breed"),
    ("mix", "A mix"),
    ("described", "In our words"),
];

/// The form of a pet. Fields are named as in [`Pet`].
pub(crate) fn fill(pet: &Pet) -> Typed {
    let (breed, first, second) = match &pet.breed {
        Breed::Unknown => ("unknown", None, None),
        Breed::Pure { breed } => ("pure", Some(breed.to_string()), None),
        Breed::Mix { first, second } => (
            "mix",
            first.as_ref().map(ToString::to_string),
            second.as_ref().map(ToString::to_string),
        ),
        Breed::Described { words } => ("described", Some(words.to_string()), None),
    };
    let level = |level: Option<Level>| level.map(|level| level.get().to_string());
    let typed = Typed::default()
        .with_some("name", pet.name.as_ref().map(ToString::to_string))
        .with("species", pet.species.word())
        .with("breed_kind", breed)
        .with_some("breed", first)
        .with_some("breed_second", second)
        .with("sex", pet.sex.word())
        .with("altered", pet.altered.word())
        .with_some("heat_until", pet.heat_until.map(write_day))
        .with_some(
            "birth_month",
            pet.birth_month.map(|born| born.month().to_string()),
        )
        .with_some("birth_year", pet.birth_month.map(|born| born.year().to_string()))
        .with_some("weight_g", pet.weight_g.map(write_kg))
        .with_some("energy", level(pet.energy))
        .with_words("play_styles", pet.play_styles.iter().map(|style| style.word()))
        .with_some("sociability", pet.sociability.map(|s| s.word().to_owned()))
        .with_some("recall", level(pet.recall))
        .with("good_with_dogs", pet.good_with_dogs.word())
        .with("good_with_cats", pet.good_with_cats.word())
        .with("good_with_small_animals", pet.good_with_small_animals.word())
        .with("good_with_children", pet.good_with_children.word())
        .with_words("guards", pet.guards.iter().map(|guard| guard.word()))
        .with_some("triggers", pet.triggers.as_ref().map(ToString::to_string))
        .with_switch("lead_only", pet.lead_only)
        .with_some("parasites_until", pet.parasites_until.map(write_day))
        .with_some("hold_until", pet.hold_until.map(write_day))
        .with_some("needs", pet.needs.as_ref().map(ToString::to_string))
        .with_some("owner_notes", pet.owner_notes.as_ref().map(ToString::to_string))
        .with_switch("visible", pet.visible)
        .with_words(
            "seeks_species",
            pet.seeks_species.iter().map(|species| species.word()),
        )
        .with_words("seeks_sizes", pet.seeks_sizes.iter().map(|size| size.word()))
        .with("vaccinations", pet.vaccinations.len());
    pet.vaccinations
        .iter()
        .enumerate()
        .fold(typed, |typed, (i, one)| {
            typed
                .with(&row(i, "against"), &one.against)
                .with(&row(i, "valid_until"), write_day(one.valid_until))
                .with(&row(i, "evidence"), one.evidence.word())
        })
}

/// The name of a field of the `i`-th vaccination.
pub(crate) fn row(i: usize, field: &str) -> String {
    format!("vaccinations.{i}.{field}")
}

/// How many vaccinations are typed.
pub(crate) fn rows(typed: &Typed) -> usize {
    typed.get("vaccinations").parse().unwrap_or_default()
}

/// An empty row more.
pub(crate) fn add_row(typed: &mut Typed) {
    let i = rows(typed);
    typed.set(&row(i, "against"), String::new());
    typed.set(&row(i, "valid_until"), String::new());
    typed.set(&row(i, "evidence"), Evidence::Declared.word().to_owned());
    typed.set("vaccinations", (i + 1).to_string());
}

/// One row less; those below it move up.
pub(crate) fn remove_row(typed: &mut Typed, gone: usize) {
    let count = rows(typed);
    for i in gone + 1..count {
        for field in ["against", "valid_until", "evidence"] {
            let value = typed.get(&row(i, field)).to_owned();
            typed.set(&row(i - 1, field), value);
        }
    }
    typed.set("vaccinations", count.saturating_sub(1).to_string());
}

/// Another kind of animal; who looked for its own kind still does.
pub(crate) fn become_species(typed: &mut Typed, species: Species) {
    if typed.get("seeks_species") == typed.get("species") {
        typed.set("seeks_species", species.word().to_owned());
    }
    typed.set("species", species.word().to_owned());
}

/// The kind of animal.
pub(crate) fn species(typed: &Typed) -> Species {
    Species::from_word(typed.get("species")).unwrap_or(Species::Other)
}

/// The size that other families would see, once a weight can be read.
pub(crate) fn size(typed: &Typed) -> Option<Size> {
    read_kg(typed.get("weight_g").trim()).ok().map(Weight::size)
}

/// The pet, or what is wrong. A pet has a name here: the form asks for it, although the domain does not.
pub(crate) fn finish(typed: &Typed) -> Result<Pet, Errors> {
    let mut errors = Errors::default();
    let e = &mut errors;
    let known = |field| Known::from_word(typed.get(field)).unwrap_or_default();
    let level = |field: &str| Level::new(typed.get(field).parse().ok()?).ok();
    let pet = Pet {
        name: e.keep("name", PetName::new(typed.get("name"))),
        breed: breed(typed, e),
        sex: Sex::from_word(typed.get("sex")).unwrap_or_default(),
        altered: known("altered"),
        heat_until: e.keep_filled("heat_until", typed, day),
        birth_month: e.keep_filled("birth_year", typed, |year| born(year, typed.get("birth_month"))),
        weight_g: e.keep_filled("weight_g", typed, read_kg),
        energy: level("energy"),
        play_styles: set(typed, "play_styles", PlayStyle::from_word),
        sociability: Sociability::from_word(typed.get("sociability")),
        recall: level("recall"),
        good_with_dogs: known("good_with_dogs"),
        good_with_cats: known("good_with_cats"),
        good_with_small_animals: known("good_with_small_animals"),
        good_with_children: known("good_with_children"),
        guards: set(typed, "guards", Guard::from_word),
        triggers: e.keep_filled("triggers", typed, Remark::new),
        lead_only: typed.is_on("lead_only"),
        vaccinations: vaccinations(typed, e),
        parasites_until: e.keep_filled("parasites_until", typed, day),
        hold_until: e.keep_filled("hold_until", typed, day),
        needs: e.keep_filled("needs", typed, Remark::new),
        owner_notes: e.keep_filled("owner_notes", typed, Note::new),
        visible: typed.is_on("visible"),
        seeks_species: set(typed, "seeks_species", Species::from_word),
        seeks_sizes: set(typed, "seeks_sizes", Size::from_word),
        species: species(typed),
    };
    if errors.is_empty() { Ok(pet) } else { Err(errors) }
}

/// The members that are chosen in a field.
pub(super) fn set<T: Ord>(typed: &Typed, field: &str, member: fn(&str) -> Option<T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    typed.words(field).filter_map(member).for_each(|member| {
        set.insert(member);
    });
    set
}

fn vaccinations(typed: &Typed, e: &mut Errors) -> Vec<Vaccination> {
    let count = rows(typed);
    if count > Pet::MAX_VACCINATIONS {
        let max = Pet::MAX_VACCINATIONS;
        e.note("vaccinations", &InvalidReason::TooMany { max });
    }
    let mut kept = Vec::new();
    for i in 0..count {
        let (against, until) = (row(i, "against"), row(i, "valid_until"));
        let against = e.keep(&against, Remark::new(typed.get(&against)));
        let until = e.keep(&until, day(typed.get(&until)));
        if let (Some(against), Some(valid_until)) = (against, until) {
            kept.push(Vaccination {
                against,
                valid_until,
                evidence: Evidence::from_word(typed.get(&row(i, "evidence"))).unwrap_or(Evidence::Declared),
            });
        }
    }
    kept
}

fn breed(typed: &Typed, e: &mut Errors) -> Breed {
    let first = typed.get("breed");
    let breed = match typed.get("breed_kind") {
        "pure" => e
            .keep("breed", BreedName::new(first))
            .map(|breed| Breed::Pure { breed }),
        "mix" => Some(Breed::Mix {
            first: e.keep_filled("breed", typed, BreedName::new),
            second: e.keep_filled("breed_second", typed, BreedName::new),
        }),
        "described" => e
            .keep("breed", Remark::new(first))
            .map(|words| Breed::Described { words }),
        _ => None,
    };
    breed.unwrap_or_default()
}

/// A year without a month counts from January: the age is then at most too high.
fn born(year: &str, month: &str) -> Result<Date, InvalidReason> {
    let unreadable = || InvalidReason::Unreadable("a year has four digits".to_owned());
    let year: i16 = year.parse().map_err(|_| unreadable())?;
    if !(1950..=2200).contains(&year) {
        return Err(InvalidReason::OutOfRange { min: 1950, max: 2200 });
    }
    Date::new(year, month.parse().unwrap_or(1), 1).map_err(|_| unreadable())
}

fn write_day(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

/// Kilograms with as many decimals as there are.
fn write_kg(weight: Weight) -> String {
    let (kg, g) = (weight.get() / 1000, weight.get() % 1000);
    if g == 0 {
        return kg.to_string();
    }
    format!("{kg}.{g:03}").trim_end_matches('0').to_owned()
}

/// Kilograms with a point or a comma and up to three decimals, in grams. Whole numbers all the way.
fn read_kg(typed: &str) -> Result<Weight, InvalidReason> {
    let unreadable = || InvalidReason::Unreadable("a weight in kilograms".to_owned());
    let (whole, part) = typed.split_once(['.', ',']).unwrap_or((typed, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() > 9 || part.len() > 3 || !digits(whole) || !digits(part) || whole.len() + part.len() == 0 {
        return Err(unreadable());
    }
    let number = |text: &str| text.parse::<i64>().unwrap_or_default();
    let scale = 10_i64.pow(3 - part.len() as u32);
    Weight::new(number(whole) * 1000 + number(part) * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named() -> Typed {
        fill(&Pet::new(Species::Dog)).with("name", "Biscuit")
    }

    fn errors_of(typed: &Typed) -> Errors {
        finish(typed).unwrap_err()
    }

    #[test]
    fn a_pet_survives_its_form() {
        let mut typed = named()
            .with("weight_g", "12,5")
            .with("birth_year", 2022)
            .with("birth_month", 6)
            .with("breed_kind", "mix")
            .with("breed", "Collie")
            .with("energy", 4)
            .with("play_styles", "gentle chaser")
            .with_switch("visible", true);
        add_row(&mut typed);
        typed.set("vaccinations.0.against", "Rabies".to_owned());
        typed.set("vaccinations.0.valid_until", "2027-03-01".to_owned());
        let pet = finish(&typed).unwrap();
        assert_eq!(pet.weight_g.unwrap().get(), 12_500);
        assert_eq!(pet.birth_month, Some(jiff::civil::date(2022, 6, 1)));
        assert_eq!(pet.play_styles.len(), 2);
        assert_eq!(finish(&fill(&pet)).unwrap(), pet);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut typed = named()
            .with("name", "  ")
            .with("weight_g", "heavy")
            .with("heat_until", "soon")
            .with("breed_kind", "pure");
        add_row(&mut typed);
        typed.set("vaccinations.0.valid_until", "2027-03-01".to_owned());
        let errors = errors_of(&typed);
        for field in [
            "name",
            "weight_g",
            "heat_until",
            "breed",
            "vaccinations.0.against",
        ] {
            assert!(errors.of(field).is_some(), "{field}");
        }
        assert_eq!(errors.of("vaccinations.0.valid_until"), None);
    }

    #[test]
    fn a_weight_that_is_none_says_so() {
        for bad in [
            "9999",
            "1e99",
            "NaN",
            "-4",
            ".",
            "0",
            "1.2345",
            "99999999999999999999",
        ] {
            assert!(
                errors_of(&named().with("weight_g", bad)).of("weight_g").is_some(),
                "{bad}"
            );
        }
        assert_eq!(read_kg(".5").unwrap().get(), 500);
        assert_eq!(write_kg(Weight::new(12_050).unwrap()), "12.05");
    }

    #[test]
    fn a_row_in_the_middle_can_go() {
        let mut typed = named();
        for against in ["a", "b", "c"] {
            let i = rows(&typed);
            add_row(&mut typed);
            typed.set(&row(i, "against"), against.to_owned());
        }
        remove_row(&mut typed, 1);
        assert_eq!(rows(&typed), 2);
        assert_eq!(
            (typed.get(&row(0, "against")), typed.get(&row(1, "against"))),
            ("a", "c")
        );
    }

    #[test]
    fn who_looked_for_its_own_kind_still_does_as_another_animal() {
        let mut typed = named();
        become_species(&mut typed, Species::Rabbit);
        assert_eq!(typed.get("seeks_species"), "rabbit");
        typed.toggle("seeks_species", "cat");
        become_species(&mut typed, Species::Goat);
        assert_eq!(typed.get("seeks_species"), "rabbit cat");
    }
}
