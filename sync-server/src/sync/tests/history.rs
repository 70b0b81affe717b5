//! Copies of a device, a server that was put back, and removals that are forgotten.

use romp_domain::time::DAY_MS;
use romp_domain::wire::{Epoch, Link, Outcome, PROTOCOL, Reset, SyncReply, SyncRequest};
use romp_domain::{Child, DeviceId, Entity, ErrorCode, Fields, Kind, Role, Sent};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Device, Rig, fields};
use crate::db::DbExt;

/// What a device of protocol 2 sends: everything since `link`, of what it has made.
fn request(rig: &Rig, device: &Device, link: Link) -> SyncRequest {
    let mutations = device.outbox.iter().filter(|m| m.mid > link.mid);
    SyncRequest {
        protocol: PROTOCOL,
        device: Some(device.session.device),
        link: Some(link),
        mutations: mutations.cloned().map(Sent::from).collect(),
        ..device.request(rig)
    }
}

pub(super) fn send(rig: &Rig, device: &Device, request: SyncRequest) -> SyncReply {
    crate::sync::sync(&rig.server, &device.session, request).unwrap()
}

pub(super) fn energy(level: i64) -> Fields {
    fields(json!({"energy": level}))
}

#[test]
fn row_46_a_copy_of_a_device_is_told_to_go_on_under_another_id_and_loses_nothing() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let start = Link {
        mid: a.owner.next_mid - 1,
        ..Link::default()
    };
    // The rig's device has spoken protocol 1 until now; its place is the server's.
    let session = a.owner.session.clone();
    let held = {
        let id = session.device;
        rig.server.db.read(move |tx| tx.device(id)).unwrap().unwrap().held
    };
    assert_eq!(held.mid, start.mid);
    let epoch = a.owner.sync(&rig).unwrap().epoch;
    a.owner.patch(Kind::Pet, a.pet.0, energy(1));
    let first = SyncRequest {
        epoch: Some(epoch),
        ..request(&rig, &a.owner, held)
    };
    assert_eq!(send(&rig, &a.owner, first.clone()).fork, None);
    // The copy makes something else under the same number.
    let mut copy = first.clone();
    let mut made = copy.mutations[0].known().unwrap().clone();
    made.hlc = made.hlc.next();
    copy.mutations[0] = made.into();
    let reply = send(&rig, &a.owner, copy.clone());
    let id = reply.fork.expect("a new id");
    assert_ne!(id, session.device);
    assert!(reply.results.is_empty() && reply.rows.is_empty() && reply.ack_mid == 0);
    // It goes on from where the two parted.
    copy.device = Some(id);
    copy.adopt = true;
    copy.epoch = Some(reply.epoch);
    copy.cursor = reply.cursor;
    let reply = send(&rig, &a.owner, copy.clone());
    assert_eq!(
        (reply.fork, reply.results.len(), reply.ack_mid),
        (None, 1, copy.mutations[0].mid())
    );
    // Both go on.
    assert_eq!(send(&rig, &a.owner, copy).fork, None);
    assert_eq!(send(&rig, &a.owner, first).fork, None);
}

#[test]
fn a_device_that_was_put_back_is_found_out_even_with_nothing_to_say() {
    let rig = Rig::new();
    let a = rig.family(1);
    let behind = SyncRequest {
        mutations: Vec::new(),
        ..request(&rig, &a.owner, Link::default())
    };
    assert!(send(&rig, &a.owner, behind).fork.is_some());
}

#[test]
fn row_52_nobody_speaks_as_a_device_of_another_session() {
    let rig = Rig::new();
    let (a, b) = (rig.family(1), rig.family(2));
    for other in [a.child.session.device, b.owner.session.device] {
        let forged = SyncRequest {
            device: Some(other),
            adopt: true,
            ..request(&rig, &a.owner, Link::default())
        };
        let reply = send(&rig, &a.owner, forged);
        assert!(reply.fork.is_some_and(|id| id != other));
        assert!(reply.rows.is_empty(), "and it is told nothing");
    }
    // Copies of copies of copies are somebody playing.
    let mut answers = (0..20).map(|n| {
        let new = SyncRequest {
            device: Some(DeviceId(Uuid::from_u128(700_000 + n))),
            ..SyncRequest::default()
        };
        crate::sync::sync(&rig.server, &a.owner.session, new).map_err(|problem| problem.code)
    });
    assert!(answers.any(|answer| answer == Err(ErrorCode::TooMany)));
}

