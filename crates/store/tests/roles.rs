//! What a device keeps and says when it becomes a child's; what is counted, kept and told of what was made on it.

mod common;

use common::{Device, NOW, acked, id, made, rejected, reply};
use romp_domain::time::DAY_MS;
use romp_domain::wire::{Link, SyncReply};
use romp_domain::{ChildId, Entity, ErrorCode, Hlc, HouseholdId, Op, Problem, Role, Swipe, UtcMs, Verdict};
use romp_store::{Account, Clock as _, StoreError, StoredPin};

fn join(device: &Device, role: Role) {
    let account = Account {
        household: HouseholdId(id(1)),
        server: "https://romp.example".to_owned(),
        email: None,
        role,
        device: None,
        session: None,
    };
    device
        .store
        .write(|writer| writer.join(&account))
        .expect("joined");
}

fn choose(device: &Device, n: u128, swipe: &Swipe) {
    let stored = device.store.write(|writer| writer.put(id(n), swipe));
    assert!(stored.expect("stored"));
}

fn by(child: Option<u128>) -> Swipe {
    Swipe {
        verdict: Some(Verdict::Yes),
        by_child: child.map(|n| ChildId(id(n))),
        ..Swipe::example()
    }
}

fn has_owner_changes(device: &Device) -> bool {
    device
        .store
        .read(|reader| reader.has_owner_changes())
        .expect("read")
}

#[test]
fn an_owner_s_device_that_becomes_a_child_s_says_no_more_than_that_may_and_forgets_the_pin() {
    let device = Device::new();
    join(&device, Role::Owner);
    let pin = StoredPin {
        hash: "hash".to_owned(),
        tries: 0,
    };
    let handed = device.store.write(|writer| {
        writer.set_pin(Some(&pin))?;
        writer.hand_over(None)
    });
    handed.expect("handed over");
    choose(&device, 7, &by(Some(3)));
    assert!(!has_owner_changes(&device), "a child chose");
    join(&device, Role::Child);
    let sent = made(&device.request());
    let Op::Patch { fields } = &sent[0].op else {
        panic!("not a patch")
    };
    assert!(!fields.0.contains_key("released") && fields.0.contains_key("by_child"));
    let kept = device
        .store
        .read(|reader| Ok::<_, StoreError>((reader.pin()?, reader.handed()?.is_some(), reader.role()?)));
    assert_eq!(kept.expect("read"), (None, false, Role::Child));
}

#[test]
fn what_an_owner_chose_or_let_out_is_an_owner_s_change() {
    for swipe in [
        by(None),
        Swipe {
            released: Some(Verdict::Yes),
            ..by(Some(3))
        },
    ] {
        let device = Device::new();
        join(&device, Role::Owner);
        choose(&device, 7, &swipe);
        assert!(has_owner_changes(&device), "{swipe:?}");
    }
}

#[test]
fn a_choice_is_taken_back_by_whoever_it_was() {
    for (role, child, expected) in [
        (Role::Owner, None, true),
        (Role::Owner, Some(3), false),
        (Role::Child, None, false),
    ] {
        let device = Device::new();
        join(&device, role);
        choose(&device, 7, &by(child));
        let request = device.request();
        device.absorb(&request, acked(&request, 1));
        let back = Swipe {
            verdict: None,
            ..by(child)
        };
        choose(&device, 7, &back);
        assert_eq!(has_owner_changes(&device), expected, "{role:?} {child:?}");
    }
}

#[test]
fn a_choice_by_a_clock_that_was_days_ahead_counts_on_the_day_on_which_the_server_heard_of_it() {
    let device = Device::new();
    device.clock.set(UtcMs(NOW + 5 * DAY_MS));
    choose(&device, 7, &by(Some(3)));
    let count = |since: i64| {
        let found = device.store.read(|reader| reader.choices_since(UtcMs(since)));
        found.expect("read").len()
    };
    assert_eq!(count(NOW), 1, "as far as anybody knows");
    let request = device.request();
    device.absorb(&request, acked(&request, 1));
    assert_eq!((count(NOW - 1_000), count(NOW + DAY_MS)), (1, 0));
}

#[test]
fn on_a_child_s_device_nothing_is_kept_for_ever_because_something_was_refused() {
    for (role, kept) in [(Role::Owner, 1), (Role::Child, 0)] {
        let device = Device::new();
        join(&device, role);
        choose(&device, 7, &by(Some(3)));
        let request = device.request();
        let mut answer = acked(&request, 1);
        answer.results[0] = rejected(1, Problem::new(ErrorCode::InvalidField));
        device.absorb(&request, answer);
        device.clock.set(UtcMs(NOW + 40 * DAY_MS));
        let request = device.request();
        let later = SyncReply {
            clock: Hlc::at_ms(NOW + 40 * DAY_MS),
            ..reply(&request)
        };
        device.absorb(&request, later);
        let left = device.store.read(|reader| reader.made_since(0)).expect("read");
        assert_eq!(left.len(), kept, "{role:?}");
    }
}

#[test]
fn what_a_server_lost_waits_since_it_asked_for_it_again() {
    let device = Device::new();
    choose(&device, 7, &by(Some(3)));
    let request = device.request();
    device.absorb(&request, acked(&request, 1));
    device.clock.set(UtcMs(NOW + 20 * DAY_MS));
    device.quiet_exchange();
    let request = device.request();
    let asks = SyncReply {
        need_from: Some(1),
        ack_mid: 0,
        ack_chain: Link::default().chain,
        clock: Hlc::at_ms(NOW + 20 * DAY_MS),
        ..reply(&request)
    };
    device.absorb(&request, asks);
    let pending = device.store.read(|reader| reader.pending()).expect("read");
    assert!(pending.count > 0);
    assert_eq!(pending.oldest, Some(device.clock.now()));
}
