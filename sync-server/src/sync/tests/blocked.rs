//! One family blocks another: what ends, what does not begin, and who may lift it.

use romp_domain::playdate::CancelReason;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::wire::{Outcome, SyncReply};
use romp_domain::{
    Block, Card, Entity, ErrorCode, Fields, Hlc, Kind, Matched, PetId, Playdate, PlaydateState, Role,
    SwipeId, Verdict,
};
use serde_json::json;
use uuid::Uuid;

use crate::db::DbExt;

use super::rig::{Device, Family, Rig, both_accept, fields, mutual, refusal};
use super::switches::everything_off;

/// Two families with a match; agreed, with a playdate that both accepted.
pub(super) fn matched(rig: &Rig, agreed: bool) -> (Family, Family) {
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(rig, &mut a, &mut b);
    if agreed {
        both_accept(rig, &mut a, &mut b);
        a.owner.sync(rig).unwrap();
    }
    (a, b)
}

pub(super) fn blocks(rig: &Rig, device: &mut Device, pet: PetId, blocked: bool) -> SyncReply {
    device.block(pet, blocked);
    let reply = device.sync(rig).unwrap();
    assert_eq!(reply.results[0].outcome, Outcome::Applied, "{reply:?}");
    reply
}

/// Whether anything that a device holds shows a pet: its id as that of another family's pet, or its name.
fn shows(device: &Device, other: &Family) -> bool {
    let named = device.dump().contains(&format!("Dog {}", other.n));
    named
        || device
            .all::<Card>()
            .iter()
            .any(|(_, card)| card.pet.id == other.pet)
        || device
            .all::<Matched>()
            .iter()
            .any(|(_, matched)| matched.other.id == other.pet)
        || device
            .all::<Playdate>()
            .iter()
            .any(|(_, playdate)| playdate.other.id == other.pet && !playdate.state.is_final())
}

#[test]
fn row_57_a_block_ends_what_was_proposed_or_agreed_for_both_families_at_once() {
    for agreed in [false, true] {
        let rig = Rig::new();
        let (mut a, mut b) = matched(&rig, agreed);
        for family in [&mut a, &mut b] {
            family.child.sync(&rig).unwrap();
        }
        assert!(shows(&a.owner, &b) && shows(&b.owner, &a));
        blocks(&rig, &mut a.owner, b.pet, true);
        for device in [&mut a.owner, &mut a.child, &mut b.owner, &mut b.child] {
            for anew in [false, true] {
                if anew {
                    device.cursor = 0;
                    device.rows.clear();
                }
                device.sync(&rig).unwrap();
                let (own, other) = if device.session.household == a.household {
                    (1, 2)
                } else {
                    (2, 1)
                };
                let names = device.rows.iter().filter(|((kind, _), _)| kind != "block");
                let names: Vec<_> = names
                    .map(|(_, fields)| serde_json::to_string(fields).unwrap())
                    .collect();
                assert!(
                    !names.concat().contains(&format!("Dog {other}")),
                    "{own}, anew: {anew}"
                );
                assert_eq!(device.all::<Matched>(), []);
                for (_, playdate) in device.all::<Playdate>() {
                    assert_eq!(
                        (playdate.state, playdate.cancelled, playdate.other.name),
                        (PlaydateState::Cancelled, Some(CancelReason::PetGone), None)
                    );
                }
                assert!(device.all::<Card>().is_empty(), "{own}, anew: {anew}");
            }
        }
    }
}

#[test]
fn row_57_a_block_that_comes_before_the_other_yes_is_released_leaves_nothing_to_match() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    b.child_swipes(a.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    b.child.sync(&rig).unwrap();
    a.owner_sees_and_releases(&rig, b.pet);
    blocks(&rig, &mut a.owner, b.pet, true);
    // Held when it was blocked, and released afterwards; and everything that makes a server look again.
    b.owner_sees_and_releases(&rig, a.pet);
    for family in [&mut a, &mut b] {
        let kinder = fields(json!({"energy": 2}));
        family.owner.patch(Kind::Pet, family.pet.0, kinder);
        family.owner.sync(&rig).unwrap();
    }
    rig.pass(romp_domain::time::DAY_MS);
    for device in [&mut a.owner, &mut b.owner, &mut a.child, &mut b.child] {
        device.sync(&rig).unwrap();
        assert_eq!(
            (device.all::<Matched>(), device.all::<Playdate>()),
            (vec![], vec![])
        );
        assert_eq!(
            device.all::<Card>(),
            [],
            "and no card, although a new day has begun"
        );
    }
}

