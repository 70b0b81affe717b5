//! What waits for a switch, on a device whose server was put back to a backup or has lost everything.

mod common;

use common::{Device, acked, id, made, pet_row, rejected, reply};
use romp_domain::wire::{Epoch, Reset, SyncReply};
use romp_domain::{ErrorCode, Op, Problem};
use romp_store::StoreError;

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
