//! Rows that a device tells again because the server had lost them: the one who knew more wins, nothing that was
//! decided since is undone, and nobody can use it to slip past a release.

use romp_domain::wire::{Outcome, SyncReply};
use romp_domain::{Child, Entity, ErrorCode, Fields, Hlc, Kind, Pet, Role, Swipe, SwipeId, Verdict};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Device, Rig, fields};

/// Tells something again as it was at commit `seq` of the lost history.
fn tell_again(device: &mut Device, seq: u64, kind: Kind, id: Uuid, fields: Fields) {
    device.patch(kind, id, fields);
    device.outbox.last_mut().unwrap().hlc = Hlc(seq);
}

#[test]
fn whoever_knew_more_of_a_lost_row_wins_in_whatever_order_they_come() {
    for fresher_first in [true, false] {
        let rig = Rig::new();
        let family = rig.bare_family(1);
        let mut devices = [
            (rig.device(family.household, 50, Role::Owner), 40, "Fresh"),
            (rig.device(family.household, 51, Role::Owner), 20, "Stale"),
        ];
        if !fresher_first {
            devices.reverse();
        }
        let id = Uuid::from_u128(77);
        for (device, seq, name) in &mut devices {
            let pet = Pet {
                name: Some(name.to_owned().try_into().unwrap()),
                ..rig_pet()
            };
            // Of what the stale device had made, too, the stamps do not rise above what is told.
            device.patch(Kind::Child, Uuid::from_u128(90), child());
            device.sync(&rig).unwrap();
            tell_again(device, *seq, Kind::Pet, id, pet.to_fields());
            device.sync(&rig).unwrap();
        }
        let (device, ..) = &mut devices[0];
        device.sync(&rig).unwrap();
        let names: Vec<_> = device
            .all::<Pet>()
            .into_iter()
            .map(|(_, pet)| pet.name.unwrap())
            .collect();
        assert_eq!(names[0].as_str(), "Fresh", "fresher first: {fresher_first}");
    }
}

#[test]
fn who_knew_more_of_a_lost_row_is_heard_although_the_other_one_had_it_hidden() {
    let rig = Rig::new();
    let family = rig.bare_family(1);
    let mut stale = rig.device(family.household, 51, Role::Owner);
    let mut fresh = rig.device(family.household, 50, Role::Owner);
    let id = Uuid::from_u128(77);
    for (device, seq, name, visible) in [(&mut stale, 20, "Stale", false), (&mut fresh, 40, "Fresh", true)] {
        let pet = Pet {
            name: Some(name.to_owned().try_into().unwrap()),
            visible,
            ..rig_pet()
        };
        tell_again(device, seq, Kind::Pet, id, pet.to_fields());
        device.outbox.last_mut().unwrap().base_seq = None;
        device.sync(&rig).unwrap();
    }
    stale.sync(&rig).unwrap();
    let pet = stale.all::<Pet>()[0].1.clone();
    assert_eq!(pet.name.unwrap().as_str(), "Fresh");
    assert!(!pet.visible, "that somebody had hidden it stays");
}

/// The first refusal, if there is one.
fn refusal(reply: &SyncReply) -> Option<ErrorCode> {
    reply.results.iter().find_map(|result| match &result.outcome {
        Outcome::Rejected { problem } => Some(problem.code),
        _ => None,
    })
}

fn rig_pet() -> Pet {
    Pet::new(romp_domain::Species::Cat)
}

fn child() -> Fields {
    fields(json!({"nickname": "Mia", "avatar": "fox", "age_band": "7-9"}))
}

#[test]
fn a_hiding_that_is_only_told_again_does_not_undo_a_later_showing() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut other = rig.device(a.household, 999, Role::Owner);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": true})));
    a.owner.sync(&rig).unwrap();
    tell_again(
        &mut other,
        3,
        Kind::Pet,
        a.pet.0,
        fields(json!({"visible": false})),
    );
    other.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    assert!(a.owner.all::<Pet>()[0].1.visible);
}

