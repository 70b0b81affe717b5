//! Exchanges: rows replace, edits stay on top, and nothing old ever replaces anything newer.

mod common;

use common::{Device, NOW, acked, id, made, pet_row, rejected, removed, reply};
use romp_domain::wire::SyncReply;
use romp_domain::{ErrorCode, Hlc, HouseholdId, Kind, Problem, Role, Row, SessionId};
use romp_store::Account;
use romp_sync::Replica;
use romp_sync::exchange::Next;
use serde_json::json;

#[test]
fn an_edit_does_not_flicker_between_its_acknowledgement_and_its_pull() {
    let device = Device::new();
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 1, "Rex")],
            cursor: 1,
            ..reply(&request)
        },
    );
    device.name_pet(1, "Max");

    let request = device.request();
    // The server has it in commit 3, but this page ends at commit 2, where the name was still another.
    let page = SyncReply {
        rows: vec![pet_row(1, 2, "Old")],
        cursor: 2,
        more: true,
        ..acked(&request, 3)
    };
    assert_eq!(device.absorb(&request, page), Next::Again);
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));
    assert_eq!(device.pending(), 0);

    let request = device.request();
    assert!(request.mutations.is_empty());
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 3, "Max")],
            cursor: 3,
            ..reply(&request)
        },
    );
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));

    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 4, "Bella")],
            cursor: 4,
            ..reply(&request)
        },
    );
    assert_eq!(
        device.name_of(1).as_deref(),
        Some("Bella"),
        "later changes of others show"
    );
}

#[test]
fn a_superseded_edit_gives_way_once_the_cursor_has_passed_it() {
    let device = Device::new();
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 5, "Theirs")],
            cursor: 5,
            ..reply(&request)
        },
    );
    device.name_pet(1, "Mine");
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            cursor: 6,
            ..acked(&request, 6)
        },
    );
    assert_eq!(device.name_of(1).as_deref(), Some("Theirs"));
}

#[test]
fn a_rejected_edit_shows_the_servers_state_again_stays_listed_and_blocks_nothing() {
    let device = Device::new();
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 1, "Rex")],
            cursor: 1,
            ..reply(&request)
        },
    );
    device.name_pet(1, "Refused");
    device.name_pet(2, "Fine");

    let request = device.request();
    let mut answer = SyncReply {
        rows: vec![pet_row(2, 2, "Fine")],
        cursor: 2,
        ..acked(&request, 2)
    };
    answer.results[0] = rejected(1, ErrorCode::Frozen.into());
    assert_eq!(device.absorb(&request, answer), Next::Done);
    assert_eq!(device.name_of(1).as_deref(), Some("Rex"));
    assert_eq!(device.name_of(2).as_deref(), Some("Fine"));
    assert_eq!((device.pending(), device.refused()), (0, vec![1]));

    let device = device.restarted();
    assert_eq!(device.refused(), [1]);
    device.store.write(|writer| writer.dismiss_refused()).unwrap();
    assert!(device.refused().is_empty());
    device.name_pet(3, "Next");
    assert_eq!(made(&device.request())[0].mid, 3, "numbers go on");
}

#[test]
fn row_58_a_duplicate_or_late_answer_never_moves_backwards() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    let first = device.request();
    let first_answer = SyncReply {
        rows: vec![pet_row(1, 1, "Rex"), pet_row(2, 1, "Bella")],
        cursor: 1,
        ..acked(&first, 1)
    };
    device.absorb(&first, first_answer.clone());
    let second = device.request();
    let second_answer = SyncReply {
        rows: vec![pet_row(1, 2, "Max"), removed(2, 3)],
        cursor: 3,
        ..reply(&second)
    };
    device.absorb(&second, second_answer.clone());

    let version = device.store.version();
    let page_between = SyncReply {
        rows: vec![pet_row(1, 2, "Max"), pet_row(2, 2, "Bella")],
        cursor: 2,
        ..reply(&second)
    };
    let late = [
        (&first, first_answer),
        (&second, second_answer),
        (&second, page_between),
    ];
    for (request, answer) in late {
        device.absorb(request, answer);
        assert_eq!(device.name_of(1).as_deref(), Some("Max"));
        assert_eq!(device.name_of(2), None, "a removed row is not brought back");
        assert_eq!(device.cursor(), 3);
    }
    assert_eq!(device.store.version(), version, "nothing changed");
}

#[test]
fn rows_that_do_not_follow_the_cursor_are_left_for_the_next_pull() {
    let device = Device::new();
    let ahead = romp_domain::wire::SyncRequest {
        cursor: 7,
        ..device.request()
    };
    device.absorb(
        &ahead,
        SyncReply {
            rows: vec![pet_row(1, 8, "Rex")],
            cursor: 8,
            ..reply(&ahead)
        },
    );
    assert_eq!((device.cursor(), device.name_of(1)), (0, None));
}

#[test]
fn a_late_answer_does_not_teach_an_old_time() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    let request = device.request();
    device.clock.advance_ms(3_600_000);
    device.absorb(&request, acked(&request, 1));
    device.name_pet(1, "Max");
    assert_eq!(made(&device.request())[0].hlc.ms(), NOW + 3_600_000);
}

