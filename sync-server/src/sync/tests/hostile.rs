//! What an attacker with a valid session would try.

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::{DAY_MS, MINUTE_MS};
use romp_domain::wire::{Chain, MutationResult, Outcome, SyncReply, SyncRequest};
use romp_domain::{
    Entity, ErrorCode, Fields, Hlc, Kind, Matched, Op, Pet, PetId, Playdate, PlaydateAct, PlaydateState,
    Role, Swipe, SwipeId, UtcMs, Verdict,
};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Rig, both_accept, mutual, refusal};
use crate::db::DbExt;

fn fields(value: serde_json::Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

#[test]
fn row_48_a_childs_session_can_write_nothing_but_its_own_swipe() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let other = Uuid::from_u128(0xBAD);
    let swipe = SwipeId::of(a.pet, PetId(other)).0;
    let own = json!({"actor_pet": a.pet, "target_pet": other, "verdict": "yes", "by_child": a.kid});
    let attempts = [
        (Kind::Household, HOUSEHOLD_ROW, json!({"share_consent": null})),
        (Kind::Pet, a.pet.0, json!({"visible": false})),
        (
            Kind::Pet,
            other,
            serde_json::to_value(Pet::new(romp_domain::Species::Dog).to_fields()).unwrap(),
        ),
        (Kind::Child, a.kid.0, json!({"nickname": "Boss"})),
        (
            Kind::Slot,
            other,
            json!({"hours": {"weekday": "mon", "start": 0, "end": 60}}),
        ),
        (Kind::Swipe, swipe, {
            let mut with_release = own.clone();
            with_release["released"] = "yes".into();
            with_release
        }),
        (Kind::Swipe, swipe, json!({"deleted": true})),
    ];
    for (kind, id, patch) in attempts {
        let before = a.owner.dump();
        a.child.patch(kind, id, fields(patch.clone()));
        let reply = a.child.sync(&rig).unwrap();
        assert_eq!(refusal(&reply.results), ErrorCode::Forbidden, "{kind:?} {patch}");
        a.owner.sync(&rig).unwrap();
        assert_eq!(a.owner.dump(), before);
    }
    a.child.act(other, PlaydateAct::Accept, 0);
    assert_eq!(
        refusal(&a.child.sync(&rig).unwrap().results),
        ErrorCode::Forbidden
    );
    a.child.patch(Kind::Swipe, swipe, fields(own));
    assert_eq!(a.child.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}

#[test]
fn a_child_without_a_name_or_with_a_strangers_cannot_swipe() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    for by_child in [json!(null), json!(b.kid)] {
        let patch = json!({"actor_pet": a.pet, "target_pet": b.pet, "verdict": "yes", "by_child": by_child});
        a.child
            .patch(Kind::Swipe, SwipeId::of(a.pet, b.pet).0, fields(patch));
        assert_eq!(
            refusal(&a.child.sync(&rig).unwrap().results),
            ErrorCode::InvalidField
        );
    }
}

#[test]
fn row_10_swiping_with_a_strangers_pet_on_oneself_or_under_a_made_up_id_is_refused() {
    let rig = Rig::new();
    let (mut a, b, c) = (rig.family(1), rig.family(2), rig.family(3));
    let second = PetId(Uuid::from_u128(77));
    a.owner.patch(Kind::Pet, second.0, a.dog().to_fields());
    a.owner.sync(&rig).unwrap();
    let cases = [
        (b.pet, a.pet, SwipeId::of(b.pet, a.pet)),
        (b.pet, c.pet, SwipeId::of(b.pet, c.pet)),
        (a.pet, a.pet, SwipeId::of(a.pet, a.pet)),
        (a.pet, second, SwipeId::of(a.pet, second)),
        (a.pet, b.pet, SwipeId::of(b.pet, a.pet)),
    ];
    for (actor_pet, target_pet, id) in cases {
        let swipe = Swipe {
            actor_pet,
            target_pet,
            verdict: Some(Verdict::Yes),
            by_child: None,
            released: Some(Verdict::Yes),
        };
        a.owner.patch(Kind::Swipe, id.0, swipe.to_fields());
        assert_eq!(
            refusal(&a.owner.sync(&rig).unwrap().results),
            ErrorCode::InvalidField,
            "{actor_pet} {target_pet}"
        );
    }
}

#[test]
fn a_pet_that_was_removed_chooses_nobody() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    a.owner.patch(Kind::Pet, a.pet.0, Fields::removal());
    a.owner.sync(&rig).unwrap();
    a.child_swipes(b.pet, Verdict::Yes);
    assert_eq!(
        refusal(&a.child.sync(&rig).unwrap().results),
        ErrorCode::InvalidField
    );
}