#[test]
fn after_the_database_was_put_back_devices_first_learn_what_is_lost() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let reply = a.owner.sync(&rig).unwrap();
    let epoch = reply.epoch;
    assert_ne!(epoch, Epoch::default());
    rig.server.db.write(|tx| tx.set_epoch(Epoch(77))).unwrap();
    a.owner.patch(Kind::Pet, a.pet.0, energy(5));
    let before = SyncRequest {
        epoch: Some(epoch),
        ..request(
            &rig,
            &a.owner,
            Link {
                mid: reply.ack_mid,
                chain: reply.ack_chain,
            },
        )
    };
    let reply = send(&rig, &a.owner, before);
    assert_eq!((reply.reset, reply.epoch), (Some(Reset::Epoch), Epoch(77)));
    assert!(
        reply.results.is_empty(),
        "nothing new is taken in before what is lost"
    );
    assert!(reply.rows.iter().any(|row| row.kind == Kind::Pet.word()));
    let after = SyncRequest {
        epoch: Some(Epoch(77)),
        ..request(
            &rig,
            &a.owner,
            Link {
                mid: reply.ack_mid,
                chain: reply.ack_chain,
            },
        )
    };
    assert_eq!(send(&rig, &a.owner, after).results.len(), 1);
}

#[test]
fn a_copy_takes_over_no_past_that_the_database_may_have_lost() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let before = a.owner.sync(&rig).unwrap();
    rig.server.db.write(|tx| tx.set_epoch(Epoch(77))).unwrap();
    let told = Link {
        mid: before.ack_mid,
        chain: before.ack_chain,
    };
    let copy = SyncRequest {
        device: Some(DeviceId(Uuid::from_u128(700_000))),
        epoch: Some(before.epoch),
        adopt: true,
        ..request(&rig, &a.owner, told)
    };
    let reply = send(&rig, &a.owner, copy);
    assert_eq!((reply.reset, reply.ack_mid), (Some(Reset::Epoch), 0));
}

#[test]
fn row_53_removals_are_forgotten_once_all_know_of_them_and_nothing_comes_back() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let kid = a.kid.0;
    let mut slow = rig.device(a.household, 999, Role::Owner);
    slow.sync(&rig).unwrap();
    slow.sync(&rig).unwrap();
    a.owner.patch(Kind::Child, kid, Fields::removal());
    a.owner.sync(&rig).unwrap();
    let household = a.household;
    let notes = || {
        rig.server
            .db
            .read(move |tx| tx.gone(household, u64::MAX, 99))
            .unwrap()
            .len()
    };
    for _ in 0..3 {
        rig.pass(DAY_MS);
        a.owner.sync(&rig).unwrap();
        a.child.sync(&rig).unwrap();
        assert_eq!(notes(), 1, "the slow one has not heard");
    }
    slow.sync(&rig).unwrap();
    assert_eq!(slow.all::<Child>().len(), 0);
    rig.pass(DAY_MS);
    for device in [&mut slow, &mut a.owner, &mut a.child] {
        device.sync(&rig).unwrap();
    }
    assert_eq!(notes(), 0);
    let row = rig
        .server
        .db
        .read(move |tx| tx.row(household, Kind::Child, kid))
        .unwrap()
        .unwrap();
    assert_eq!(
        row.fields,
        Fields::removal(),
        "of the child only that there was one"
    );
    // Somebody who was away tells everything again.
    let profile = a.child_profile().to_fields();
    a.owner.patch(Kind::Child, kid, profile);
    a.owner.sync(&rig).unwrap();
    let mut fresh = rig.device(household, 998, Role::Owner);
    fresh.sync(&rig).unwrap();
    assert_eq!(fresh.all::<Child>().len(), 0);
}

