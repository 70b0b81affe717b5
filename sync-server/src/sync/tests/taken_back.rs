//! An owner takes a match back.

use romp_domain::playdate::CancelReason;
use romp_domain::wire::Outcome;
use romp_domain::{
    Card, ErrorCode, Kind, MatchId, Matched, Op, Playdate, PlaydateAct, PlaydateState, Swipe, SwipeId,
    Verdict,
};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Family, Rig, both_accept, fields, mutual, refusal};
use super::switches::everything_off;

fn matched(rig: &Rig) -> (Family, Family, Uuid) {
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(rig, &mut a, &mut b);
    let id = MatchId::of(a.pet, b.pet).0;
    (a, b, id)
}

fn own_swipe(family: &Family, other: &Family) -> Swipe {
    let id = SwipeId::of(family.pet, other.pet).0;
    let all = family.owner.all::<Swipe>();
    all.into_iter().find(|(found, _)| *found == id).unwrap().1
}

#[test]
fn a_match_that_is_taken_back_ends_for_both_with_what_came_of_it() {
    for agreed in [false, true] {
        let rig = Rig::new();
        let (mut a, mut b, id) = matched(&rig);
        if agreed {
            both_accept(&rig, &mut a, &mut b);
        }
        a.owner.take_back(id);
        let reply = a.owner.sync(&rig).unwrap();
        assert_eq!(reply.results[0].outcome, Outcome::Applied);
        for family in [&mut a, &mut b] {
            family.owner.sync(&rig).unwrap();
            assert_eq!(family.owner.all::<Matched>(), []);
            let (_, playdate) = family.owner.all::<Playdate>().remove(0);
            assert_eq!(
                (playdate.state, playdate.cancelled),
                (PlaydateState::Cancelled, Some(CancelReason::ByOwner)),
                "as if it had been called off"
            );
            assert!(playdate.other.name.is_some(), "nobody has gone");
        }
        // The child's choice is the child's; it is not let out any more.
        let own = own_swipe(&a, &b);
        assert_eq!(
            (own.verdict, own.released),
            (Some(Verdict::Yes), Some(Verdict::No))
        );
        assert_eq!(own.by_child, Some(a.kid));
        assert!(
            own_swipe(&b, &a).is_released_yes(),
            "the other family's is its own"
        );
    }
}

#[test]
fn two_whose_match_was_taken_back_are_not_brought_together_again() {
    let rig = Rig::new();
    let (mut a, mut b, id) = matched(&rig);
    a.owner.take_back(id);
    a.owner.sync(&rig).unwrap();
    for day in 0..3 {
        for family in [&mut a, &mut b] {
            let other = fields(json!({"energy": day + 1}));
            family.owner.patch(Kind::Pet, family.pet.0, other);
            family.owner.sync(&rig).unwrap();
            family.child.sync(&rig).unwrap();
            let undecided = |family: &Family| {
                let chosen: Vec<_> = family
                    .owner
                    .all::<Swipe>()
                    .iter()
                    .map(|(_, s)| s.target_pet)
                    .collect();
                let cards = family.owner.all::<Card>().into_iter();
                cards.filter(|(_, card)| !chosen.contains(&card.pet.id)).count()
            };
            assert_eq!((family.owner.all::<Matched>(), undecided(family)), (vec![], 0));
        }
        rig.pass(romp_domain::time::DAY_MS);
    }
    // Somebody who did not know of it does not let it out again; an owner who does, can.
    let mut other = rig.device(a.household, 161, romp_domain::Role::Owner);
    other.skew_ms = 1_000;
    let release = || fields(json!({"released": "yes"}));
    other.patch(Kind::Swipe, SwipeId::of(a.pet, b.pet).0, release());
    assert_eq!(refusal(&other.sync(&rig).unwrap().results), ErrorCode::Stale);
    other.outbox.clear();
    other.patch(Kind::Swipe, SwipeId::of(a.pet, b.pet).0, release());
    assert_eq!(other.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    b.owner.sync(&rig).unwrap();
    assert_eq!(b.owner.all::<Matched>().len(), 1);
}

#[test]
fn only_an_owner_of_one_of_the_two_takes_a_match_back_and_a_stranger_learns_nothing() {
    let rig = Rig::new();
    let (mut a, _, id) = matched(&rig);
    let mut c = rig.family(3);
    for unknown in [id, Uuid::from_u128(404)] {
        c.owner.take_back(unknown);
        assert_eq!(refusal(&c.owner.sync(&rig).unwrap().results), ErrorCode::NotFound);
        a.child.take_back(unknown);
        assert_eq!(
            refusal(&a.child.sync(&rig).unwrap().results),
            ErrorCode::Forbidden
        );
    }
    for act in [PlaydateAct::Accept, PlaydateAct::Decline] {
        a.owner.push(Kind::Match, id, Op::Act { act, expect_rev: 0 });
        assert_eq!(
            refusal(&a.owner.sync(&rig).unwrap().results),
            ErrorCode::BadRequest
        );
    }
    assert_eq!(a.owner.all::<Matched>().len(), 1);
    a.owner.take_back(id);
    a.owner.take_back(id);
    let results = a.owner.sync(&rig).unwrap().results;
    assert_eq!(results[0].outcome, Outcome::Applied);
    assert_eq!(results[1].outcome, Outcome::Superseded, "once is enough");
}

#[test]
fn nothing_that_is_switched_off_keeps_an_owner_from_taking_a_match_back() {
    let rig = Rig::new();
    let (mut a, _, id) = matched(&rig);
    everything_off(&rig, &mut a.owner);
    a.owner.take_back(id);
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    assert_eq!(a.owner.all::<Matched>(), []);
}
