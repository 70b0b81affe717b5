//! Rows whose creation waits for a switch: what is changed in them and what names them meanwhile.

mod common;

use common::{Device, acked, fields, id, made, pet, rejected};
use romp_domain::text::Nickname;
use romp_domain::wire::SyncReply;
use romp_domain::{
    AgeBand, Avatar, Child, Entity, ErrorCode, Fields, Invalid, InvalidReason, Kind, Op, Pet, Problem, Swipe,
    Verdict,
};
use romp_store::StoreError;
use serde_json::json;

fn off() -> Problem {
    Problem::new(ErrorCode::SwitchedOff)
}

/// As a server says of less than a row.
fn less_than(kind: Kind) -> Problem {
    Invalid::new(kind.word(), InvalidReason::Missing).into()
}

/// An exchange in which everything that is sent is refused so.
fn refuses(device: &Device, problems: &[Problem]) {
    let request = device.request();
    let sent = made(&request);
    assert_eq!(sent.len(), problems.len(), "{sent:?}");
    let results = sent
        .iter()
        .zip(problems)
        .map(|(made, why)| rejected(made.mid, why.clone()));
    let answer = SyncReply {
        results: results.collect(),
        ..acked(&request, 0)
    };
    device.absorb(&request, answer);
}

fn patch(device: &Device, kind: Kind, n: u128, value: serde_json::Value) {
    let changed = device
        .store
        .write(|writer| writer.patch(kind, id(n), &fields(value)));
    assert!(changed.expect("stored"));
}

fn put<E: Entity>(device: &Device, n: u128, entity: &E) {
    assert!(
        device
            .store
            .write(|writer| writer.put(id(n), entity))
            .expect("stored")
    );
}

/// The numbers of what is parked and waits for no row.
fn parked(device: &Device) -> Vec<u64> {
    let parked = device.store.read(|reader| reader.parked()).expect("read");
    parked.into_iter().map(|parked| parked.mid).collect()
}

/// Everything is switched on again: what is then sent, and that nothing waits any more.
fn sent_when_on(device: &Device) -> Vec<(u64, Fields)> {
    loop {
        let due = parked(device);
        if due.is_empty() {
            break;
        }
        device
            .store
            .write(|writer| writer.unpark(&due))
            .expect("unparked");
    }
    let left = device.store.read(|reader| reader.parked_count()).expect("read");
    assert_eq!((left, device.refused()), (0, vec![]));
    let sent = made(&device.request()).into_iter();
    sent.map(|made| match made.op {
        Op::Patch { fields } => (made.mid, fields),
        Op::Act { .. } => panic!("not a patch"),
    })
    .collect()
}

/// A child (3), and a choice that names it.
fn child_and_choice() -> (Child, Swipe) {
    let name = Nickname::new("Mia").expect("short");
    let choice = Swipe {
        verdict: Some(Verdict::Yes),
        by_child: Some(romp_domain::ChildId(id(3))),
        ..Swipe::example()
    };
    (Child::new(name, Avatar::Fox, AgeBand::SevenToNine), choice)
}

fn seen<E: Entity>(device: &Device, n: u128) -> Option<E> {
    device.store.read(|reader| reader.get(id(n))).expect("read")
}

#[test]
fn what_is_changed_in_a_pet_that_waits_is_sent_with_it_and_never_less_careful_than_it_was_left() {
    let device = Device::new();
    put(
        &device,
        1,
        &Pet {
            visible: true,
            ..pet("Rex")
        },
    );
    refuses(&device, &[off()]);
    patch(&device, Kind::Pet, 1, json!({"visible": false}));
    patch(&device, Kind::Pet, 1, json!({"name": "Max"}));
    refuses(&device, &[less_than(Kind::Pet), off()]);
    let pet = seen::<Pet>(&device, 1).expect("still there");
    assert_eq!(
        (pet.visible, pet.name.map(String::from).as_deref()),
        (false, Some("Max"))
    );
    assert_eq!(parked(&device), [1], "the rest waits for it");
    let sent = sent_when_on(&device);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(
        (&sent[0].1.0["visible"], &sent[0].1.0["name"]),
        (&json!(false), &json!("Max"))
    );
    assert!(sent[0].1.0.contains_key("species"), "all of it");
    let pet = seen::<Pet>(&device, 1).expect("still there");
    assert_eq!(
        (pet.visible, pet.name.map(String::from).as_deref()),
        (false, Some("Max"))
    );
}