#[test]
fn a_device_that_was_away_too_long_pulls_everything_anew() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut away = rig.device(a.household, 999, Role::Owner);
    away.sync(&rig).unwrap();
    away.sync(&rig).unwrap();
    a.owner.patch(Kind::Child, a.kid.0, Fields::removal());
    a.owner.sync(&rig).unwrap();
    rig.pass(91 * DAY_MS);
    for _ in 0..2 {
        a.child.sync(&rig).unwrap();
        a.owner.sync(&rig).unwrap();
        rig.pass(DAY_MS);
    }
    let reply = away.sync(&rig).unwrap();
    assert_eq!(reply.reset, Some(Reset::TooOld));
    assert!(
        reply.rows.iter().all(|row| row.fields.is_some()),
        "only what is there"
    );
    assert!(reply.rows.iter().any(|row| row.kind == Kind::Pet.word()));
}

#[test]
fn row_53_a_removed_row_stays_removed_whatever_is_said_of_it() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(Kind::Child, a.kid.0, Fields::removal());
    a.owner.sync(&rig).unwrap();
    a.owner.patch(Kind::Child, a.kid.0, Fields::removal());
    a.owner
        .patch(Kind::Child, a.kid.0, fields(json!({"deleted": false})));
    let reply = a.owner.sync(&rig).unwrap();
    let outcomes: Vec<_> = reply.results.iter().map(|result| &result.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Superseded, &Outcome::Superseded]);
    assert_eq!(a.owner.all::<Child>().len(), 0);
}

#[test]
fn a_fresh_device_is_not_told_of_removals() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(Kind::Child, a.kid.0, Fields::removal());
    a.owner.sync(&rig).unwrap();
    let mut fresh = rig.device(a.household, 999, Role::Owner);
    let reply = fresh.sync(&rig).unwrap();
    assert!(reply.rows.iter().all(|row| row.fields.is_some()));
}

/// Requests until everything was pulled anew, as the app's devices do it; the resets on the way.
fn pull_all(rig: &Rig, device: &mut Device, mut between: impl FnMut(u32)) -> Vec<Reset> {
    let (mut resets, mut anew) = (Vec::new(), None);
    for page in 1..20 {
        let request = SyncRequest {
            anew,
            ..device.request(rig)
        };
        let reply = send(rig, device, request);
        resets.extend(reply.reset);
        if device.cursor == 0 || reply.reset.is_some() {
            anew = Some(reply.head);
        }
        device.cursor = reply.cursor;
        if !reply.more {
            return resets;
        }
        between(page);
    }
    panic!("pulling never ends: {} resets", resets.len());
}

/// A family with more rows than fit into one page.
fn large_family(rig: &Rig) -> super::rig::Family {
    let mut a = rig.family(1);
    for n in 0..195_u128 {
        let mut pet = a.dog().to_fields();
        pet.0.insert("owner_notes".to_owned(), json!("x".repeat(1_000)));
        a.owner.patch(Kind::Pet, Uuid::from_u128(500_000 + n), pet);
        if n % 13 == 12 {
            a.owner.sync(rig).unwrap();
        }
    }
    while a.owner.sync(rig).unwrap().more {}
    a
}

/// The child's profile goes, and a day later nobody needs the note of it any more.
fn remove_and_collect(rig: &Rig, a: &mut super::rig::Family) {
    a.owner.patch(Kind::Child, a.kid.0, Fields::removal());
    for _ in 0..3 {
        while a.child.sync(rig).unwrap().more {}
        while a.owner.sync(rig).unwrap().more {}
        rig.pass(DAY_MS);
    }
}

#[test]
fn many_pages_are_pulled_to_their_end_although_removals_were_forgotten_long_after_the_first_of_them() {
    let rig = Rig::new();
    let mut a = large_family(&rig);
    remove_and_collect(&rig, &mut a);
    let mut fresh = rig.device(a.household, 999, Role::Owner);
    let mut pages = 1;
    assert_eq!(pull_all(&rig, &mut fresh, |_| pages += 1), []);
    assert!(pages > 1, "otherwise nothing was tested");
}

#[test]
fn a_removal_that_is_forgotten_while_somebody_pulls_makes_them_begin_once_more() {
    let rig = Rig::new();
    let mut a = large_family(&rig);
    // After the first page it is away for so long that nothing is kept for it any more.
    let mut away = rig.device(a.household, 999, Role::Owner);
    let resets = pull_all(&rig, &mut away, |page| {
        if page == 1 {
            rig.pass(91 * DAY_MS);
            remove_and_collect(&rig, &mut a);
        }
    });
    assert_eq!(resets, [Reset::TooOld]);
}
