//! The deck of one pet: the eligible pets it has not seen, best first, finite.

use std::collections::BTreeSet;

use jiff::civil::Date;
use romp_domain::{Card, Distance, HouseholdId, PetId, PublicPet};

use crate::candidate::Candidate;
use crate::eligible::eligible;
use crate::score;

/// Any this many cards in a row …
pub const SPREAD_WINDOW: usize = 10;

/// … show at most this many pets of one household: a deck is a neighbourhood, not a family.
pub const MAX_PER_WINDOW: usize = 2;

/// The deck of `actor` out of `others`: only eligible pets that are not in `seen`, by falling score, then by id;
/// at most `size` cards, ranks from 0. Pets that the spread of households keeps out come back in a later deck.
pub fn deck(
    actor: &Candidate<'_>,
    others: &[Candidate<'_>],
    seen: &BTreeSet<PetId>,
    today: Date,
    size: usize,
) -> Vec<Card> {
    let mut ranked: Vec<(f64, &Candidate<'_>)> = others
        .iter()
        .filter(|other| !seen.contains(&other.id) && eligible(actor, other, today).is_ok())
        .map(|other| (score::value(actor, other, today), other))
        .collect();
    ranked.sort_by(|(one, a), (two, b)| two.total_cmp(one).then(a.id.cmp(&b.id)));
    spread(ranked.into_iter().map(|(_, other)| other).collect(), size)
        .into_iter()
        .zip(0..)
        .map(|(other, rank)| Card {
            for_pet: actor.id,
            pet: PublicPet::of(other.id, other.pet, today),
            distance: Distance::of_km(actor.km_to(other)),
            reasons: score::reasons(actor, other),
            rank,
        })
        .collect()
}

/// Takes, for each place in turn, the best that the households before it allow; ends where none is allowed.
fn spread<'a, 'b>(mut ranked: Vec<&'a Candidate<'b>>, size: usize) -> Vec<&'a Candidate<'b>> {
    let mut placed: Vec<&Candidate<'_>> = Vec::with_capacity(size.min(ranked.len()));
    while placed.len() < size {
        let recent = &placed[placed.len().saturating_sub(SPREAD_WINDOW - 1)..];
        let shown = |household: HouseholdId| recent.iter().filter(|c| c.party.household == household).count();
        let Some(next) = ranked
            .iter()
            .position(|c| shown(c.party.household) < MAX_PER_WINDOW)
        else {
            break;
        };
        placed.push(ranked.remove(next));
    }
    placed
}

#[cfg(test)]
mod tests;
