//! Decks against a slow and obvious one.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use romp_domain::{Area, Km, Pet};

use super::*;
use crate::candidate::Party;
use crate::cases::{TODAY, any_party, any_pet, candidate, dog, level, party, pet_id};

fn ids(cards: &[Card]) -> Vec<PetId> {
    cards.iter().map(|card| card.pet.id).collect()
}

#[test]
fn equal_pets_come_in_the_order_of_their_ids() {
    let (pet, own) = (dog(), party(100));
    let homes: Vec<Party> = (1..=5).map(party).collect();
    let others: Vec<_> = [4, 2, 5, 1, 3]
        .map(|n: u32| candidate(n, &pet, &homes[n as usize - 1]))
        .to_vec();
    let cards = deck(&candidate(100, &pet, &own), &others, &BTreeSet::new(), TODAY, 20);
    assert_eq!(ids(&cards), [1, 2, 3, 4, 5].map(pet_id));
    assert_eq!(
        cards.iter().map(|card| card.rank).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4]
    );
    assert!(
        cards
            .iter()
            .all(|card| card.for_pet == pet_id(100) && card.distance == Distance::Under2Km)
    );
}

#[test]
fn a_seen_pet_does_not_come_back_and_a_deck_is_no_longer_than_asked() {
    let (pet, own, home) = (dog(), party(100), party(1));
    let others = [candidate(1, &pet, &home), candidate(2, &pet, &home)];
    let actor = candidate(100, &pet, &own);
    assert_eq!(
        ids(&deck(&actor, &others, &BTreeSet::from([pet_id(1)]), TODAY, 20)),
        [pet_id(2)]
    );
    assert_eq!(
        ids(&deck(&actor, &others, &BTreeSet::new(), TODAY, 1)),
        [pet_id(1)]
    );
    assert_eq!(deck(&actor, &others, &BTreeSet::new(), TODAY, 0), []);
}

#[test]
fn one_household_has_two_cards_in_ten_however_well_its_pets_fit() {
    let best = Pet {
        energy: level(3),
        ..dog()
    };
    let good = Pet {
        energy: level(4),
        ..dog()
    };
    let (own, family) = (party(100), party(1));
    let homes: Vec<Party> = (2..=12).map(party).collect();
    let mut others: Vec<_> = (1..=4).map(|n| candidate(n, &best, &family)).collect();
    let alone = deck(&candidate(100, &best, &own), &others, &BTreeSet::new(), TODAY, 20);
    assert_eq!(ids(&alone), [1, 2].map(pet_id), "the others come in a later deck");
    others.extend(homes.iter().zip(11..).map(|(home, n)| candidate(n, &good, home)));
    let cards = deck(&candidate(100, &best, &own), &others, &BTreeSet::new(), TODAY, 20);
    let places: Vec<_> = (0..cards.len())
        .filter(|i| cards[*i].pet.id <= pet_id(4))
        .collect();
    assert_eq!(places, [0, 1, 10, 11]);
}

fn any_town() -> impl Strategy<Value = (Vec<Party>, Vec<(usize, Pet)>)> {
    (vec(any_party(), 6), vec((0..6_usize, any_pet()), 1..40)).prop_map(|(mut homes, pets)| {
        for (n, home) in (1..).zip(&mut homes) {
            home.household = party(n).household;
        }
        (homes, pets)
    })
}

proptest! {
    #[test]
    fn a_deck_is_what_a_slow_search_would_pick(
        (homes, pets) in any_town(),
        seen in btree_set(1..40_u32, 0..6),
        size in 0..25_usize,
    ) {
        let town: Vec<_> = (0..).zip(&pets).map(|(n, (home, pet))| candidate(n, pet, &homes[*home])).collect();
        // The actor is easily pleased, so that decks are rarely empty.
        let (own_pet, mut own) = (crate::cases::friendly(romp_domain::Species::Dog), party(100));
        own.travel_km = Km::new(100).unwrap();
        own.area = Area::around(47.6, -122.3).unwrap();
        let actor = candidate(100, &own_pet, &own);
        let seen: BTreeSet<PetId> = seen.into_iter().map(pet_id).collect();

        let cards = deck(&actor, &town, &seen, TODAY, size);

        let mut left: Vec<_> = town
            .iter()
            .filter(|other| eligible(&actor, other, TODAY).is_ok() && !seen.contains(&other.id))
            .collect();
        let mut expected: Vec<&Candidate<'_>> = Vec::new();
        while expected.len() < size {
            let allowed = |other: &&&Candidate<'_>| {
                let recent = expected.iter().rev().take(9);
                recent.filter(|shown| shown.party.household == other.party.household).count() < 2
            };
            let better = |a: &&&Candidate<'_>, b: &&&Candidate<'_>| {
                let value = |other: &Candidate<'_>| crate::score(&actor, other, TODAY).value;
                value(a).total_cmp(&value(b)).then(b.id.cmp(&a.id))
            };
            let Some(best) = left.iter().filter(allowed).max_by(better).copied() else { break };
            left.retain(|other| other.id != best.id);
            expected.push(best);
        }
        prop_assert_eq!(ids(&cards), expected.iter().map(|other| other.id).collect::<Vec<_>>());
        for (card, other) in cards.iter().zip(&expected) {
            prop_assert_eq!(&card.pet, &PublicPet::of(other.id, other.pet, TODAY));
            prop_assert_eq!(&card.reasons, &crate::score(&actor, other, TODAY).reasons);
        }
    }

    #[test]
    fn a_deck_does_not_depend_on_the_order_of_the_town((homes, pets) in any_town(), turn in 0..40_usize) {
        let mut town: Vec<_> = (0..).zip(&pets).map(|(n, (home, pet))| candidate(n, pet, &homes[*home])).collect();
        let (own_pet, own) = (dog(), party(100));
        let actor = candidate(100, &own_pet, &own);
        let before = deck(&actor, &town, &BTreeSet::new(), TODAY, 20);
        let turn = turn % town.len();
        town.rotate_left(turn);
        prop_assert_eq!(before, deck(&actor, &town, &BTreeSet::new(), TODAY, 20));
    }
}
