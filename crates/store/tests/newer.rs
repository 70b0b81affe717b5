//! A server that is newer than the app.

mod common;

use common::{Device, acked, pet_row, reply};
use romp_domain::wire::{Epoch, SyncReply};
use romp_sync::exchange::Next;

#[test]
fn row_59_a_refusal_with_a_code_of_a_newer_server_settles_the_change_and_holds_up_nothing() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    device.name_pet(2, "Bo");
    let request = device.request();
    let mut answer = serde_json::to_value(acked(&request, 1)).expect("JSON");
    answer["results"][0] = serde_json::json!({
        "mid": 1, "outcome": "rejected",
        "problem": {"code": "x_new", "message": "Too many moons.", "retry_after_s": 60}
    });
    answer["reset"] = "x_new".into();
    let answer: SyncReply = serde_json::from_value(answer).expect("an answer");
    device.absorb(&request, answer);
    assert_eq!((device.pending(), device.refused()), (0, vec![1]));
    let refused = device.store.read(|reader| reader.refused()).expect("read");
    assert_eq!(refused[0].problem.message, "Too many moons.");
    assert_eq!(
        device.name_of(2).as_deref(),
        Some("Bo"),
        "what was behind it is there"
    );
}

#[test]
fn an_app_that_is_too_old_is_told_what_became_of_its_changes_and_keeps_its_rows() {
    let device = Device::new();
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 1, "Rex"), pet_row(2, 1, "Bo")],
            cursor: 1,
            ..reply(&request)
        },
    );
    let last_sync = device.store.read(|reader| reader.last_sync()).unwrap();
    device.name_pet(1, "Max");
    let request = device.request();
    let outdated = |answer: SyncReply| SyncReply {
        outdated: true,
        cursor: request.cursor,
        more: false,
        ..answer
    };
    assert_eq!(
        device.absorb(&request, outdated(acked(&request, 2))),
        Next::Outdated
    );
    assert_eq!(device.pending(), 0);
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));
    let now = device.store.read(|reader| reader.last_sync()).unwrap();
    assert_eq!(now, last_sync, "it is not up to date");

    // The server was put back: what it lost is sent again, by an app as old as this.
    let request = device.request();
    let elsewhere = SyncReply {
        epoch: Epoch(77),
        ack_mid: 0,
        ..outdated(reply(&request))
    };
    assert_eq!(device.absorb(&request, elsewhere), Next::Again);
    let again = device.request();
    assert_eq!(again.epoch, Some(Epoch(77)));
    assert!(!again.mutations.is_empty());
    let settled = SyncReply {
        epoch: Epoch(77),
        ..outdated(acked(&again, 1))
    };
    assert_eq!(device.absorb(&again, settled), Next::Outdated);
    assert_eq!(device.pending(), 0);
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));
    assert_eq!(device.name_of(2).as_deref(), Some("Bo"));
}
