//! Requests that would make much of little: much work, many rows, much noise; and changes at a bad moment.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::{DAY_MS, MINUTE_MS};
use romp_domain::wire::Outcome;
use romp_domain::{
    Card, Kind, Matched, Playdate, PlaydateAct, PlaydateState, Role, Species, SwipeId, UtcMs, Verdict,
    WeeklySlot,
};
use serde_json::json;

use super::super::work::Work;
use super::rig::{Device, Rig, fields, mutual};
use crate::db::{Answer, Db, DbExt, Fault, Job};
use crate::server::Server;

#[test]
fn a_family_is_loaded_once_a_transaction_and_anew_after_a_change() {
    let rig = Rig::new();
    let (household, pet) = (rig.family(1).household, rig.family(2).pet);
    rig.server
        .db
        .write(move |tx| {
            let mut work = Work::new(tx, UtcMs(super::rig::START));
            let (first, second) = (work.family(household)?, work.family(household)?);
            assert!(Arc::ptr_eq(&first.clone().unwrap(), &second.unwrap()));
            let slot = work.all::<WeeklySlot>(household)?.remove(0).0;
            let row = work.row(household, Kind::Slot, slot)?.unwrap();
            work.put_row(household, Kind::Slot, slot, &row)?;
            assert!(!Arc::ptr_eq(&first.unwrap(), &work.family(household)?.unwrap()));
            assert!(work.family(household)?.unwrap().candidate(pet).is_none());
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_stored_row_is_not_larger_than_its_rules_allow() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let name = format!("R{}ex", "\u{200B}".repeat(300_000));
    a.owner.patch(Kind::Pet, a.pet.0, fields(json!({ "name": name })));
    let reply = a.owner.sync(&rig).unwrap();
    let (household, pet) = (a.household, a.pet);
    let stored = rig
        .server
        .db
        .read(move |tx| tx.row(household, Kind::Pet, pet.0))
        .unwrap()
        .unwrap();
    let bytes = serde_json::to_string(&stored.fields).unwrap().len();
    assert!(
        bytes < 10_000,
        "{:?}, and {bytes} bytes are stored",
        reply.results[0].outcome
    );
}

#[test]
fn a_list_of_a_closed_set_is_not_stored_a_hundred_thousand_times() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let styles = vec!["chaser"; 80_000];
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({ "play_styles": styles })));
    a.owner.sync(&rig).unwrap();
    let (household, pet) = (a.household, a.pet);
    let stored = rig
        .server
        .db
        .read(move |tx| tx.row(household, Kind::Pet, pet.0))
        .unwrap()
        .unwrap();
    let bytes = serde_json::to_string(&stored.fields).unwrap().len();
    assert!(bytes < 10_000, "{bytes} bytes are stored");
}

#[test]
fn a_neighbour_is_not_woken_again_and_again() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    // B has decided on A's pet, and there is no other: nothing is left in its deck.
    b.child_swipes(a.pet, Verdict::No);
    b.child.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    let mut woken = 0;
    for n in 0..20 {
        a.owner
            .patch(Kind::Pet, a.pet.0, fields(json!({"energy": n % 5 + 1})));
        a.owner.sync(&rig).unwrap();
        let reply = b.owner.sync(&rig).unwrap();
        woken += usize::from(!reply.rows.is_empty());
    }
    assert_eq!(
        woken, 3,
        "how often 20 edits within one moment woke every such neighbour"
    );
}

#[test]
fn a_proposal_whose_time_passed_long_ago_is_not_open() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    rig.pass(40 * DAY_MS);
    for _ in 0..3 {
        a.owner.sync(&rig).unwrap();
        b.owner.sync(&rig).unwrap();
    }
    let now = UtcMs(super::rig::START + 40 * DAY_MS);
    let open: Vec<_> = b
        .owner
        .all::<Playdate>()
        .into_iter()
        .filter(|(_, p)| p.state == PlaydateState::Proposed && p.slot.end() < now)
        .collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_family_that_calls_off_is_not_asked_for_ever() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    let mut asked = 0;
    for _ in 0..8 {
        let open = a
            .owner
            .all::<Playdate>()
            .into_iter()
            .find(|(_, p)| p.state == PlaydateState::Proposed);
        if let Some((id, p)) = open {
            asked += 1;
            a.owner.act(id, PlaydateAct::Cancel, p.rev);
        }
        a.owner.sync(&rig).unwrap();
        rig.pass(11 * MINUTE_MS);
        a.owner.sync(&rig).unwrap();
        a.owner.sync(&rig).unwrap();
    }
    assert!(asked <= 3, "{asked} proposals in {} minutes", 8 * 11);
}

