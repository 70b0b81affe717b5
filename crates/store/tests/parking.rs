//! What waits for a switch, on a device whose server was put back to a backup or has lost everything.

mod common;

use common::{Device, acked, fields, id, made, pet, pet_row, rejected, reply};
use romp_domain::wire::{Epoch, Reset, SyncReply};
use romp_domain::{ErrorCode, Op, Problem, UtcMs};
use romp_store::StoreError;
use serde_json::json;

/// A pet that the server knows as One; that it is called Two is parked; then Bo was added.
fn held_up() -> Device {
    let device = Device::new();
    for (name, n, off) in [("One", 1, false), ("Two", 1, true), ("Bo", 2, false)] {
        device.name_pet(n, name);
        let request = device.request();
        let mid = made(&request)[0].mid;
        let results = vec![rejected(mid, Problem::new(ErrorCode::SwitchedOff))];
        let answer = acked(&request, mid);
        let answer = if off {
            SyncReply { results, ..answer }
        } else {
            answer
        };
        let rows = if off {
            Vec::new()
        } else {
            vec![pet_row(n, mid, name)]
        };
        device.absorb(
            &request,
            SyncReply {
                rows,
                cursor: mid,
                ..answer
            },
        );
    }
    assert_eq!((parked(&device), device.pending()), (1, 0));
    assert_eq!(device.name_of(1).as_deref(), Some("Two"));
    device
}

fn parked(device: &Device) -> u32 {
    device.store.read(|reader| reader.parked_count()).expect("read")
}

fn mids(device: &Device) -> Vec<u64> {
    made(&device.request()).iter().map(|m| m.mid).collect()
}

fn asks_from(device: &Device, from: u64) {
    let request = device.request();
    let answer = SyncReply {
        need_from: Some(from),
        ack_mid: from - 1,
        ..reply(&request)
    };
    device.absorb(&request, answer);
}

#[test]
fn a_server_that_lost_the_refusal_is_sent_the_change_in_its_place_and_may_refuse_it_again() {
    let device = held_up();
    asks_from(&device, 2);
    assert_eq!((mids(&device), parked(&device)), (vec![2, 3], 0));
    assert_eq!(device.name_of(1).as_deref(), Some("Two"));
    let request = device.request();
    let mut answer = SyncReply {
        rows: vec![pet_row(1, 4, "One"), pet_row(2, 5, "Bo")],
        cursor: 5,
        ..acked(&request, 5)
    };
    answer.results[0] = rejected(2, Problem::new(ErrorCode::SwitchedOff));
    device.absorb(&request, answer);
    assert_eq!((parked(&device), device.pending()), (1, 0), "once");
    assert_eq!(device.name_of(1).as_deref(), Some("Two"));
}