#[test]
fn row_57_a_block_keeps_all_pets_of_both_families_apart_and_nobody_else() {
    let rig = Rig::new();
    let (mut a, mut b, mut c) = (rig.family(1), rig.family(2), rig.family(3));
    blocks(&rig, &mut a.owner, b.pet, true);
    let later = PetId(Uuid::from_u128(299));
    b.owner.patch(Kind::Pet, later.0, b.dog().to_fields());
    b.owner.sync(&rig).unwrap();
    rig.pass(romp_domain::time::DAY_MS);
    let cards = |device: &mut Device| {
        device.sync(&rig).unwrap();
        let mut pets: Vec<_> = device
            .all::<Card>()
            .into_iter()
            .map(|(_, card)| card.pet.id)
            .collect();
        pets.sort();
        pets.dedup();
        pets
    };
    assert_eq!(cards(&mut a.owner), [c.pet]);
    assert_eq!(cards(&mut b.owner), [c.pet]);
    assert_eq!(cards(&mut c.owner), [a.pet, b.pet, later]);
}

#[test]
fn row_57_a_child_and_another_family_cannot_make_lift_or_find_a_block() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    blocks(&rig, &mut a.owner, b.pet, true);
    for (pet, blocked) in [(b.pet, false), (b.pet, true), (PetId(Uuid::from_u128(777)), true)] {
        a.child.block(pet, blocked);
        assert_eq!(
            refusal(&a.child.sync(&rig).unwrap().results),
            ErrorCode::Forbidden
        );
    }
    a.child.cursor = 0;
    a.child.sync(&rig).unwrap();
    assert_eq!(a.child.all::<Block>(), []);
    assert!(!a.child.dump().contains("block"), "{}", a.child.dump());
    // Whatever B says about such a row is about its own.
    b.owner.block(a.pet, false);
    assert_eq!(
        refusal(&b.owner.sync(&rig).unwrap().results),
        ErrorCode::InvalidField
    );
    b.owner.block(b.pet, true);
    assert_eq!(
        refusal(&b.owner.sync(&rig).unwrap().results),
        ErrorCode::InvalidField
    );
    b.owner.patch(Kind::Block, a.pet.0, Fields::removal());
    assert_eq!(
        refusal(&b.owner.sync(&rig).unwrap().results),
        ErrorCode::Forbidden
    );
    for device in [&mut a.owner, &mut b.owner] {
        device.cursor = 0;
        device.sync(&rig).unwrap();
        assert_eq!(device.all::<Card>(), []);
    }
    assert_eq!(a.owner.all::<Block>().len(), 1);
    assert!(a.owner.all::<Block>()[0].1.blocked);
    assert_eq!(b.owner.all::<Block>(), []);
}

#[test]
fn row_57_blocking_never_needs_to_have_seen_anything_and_lifting_does() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    let mut other = rig.device(a.household, 160, Role::Owner);
    other.sync(&rig).unwrap();
    blocks(&rig, &mut a.owner, b.pet, true);
    // Its clock is ahead, and it has not seen the block.
    other.skew_ms = 30_000;
    other.block(b.pet, false);
    assert_eq!(refusal(&other.sync(&rig).unwrap().results), ErrorCode::Stale);
    other.outbox.clear();
    blocks(&rig, &mut other, b.pet, false);
    // A block from before all that, which comes last, still blocks.
    a.owner.skew_ms = -romp_domain::time::DAY_MS;
    blocks(&rig, &mut a.owner, b.pet, true);
    other.sync(&rig).unwrap();
    assert!(other.all::<Block>()[0].1.blocked);
}

#[test]
fn a_lifted_block_brings_a_match_back_only_where_both_choices_are_still_released() {
    for withdrawn in [false, true] {
        let rig = Rig::new();
        let (mut a, mut b) = matched(&rig, false);
        blocks(&rig, &mut a.owner, b.pet, true);
        if withdrawn {
            b.owner.sync(&rig).unwrap();
            b.owner.patch(
                Kind::Swipe,
                SwipeId::of(b.pet, a.pet).0,
                fields(json!({"released": "no"})),
            );
            let reply = b.owner.sync(&rig).unwrap();
            assert_eq!(
                reply.results[0].outcome,
                Outcome::Applied,
                "nothing is frozen any more"
            );
        }
        blocks(&rig, &mut a.owner, b.pet, false);
        for family in [&mut a, &mut b] {
            family.owner.sync(&rig).unwrap();
            assert_eq!(family.owner.all::<Matched>().len(), usize::from(!withdrawn));
            let open = family.owner.all::<Playdate>();
            let open = open.iter().filter(|(_, playdate)| !playdate.state.is_final());
            assert_eq!(open.count(), usize::from(!withdrawn));
        }
    }
}

