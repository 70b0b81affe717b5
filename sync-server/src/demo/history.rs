//! What the families already think of each other.
//!
//! A household swipes only on pets of households that come before it, so that they can be written in order; and
//! nobody but the demo family's admirers on the demo family's pets, so that its story is told on purpose.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom;
use romp_domain::time::DAY_MS;
use romp_domain::{PetId, Swipe, UtcMs, Verdict, WeeklyHours};
use romp_matching::{Candidate, DECK_SIZE, FreeTime, HORIZON_DAYS, Party, deck, eligible, score};

use super::DemoHousehold;
use super::pet::one_of;

/// Of the cards in the deck of a demo pet, every this many likes it back already, the first one included.
const LIKED_BACK_EVERY: usize = 3;

/// How many households before it a household may have met: about a neighbourhood.
const NEIGHBOURS: usize = 300;

/// How many pets each pet was shown.
const SHOWN: usize = 6;

/// The household as matching sees it during the next weeks.
fn party_of(home: &DemoHousehold, now: UtcMs) -> Option<Party> {
    let hours: Vec<WeeklyHours> = home.slots.iter().map(|(_, slot)| slot.hours).collect();
    let until = now.plus_ms(HORIZON_DAYS * DAY_MS);
    let free = FreeTime::expand(&home.household.zone, &hours, &[], now, until);
    Party::of(home.id, &home.household, free)
}

/// Gives every household its swipes. `dice_of` gives each its own dice, by its number.
pub(super) fn tell(
    homes: &mut [DemoHousehold],
    now: UtcMs,
    today: Date,
    dice_of: impl Fn(usize) -> ChaCha8Rng,
) {
    let parties: Vec<Option<Party>> = homes.iter().map(|home| party_of(home, now)).collect();
    let candidates: Vec<Vec<Candidate<'_>>> = homes
        .iter()
        .zip(&parties)
        .map(|(home, party)| candidates_of(home, party.as_ref()))
        .collect();
    let mut swipes: Vec<Vec<Swipe>> = (0..homes.len())
        .map(|number| seen_before(&mut dice_of(number), number, &candidates, today))
        .collect();
    for (number, swipe) in admirers(&candidates, today) {
        swipes[number].push(swipe);
    }
    for (home, swipes) in homes.iter_mut().zip(swipes) {
        home.swipes = swipes;
    }
}

fn candidates_of<'a>(home: &'a DemoHousehold, party: Option<&'a Party>) -> Vec<Candidate<'a>> {
    let Some(party) = party else {
        return Vec::new();
    };
    home.pets
        .iter()
        .map(|(id, pet)| Candidate { id: *id, pet, party })
        .collect()
}

/// What the pets of a household thought of a few eligible pets around.
fn seen_before(
    dice: &mut ChaCha8Rng,
    number: usize,
    candidates: &[Vec<Candidate<'_>>],
    today: Date,
) -> Vec<Swipe> {
    let around = &candidates[number.saturating_sub(NEIGHBOURS).max(1).min(number)..number];
    let mut swipes = Vec::new();
    for actor in &candidates[number] {
        let mut shown: BTreeSet<PetId> = BTreeSet::new();
        for _ in 0..SHOWN {
            let Some(target) = around.choose(dice).and_then(|home| home.choose(dice)) else {
                continue;
            };
            if eligible(actor, target, today).is_ok() && shown.insert(target.id) {
                swipes.push(opinion(dice, actor, target, today));
            }
        }
    }
    swipes
}

/// The better the fit, the likelier a yes; owners release most of them.
fn opinion(dice: &mut ChaCha8Rng, actor: &Candidate<'_>, target: &Candidate<'_>, today: Date) -> Swipe {
    let fit = score(actor, target, today).value.clamp(0.0, 1.0);
    let verdict = if dice.random_bool(0.1 + 0.7 * fit) {
        Verdict::Yes
    } else {
        one_of(dice, &[(Verdict::No, 3), (Verdict::Later, 1)])
    };
    let released = verdict == Verdict::Yes && dice.random_bool(0.8);
    Swipe {
        actor_pet: actor.id,
        target_pet: target.id,
        verdict: Some(verdict),
        by_child: None,
        released: released.then_some(verdict),
    }
}

/// Released yeses on the demo family's pets, by pets their children will soon see; with the household's number.
fn admirers(candidates: &[Vec<Candidate<'_>>], today: Date) -> Vec<(usize, Swipe)> {
    let Some((demo, others)) = candidates.split_first() else {
        return Vec::new();
    };
    let everybody: Vec<Candidate<'_>> = others.iter().flatten().copied().collect();
    let number_of = |pet: PetId| {
        let home = candidates
            .iter()
            .position(|home| home.iter().any(|own| own.id == pet));
        home.unwrap_or_else(|| unreachable!("decks are made of candidates"))
    };
    let mut admirers = Vec::new();
    for pet in demo {
        let cards = deck(pet, &everybody, &BTreeSet::new(), today, DECK_SIZE);
        for card in cards.iter().step_by(LIKED_BACK_EVERY) {
            let swipe = Swipe {
                actor_pet: card.pet.id,
                target_pet: pet.id,
                verdict: Some(Verdict::Yes),
                by_child: None,
                released: Some(Verdict::Yes),
            };
            admirers.push((number_of(card.pet.id), swipe));
        }
    }
    admirers
}
