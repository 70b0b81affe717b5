//! Histories that break off: copies of this device, a server that was put back, rows that must be told anew.

mod common;

use common::{Device, acked, fields, id, made, pet_row, reply};
use romp_domain::wire::{Chain, Digest, Epoch, Link, Reset, SyncReply, SyncRequest};
use romp_domain::{DeviceId, Kind, Row};
use romp_sync::exchange::Next;
use romp_sync::{DigestSum, link_after};
use serde_json::json;

/// A device that has pulled two pets up to commit 5.
fn with_two_pets() -> Device {
    let device = Device::new();
    let request = device.request();
    let answer = SyncReply {
        rows: vec![pet_row(1, 4, "Rex"), pet_row(2, 5, "Max")],
        cursor: 5,
        head: 5,
        scope: 8,
        ..reply(&request)
    };
    assert_eq!(device.absorb(&request, answer), Next::Done);
    device
}

/// The server says `reset` and tells one pet again, with more to come.
fn first_page_anew(device: &Device, reset: Reset) -> SyncRequest {
    let request = device.request();
    let answer = SyncReply {
        reset: Some(reset),
        epoch: Epoch(6),
        rows: vec![pet_row(2, 2, "Maxi")],
        cursor: 2,
        head: 3,
        more: true,
        ack_mid: request.link.map_or(0, |link| link.mid),
        ..reply(&request)
    };
    assert_eq!(device.absorb(&request, answer), Next::Again);
    device.request()
}

#[test]
fn what_is_told_anew_replaces_what_was_there_without_an_empty_moment() {
    for reset in [Reset::Epoch, Reset::Ahead, Reset::TooOld, Reset::Digest] {
        let device = with_two_pets();
        // One that never said anything would tell everything itself first.
        device.name_pet(9, "Own");
        let request = device.request();
        device.absorb(&request, acked(&request, 1));
        let request = first_page_anew(&device, reset);
        assert_eq!(
            (request.epoch, request.cursor, request.anew),
            (Some(Epoch(6)), 2, Some(3))
        );
        assert_eq!(
            device.name_of(1).as_deref(),
            Some("Rex"),
            "not told again yet, but still there"
        );
        assert_eq!(device.name_of(2).as_deref(), Some("Maxi"));
        let last = SyncReply {
            rows: vec![pet_row(3, 3, "Bella")],
            cursor: 3,
            head: 3,
            ..reply(&request)
        };
        assert_eq!(device.absorb(&request, last), Next::Done);
        let names = [1, 2, 3].map(|n| device.name_of(n));
        assert_eq!(names, [None, Some("Maxi".into()), Some("Bella".into())]);
        assert_eq!(device.request().anew, None);
    }
}

#[test]
fn row_60_what_may_not_be_seen_any_more_goes_at_once() {
    let device = with_two_pets();
    assert_eq!(device.request().scope, Some(8));
    device.name_pet(9, "Own");
    first_page_anew(&device, Reset::Scope);
    assert_eq!(device.name_of(1), None);
    assert_eq!(device.name_of(2).as_deref(), Some("Maxi"));
    assert_eq!(device.name_of(9).as_deref(), Some("Own"), "own changes stay");
}

#[test]
fn an_old_answer_breaks_no_history_off() {
    let device = with_two_pets();
    let old = device.request();
    device.name_pet(1, "Rexy");
    let request = device.request();
    device.absorb(&request, acked(&request, 6));
    for late in [
        SyncReply {
            reset: Some(Reset::Scope),
            epoch: Epoch(6),
            ..reply(&old)
        },
        SyncReply {
            fork: Some(DeviceId(id(77))),
            ..reply(&old)
        },
        SyncReply {
            epoch: Epoch(7),
            rows: vec![pet_row(1, 9, "Wrong")],
            cursor: 9,
            ..reply(&old)
        },
    ] {
        device.absorb(&old, late);
        assert_eq!(device.name_of(2).as_deref(), Some("Max"));
        let now = device.request();
        assert_eq!((now.device, now.epoch), (old.device, old.epoch));
    }
}

#[test]
fn a_page_asked_for_before_everything_was_pulled_anew_is_not_mixed_in() {
    let device = Device::new();
    let early = device.request();
    let first = device.request();
    let answer = SyncReply {
        rows: vec![pet_row(1, 2, "Rex")],
        cursor: 2,
        head: 5,
        more: true,
        ..reply(&first)
    };
    device.absorb(&first, answer);
    // Answered later, and without the removal of pet 1 at commit 3: a fresh device need not hear of it.
    let answer = SyncReply {
        rows: vec![pet_row(2, 6, "Max")],
        cursor: 6,
        head: 6,
        ..reply(&early)
    };
    device.absorb(&early, answer);
    assert_eq!(device.cursor(), 2, "or pet 1 would stay for ever");
}