#[test]
fn what_was_stamped_by_a_wrong_clock_goes_out_under_that_clock() {
    const DAY: i64 = 86_400_000;
    for wrong in [3 * DAY, -3 * DAY, 400 * DAY] {
        let device = Device::new();
        device.clock.advance_ms(wrong);
        device.name_pet(1, "Rex");
        device.clock.advance_ms(1_000);
        device.name_pet(1, "Max");
        let mut request = device.request();
        assert_eq!(request.clock.ms(), NOW + wrong + 1_000);
        request.mutations.truncate(1);
        let answer = SyncReply {
            clock: Hlc::at_ms(NOW + 1_000),
            ..acked(&request, 1)
        };
        device.absorb(&request, answer);

        // What is stamped from now on is right; what waits says by how much it is wrong.
        device.clock.advance_ms(5_000);
        device.name_pet(1, "Bella");
        let late = device.request();
        assert_eq!(
            late.mutations.len(),
            1,
            "only what one clock stamped goes together"
        );
        assert_eq!(made(&late)[0].hlc.ms(), NOW + wrong + 1_000);
        assert_eq!(late.clock.ms() - made(&late)[0].hlc.ms(), 5_000);
        let answer = SyncReply {
            clock: Hlc::at_ms(NOW + 6_000),
            ..acked(&late, 2)
        };
        device.absorb(&late, answer);
        let right = device.request();
        assert_eq!(
            (right.clock.ms(), made(&right)[0].hlc.ms()),
            (NOW + 6_000, NOW + 6_000)
        );
    }
}

#[test]
fn a_change_says_what_its_maker_had_seen() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    let request = device.request();
    assert_eq!(made(&request)[0].base_seq, Some(0));
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 4, "Rex")],
            cursor: 4,
            ..acked(&request, 4)
        },
    );
    device.name_pet(1, "Max");
    assert_eq!(made(&device.request())[0].base_seq, Some(4));
}

#[test]
fn row_59_kinds_and_numbers_this_build_does_not_know_are_kept_and_harmless() {
    let device = Device::new();
    let odd = Row {
        kind: "hologram".into(),
        id: id(1),
        seq: 1,
        fields: Some(common::fields(json!({"depth": 1e300, "deep": [[[]]]}))),
    };
    let unreadable = Row {
        kind: Kind::Pet.word().into(),
        id: id(2),
        seq: u64::MAX,
        fields: Some(common::fields(json!({"species": 7}))),
    };
    let request = device.request();
    let answer = SyncReply {
        rows: vec![odd, unreadable],
        cursor: u64::MAX,
        clock: Hlc(u64::MAX),
        ..reply(&request)
    };
    device.absorb(&request, answer);
    assert_eq!(device.cursor(), u64::MAX);
    assert!(
        device
            .store
            .read(|reader| reader.list::<romp_domain::Pet>())
            .unwrap()
            .is_empty()
    );
    device.name_pet(3, "Rex");
    let device = device.restarted();
    assert_eq!(device.name_of(3).as_deref(), Some("Rex"));
    assert_eq!(device.pending(), 1);
}

#[test]
fn acknowledged_mutations_are_forgotten_after_a_month_but_not_what_waits() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    let request = device.request();
    device.absorb(
        &request,
        SyncReply {
            rows: vec![pet_row(1, 1, "Rex")],
            cursor: 1,
            ..acked(&request, 1)
        },
    );
    let count = || {
        let conn = rusqlite::Connection::open(device.path()).unwrap();
        conn.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    device.name_pet(1, "Max");
    device.clock.advance_ms(29 * 86_400_000);
    device.quiet_exchange();
    assert_eq!(count(), 2);
    device.clock.advance_ms(2 * 86_400_000);
    device.quiet_exchange();
    assert_eq!((count(), device.pending()), (1, 1));
    assert_eq!(made(&device.request())[0].mid, 2);
}

#[test]
fn an_answer_to_an_earlier_session_is_not_taken_in_and_nothing_more_is_asked_for_it() {
    let device = Device::new();
    let account = |n: u128, role| Account {
        household: HouseholdId(id(1)),
        server: "https://romp.example".into(),
        email: None,
        role,
        device: None,
        session: Some(SessionId(id(n))),
    };
    let join = |account: &Account| device.store.write(|writer| writer.join(account)).unwrap();
    join(&account(1, Role::Owner));
    let owners = device.store.replica(Some(SessionId(id(1))));
    let request = owners.next_request().unwrap();
    let late = SyncReply {
        rows: vec![pet_row(5, 5, "Rex")],
        cursor: 5,
        ..reply(&request)
    };

    device.store.write(|writer| writer.end_session()).unwrap();
    let code = |problem: Problem| problem.code;
    let refused = owners.absorb(&request, late.clone()).map_err(code);
    assert_eq!(refused, Err(ErrorCode::NotSignedIn));
    join(&account(2, Role::Child));
    let refused = owners.absorb(&request, late.clone()).map_err(code);
    assert_eq!(refused, Err(ErrorCode::NotSignedIn));
    assert_eq!(owners.next_request().map_err(code), Err(ErrorCode::NotSignedIn));
    assert_eq!((device.name_of(5), device.cursor()), (None, 0));

    let childs = device.store.replica(Some(SessionId(id(2))));
    childs.absorb(&childs.next_request().unwrap(), late).unwrap();
    assert_eq!(device.name_of(5).as_deref(), Some("Rex"));
}

#[test]
fn a_late_answer_to_an_earlier_question_does_not_hide_that_a_change_was_refused() {
    let device = Device::new();
    let earlier = device.request();
    device.name_pet(1, "One");
    let request = device.request();
    // The server took the change in and refused it; its answer is still under way when that to the earlier question
    // comes, which only counts the change.
    let counted = SyncReply {
        ack_mid: 1,
        ack_seq: 3,
        ..reply(&earlier)
    };
    device.absorb(&earlier, counted);
    assert_eq!((device.pending(), device.refused()), (1, vec![]));
    assert_eq!(device.request().link, request.link, "it is sent again as it was");
    let refused = SyncReply {
        results: vec![rejected(1, Problem::new(ErrorCode::Forbidden))],
        ack_mid: 1,
        ..reply(&request)
    };
    device.absorb(&request, refused);
    assert_eq!((device.pending(), device.refused()), (0, vec![1]));
}
