//! Copies of a device, a server that was put back, removals that are forgotten, and rows that differ.

use romp_domain::policy::RateClass;
use romp_domain::time::{DAY_MS, HOUR_MS};
use romp_domain::wire::{Digest, Epoch, Link, Outcome, PROTOCOL, Reset, SyncReply, SyncRequest};
use romp_domain::{Child, DeviceId, Entity, ErrorCode, Fields, Kind, Role};
use romp_sync::DigestSum;
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
        mutations: mutations.cloned().collect(),
        ..device.request(rig)
    }
}

fn send(rig: &Rig, device: &Device, request: SyncRequest) -> SyncReply {
    crate::sync::sync(&rig.server, &device.session, request).unwrap()
}

fn energy(level: i64) -> Fields {
    fields(json!({"energy": level}))
}

#[test]
fn a_copy_of_a_device_is_told_to_go_on_under_another_id_and_loses_nothing() {
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
    copy.mutations[0].hlc = copy.mutations[0].hlc.next();
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
        (None, 1, copy.mutations[0].mid)
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
fn nobody_speaks_as_a_device_of_another_session() {
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
fn removals_are_forgotten_once_all_know_of_them_and_nothing_comes_back() {
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
fn a_removed_row_stays_removed_whatever_is_said_of_it() {
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

#[test]
fn rows_that_differ_are_found_and_sent_anew() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    while a.owner.sync(&rig).unwrap().more {}
    let mut sum = DigestSum::default();
    let everything = SyncRequest {
        cursor: 0,
        ..a.owner.request(&rig)
    };
    for row in &send(&rig, &a.owner, everything).rows {
        let text = serde_json::to_string(row.fields.as_ref().unwrap()).unwrap();
        sum.add(&row.kind, row.id, row.seq, &text);
    }
    let ask = |digest| SyncRequest {
        digest: Some(digest),
        ..a.owner.request(&rig)
    };
    let reply = send(&rig, &a.owner, ask(sum.digest()));
    assert_eq!((reply.compared, reply.reset, reply.rows.len()), (true, None, 0));
    let reply = send(&rig, &a.owner, ask(Digest(1)));
    assert_eq!((reply.compared, reply.reset), (true, Some(Reset::Digest)));
    assert!(!reply.rows.is_empty());
    // A device that is behind is not compared.
    let mut other = rig.device(a.household, 999, Role::Owner);
    other.sync(&rig).unwrap();
    other.skew_ms = 60_000;
    other.patch(Kind::Pet, a.pet.0, energy(4));
    other.sync(&rig).unwrap();
    let behind = SyncRequest {
        mutations: Vec::new(),
        ..ask(Digest(1))
    };
    let reply = send(&rig, &a.owner, behind);
    assert_eq!((reply.compared, reply.reset), (false, None));
}

#[test]
fn row_33_rows_are_compared_a_few_times_an_hour_and_the_exchange_goes_on_without() {
    let rig = Rig::new();
    let (mut a, b) = (rig.family(1), rig.family(2));
    while a.owner.sync(&rig).unwrap().more {}
    let ask = |device: &Device| SyncRequest {
        digest: Some(Digest(1)),
        cursor: a.owner.cursor,
        ..device.request(&rig)
    };
    let most = RateClass::Compare.per_session().unwrap().burst;
    for _ in 0..most {
        assert!(send(&rig, &a.owner, ask(&a.owner)).compared);
    }
    let reply = send(&rig, &a.owner, ask(&a.owner));
    assert_eq!((reply.compared, reply.reset), (false, None));
    assert_eq!(reply.cursor, a.owner.cursor, "all the rest is answered");
    // What it has to tell is taken in as ever, and nobody else has to wait.
    a.owner.patch(Kind::Pet, a.pet.0, energy(4));
    assert_eq!(a.owner.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    while a.owner.sync(&rig).unwrap().more {}
    let other = SyncRequest {
        digest: Some(Digest(1)),
        cursor: u64::MAX,
        ..b.owner.request(&rig)
    };
    let head = send(&rig, &b.owner, other).head;
    let other = SyncRequest {
        digest: Some(Digest(1)),
        cursor: head,
        ..b.owner.request(&rig)
    };
    assert!(send(&rig, &b.owner, other).compared);
    rig.pass(HOUR_MS);
    let again = SyncRequest {
        digest: Some(Digest(1)),
        ..a.owner.request(&rig)
    };
    assert!(send(&rig, &a.owner, again).compared, "later");
}

#[test]
fn what_a_device_was_sent_under_another_scope_it_is_sent_anew() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let reply = a.child.sync(&rig).unwrap();
    let under = |scope| SyncRequest {
        scope: Some(scope),
        ..a.child.request(&rig)
    };
    assert_eq!(send(&rig, &a.child, under(reply.scope)).reset, None);
    let reply = send(&rig, &a.child, under(reply.scope ^ 1));
    assert_eq!(reply.reset, Some(Reset::Scope));
    assert!(!reply.rows.is_empty());
}

#[test]
fn a_device_that_is_too_old_can_still_bring_what_it_has() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    a.owner.patch(Kind::Pet, a.pet.0, energy(5));
    let old = SyncRequest {
        protocol: 0,
        ..a.owner.request(&rig)
    };
    let cursor = old.cursor;
    let reply = send(&rig, &a.owner, old);
    assert_eq!((reply.results.len(), reply.outdated), (1, true));
    assert!(reply.rows.is_empty() && reply.cursor == cursor && !reply.more);
}

#[test]
fn a_page_has_bounded_bytes_and_continues_where_it_ended() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let notes = "x".repeat(1_000);
    for n in 0..400 {
        let mut pet = a.dog().to_fields();
        pet.0.insert("owner_notes".to_owned(), json!(notes));
        a.owner.patch(Kind::Pet, Uuid::from_u128(500_000 + n % 190), pet);
        if n % 10 == 9 {
            let reply = a.owner.sync(&rig).unwrap();
            assert_eq!(reply.results[0].outcome, Outcome::Applied);
        }
    }
    let mut fresh = rig.device(a.household, 999, Role::Owner);
    let mut pages = 0;
    loop {
        let reply = fresh.sync(&rig).unwrap();
        pages += 1;
        let bytes = serde_json::to_string(&reply.rows).unwrap().len();
        assert!(bytes < 400_000, "{bytes}");
        if !reply.more {
            break;
        }
    }
    assert!(pages > 1);
    while a.owner.sync(&rig).unwrap().more {}
    assert_eq!(fresh.dump(), a.owner.dump());
}
