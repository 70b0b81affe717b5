//! A server that lost its newest data is given it again.

mod common;

use common::{Device, NOW, acked, made, pet_row, rejected, reply};
use romp_domain::time::DAY_MS;
use romp_domain::wire::{Epoch, Reset, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Hlc, Mutation, Op, UtcMs};
use romp_store::Clock as _;
use romp_sync::TOLD_AGAIN_BEFORE;
use romp_sync::exchange::Next;

/// Three edits that the server has, and one that it has not.
fn device_with_history() -> Device {
    let device = Device::new();
    for name in ["One", "Two", "Three"] {
        device.name_pet(1, name);
    }
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 9, "Three")],
            cursor: 9,
            ..acked(&request, 9)
        },
    );
    device.name_pet(1, "Four");
    device
}

fn mids(device: &Device) -> Vec<u64> {
    made(&device.request()).iter().map(|m| m.mid).collect()
}

#[test]
fn acknowledged_mutations_are_sent_again_and_everything_is_pulled_anew() {
    let device = device_with_history();
    let request = device.request();
    let answer = SyncReply {
        need_from: Some(2),
        ack_mid: 1,
        cursor: 4,
        ..reply(&request)
    };
    assert_eq!(device.absorb(&request, answer), Next::Again);
    assert_eq!(mids(&device), [2, 3, 4]);
    assert_eq!((device.cursor(), device.name_of(1).as_deref()), (0, Some("Four")));

    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 5, "Four")],
            cursor: 5,
            ..acked(&request, 5)
        },
    );
    assert_eq!(
        (device.pending(), device.cursor(), device.name_of(1).as_deref()),
        (0, 5, Some("Four"))
    );
}

fn asks_for(device: &Device, from: u64) -> Next {
    let request = device.request();
    let answer = SyncReply {
        need_from: Some(from),
        clock: Hlc::at_ms(device.clock.now().0),
        ..reply(&request)
    };
    device.absorb(&request, answer)
}

#[test]
fn a_server_that_lost_data_is_given_it_again_even_when_nothing_waits() {
    let device = device_with_history();
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 10, "Four")],
            cursor: 10,
            ..acked(&request, 10)
        },
    );
    // Nothing waits here; but the server is back at commit 4 and mutation 1.
    let request = device.request();
    let answer = SyncReply {
        rows: vec![pet_row(1, 4, "One")],
        cursor: 4,
        need_from: Some(2),
        reset: Some(Reset::Ahead),
        ack_mid: 1,
        ack_seq: 4,
        ..reply(&request)
    };
    assert_eq!(device.absorb(&request, answer), Next::Again);
    assert_eq!((mids(&device), device.cursor()), (vec![2, 3, 4], 4));
    assert_eq!(device.name_of(1).as_deref(), Some("Four"));
}

#[test]
fn a_refused_mutation_is_sent_again_too_because_numbers_have_no_gaps() {
    let device = Device::new();
    device.name_pet(1, "One");
    let request = device.request();
    let refused = SyncReply {
        results: vec![rejected(1, ErrorCode::Frozen.into())],
        ..acked(&request, 1)
    };
    device.absorb(&request, refused);
    device.name_pet(1, "Two");
    asks_for(&device, 1);
    assert_eq!(mids(&device), [1, 2]);
    assert!(device.refused().is_empty());
}

#[test]
fn a_late_question_is_not_answered() {
    let device = device_with_history();
    let old = device.request();
    device.absorb(
        &old,
        SyncReply {
            rows: vec![pet_row(1, 10, "Four")],
            cursor: 10,
            ..acked(&old, 10)
        },
    );
    device.name_pet(1, "Five");
    for late in [
        SyncReply {
            need_from: Some(1),
            ..reply(&old)
        },
        SyncReply {
            cursor: 2,
            ..reply(&old)
        },
    ] {
        device.absorb(&old, late);
    }
    assert_eq!(mids(&device), [5]);
    assert_eq!(device.cursor(), 10);
    for nonsense in [0, 5, 6, u64::MAX] {
        asks_for(&device, nonsense);
        assert_eq!(mids(&device), [5], "{nonsense}");
    }
}