#[test]
fn a_pet_that_was_removed_while_it_waited_never_comes() {
    let device = Device::new();
    put(&device, 1, &pet("Rex"));
    device
        .store
        .write(|writer| writer.remove(Kind::Pet, id(1)))
        .expect("removed");
    refuses(&device, &[off(), less_than(Kind::Pet)]);
    assert_eq!(seen::<Pet>(&device, 1), None);
    assert_eq!(sent_when_on(&device), []);
    assert_eq!(seen::<Pet>(&device, 1), None);
}

#[test]
fn a_no_after_a_yes_that_waits_is_a_no() {
    let device = Device::new();
    let yes = Swipe {
        verdict: Some(Verdict::Yes),
        ..Swipe::example()
    };
    put(&device, 7, &yes);
    patch(&device, Kind::Swipe, 7, json!({"verdict": null}));
    patch(&device, Kind::Swipe, 7, json!({"verdict": "no"}));
    let less = less_than(Kind::Swipe);
    refuses(&device, &[off(), less.clone(), less]);
    let no = Swipe {
        verdict: Some(Verdict::No),
        ..Swipe::example()
    };
    assert_eq!(seen(&device, 7), Some(no.clone()));
    let sent = sent_when_on(&device);
    assert_eq!(sent, [(4, no.to_fields())]);
    assert_eq!(seen(&device, 7), Some(no));
}

#[test]
fn what_names_a_child_that_waits_goes_after_it() {
    let device = Device::new();
    let (mia, choice) = child_and_choice();
    put(&device, 3, &mia);
    put(&device, 7, &choice);
    let unknown = Problem::from(Invalid::new("by_child", InvalidReason::Missing));
    refuses(&device, &[off(), unknown.clone()]);
    assert_eq!(seen(&device, 7), Some(choice.clone()));
    assert_eq!(parked(&device), [1]);
    let sent = sent_when_on(&device);
    assert_eq!(sent, [(3, mia.to_fields()), (4, choice.to_fields())]);
    // Once the child is there, a refusal is one.
    let request = device.request();
    let mut answer = acked(&request, 1);
    answer.results[1] = rejected(4, unknown);
    device.absorb(&request, answer);
    assert_eq!((device.refused(), seen::<Swipe>(&device, 7)), (vec![4], None));
}

#[test]
fn a_change_that_is_sent_before_the_whole_row_is_refused_without_a_word_and_not_lost() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    refuses(&device, &[off()]);
    device.name_pet(1, "Max");
    device
        .store
        .write(|writer| writer.unpark(&[1]))
        .expect("unparked");
    let request = device.request();
    let sent: Vec<_> = made(&request).iter().map(|made| made.mid).collect();
    assert_eq!(sent, [2, 3]);
    let mut answer = acked(&request, 1);
    answer.results[0] = rejected(2, less_than(Kind::Pet));
    device.absorb(&request, answer);
    let left = device
        .store
        .read(|reader| Ok::<_, StoreError>((reader.parked_count()?, reader.pending()?.count)));
    assert_eq!((left.expect("read"), device.refused()), ((0, 0), vec![]));
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));
}

#[test]
fn a_choice_that_is_sent_before_the_child_that_it_names_is_not_lost() {
    let device = Device::new();
    let (mia, choice) = child_and_choice();
    put(&device, 3, &mia);
    refuses(&device, &[off()]);
    put(&device, 7, &choice);
    device
        .store
        .write(|writer| writer.unpark(&[1]))
        .expect("unparked");
    let request = device.request();
    let sent: Vec<_> = made(&request).iter().map(|made| made.mid).collect();
    assert_eq!(sent, [2, 3], "the choice, and then the child");
    let unknown = Problem::from(Invalid::new("by_child", InvalidReason::Missing));
    let mut answer = acked(&request, 1);
    answer.results[0] = rejected(2, unknown);
    device.absorb(&request, answer);
    assert_eq!(seen(&device, 7), Some(choice.clone()));
    assert_eq!(sent_when_on(&device), [(4, choice.to_fields())]);
}

#[test]
fn a_removal_of_what_never_came_is_refused_without_a_word() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    refuses(&device, &[off()]);
    device
        .store
        .write(|writer| writer.remove(Kind::Pet, id(1)))
        .expect("removed");
    device
        .store
        .write(|writer| writer.unpark(&[1]))
        .expect("unparked");
    refuses(&device, &[less_than(Kind::Pet)]);
    assert_eq!((device.refused(), device.pending()), (vec![], 0));
}
