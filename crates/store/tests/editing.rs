//! Edits: what they store, what they send, and what they do not.

mod common;

use common::{Device, fields, id, made, pet, pet_row, reply};
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::unit::Km;
use romp_domain::wire::SyncReply;
use romp_domain::{Entity, Household, Kind, Op, Pet, Row, ZoneName};
use serde_json::json;

fn sent(device: &Device) -> Vec<Op> {
    made(&device.request())
        .into_iter()
        .map(|mutation| mutation.op)
        .collect()
}

#[test]
fn a_new_row_carries_all_fields_and_a_change_only_what_differs() {
    let device = Device::new();
    assert!(device.name_pet(1, "Rex"));
    assert!(device.name_pet(1, "Max"));
    let all = Op::Patch {
        fields: pet("Rex").to_fields(),
    };
    let changed = Op::Patch {
        fields: fields(json!({"name": "Max"})),
    };
    assert_eq!(sent(&device), [all, changed]);
    assert_eq!(device.name_of(1).as_deref(), Some("Max"));
}

#[test]
fn saving_the_same_again_makes_no_mutation() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    let version = device.store.version();
    assert!(!device.name_pet(1, "Rex"));
    assert_eq!((device.pending(), device.store.version()), (1, version));
}

#[test]
fn a_removed_row_is_gone_at_once_and_can_be_made_again() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    assert!(
        device
            .store
            .write(|writer| writer.remove(Kind::Pet, id(1)))
            .unwrap()
    );
    assert!(
        !device
            .store
            .write(|writer| writer.remove(Kind::Pet, id(1)))
            .unwrap()
    );
    assert_eq!(device.name_of(1), None);
    assert!(
        device
            .store
            .read(|reader| reader.list::<Pet>())
            .unwrap()
            .is_empty()
    );
    assert_eq!(device.pending(), 2);
}

#[test]
fn of_what_every_family_has_only_what_differs_from_unset_is_ever_told() {
    let device = Device::new();
    let unset = Household::new(ZoneName::utc());
    let put = |seen: &Household, wanted: &Household| {
        device
            .store
            .write(|writer| writer.put_changes(HOUSEHOLD_ROW, seen, wanted))
            .unwrap()
    };
    let mut wanted = unset.clone();
    assert!(!put(&unset, &wanted));
    wanted.travel_km = Km::new(40).unwrap();
    assert!(put(&unset, &wanted) && !put(&unset, &wanted));
    assert!(put(&wanted, &unset), "setting it back is a change too");
    let sets = |travel_km| Op::Patch {
        fields: fields(json!({"travel_km": travel_km})),
    };
    assert_eq!(sent(&device), [sets(40), sets(5)]);
}

/// A device that holds a pet as it is by now.
fn told(now: &Pet) -> Device {
    let device = Device::new();
    let row = Row {
        fields: Some(now.to_fields()),
        ..pet_row(1, 4, "Rex")
    };
    let request = device.request();
    let answer = SyncReply {
        rows: vec![row],
        cursor: 4,
        ..reply(&request)
    };
    device.absorb(&request, answer);
    device
}

#[test]
fn what_others_have_changed_since_a_form_was_filled_stays() {
    let (mut seen, mut wanted) = (pet("Rex"), pet("Max"));
    (seen.visible, wanted.visible) = (true, true);
    let device = told(&pet("Rex"));
    device
        .store
        .write(|writer| writer.put_changes(id(1), &seen, &wanted))
        .unwrap();
    let patch = Op::Patch {
        fields: fields(json!({"name": "Max"})),
    };
    assert_eq!(sent(&device), [patch]);
}