#[test]
fn what_was_forgotten_is_told_again_as_rows() {
    let device = device_with_history();
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 10, "Four")],
            cursor: 10,
            ..acked(&request, 10)
        },
    );
    device.clock.advance_ms(31 * 86_400_000);
    device.quiet_exchange();
    device.name_pet(2, "Bella");

    assert_eq!(mids(&device), [5]);
    assert_eq!(asks_for(&device, 1), Next::Again);
    let sent = made(&device.request());
    assert_eq!(
        sent.iter().map(|m| (m.mid, m.id)).collect::<Vec<_>>(),
        [(1, common::id(1)), (2, common::id(2))]
    );
    let Op::Patch { fields } = &sent[0].op else {
        panic!("a patch")
    };
    assert_eq!(fields.0["name"], "Four");
    assert!(sent[0].hlc < sent[1].hlc);
    device.name_pet(2, "Zoë");
    assert_eq!(mids(&device), [1, 2, 3], "new edits follow");
}

#[test]
fn a_device_that_never_said_anything_tells_a_server_that_lost_everything_what_it_was_told() {
    for waits in [false, true] {
        let device = Device::new();
        let request = device.request();
        let told = SyncReply {
            rows: vec![pet_row(1, 9, "Rex")],
            cursor: 9,
            ..reply(&request)
        };
        device.absorb(&request, told);
        if waits {
            device.name_pet(2, "Bella");
        }
        let request = device.request();
        let empty = SyncReply {
            epoch: Epoch(6),
            reset: Some(Reset::Epoch),
            cursor: 0,
            ..reply(&request)
        };
        assert_eq!(device.absorb(&request, empty.clone()), Next::Again);
        let ids = |device: &Device| -> Vec<_> { made(&device.request()).iter().map(|m| m.id).collect() };
        let expected: Vec<_> = (1..).map(common::id).take(1 + usize::from(waits)).collect();
        assert_eq!(ids(&device), expected);
        device.absorb(&request, empty);
        assert_eq!(ids(&device), expected, "once, however often it is told");
    }
}

#[test]
fn what_a_newer_server_had_said_is_told_again_apart_and_its_refusal_bothers_nobody() {
    let device = Device::new();
    let mut row = pet_row(1, 9, "Rex");
    let told = row.fields.as_mut().expect("fields");
    told.0.insert("x_badge", "gold".into());
    let request = device.request();
    let told = SyncReply {
        rows: vec![row],
        cursor: 9,
        ..reply(&request)
    };
    device.absorb(&request, told);
    let request = device.request();
    let empty = SyncReply {
        epoch: Epoch(6),
        reset: Some(Reset::Epoch),
        cursor: 0,
        ..reply(&request)
    };
    device.absorb(&request, empty);
    let request = device.request();
    let names = |n: usize| match &made(&request)[n].op {
        Op::Patch { fields } => fields.0.keys().map(ToString::to_string).collect::<Vec<_>>(),
        Op::Act { .. } => Vec::new(),
    };
    assert_eq!(request.mutations.len(), 2);
    assert!(names(0).contains(&"name".to_owned()) && !names(0).contains(&"x_badge".to_owned()));
    assert_eq!(names(1), ["x_badge"]);
    let mut answer = acked(&request, 2);
    answer.results[1] = rejected(2, ErrorCode::UnknownField.into());
    device.absorb(&request, answer);
    assert_eq!((device.pending(), device.refused()), (0, Vec::new()));
}