#[test]
fn whether_a_swiped_pet_exists_cannot_be_found_out() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    for target in [b.pet, PetId(Uuid::from_u128(0xDEAD))] {
        a.child_swipes(target, Verdict::Yes);
        assert_eq!(a.child.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    }
}

#[test]
fn row_47_a_strangers_rows_can_be_neither_overwritten_nor_claimed() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    let before = b.owner.dump();
    a.owner.patch(Kind::Pet, b.pet.0, a.dog().to_fields());
    assert_eq!(refusal(&a.owner.sync(&rig).unwrap().results), ErrorCode::NotFound);
    a.owner.patch(Kind::Child, b.kid.0, a.child_profile().to_fields());
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert_eq!(
        b.owner.dump(),
        before,
        "the same id in another household is another row"
    );
}

#[test]
fn row_47_an_id_that_is_taken_gets_one_answer_whatever_became_of_the_pet() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let [_shown, mut hidden, mut removed, gone] = [2, 3, 4, 5].map(|n| rig.family(n));
    let ids = [2, 3, 4, 5].map(|n| Uuid::from_u128(n * 100 + 1));
    hidden
        .owner
        .patch(Kind::Pet, hidden.pet.0, fields(json!({"visible": false})));
    hidden.owner.sync(&rig).unwrap();
    removed
        .owner
        .patch(Kind::Pet, removed.pet.0, romp_domain::Fields::removal());
    removed.owner.sync(&rig).unwrap();
    let (household, now) = (gone.household, rig.now());
    rig.server
        .db
        .write(move |tx| crate::sync::erase(tx, household, now))
        .unwrap();
    let whole = a.dog().to_fields();
    for pushed in [
        whole,
        fields(json!({"energy": 3})),
        romp_domain::Fields::removal(),
    ] {
        let mut answers = Vec::new();
        for id in ids {
            a.owner.patch(Kind::Pet, id, pushed.clone());
            let mut reply = a.owner.sync(&rig).unwrap();
            assert!(reply.rows.iter().all(|row| !ids.contains(&row.id)));
            answers.push(reply.results.remove(0).outcome);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_ne!(answers[0], Outcome::Applied);
    }
}

#[test]
fn rows_that_only_the_server_writes_cannot_be_pushed() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    for kind in [Kind::Card, Kind::Match, Kind::Playdate] {
        a.owner
            .patch(kind, Uuid::from_u128(5), fields(json!({"pet": a.pet})));
        assert_eq!(
            refusal(&a.owner.sync(&rig).unwrap().results),
            ErrorCode::Forbidden,
            "{kind:?}"
        );
    }
}

/// What a reply says, but for the number and the stamp of what it answers.
fn told(reply: SyncReply) -> SyncReply {
    let unnumbered = |result: MutationResult| MutationResult { mid: 0, ..result };
    SyncReply {
        ack_mid: 0,
        ack_chain: Chain::default(),
        clock: Hlc::default(),
        results: reply.results.into_iter().map(unnumbered).collect(),
        ..reply
    }
}

#[test]
fn row_03_a_playdate_of_others_looks_like_none() {
    let rig = Rig::new();
    let [mut a, mut b, mut c] = [1, 2, 3].map(|n| rig.family(n));
    mutual(&rig, &mut a, &mut b);
    let (matched, _) = a.owner.all::<Matched>().remove(0);
    let made_up = Uuid::from_u128(404);
    for stage in [
        PlaydateState::Proposed,
        PlaydateState::Confirmed,
        PlaydateState::Cancelled,
    ] {
        let (id, playdate) = a.owner.all::<Playdate>().remove(0);
        assert_eq!(playdate.state, stage);
        for device in [&mut c.owner, &mut c.child] {
            while device.sync(&rig).unwrap().more {}
            for (kind, theirs) in [(Kind::Playdate, id), (Kind::Match, matched)] {
                for act in PlaydateAct::ALL {
                    for expect_rev in [0, playdate.rev, u32::MAX] {
                        let answers = [theirs, made_up].map(|id| {
                            let act = *act;
                            device.push(kind, id, Op::Act { act, expect_rev });
                            told(device.sync(&rig).unwrap())
                        });
                        assert_eq!(answers[0], answers[1], "{stage:?} {kind:?} {act:?} {expect_rev}");
                        let owner = device.session.role == Role::Owner;
                        if owner && (kind == Kind::Playdate || *act == PlaydateAct::Cancel) {
                            assert_eq!(refusal(&answers[0].results), ErrorCode::NotFound);
                        }
                    }
                }
            }
        }
        for family in [&mut a, &mut b] {
            let before = family.owner.dump();
            family.owner.sync(&rig).unwrap();
            assert_eq!(family.owner.dump(), before, "nothing happened to it");
        }
        if stage == PlaydateState::Proposed {
            both_accept(&rig, &mut a, &mut b);
        } else {
            a.owner.act(id, PlaydateAct::Cancel, playdate.rev);
        }
        for family in [&mut a, &mut b] {
            family.owner.sync(&rig).unwrap();
        }
    }
}