#[test]
fn refusals_do_not_pile_up() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let device = a.child.session.device;
    for _ in 0..5 {
        for _ in 0..400 {
            a.child
                .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
        }
        a.child.sync(&rig).unwrap();
    }
    a.child.sync(&rig).unwrap();
    let kept = rig
        .server
        .db
        .read(move |tx| tx.rejects(device, 0, u64::MAX))
        .unwrap()
        .len();
    assert!(
        kept <= 500,
        "{kept} refusals of long acknowledged mutations are kept"
    );
}

/// A database in which something happens right before the n-th write.
struct Hooked {
    inner: Arc<dyn Db>,
    left: AtomicUsize,
    hook: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Db for Hooked {
    fn run_write(&self, job: Job) -> Result<Answer, Fault> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1
            && let Some(hook) = self.hook.lock().unwrap().take()
        {
            hook();
        }
        self.inner.run_write(job)
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        self.inner.run_read(job)
    }
}

/// `device` syncs; right before its second write (the new deck), `other` does.
fn interleaved(rig: &Rig, device: &mut Device, other: &Device) {
    let (plain, session, request) = (Arc::clone(&rig.server), other.session.clone(), other.request(rig));
    let hooked = Hooked {
        inner: Arc::clone(&rig.server.db),
        left: AtomicUsize::new(2),
        hook: Mutex::new(Some(Box::new(move || {
            crate::sync::sync(&plain, &session, request).unwrap();
        }))),
    };
    let server = Server::new(
        Arc::new(hooked),
        rig.clock.clone(),
        Arc::clone(&rig.server.random),
        crate::server::Settings::default(),
    );
    crate::sync::sync(&server, &device.session, device.request(rig)).unwrap();
    device.outbox.clear();
    device.sync(rig).unwrap();
}

#[test]
fn a_change_while_a_deck_is_dealt_is_not_lost() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    b.owner
        .patch(Kind::Pet, b.pet.0, fields(json!({"visible": false})));
    b.owner.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    a.owner.patch(Kind::Pet, a.pet.0, fields(json!({"energy": 2})));
    b.owner
        .patch(Kind::Pet, b.pet.0, fields(json!({"visible": true})));
    interleaved(&rig, &mut a.owner, &b.owner);
    assert_eq!(
        a.owner.all::<Card>().len(),
        1,
        "B showed its pet, and A is not told"
    );
}

#[test]
fn an_allergy_entered_while_a_deck_is_dealt_holds() {
    let rig = Rig::new();
    let (mut a, _b) = (rig.family(1), rig.family(2));
    let mut second = rig.device(a.household, 999, Role::Owner);
    second.sync(&rig).unwrap();
    a.owner.patch(Kind::Pet, a.pet.0, fields(json!({"energy": 2})));
    second.patch(
        Kind::Household,
        HOUSEHOLD_ROW,
        fields(json!({"allergies": [Species::Dog]})),
    );
    second.outbox[0].hlc = romp_domain::Hlc::at_ms(super::rig::START + 5_000);
    interleaved(&rig, &mut a.owner, &second);
    assert!(
        a.owner.all::<Card>().is_empty(),
        "a family with an allergy to dogs is dealt a dog"
    );
}

#[test]
fn who_sees_others_is_seen_by_them() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    a.owner.patch(
        Kind::Household,
        HOUSEHOLD_ROW,
        fields(json!({"area": [4760, -12230]})),
    );
    let outcome = a.owner.sync(&rig).unwrap().results.remove(0).outcome;
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": true})));
    a.owner.sync(&rig).unwrap();
    b.owner.patch(Kind::Pet, b.pet.0, fields(json!({"energy": 3})));
    b.owner.sync(&rig).unwrap();
    a.owner.sync(&rig).unwrap();
    assert_eq!(
        (a.owner.all::<Card>().len(), b.owner.all::<Card>().len()),
        (1, 1),
        "an area written as a list was {outcome:?}: A sees B, B can never see A"
    );
}

#[test]
fn a_swipe_whose_ids_are_written_another_way_matches_like_any() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    let yes = json!({"actor_pet": format!("urn:uuid:{}", a.pet.0), "target_pet": b.pet, "verdict": "yes",
        "by_child": null, "released": "yes"});
    a.owner
        .patch(Kind::Swipe, SwipeId::of(a.pet, b.pet).0, fields(yes));
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    b.child_swipes(a.pet, Verdict::Yes);
    b.child.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    b.owner_releases(a.pet);
    b.owner.sync(&rig).unwrap();
    assert_eq!(b.owner.all::<Matched>().len(), 1);
}