#[test]
fn what_was_acknowledged_while_the_clock_was_wrong_is_sent_again_under_that_clock() {
    const WRONG_MS: i64 = 160 * 86_400_000;
    let device = Device::new();
    device.clock.advance_ms(WRONG_MS);
    device.name_pet(1, "One");
    let request = device.request();
    // The answer tells the right time, too.
    device.absorb(&request, acked(&request, 4));
    device.name_pet(1, "Two");
    let request = device.request();
    let lost = SyncReply {
        need_from: Some(1),
        ..reply(&request)
    };
    device.absorb(&request, lost);
    let again = device.request();
    assert_eq!(
        mids(&device),
        [1],
        "the next one was stamped by the clock put right"
    );
    let apart_ms = again.clock.ms() - made(&again)[0].hlc.ms();
    assert!(
        (0..60_000).contains(&apart_ms),
        "stamped {apart_ms} ms before it was sent, by one and the same clock"
    );
}

#[test]
fn a_clock_that_runs_ahead_for_a_moment_forgets_nothing_that_a_server_may_ask_for_again() {
    let device = device_with_history();
    let request = device.request();
    // While the answer is under way somebody plays with the clock.
    device.clock.set(UtcMs(NOW + 400 * DAY_MS));
    device.absorb(&request, acked(&request, 10));
    device.clock.set(UtcMs(NOW + DAY_MS));
    let request = device.request();
    let answer = SyncReply {
        need_from: Some(2),
        ack_mid: 1,
        clock: Hlc::at_ms(NOW + DAY_MS),
        ..reply(&request)
    };
    device.absorb(&request, answer);
    assert_eq!(mids(&device), [2, 3, 4]);
    let stamped = made(&device.request());
    assert!(
        stamped.iter().all(|m| m.hlc > TOLD_AGAIN_BEFORE),
        "as they were made"
    );
}

#[test]
fn what_is_told_again_stays_as_old_as_it_is_when_the_clock_turns_out_to_be_wrong() {
    let device = device_with_history();
    let request = device.request();
    let answer = SyncReply {
        need_from: Some(1),
        ..reply(&request)
    };
    device.absorb(&request, answer);
    let told_again = |request: &SyncRequest| {
        let old = |m: &Mutation| m.hlc < TOLD_AGAIN_BEFORE;
        made(request).into_iter().filter(old).count()
    };
    assert_eq!(told_again(&device.request()), 1);
    // A flat battery: the clock stands where it stood, and the server's is two days on.
    let request = device.request();
    let answer = SyncReply {
        clock: Hlc::at_ms(NOW + 2 * DAY_MS),
        ..reply(&request)
    };
    device.absorb(&request, answer);
    let request = device.request();
    assert_eq!(told_again(&request), 1);
    assert_eq!(
        request.mutations.len(),
        1,
        "edits have a clock of their own, and go out after it"
    );
    assert!(
        request.clock > Hlc::at_ms(NOW + DAY_MS),
        "by the clock that is right"
    );
}

#[test]
fn what_a_late_answer_settled_goes_out_once_more_by_the_clock_that_stamped_it() {
    let device = Device::new();
    device.clock.set(UtcMs(NOW + 200 * DAY_MS));
    device.name_pet(1, "One");
    device.name_pet(2, "Two");
    let request = device.request();
    device.clock.advance_ms(10 * 60_000);
    let late = SyncReply {
        clock: Hlc::at_ms(NOW),
        ..acked(&request, 1)
    };
    device.absorb(&request, late);
    assert_eq!(device.pending(), 0);
    let request = device.request();
    let prompt = SyncReply {
        clock: Hlc::at_ms(NOW + 10 * 60_000),
        ..reply(&request)
    };
    device.absorb(&request, prompt);
    let request = device.request();
    let lost = SyncReply {
        need_from: Some(2),
        ack_mid: 1,
        clock: Hlc::at_ms(NOW + 10 * 60_000),
        ..reply(&request)
    };
    device.absorb(&request, lost);
    let again = device.request();
    let apart_ms = again.clock.ms() - made(&again)[0].hlc.ms();
    assert!((0..=11 * 60_000).contains(&apart_ms), "{apart_ms}");
}