#[test]
fn a_server_that_still_knows_the_refusal_is_sent_the_change_when_it_is_on_as_by_one_who_has_seen_nothing() {
    let device = held_up();
    asks_from(&device, 3);
    assert_eq!((mids(&device), parked(&device)), (vec![3], 1));
    let unpark = device.store.write(|writer| writer.unpark(&[2]));
    unpark.expect("unparked");
    let sent = made(&device.request());
    assert_eq!(sent.iter().map(|m| m.mid).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(sent[1].base_seq, None, "what was seen is lost");
    assert_eq!(sent.iter().map(|m| m.waited).collect::<Vec<_>>(), [false, true]);
    assert!(sent[1].hlc < sent[0].hlc, "as it was stamped");
    assert!(matches!(&sent[1].op, Op::Patch { fields } if fields.0["name"] == "Two"));
    assert_eq!(parked(&device), 0);
}

#[test]
fn a_server_that_lost_everything_is_told_the_rows_and_then_what_waited() {
    let device = held_up();
    let request = device.request();
    let empty = SyncReply {
        epoch: Epoch(6),
        reset: Some(Reset::Epoch),
        cursor: 0,
        ..reply(&request)
    };
    device.absorb(&request, empty);
    let sent = made(&device.request());
    let ids: Vec<_> = sent.iter().map(|mutation| mutation.id).collect();
    assert_eq!(ids, [1, 2, 1, 1, 2].map(id), "both rows, and all three changes");
    assert!(matches!(&sent[3].op, Op::Patch { fields } if fields.0["name"] == "Two"));
    assert_eq!(parked(&device), 0);
    assert_eq!(device.name_of(1).as_deref(), Some("Two"));
    let counted = device
        .store
        .read(|reader| Ok::<_, StoreError>(reader.pending()?.count));
    assert_eq!(counted.expect("read"), 5);
}

/// The pet One, let rest until a day, which the server refuses for now: all of it, or the fields that it names.
fn resting(until: &str, name: &str, refused: &[&str]) -> Device {
    let device = Device::new();
    device.name_pet(1, "One");
    let request = device.request();
    let answer = SyncReply {
        rows: vec![pet_row(1, 1, "One")],
        cursor: 1,
        ..acked(&request, 1)
    };
    device.absorb(&request, answer);
    let mut resting = pet(name);
    resting.hold_until = Some(until.parse().expect("a day"));
    let made = device.store.write(|writer| writer.put(id(1), &resting));
    assert!(made.expect("stored"));
    let request = device.request();
    let problem = Problem {
        refused: refused.iter().map(|field| (*field).to_owned()).collect(),
        ..Problem::new(ErrorCode::SwitchedOff)
    };
    let answer = SyncReply {
        results: vec![rejected(2, problem)],
        ..acked(&request, 2)
    };
    device.absorb(&request, answer);
    device
}

/// The server tells how long the pet rests by now.
fn tells_rest(device: &Device, seq: u64, until: Option<&str>) {
    let mut row = pet_row(1, seq, "One");
    let fields = row.fields.as_mut().expect("fields");
    fields.0.insert("hold_until".to_owned(), until.into());
    let request = device.request();
    let answer = SyncReply {
        rows: vec![row],
        cursor: seq,
        ..reply(&request)
    };
    device.absorb(&request, answer);
}

/// What is sent of the pause once it is switched on again.
fn sent_again(device: &Device) -> Vec<Op> {
    let unpark = device.store.write(|writer| writer.unpark(&[2]));
    unpark.expect("unparked");
    made(&device.request()).into_iter().map(|sent| sent.op).collect()
}

fn sets(value: serde_json::Value) -> Op {
    Op::Patch {
        fields: fields(value),
    }
}

#[test]
fn a_pause_of_which_the_server_knows_a_longer_one_waits_although_it_is_longer_than_the_one_known_here() {
    let device = resting("2026-12-02", "One", &[]);
    assert_eq!((parked(&device), device.refused()), (1, vec![]));
    tells_rest(&device, 3, Some("2026-12-09"));
    assert_eq!(sent_again(&device), [sets(json!({"hold_until": "2026-12-02"}))]);
}

#[test]
fn a_pause_that_was_refused_waits_also_where_the_longer_one_has_ended_since() {
    let device = resting("2026-12-02", "One", &[]);
    tells_rest(&device, 3, Some("2026-12-09"));
    tells_rest(&device, 4, None);
    assert_eq!(sent_again(&device), [sets(json!({"hold_until": "2026-12-02"}))]);
}

#[test]
fn of_a_change_that_took_effect_in_part_what_was_refused_is_sent_again_whatever_became_of_the_rest() {
    let device = resting("2026-12-02", "Two", &["name"]);
    tells_rest(&device, 3, Some("2026-12-02"));
    tells_rest(&device, 4, None);
    assert_eq!(device.name_of(1).as_deref(), Some("Two"));
    assert_eq!(sent_again(&device), [sets(json!({"name": "Two"}))]);
    assert_eq!(parked(&device), 0);
    let device = resting("2026-12-02", "Two", &["name"]);
    tells_rest(&device, 3, Some("2026-12-09"));
    assert_eq!(sent_again(&device), [sets(json!({"name": "Two"}))]);
}

#[test]
fn what_a_later_change_replaced_at_once_is_not_sent_again_whichever_of_the_two_is_switched_on_first() {
    for order in [[2, 3], [3, 2]] {
        let device = resting("2026-12-02", "One", &[]);
        let mut longer = pet("Two");
        longer.hold_until = Some("2026-12-09".parse().expect("a day"));
        let made = device.store.write(|writer| writer.put(id(1), &longer));
        assert!(made.expect("stored"));
        let request = device.request();
        let problem = Problem {
            refused: vec!["name".to_owned()],
            ..Problem::new(ErrorCode::SwitchedOff)
        };
        let answer = SyncReply {
            results: vec![rejected(3, problem)],
            ..acked(&request, 3)
        };
        device.absorb(&request, answer);
        tells_rest(&device, 3, Some("2026-12-09"));
        for mid in order {
            let unpark = device.store.write(|writer| writer.unpark(&[mid]));
            unpark.expect("unparked");
        }
        let sent = common::made(&device.request()).into_iter().map(|sent| sent.op);
        assert_eq!(sent.collect::<Vec<_>>(), [sets(json!({"name": "Two"}))]);
    }
}

#[test]
fn what_waits_keeps_the_stamp_that_the_server_would_have_given_it_whatever_the_clock_shows_later() {
    for wrong_ms in [-400 * 86_400_000, 7_200_000] {
        let device = Device::new();
        device.clock.set(UtcMs(common::NOW + wrong_ms));
        device.name_pet(1, "Two");
        let request = device.request();
        let stamped = made(&request)[0].hlc.ms();
        let answer = SyncReply {
            results: vec![rejected(1, Problem::new(ErrorCode::SwitchedOff))],
            clock: romp_domain::Hlc::at_ms(common::NOW),
            ..acked(&request, 1)
        };
        device.absorb(&request, answer);
        assert_eq!(parked(&device), 1);
        for later_ms in [-10_000_000, 10_000_000] {
            device.clock.set(UtcMs(common::NOW + later_ms));
            device.absorb(&device.request(), reply(&device.request()));
        }
        device
            .store
            .write(|writer| writer.unpark(&[1]))
            .expect("unparked");
        let again = &made(&device.request())[0];
        assert!(again.waited);
        assert_eq!(
            again.hlc.ms() - stamped,
            -wrong_ms,
            "moved by how wrong its clock was"
        );
    }
}
