//! Whoever did not know of a restriction does not undo it, whatever the clocks say.

use romp_domain::wire::Outcome;
use romp_domain::{ErrorCode, Kind, Pet, Role, Swipe, SwipeId, Verdict};
use serde_json::json;

use super::rig::{Device, Family, Rig, fields, refusal};
use crate::db::DbExt;

/// A family with a second owner's device that is up to date.
pub(super) fn two_owners(rig: &Rig) -> (Family, Device) {
    let family = rig.family(1);
    let mut other = rig.device(family.household, 999, Role::Owner);
    other.sync(rig).unwrap();
    (family, other)
}

fn visible(device: &Device) -> bool {
    device.all::<Pet>()[0].1.visible
}

#[test]
fn a_pet_hidden_on_one_device_is_not_shown_again_by_one_that_had_not_heard() {
    let rig = Rig::new();
    let (mut a, mut other) = two_owners(&rig);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    a.owner.sync(&rig).unwrap();
    rig.pass(60_000);
    // Made later, but without having heard of it.
    other.skew_ms = 60_000;
    other.patch(Kind::Pet, a.pet.0, fields(json!({"visible": true, "energy": 4})));
    let reply = other.sync(&rig).unwrap();
    assert_eq!(refusal(&reply.results), ErrorCode::Stale);
    assert!(!visible(&other));
    assert_eq!(
        other.all::<Pet>()[0].1.energy.map(romp_domain::Level::get),
        Some(4),
        "what it said besides took effect"
    );
    // Now it has.
    other.patch(Kind::Pet, a.pet.0, fields(json!({"visible": true})));
    assert_eq!(other.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    assert!(visible(&other));
}

#[test]
fn hiding_wins_even_when_it_arrives_later_and_was_done_earlier() {
    let rig = Rig::new();
    let (mut a, mut other) = two_owners(&rig);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    other.skew_ms = 10_000;
    other.patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    other.patch(Kind::Pet, a.pet.0, fields(json!({"visible": true})));
    let reply = other.sync(&rig).unwrap();
    assert!(
        reply
            .results
            .iter()
            .all(|result| result.outcome == Outcome::Applied),
        "whoever hid it may show it again without having heard back: {:?}",
        reply.results
    );
    a.owner.sync(&rig).unwrap();
    other.sync(&rig).unwrap();
    assert!(!visible(&other) && !visible(&a.owner));
}

#[test]
fn a_release_of_a_choice_that_was_not_seen_is_refused() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner_releases(b.pet);
    assert_eq!(refusal(&a.owner.sync(&rig).unwrap().results), ErrorCode::Stale);
    a.owner_releases(b.pet);
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    // The child thinks again, twice; the owner has seen neither.
    a.child_swipes(b.pet, Verdict::No);
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.sync(&rig).unwrap();
    a.owner.patch(
        Kind::Swipe,
        SwipeId::of(a.pet, b.pet).0,
        fields(json!({"released": "no"})),
    );
    a.owner_releases(b.pet);
    let reply = a.owner.sync(&rig).unwrap();
    assert_eq!(refusal(&reply.results[1..]), ErrorCode::Stale);
    assert!(!a.owner.all::<Swipe>()[0].1.is_released_yes());
}

#[test]
fn an_owners_own_choice_releases_itself() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.child_swipes(b.pet, Verdict::Later);
    a.child.sync(&rig).unwrap();
    a.owner.skew_ms = 5_000;
    a.owner.patch(
        Kind::Swipe,
        SwipeId::of(a.pet, b.pet).0,
        fields(json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes", "released": "yes"})),
    );
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    assert!(a.owner.all::<Swipe>()[0].1.is_released_yes());
}

#[test]
fn a_consent_withdrawn_on_one_device_is_not_given_again_by_one_that_had_not_heard() {
    let rig = Rig::new();
    let (mut a, mut other) = two_owners(&rig);
    let nil = romp_domain::row::HOUSEHOLD_ROW;
    a.owner
        .patch(Kind::Household, nil, fields(json!({"share_consent": null})));
    a.owner.sync(&rig).unwrap();
    let consent = json!(Family::settings().share_consent);
    other.skew_ms = 60_000;
    other.patch(Kind::Household, nil, fields(json!({"share_consent": consent})));
    assert_eq!(refusal(&other.sync(&rig).unwrap().results), ErrorCode::Stale);
}