#[test]
fn no_choice_slips_under_a_release_by_pretending_to_be_told_again() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.owner.sync(&rig).unwrap();
    let id = SwipeId::of(a.pet, b.pet).0;
    let kid = a.owner.all::<Child>()[0].0;
    let choice = |verdict: Verdict| {
        fields(json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": verdict, "by_child": kid}))
    };
    // After a loss: the choice is told again, and then a "no" kept in is let stand by an owner, now.
    tell_again(&mut a.child, 5, Kind::Swipe, id, choice(Verdict::No));
    a.child.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    a.owner.patch(Kind::Swipe, id, fields(json!({"released": "yes"})));
    drop(a.owner.sync(&rig));
    tell_again(&mut a.child, 6, Kind::Swipe, id, choice(Verdict::Yes));
    a.child.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    let swipe = &a.owner.all::<Swipe>()[0].1;
    assert_eq!(swipe.verdict, Some(Verdict::Yes));
    assert!(!swipe.is_released_yes(), "{swipe:?}");
}

#[test]
fn a_choice_whose_childs_profile_is_gone_can_be_told_again_by_an_owner_and_made_by_nobody() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    let id = SwipeId::of(a.pet, b.pet).0;
    let gone = Uuid::from_u128(4_711);
    let choice = || {
        fields(
            json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes", "by_child": gone, "released": "yes"}),
        )
    };
    a.owner.patch(Kind::Swipe, id, choice());
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap()),
        Some(ErrorCode::InvalidField)
    );
    let mut kept_in = choice();
    kept_in.0.remove("released");
    tell_again(&mut a.child, 5, Kind::Swipe, id, kept_in);
    assert_eq!(
        refusal(&a.child.sync(&rig).unwrap()),
        Some(ErrorCode::InvalidField)
    );
    tell_again(&mut a.owner, 6, Kind::Swipe, id, choice());
    assert_eq!(refusal(&a.owner.sync(&rig).unwrap()), None);
    assert!(a.owner.all::<Swipe>()[0].1.is_released_yes());
}

#[test]
fn a_release_that_is_told_again_is_not_for_what_the_child_has_chosen_since() {
    for owner_first in [true, false] {
        let rig = Rig::new();
        let (mut a, b) = (rig.family(1), rig.family(2));
        let id = SwipeId::of(a.pet, b.pet).0;
        let released = fields(json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes",
            "by_child": a.kid, "released": "yes"}));
        tell_again(&mut a.owner, 9, Kind::Swipe, id, released);
        // A "no" and a "yes" again, that nobody has let out.
        a.child_swipes(b.pet, Verdict::No);
        a.child_swipes(b.pet, Verdict::Yes);
        for owners in [owner_first, !owner_first] {
            let device = if owners { &mut a.owner } else { &mut a.child };
            assert_eq!(refusal(&device.sync(&rig).unwrap()), None);
        }
        a.owner.sync(&rig).unwrap();
        let swipe = &a.owner.all::<Swipe>()[0].1;
        assert_eq!(swipe.verdict, Some(Verdict::Yes));
        assert!(!swipe.is_released_yes(), "owner first: {owner_first}");
    }
}

#[test]
fn of_two_choices_told_again_with_one_stamp_none_slips_under_the_others_release() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    let id = SwipeId::of(a.pet, b.pet).0;
    let choice = |verdict: Verdict| {
        fields(json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": verdict, "by_child": a.kid}))
    };
    // Two histories that were lost counted their commits alike.
    tell_again(&mut a.owner, 7, Kind::Swipe, id, choice(Verdict::Later));
    a.owner.sync(&rig).unwrap();
    a.owner.patch(Kind::Swipe, id, fields(json!({"released": "yes"})));
    a.owner.sync(&rig).unwrap();
    tell_again(&mut a.owner, 7, Kind::Swipe, id, choice(Verdict::Yes));
    a.owner.sync(&rig).unwrap();
    let swipe = &a.owner.all::<Swipe>()[0].1;
    assert!(!swipe.is_released_yes(), "{swipe:?}");
}
