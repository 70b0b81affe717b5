//! Rows that differ, other scopes and other versions: what a device is sent anew, and in how large pages.

use romp_domain::policy::RateClass;
use romp_domain::time::HOUR_MS;
use romp_domain::wire::{Digest, Outcome, Reset, SyncRequest};
use romp_domain::{Entity, Kind, Role};
use romp_sync::DigestSum;
use serde_json::json;
use uuid::Uuid;

use super::history::{energy, send};
use super::rig::{Device, Rig};

#[test]
fn row_60_rows_that_differ_are_found_and_sent_anew() {
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
fn row_60_what_a_device_was_sent_under_another_scope_it_is_sent_anew() {
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
fn row_59_a_device_that_is_too_old_can_still_bring_what_it_has() {
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