#[test]
fn restricting_oneself_does_not_make_another_ones_restriction_seen() {
    let rig = Rig::new();
    let (mut a, mut other) = two_owners(&rig);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    a.owner.sync(&rig).unwrap();
    let cursor = other.cursor;
    other.patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    other.sync(&rig).unwrap();
    // The answer was lost: it has seen nothing, and goes on.
    other.cursor = cursor;
    other.skew_ms = 60_000;
    rig.pass(60_000);
    other.patch(Kind::Pet, a.pet.0, fields(json!({"visible": true})));
    let reply = other.sync(&rig).unwrap();
    assert_eq!(refusal(&reply.results), ErrorCode::Stale);
    assert!(!visible(&other));
}

#[test]
fn a_pause_made_longer_is_not_made_shorter_again_by_somebody_who_had_not_heard() {
    for field in ["hold_until", "heat_until"] {
        let rig = Rig::new();
        let (mut a, mut other) = two_owners(&rig);
        a.owner
            .patch(Kind::Pet, a.pet.0, fields(json!({field: "2026-12-24"})));
        a.owner.sync(&rig).unwrap();
        other.skew_ms = 60_000;
        rig.pass(60_000);
        other.patch(Kind::Pet, a.pet.0, fields(json!({field: "2026-11-23"})));
        assert_eq!(refusal(&other.sync(&rig).unwrap().results), ErrorCode::Stale);
        // Without having heard, longer is always possible; and afterwards, so is shorter.
        other.cursor = 0;
        other.patch(Kind::Pet, a.pet.0, fields(json!({field: "2026-12-25"})));
        assert_eq!(other.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
        other.patch(Kind::Pet, a.pet.0, fields(json!({field: "2026-11-23"})));
        assert_eq!(other.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    }
}

/// What was refused of the only change in an exchange, and which fields that were.
fn refused_part(device: &mut Device, rig: &Rig) -> (ErrorCode, Vec<String>) {
    let reply = device.sync(rig).unwrap();
    let Outcome::Rejected { problem } = &reply.results[0].outcome else {
        panic!("{:?}", reply.results)
    };
    (problem.code, problem.refused.clone())
}

#[test]
fn a_pet_is_hidden_in_a_form_in_which_something_else_is_refused() {
    let rig = Rig::new();
    let (mut a, mut other) = two_owners(&rig);
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"hold_until": "2026-12-24"})));
    a.owner.sync(&rig).unwrap();
    rig.pass(60_000);
    // A pause that is made shorter later, without having heard that it is longer by now.
    other.skew_ms = 60_000;
    let both = json!({"visible": false, "hold_until": "2026-11-23"});
    other.patch(Kind::Pet, a.pet.0, fields(both));
    assert_eq!(
        refused_part(&mut other, &rig),
        (ErrorCode::Stale, vec!["hold_until".to_owned()])
    );
    assert!(!visible(&other));
    assert_eq!(
        other.all::<Pet>()[0].1.hold_until,
        Some(jiff::civil::date(2026, 12, 24))
    );
    // A word of a newer app, and something that is no name.
    for (more, code) in [
        ("aura", ErrorCode::UnknownField),
        ("name", ErrorCode::InvalidField),
    ] {
        a.owner
            .patch(Kind::Pet, a.pet.0, fields(json!({"visible": true})));
        a.owner.sync(&rig).unwrap();
        a.owner
            .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false, more: ""})));
        assert_eq!(refused_part(&mut a.owner, &rig), (code, vec![more.to_owned()]));
        assert!(!visible(&a.owner));
    }
}

#[test]
fn a_consent_is_withdrawn_in_a_form_with_one_move_too_many() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let nil = romp_domain::row::HOUSEHOLD_ROW;
    let area = |n: i32| json!({"lat_c": 4760 + n, "lon_c": -12230});
    for n in 0..6 {
        a.owner
            .patch(Kind::Household, nil, fields(json!({ "area": area(n) })));
        a.owner.sync(&rig).unwrap();
    }
    let both = json!({"share_consent": null, "area": area(40)});
    a.owner.patch(Kind::Household, nil, fields(both));
    assert_eq!(
        refused_part(&mut a.owner, &rig),
        (ErrorCode::TooMany, vec!["area".to_owned()])
    );
    let settings = &a.owner.all::<romp_domain::Household>()[0].1;
    assert_eq!(settings.share_consent, None);
}

