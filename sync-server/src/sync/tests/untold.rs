//! What a blocked family can find out: no more than that pets are not there any more.

use romp_domain::{Entity, Fields, Kind, Pet, Playdate, PlaydateAct, SwipeId, Verdict};
use serde_json::json;

use super::blocked::{blocks, matched};
use super::rig::{Device, Family, Rig, fields};

/// What B's devices are told, exchange by exchange, after A did something about B.
fn told_to_b(what_a_does: impl Fn(&Rig, &mut Family, &Family)) -> Vec<String> {
    let rig = Rig::new();
    let (mut a, mut b) = matched(&rig, true);
    let mut c = rig.family(3);
    for family in [&mut a, &mut b, &mut c] {
        family.child.sync(&rig).unwrap();
        family.owner.sync(&rig).unwrap();
    }
    what_a_does(&rig, &mut a, &b);
    let mut told = Vec::new();
    let mut hear = |rig: &Rig, device: &mut Device| told.push(format!("{:?}", device.sync(rig)));
    hear(&rig, &mut b.owner);
    hear(&rig, &mut b.child);
    // Whatever B can think of to find out.
    let id = b.owner.all::<Playdate>()[0].0;
    for act in [PlaydateAct::Accept, PlaydateAct::Decline, PlaydateAct::Cancel] {
        b.owner.act(id, act, 0);
        b.owner.act(id, act, 1);
    }
    b.owner.take_back(romp_domain::MatchId::of(a.pet, b.pet).0);
    hear(&rig, &mut b.owner);
    for verdict in ["no", "yes"] {
        b.owner.patch(
            Kind::Swipe,
            SwipeId::of(b.pet, a.pet).0,
            fields(json!({"verdict": verdict, "released": verdict, "by_child": null})),
        );
        hear(&rig, &mut b.owner);
    }
    b.child_swipes(a.pet, Verdict::No);
    b.child_swipes(a.pet, Verdict::Yes);
    hear(&rig, &mut b.child);
    b.owner.patch(
        Kind::Pet,
        a.pet.0,
        Pet::new(romp_domain::Species::Dog).to_fields(),
    );
    b.owner
        .patch(Kind::Pet, b.pet.0, fields(json!({"visible": false})));
    hear(&rig, &mut b.owner);
    b.owner
        .patch(Kind::Pet, b.pet.0, fields(json!({"visible": true})));
    b.owner.block(a.pet, true);
    b.owner.block(a.pet, false);
    hear(&rig, &mut b.owner);
    rig.pass(romp_domain::time::DAY_MS);
    for device in [&mut b.owner, &mut b.child] {
        hear(&rig, device);
        device.cursor = 0;
        hear(&rig, device);
    }
    b.owner.patch(Kind::Pet, b.pet.0, Fields::removal());
    hear(&rig, &mut b.owner);
    told
}

#[test]
fn row_57_the_blocked_family_is_told_to_the_byte_what_it_is_told_when_a_pet_was_removed() {
    let blocked = told_to_b(|rig, a, b| {
        blocks(rig, &mut a.owner, b.pet, true);
    });
    let removed = told_to_b(|rig, a, _| {
        a.owner.patch(Kind::Pet, a.pet.0, Fields::removal());
        a.owner.sync(rig).unwrap();
    });
    assert_eq!(blocked, removed);
    let nothing = told_to_b(|_, _, _| ());
    assert_ne!(blocked, nothing);
}
