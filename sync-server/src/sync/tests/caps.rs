//! How many rows a family may have, and that nobody uses them up for the others.

use romp_domain::time::DAY_MS;
use romp_domain::wire::{MAX_MUTATIONS, Outcome, SyncReply};
use romp_domain::{ErrorCode, Hlc, Kind, PetId, Role, SwipeId, Verdict};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Device, Family, Rig, fields};
use super::switches::stranger;

fn taken(reply: &SyncReply) -> usize {
    let applied = |outcome: &Outcome| *outcome == Outcome::Applied;
    let results = reply.results.iter();
    results.filter(|result| applied(&result.outcome)).count()
}

fn refusals(reply: &SyncReply) -> Vec<ErrorCode> {
    let code = |outcome: &Outcome| match outcome {
        Outcome::Rejected { problem } => Some(problem.code),
        _ => None,
    };
    let results = reply.results.iter();
    results.filter_map(|result| code(&result.outcome)).collect()
}

/// So many choices of pets that nobody has, as old as can be said.
fn junk(rig: &Rig, family: &mut Family, from: u128, number: usize) -> SyncReply {
    for n in 0..number as u128 {
        family.child_swipes(stranger(from + n), Verdict::Yes);
        // Of one minute after the other: none of them has more than a child could choose.
        family.child.outbox.last_mut().unwrap().hlc = Hlc::at_ms(rig.now().0 - 7 * DAY_MS + n as i64 * 1_000);
    }
    family.child.sync(rig).unwrap()
}

#[test]
fn row_33_a_stolen_tablet_does_not_use_up_what_a_family_may_choose() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    assert_eq!(taken(&junk(&rig, &mut a, 0, MAX_MUTATIONS)), MAX_MUTATIONS);
    let reply = junk(&rig, &mut a, 1_000, 9);
    assert_eq!(
        (taken(&reply), refusals(&reply)),
        (0, vec![ErrorCode::TooMany; 9])
    );
    // What it has chosen already it may change, and its owners go on.
    assert_eq!(taken(&junk(&rig, &mut a, 0, 3)), 3);
    let choice = fields(json!({
        "actor_pet": a.pet.0, "target_pet": stranger(7_000).0, "verdict": "no", "by_child": null, "released": "no"
    }));
    let id = SwipeId::of(a.pet, stranger(7_000)).0;
    a.owner.patch(Kind::Swipe, id, choice);
    assert_eq!(taken(&a.owner.sync(&rig).unwrap()), 1);
    // The other tablet of the family has a day of its own.
    let mut second = rig.device(a.household, 998, Role::Child);
    std::mem::swap(&mut a.child, &mut second);
    assert_eq!(taken(&junk(&rig, &mut a, 2_000, 5)), 5);
    std::mem::swap(&mut a.child, &mut second);
    rig.pass(DAY_MS);
    assert_eq!(taken(&junk(&rig, &mut a, 1_000, 9)), 9);
}

#[test]
fn row_33_what_is_said_to_be_told_again_uses_up_no_more() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut told = |from: u128, number: usize| {
        for n in 0..number as u128 {
            a.child_swipes(stranger(from + n), Verdict::Yes);
            a.child.outbox.last_mut().unwrap().hlc = Hlc(1);
        }
        a.child.sync(&rig).unwrap()
    };
    for batch in 0..4 {
        assert_eq!(taken(&told(batch * 1_000, MAX_MUTATIONS)), MAX_MUTATIONS);
    }
    assert_eq!(refusals(&told(9_000, 3)), [ErrorCode::TooMany; 3]);
}

#[test]
fn what_was_chosen_for_a_removed_pet_is_taken_back_by_owners_and_nothing_else() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let id = SwipeId::of(a.pet, stranger(1)).0;
    a.child_swipes(stranger(1), Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"deleted": true})));
    a.owner.sync(&rig).unwrap();
    a.owner.patch(Kind::Swipe, id, fields(json!({"verdict": "no"})));
    assert_eq!(refusals(&a.owner.sync(&rig).unwrap()), [ErrorCode::InvalidField]);
    let nothing = fields(json!({"verdict": null, "by_child": null, "released": null}));
    a.owner.patch(Kind::Swipe, id, nothing);
    assert_eq!(taken(&a.owner.sync(&rig).unwrap()), 1);
}

fn block(rig: &Rig, device: &mut Device, pet: PetId) -> SyncReply {
    device.block(pet, true);
    device.sync(rig).unwrap()
}

#[test]
fn row_57_who_has_blocked_whatever_came_to_mind_can_still_block_a_family() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    for n in 0..500 {
        a.owner.block(PetId(Uuid::from_u128(50_000 + n)), true);
    }
    assert_eq!(taken(&a.owner.sync(&rig).unwrap()), 500);
    let nobody = block(&rig, &mut a.owner, PetId(Uuid::from_u128(60_000)));
    assert_eq!(refusals(&nobody), [ErrorCode::TooLarge]);
    assert_eq!(taken(&block(&rig, &mut a.owner, b.pet)), 1);
}