#[test]
fn without_the_owners_consent_a_childs_device_gets_nothing() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(
        Kind::Household,
        HOUSEHOLD_ROW,
        fields(json!({"child_consent": null})),
    );
    a.owner.sync(&rig).unwrap();
    a.child_swipes(PetId(Uuid::from_u128(9)), Verdict::Yes);
    assert_eq!(a.child.sync(&rig).unwrap_err().code, ErrorCode::ConsentMissing);
    assert_eq!(a.child.outbox.len(), 1, "the child's choice is kept for later");
}

#[test]
fn row_06_what_owners_keep_to_themselves_is_on_no_childs_device() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(
        Kind::Pet,
        a.pet.0,
        fields(json!({"owner_notes": "SECRETNOTE", "needs": "SECRETNEED", "weight_g": 12_345})),
    );
    a.owner.sync(&rig).unwrap();
    a.child.sync(&rig).unwrap();
    let held = a.child.dump();
    assert!(
        held.contains("Dog 1") && !held.contains("SECRET") && !held.contains("12345"),
        "{held}"
    );
    assert!(
        a.child.all::<romp_domain::Household>().is_empty()
            && a.child.all::<romp_domain::WeeklySlot>().is_empty()
    );
    assert_eq!(a.child.session.role, Role::Child);
}

#[test]
fn row_49_a_session_that_ended_between_the_gateway_and_the_transaction_writes_nothing() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut other = rig.device(a.household, 999, Role::Owner);
    while other.sync(&rig).unwrap().more {}
    let before = other.dump();
    let (session, start) = (a.owner.session.id, rig.now());
    rig.pass(MINUTE_MS);
    let ended = rig.now();
    rig.server
        .db
        .write(move |tx| tx.end_session(session, ended))
        .unwrap();
    rig.pass(MINUTE_MS);
    a.owner.patch(Kind::Pet, a.pet.0, fields(json!({"energy": 1})));
    // When it was made counts for nothing: not before the end, not by a clock that is as far behind.
    for made in [UtcMs(0), start.plus_ms(-DAY_MS), start, ended.plus_ms(-1), ended] {
        for clock in [made, rig.now()] {
            for waited in [false, true] {
                a.owner.outbox[0].hlc = Hlc::at_ms(made.0);
                a.owner.outbox[0].waited = waited;
                let request = SyncRequest {
                    clock: Hlc::at_ms(clock.0),
                    ..a.owner.request(&rig)
                };
                let refused = crate::sync::sync(&rig.server, &a.owner.session, request).unwrap_err();
                assert_eq!(
                    refused.code,
                    ErrorCode::NotSignedIn,
                    "{made:?} {clock:?} {waited}"
                );
            }
        }
    }
    other.sync(&rig).unwrap();
    assert_eq!(other.dump(), before);
    // Told by a session that goes on, it is a change like any other.
    other.outbox.append(&mut a.owner.outbox);
    other.outbox[0].mid = 1;
    assert_eq!(other.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}

#[test]
fn row_28_a_name_of_a_megabyte_is_not_stored_or_told_back() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let (pet, device) = (a.pet.0, a.owner.session.device);
    let long = "x".repeat(1_000_000);
    let many = |n: usize, name: fn(usize) -> String| -> serde_json::Value {
        let names = (0..n).map(|n| (name(n), json!(1)));
        names.chain([("visible".to_owned(), json!(false))]).collect()
    };
    for patch in [
        json!({long.as_str(): 1}),
        json!({"species": long}),
        json!({"species": {long.as_str(): 1}}),
        json!({"visible": false, long.as_str(): 1}),
        many(64, |n| format!("{}{n}", "\u{1}".repeat(60))),
        many(64, |n| format!("{}{n}", "x".repeat(30))),
    ] {
        a.owner.patch(Kind::Pet, pet, fields(patch));
        let result = a.owner.sync(&rig).unwrap().results.remove(0);
        let told = serde_json::to_string(&result).unwrap();
        assert!(told.contains("rejected") && told.len() < 1_000, "{}", told.len());
        let kept = rig.server.db.read(move |tx| tx.rejects(device, 0, u64::MAX));
        let kept = serde_json::to_string(&kept.unwrap()).unwrap();
        assert!(kept.len() < 1_000, "{}", kept.len());
    }
}
