//! From a register to a neighbourhood: who lives with whom, and in which order they come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use romp_domain::{Area, Species, UtcMs};

use super::family::{self, Setting};
use super::pet::one_of;
use super::read::{LicensedPet, Place, Places, Zip};
use super::{DemoHousehold, Options, history};

/// Independent dice out of one seed: what one of them shows never depends on how often another was thrown.
#[derive(Clone, Copy)]
enum Dice {
    /// Who lives with whom in a ZIP code's area.
    Grouping(Zip),
    /// A household's traits.
    Traits(usize),
    /// A household's swipes.
    History(usize),
}

impl Dice {
    fn thrown_from(self, seed: u64) -> ChaCha8Rng {
        let (kind, number) = match self {
            Self::Grouping(zip) => (1, u64::from(zip.number())),
            Self::Traits(household) => (2, household as u64),
            Self::History(household) => (3, household as u64),
        };
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        dice.set_stream(kind << 48 | number);
        dice
    }
}

/// Groups the pets into households of one to three within a ZIP code's area. The first household is the demo
/// household, in the area with most pets; the second its neighbours; then the others by their distance from it.
/// Pets whose ZIP code has no place live nowhere: see [`unplaced`]. Without any pet that does there is no
/// household.
pub fn neighbourhood(
    pets: &[LicensedPet],
    places: &Places,
    options: Options,
) -> impl Iterator<Item = DemoHousehold> + use<> {
    let today = day_of(options.now);
    let mut homes = settle(pets, places, options, today);
    history::tell(&mut homes, options.now, today, |number| {
        Dice::History(number).thrown_from(options.seed)
    });
    homes.into_iter()
}

/// How many pets live where no place is known.
pub fn unplaced(pets: &[LicensedPet], places: &Places) -> usize {
    pets.iter().filter(|pet| !places.contains_key(&pet.zip)).count()
}

fn settle(pets: &[LicensedPet], places: &Places, options: Options, today: Date) -> Vec<DemoHousehold> {
    let mut areas: BTreeMap<Zip, Vec<&LicensedPet>> = BTreeMap::new();
    for pet in pets.iter().filter(|pet| places.contains_key(&pet.zip)) {
        areas.entry(pet.zip).or_default().push(pet);
    }
    let most = areas
        .iter()
        .max_by_key(|(zip, pets)| (pets.len(), std::cmp::Reverse(**zip)));
    let Some(home) = most.map(|(zip, _)| *zip) else {
        return Vec::new();
    };
    let limit = options.households.unwrap_or(usize::MAX);
    let setting = |zip: Zip| Setting {
        place: &places[&zip],
        now: options.now,
        today,
    };
    let mut homes: Vec<DemoHousehold> = Vec::new();
    for make in [family::demo, family::neighbour] {
        let pair = areas.get_mut(&home).map(dog_and_cat).unwrap_or_default();
        if homes.len() < limit && !pair.is_empty() {
            let mut dice = Dice::Traits(homes.len()).thrown_from(options.seed);
            homes.push(make(&mut dice, &pair, setting(home)));
        }
    }
    for zip in by_distance(places, home) {
        let mut here = areas.remove(&zip).unwrap_or_default();
        let mut grouping = Dice::Grouping(zip).thrown_from(options.seed);
        here.shuffle(&mut grouping);
        let mut left = here.as_slice();
        while !left.is_empty() && homes.len() < limit {
            let count = one_of(&mut grouping, &[(1, 60), (2, 28), (3, 12)]).min(left.len());
            let (together, others) = left.split_at(count);
            let mut dice = Dice::Traits(homes.len()).thrown_from(options.seed);
            homes.push(family::drawn(&mut dice, together, setting(zip)));
            left = others;
        }
    }
    homes
}

/// Takes a dog and a cat out of an area, the first that suit if any do; where there is neither dog nor cat, any pet.
fn dog_and_cat<'a>(pets: &mut Vec<&'a LicensedPet>) -> Vec<&'a LicensedPet> {
    let mut taken = Vec::new();
    for species in [Species::Dog, Species::Cat] {
        let suits = |pet: &&LicensedPet| pet.species == species && family::suits_the_demo(pet);
        let first = pets.iter().position(suits);
        let any = || pets.iter().position(|pet| pet.species == species);
        taken.extend(first.or_else(any).map(|place| pets.remove(place)));
    }
    if taken.is_empty() {
        taken.extend(pets.pop());
    }
    taken
}

/// All areas, the nearest to `home` first.
fn by_distance(places: &Places, home: Zip) -> Vec<Zip> {
    let area = |place: &Place| Area::around(place.lat, place.lon).ok();
    let km = |zip: &Zip| {
        area(&places[&home])
            .zip(area(&places[zip]))
            .map_or(f64::MAX, |(a, b)| a.km_to(b))
    };
    let mut zips: Vec<(f64, Zip)> = places.keys().map(|zip| (km(zip), *zip)).collect();
    zips.sort_by(|(one, a), (other, b)| one.total_cmp(other).then(a.cmp(b)));
    zips.into_iter().map(|(_, zip)| zip).collect()
}

/// The day in UTC; an instant outside the calendar counts as 1970.
fn day_of(now: UtcMs) -> Date {
    let at = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::UTC.to_datetime(at).date()
}