#[test]
fn a_copied_device_goes_on_under_another_id_with_everything_that_waits() {
    let device = with_two_pets();
    device.name_pet(1, "Rexy");
    let request = device.request();
    device.absorb(&request, acked(&request, 6));
    device.name_pet(1, "Rexo");
    let request = device.request();
    let told = DeviceId(id(77));
    let answer = SyncReply {
        fork: Some(told),
        more: true,
        ..reply(&request)
    };
    assert_eq!(device.absorb(&request, answer), Next::Again);
    let again = device.request();
    assert_eq!((again.device, again.adopt), (Some(told), true));
    assert_eq!((again.link, &again.mutations), (request.link, &request.mutations));
    assert_eq!(device.store.device().unwrap(), told);
    device.absorb(&again, acked(&again, 7));
    assert!(!device.request().adopt);
    assert_eq!(device.restarted().store.device().unwrap(), told);
}

#[test]
fn the_chain_goes_on_over_everything_that_was_answered() {
    let device = Device::new();
    assert_eq!(device.request().link, Some(Link::default()));
    for name in ["One", "Two", "Three"] {
        device.name_pet(1, name);
    }
    let mut request = device.request();
    let all = request.mutations.clone();
    request.mutations.truncate(2);
    device.absorb(&request, acked(&request, 1));
    let reached = all[..2].iter().fold(Link::default(), link_after);
    assert_eq!(device.request().link, Some(reached));
    device.clock.advance_ms(40 * 86_400_000);
    device.quiet_exchange();
    assert_eq!(
        device.request().link,
        Some(reached),
        "also when the mutations are forgotten"
    );
}

#[test]
fn a_server_that_was_put_back_gets_what_it_lost_before_what_is_new() {
    let device = with_two_pets();
    for name in ["One", "Two", "Three"] {
        device.name_pet(1, name);
    }
    let request = device.request();
    let answer = SyncReply {
        rows: vec![pet_row(1, 6, "Three")],
        cursor: 6,
        ..acked(&request, 6)
    };
    device.absorb(&request, answer);
    device.name_pet(1, "Four");
    let request = device.request();
    let put_back = SyncReply {
        reset: Some(Reset::Epoch),
        epoch: Epoch(6),
        ack_mid: 1,
        ack_chain: Chain(5),
        rows: vec![pet_row(1, 2, "One"), pet_row(2, 3, "Max")],
        cursor: 3,
        head: 3,
        ..reply(&request)
    };
    assert_eq!(device.absorb(&request, put_back), Next::Again);
    let again = device.request();
    let mids: Vec<u64> = made(&again).iter().map(|mutation| mutation.mid).collect();
    assert_eq!(mids, [2, 3, 4]);
    assert!(
        made(&again).iter().all(|mutation| mutation.base_seq.is_none()),
        "what was seen in the lost history counts no more"
    );
    assert_eq!(
        again.link,
        Some(Link {
            mid: 1,
            chain: Chain(5)
        })
    );
    assert_eq!((again.epoch, again.cursor), (Some(Epoch(6)), 3));
    assert_eq!(device.name_of(1).as_deref(), Some("Four"));
}

#[test]
fn rows_are_compared_once_a_day_by_a_device_with_nothing_to_say() {
    let device = with_two_pets();
    let mut sum = DigestSum::default();
    for row in [pet_row(1, 4, "Rex"), pet_row(2, 5, "Max")] {
        let text = serde_json::to_string(&row.fields.unwrap()).unwrap();
        sum.add(&row.kind, row.id, row.seq, &text);
    }
    let request = device.request();
    assert_eq!(request.digest, Some(sum.digest()));
    let compared = SyncReply {
        compared: true,
        ..reply(&request)
    };
    device.absorb(&request, compared);
    assert_eq!(device.request().digest, None);
    device.clock.advance_ms(86_400_000);
    assert!(device.request().digest.is_some());
    device.name_pet(1, "Rexy");
    assert_eq!(device.request().digest, None, "what waits goes first");
}

#[test]
fn what_this_build_does_not_know_counts_in_the_comparison_too() {
    let device = Device::new();
    let request = device.request();
    let odd = Row {
        kind: "hologram".into(),
        id: id(1),
        seq: 1,
        fields: Some(fields(json!({"b": 1, "a": [2.5, null]}))),
    };
    let mut sum = DigestSum::default();
    sum.add("hologram", id(1), 1, r#"{"a":[2.5,null],"b":1}"#);
    let answer = SyncReply {
        rows: vec![odd],
        cursor: 1,
        ..reply(&request)
    };
    device.absorb(&request, answer);
    assert_eq!(device.request().digest, Some(sum.digest()));
    assert_ne!(sum.digest(), Digest(0));
    assert_eq!(Kind::from_word("hologram"), None);
}