#[test]
fn who_loosens_what_was_restricted_after_a_form_was_filled_has_not_seen_it() {
    let day = |day: u32| serde_json::from_value(json!(format!("2026-10-{day:02}"))).unwrap();
    let rests = |name: &str, hold_until| Pet {
        hold_until,
        ..pet(name)
    };
    // Seen, as it is by now, and typed; whether the typed day is told as if nothing had been seen.
    for (seen, now, typed, unseen) in [
        (None, day(20), day(5), true),
        (day(3), day(20), day(5), true),
        (day(20), day(20), day(5), false),
        (day(20), day(9), day(5), false),
        (None, day(3), day(5), false),
    ] {
        let device = told(&rests("Rex", now));
        device
            .store
            .write(|writer| writer.put_changes(id(1), &rests("Rex", seen), &rests("Max", typed)))
            .unwrap();
        let told: Vec<_> = made(&device.request())
            .into_iter()
            .map(|mutation| (mutation.base_seq, mutation.op))
            .collect();
        let patch = |value| Op::Patch {
            fields: fields(value),
        };
        let expected = if unseen {
            vec![
                (Some(4), patch(json!({"name": "Max"}))),
                (None, patch(json!({"hold_until": typed}))),
            ]
        } else {
            vec![(Some(4), patch(json!({"name": "Max", "hold_until": typed})))]
        };
        assert_eq!(told, expected, "{seen:?} {now:?}");
    }
}

#[test]
fn what_breaks_a_rule_is_not_stored() {
    let device = Device::new();
    let unset = Household::new(ZoneName::utc());
    let mut wrong = unset.clone();
    wrong.venues.clear();
    assert!(device.store.write(|writer| writer.put(id(0), &wrong)).is_err());
    assert!(
        device
            .store
            .write(|writer| writer.put_changes(id(0), &unset, &wrong))
            .is_err()
    );
    assert_eq!((device.pending(), device.store.version()), (0, 0));
}

#[test]
fn row_59_fields_of_a_newer_version_survive_an_edit_here() {
    let device = Device::new();
    let mut row = pet_row(1, 1, "Rex");
    let newer = fields(json!({"moon_phase": 3, "sociability": "telepathic"}));
    row.fields.as_mut().unwrap().0.extend(newer.0);
    let request = device.request();
    device.absorb(
        &request,
        romp_domain::wire::SyncReply {
            rows: vec![row],
            cursor: 1,
            ..reply(&request)
        },
    );

    let mut pet: Pet = device.store.read(|reader| reader.get(id(1))).unwrap().unwrap();
    assert_eq!(pet.sociability, None, "this build cannot read it");
    pet.lead_only = true;
    device.store.write(|writer| writer.put(id(1), &pet)).unwrap();
    assert_eq!(
        sent(&device),
        [Op::Patch {
            fields: fields(json!({"lead_only": true}))
        }]
    );
    let kept = device
        .store
        .read(|reader| reader.fields(Kind::Pet, id(1)))
        .unwrap()
        .unwrap();
    assert_eq!(
        (&kept.0["moon_phase"], &kept.0["sociability"]),
        (&json!(3), &json!("telepathic"))
    );
}

#[test]
fn numbers_and_clocks_rise_without_gaps_also_over_a_restart_and_a_clock_that_jumps_back() {
    let device = Device::new();
    device.name_pet(1, "Rex");
    device.clock.advance_ms(-400 * 86_400_000);
    let device = device.restarted();
    device.name_pet(2, "Max");
    device.name_pet(3, "Zoë “Zo” O'Malley");
    let sent = made(&device.request());
    assert_eq!(sent.iter().map(|m| m.mid).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(sent.windows(2).all(|pair| pair[0].hlc < pair[1].hlc));
    assert_eq!(device.name_of(3).as_deref(), Some("Zoë “Zo” O'Malley"));
}

#[test]
fn a_request_stays_within_its_limits_and_the_rest_follows() {
    let device = Device::new();
    let mut large = pet("Rex");
    large.owner_notes = Some("ü".repeat(1000).try_into().unwrap());
    device
        .store
        .write(|writer| (0..700).try_for_each(|n| writer.put(id(n), &large).map(drop)))
        .unwrap();
    let mut mids = Vec::new();
    while device.pending() > 0 {
        let request = device.request();
        assert!(request.mutations.len() <= romp_domain::wire::MAX_MUTATIONS);
        assert!(serde_json::to_vec(&request).unwrap().len() <= romp_domain::wire::MAX_BODY_BYTES);
        mids.extend(made(&request).iter().map(|m| m.mid));
        device.absorb(&request, common::acked(&request, 1));
    }
    assert_eq!(mids, (1..=700).collect::<Vec<_>>());
}
