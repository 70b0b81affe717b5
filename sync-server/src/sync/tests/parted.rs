//! What stays between two families of which one left, or is kept apart: nothing that either of them can still change.

use romp_domain::playdate::CancelReason;
use romp_domain::time::DAY_MS;
use romp_domain::wire::Outcome;
use romp_domain::{ErrorCode, Kind, PetId, Playdate, PlaydateAct, PlaydateState, Role};

use super::rig::{Family, Rig, both_accept, mutual, refusal};

type Leaving = fn(&mut Family, PetId);

/// The ways by which a family has nothing more to do with another one.
const LEAVING: [Leaving; 2] = [
    |family, other| family.owner.block(other, true),
    |family, _| {
        let pet = family.pet.0;
        family.owner.patch(Kind::Pet, pet, romp_domain::Fields::removal());
    },
];

fn leave(rig: &Rig, how: Leaving, family: &mut Family, other: &Family) {
    how(family, other.pet);
    let reply = family.owner.sync(rig).unwrap();
    assert_eq!(reply.results[0].outcome, Outcome::Applied);
}

#[test]
fn what_is_past_is_called_off_by_nobody() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    let id = both_accept(&rig, &mut a, &mut b);
    b.owner.sync(&rig).unwrap();
    let (_, seen) = b.owner.all::<Playdate>().remove(0);
    rig.pass(seen.slot.end().since_ms(rig.now()));
    b.owner.act(id, PlaydateAct::Cancel, seen.rev);
    assert_eq!(refusal(&b.owner.sync(&rig).unwrap().results), ErrorCode::Frozen);
    assert_eq!(b.owner.all::<Playdate>()[0].1.state, PlaydateState::Confirmed);
}

#[test]
fn what_lasts_can_still_be_called_off_and_what_was_called_off_is_so_for_good() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    let id = both_accept(&rig, &mut a, &mut b);
    b.owner.sync(&rig).unwrap();
    let (_, seen) = b.owner.all::<Playdate>().remove(0);
    rig.pass(seen.slot.end().since_ms(rig.now()) - 1);
    b.owner.act(id, PlaydateAct::Cancel, seen.rev);
    assert_eq!(b.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    rig.pass(DAY_MS);
    b.owner.act(id, PlaydateAct::Cancel, seen.rev);
    assert_eq!(
        b.owner.sync(&rig).unwrap().results[0].outcome,
        Outcome::Superseded
    );
}

#[test]
fn row_57_no_answer_of_a_family_reaches_one_that_is_apart_from_it() {
    for how in LEAVING {
        let rig = Rig::new();
        let (mut a, mut b) = (rig.family(1), rig.family(2));
        mutual(&rig, &mut a, &mut b);
        both_accept(&rig, &mut a, &mut b);
        // One that took place, and one that nobody answered and nobody has looked at since.
        rig.pass(8 * DAY_MS);
        for family in [&mut a, &mut b] {
            family.owner.sync(&rig).unwrap();
        }
        let open = a.owner.all::<Playdate>();
        assert!(open.iter().any(|(_, p)| p.state == PlaydateState::Proposed));
        rig.pass(30 * DAY_MS);
        leave(&rig, how, &mut a, &b);
        a.owner.sync(&rig).unwrap();
        let before = (a.owner.cursor, a.owner.dump());
        let all = b.owner.all::<Playdate>();
        for (id, playdate) in &all {
            for act in [PlaydateAct::Cancel, PlaydateAct::Decline, PlaydateAct::Accept] {
                b.owner.act(*id, act, playdate.rev);
            }
        }
        let results = b.owner.sync(&rig).unwrap().results;
        assert!(results.iter().all(|result| result.outcome != Outcome::Applied));
        a.owner.sync(&rig).unwrap();
        assert_eq!(a.owner.cursor, before.0, "nothing is new");
        assert!(a.owner.dump() == before.1);
        let late = a.owner.all::<Playdate>();
        let late = late.iter().find(|(_, p)| p.confirmed_at.is_none()).unwrap();
        assert_eq!(late.1.cancelled, Some(CancelReason::TooLate));
    }
}

#[test]
fn row_57_why_two_fitted_is_forgotten_when_one_of_them_goes_for_both_and_on_new_devices() {
    for how in LEAVING {
        let rig = Rig::new();
        let (mut a, mut b) = (rig.family(1), rig.family(2));
        mutual(&rig, &mut a, &mut b);
        both_accept(&rig, &mut a, &mut b);
        // It has taken place, and another one is proposed.
        rig.pass(8 * DAY_MS);
        for family in [&mut a, &mut b] {
            family.owner.sync(&rig).unwrap();
            family.child.sync(&rig).unwrap();
            assert!(family.owner.dump().contains("both_free"));
        }
        leave(&rig, how, &mut a, &b);
        let fresh = |family: &Family, n| rig.device(family.household, n, Role::Owner);
        let mut fresh = [fresh(&a, 998), fresh(&b, 999)];
        let [new_a, new_b] = &mut fresh;
        for device in [
            &mut a.owner,
            &mut b.owner,
            &mut a.child,
            &mut b.child,
            new_a,
            new_b,
        ] {
            device.sync(&rig).unwrap();
            let playdates = device.all::<Playdate>();
            assert!(!playdates.is_empty());
            assert!(playdates.iter().all(|(_, playdate)| playdate.reasons.is_empty()));
        }
    }
}