#[test]
fn as_long_as_one_of_them_blocks_the_other_they_are_apart() {
    let rig = Rig::new();
    let (mut a, mut b) = matched(&rig, false);
    blocks(&rig, &mut a.owner, b.pet, true);
    blocks(&rig, &mut b.owner, a.pet, true);
    blocks(&rig, &mut a.owner, b.pet, false);
    for family in [&mut a, &mut b] {
        family.owner.sync(&rig).unwrap();
        assert_eq!(
            (family.owner.all::<Matched>(), family.owner.all::<Card>()),
            (vec![], vec![])
        );
    }
    blocks(&rig, &mut b.owner, a.pet, false);
    a.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.all::<Matched>().len(), 1);
}

#[test]
fn row_57_a_server_that_lost_everything_learns_of_the_block_before_the_pet_and_keeps_them_apart() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    // The pet by which B is known has not been told again yet, another one has.
    let known = PetId(Uuid::from_u128(290));
    let block = json!({"species": "dog", "name": "Bella", "blocked": true});
    a.owner.patch(Kind::Block, known.0, fields(block));
    a.owner.outbox.last_mut().unwrap().hlc = Hlc(9);
    a.owner.sync(&rig).unwrap();
    mutual(&rig, &mut a, &mut b);
    assert_eq!(b.owner.all::<Matched>().len(), 1, "nobody can know better yet");
    b.owner.patch(Kind::Pet, known.0, b.dog().to_fields());
    b.owner.sync(&rig).unwrap();
    for family in [&mut a, &mut b] {
        family.owner.sync(&rig).unwrap();
        let (matches, cards) = (family.owner.all::<Matched>(), family.owner.all::<Card>());
        assert_eq!(
            (matches, cards),
            (vec![], vec![]),
            "as soon as it is there, it is kept away"
        );
        let open = family.owner.all::<Playdate>();
        assert!(open.iter().all(|(_, playdate)| playdate.state.is_final()));
    }
}

#[test]
fn row_57_cards_that_were_dealt_before_the_blocked_pet_was_known_go_when_it_comes() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    let known = PetId(Uuid::from_u128(290));
    a.owner.block(known, true);
    for family in [&mut a, &mut b] {
        family.owner.sync(&rig).unwrap();
        assert_eq!(family.owner.all::<Card>().len(), 1, "nobody can know better yet");
    }
    b.owner.patch(Kind::Pet, known.0, b.dog().to_fields());
    for family in [&mut b, &mut a] {
        family.owner.sync(&rig).unwrap();
        assert_eq!(family.owner.all::<Card>(), []);
    }
}

#[test]
fn row_57_nothing_that_is_switched_off_keeps_a_family_from_blocking() {
    let rig = Rig::new();
    let (mut a, b) = matched(&rig, true);
    everything_off(&rig, &mut a.owner);
    blocks(&rig, &mut a.owner, b.pet, true);
    assert_eq!(a.owner.all::<Matched>(), []);
    blocks(&rig, &mut a.owner, b.pet, false);
}

#[test]
fn a_family_has_so_many_blocks_and_no_more() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    for n in 0..500 {
        a.owner.block(PetId(Uuid::from_u128(50_000 + n)), true);
    }
    let reply = a.owner.sync(&rig).unwrap();
    assert!(
        reply
            .results
            .iter()
            .all(|result| result.outcome == Outcome::Applied)
    );
    a.owner.block(PetId(Uuid::from_u128(60_000)), true);
    assert_eq!(refusal(&a.owner.sync(&rig).unwrap().results), ErrorCode::TooLarge);
    a.owner.block(PetId(Uuid::from_u128(50_000)), false);
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}

#[test]
fn a_family_that_goes_takes_its_blocks_with_it_and_leaves_those_of_others() {
    let rig = Rig::new();
    let (mut a, b) = matched(&rig, true);
    blocks(&rig, &mut a.owner, b.pet, true);
    let (gone, now) = (b.household, rig.now());
    rig.server
        .db
        .write(move |tx| crate::sync::erase(tx, gone, now))
        .unwrap();
    a.owner.cursor = 0;
    a.owner.sync(&rig).unwrap();
    assert!(a.owner.all::<Block>()[0].1.blocked);
    blocks(&rig, &mut a.owner, b.pet, false);
    a.owner
        .patch(Kind::Household, HOUSEHOLD_ROW, fields(json!({"travel_km": 20})));
    a.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.all::<Matched>(), []);
}