#[test]
fn an_earlier_end_of_a_pause_with_an_earlier_clock_is_not_lifted_over_a_later_one() {
    let rig = Rig::new();
    let (mut a, mut other) = two_owners(&rig);
    a.owner.skew_ms = 50_000;
    rig.pass(100_000);
    other.patch(Kind::Pet, a.pet.0, fields(json!({"hold_until": "2026-11-23"})));
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"hold_until": "2026-12-24"})));
    a.owner.sync(&rig).unwrap();
    other.sync(&rig).unwrap();
    let hold = other.all::<Pet>()[0].1.hold_until;
    assert_eq!(hold, Some(jiff::civil::date(2026, 12, 24)));
}

#[test]
fn an_owners_choice_that_loses_releases_nothing() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    rig.pass(60_000);
    let choice = json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes", "released": "yes"});
    // Made first, told last: the child has chosen meanwhile.
    a.owner
        .patch(Kind::Swipe, SwipeId::of(a.pet, b.pet).0, fields(choice));
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.outbox.last_mut().unwrap().hlc = romp_domain::Hlc::at_ms(rig.now().0);
    a.child.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    let swipe = &a.owner.all::<Swipe>()[0].1;
    assert_eq!(swipe.by_child, Some(a.kid));
    assert!(!swipe.is_released_yes());
}

#[test]
fn a_release_does_not_outlive_the_choice_it_came_with_though_its_maker_had_seen_the_one_that_stays() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    let id = SwipeId::of(a.pet, b.pet).0;
    rig.pass(60_000);
    a.child_swipes(b.pet, Verdict::Yes);
    a.child.outbox.last_mut().unwrap().hlc = romp_domain::Hlc::at_ms(rig.now().0);
    a.child.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    // Seen, and yet stamped before it: the clock of the phone was set back.
    let choice = json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes", "released": "yes"});
    a.owner.patch(Kind::Swipe, id, fields(choice));
    let reply = a.owner.sync(&rig).unwrap();
    assert_eq!(reply.results[0].outcome, Outcome::Superseded);
    let swipe = &a.owner.all::<Swipe>()[0].1;
    assert_eq!((swipe.by_child, swipe.released), (Some(a.kid), None));
}

#[test]
fn a_choice_of_a_child_at_an_owners_device_is_not_covered_by_an_earlier_release() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    let id = SwipeId::of(a.pet, b.pet).0;
    let mut other = rig.device(a.household, 999, Role::Owner);
    a.child_swipes(b.pet, Verdict::No);
    a.child.sync(&rig).unwrap();
    a.owner_sees_and_releases(&rig, b.pet);
    rig.pass(60_000);
    other.skew_ms = 60_000;
    other.patch(
        Kind::Swipe,
        id,
        fields(json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes", "by_child": a.kid})),
    );
    other.sync(&rig).unwrap();
    let swipe = &other.all::<Swipe>()[0].1;
    assert_eq!(
        (swipe.verdict, swipe.is_released_yes()),
        (Some(Verdict::Yes), false)
    );
}

#[test]
fn r4_a_child_who_chooses_again_on_an_owners_tablet_needs_a_new_release_though_it_is_not_named_anew() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let b = rig.family(2);
    let id = romp_domain::SwipeId::of(a.pet, b.pet).0;
    let mut other = rig.device(a.household, 99, Role::Owner);
    let choice = json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes", "by_child": a.kid});
    a.owner.patch(Kind::Swipe, id, fields(choice));
    a.owner.sync(&rig).unwrap();
    other.sync(&rig).unwrap();
    other.patch(Kind::Swipe, id, fields(json!({"released": "yes"})));
    let released = other.sync(&rig).unwrap();
    assert_eq!(released.results[0].outcome, Outcome::Applied);
    // Without having heard of that, undone and chosen again; a device sends what differs.
    for verdict in [json!(null), json!("yes")] {
        a.owner
            .patch(Kind::Swipe, id, fields(json!({"verdict": verdict})));
    }
    a.owner.sync(&rig).unwrap();
    let household = a.household;
    let row = rig
        .server
        .db
        .read(move |tx| tx.row(household, Kind::Swipe, id))
        .unwrap()
        .unwrap();
    assert_eq!(
        (&row.fields.0["verdict"], &row.fields.0["released"]),
        (&json!("yes"), &json!(null))
    );
}
