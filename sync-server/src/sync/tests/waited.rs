//! What waited on its device until something was switched on again keeps its place.

use romp_domain::time::DAY_MS;
use romp_domain::wire::Outcome;
use romp_domain::{Hlc, Kind, Role};
use serde_json::{Value, json};

use super::rig::{Device, Rig, START, fields};
use crate::db::DbExt;

/// What became of a name that a device gave before it said something else, and of what another one said in between.
fn named(rig: &Rig, waited: bool, field: &str) -> (Outcome, Value) {
    let mut a = rig.family(1);
    let mut other = rig.device(a.household, 99, Role::Owner);
    let say = |device: &mut Device, ms: i64, said: Value, waited: bool| {
        device.patch(Kind::Pet, a.pet.0, fields(said));
        let last = device.outbox.last_mut().unwrap();
        (last.hlc, last.waited) = (Hlc::at_ms(START + ms), waited);
        device.sync(rig).unwrap().results.remove(0).outcome
    };
    rig.pass(10_000);
    say(&mut other, 5_000, json!({"name": "Between"}), false);
    say(&mut a.owner, 8_000, json!({"weight_g": 9_000}), false);
    let outcome = say(
        &mut a.owner,
        2_000,
        json!({"name": "Waited", "weight_g": 7_000}),
        waited,
    );
    let household = a.household;
    let pet = a.pet.0;
    let row = rig
        .server
        .db
        .read(move |tx| tx.row(household, Kind::Pet, pet))
        .unwrap();
    (outcome, row.unwrap().fields.0[field].clone())
}

#[test]
fn row_49_what_waited_for_a_switch_keeps_its_place_and_wins_over_nobody_who_spoke_after_it() {
    assert_eq!(named(&Rig::new(), true, "name").1, "Between");
    assert_eq!(
        named(&Rig::new(), false, "name").1,
        "Waited",
        "a device's own order, else"
    );
    let (outcome, weight) = named(&Rig::new(), true, "weight_g");
    assert_eq!(
        (outcome, weight),
        (Outcome::Applied, json!(7_000)),
        "later than its own word"
    );
}

#[test]
fn row_49_what_waited_is_by_the_servers_clock_whatever_the_devices_shows_when_it_goes_out() {
    for wrong_ms in [-400 * DAY_MS, 0, 400 * DAY_MS] {
        let rig = Rig::new();
        let mut a = rig.family(1);
        let mut other = rig.device(a.household, 99, Role::Owner);
        rig.pass(10_000);
        for (device, ms, name, waited) in [
            (&mut other, 1_000, "Before", false),
            (&mut a.owner, 2_000, "Waited", true),
        ] {
            device.patch(Kind::Pet, a.pet.0, fields(json!({"name": name})));
            let last = device.outbox.last_mut().unwrap();
            (last.hlc, last.waited) = (Hlc::at_ms(START + ms), waited);
            device.skew_ms = if waited { wrong_ms } else { 0 };
            let outcome = device.sync(&rig).unwrap().results.remove(0).outcome;
            assert_eq!(outcome, Outcome::Applied, "{name} {wrong_ms}");
        }
    }
}

#[test]
fn row_50_an_owner_who_undoes_an_own_restriction_is_heard_whatever_others_said_meanwhile() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut other = rig.device(a.household, 99, Role::Owner);
    rig.pass(10_000);
    let rests = |device: &mut Device, ms: i64, until: Value| {
        device.patch(Kind::Pet, a.pet.0, fields(json!({"hold_until": until})));
        device.outbox.last_mut().unwrap().hlc = Hlc::at_ms(START + ms);
    };
    rests(&mut a.owner, 500, json!("2027-01-05"));
    a.owner.sync(&rig).unwrap();
    other.sync(&rig).unwrap();
    rests(&mut other, 3_000, json!(null));
    other.sync(&rig).unwrap();
    // Offline, before: mistyped, and put right.
    rests(&mut a.owner, 1_000, json!("2077-01-03"));
    rests(&mut a.owner, 2_000, json!("2027-01-03"));
    let results = a.owner.sync(&rig).unwrap().results;
    assert!(
        results.iter().all(|result| result.outcome == Outcome::Applied),
        "{results:?}"
    );
    let (household, pet) = (a.household, a.pet.0);
    let row = rig
        .server
        .db
        .read(move |tx| tx.row(household, Kind::Pet, pet))
        .unwrap();
    assert_eq!(row.unwrap().fields.0["hold_until"], "2027-01-03");
}

#[test]
fn row_50_what_the_server_s_own_clock_was_ahead_wins_over_nothing_once_it_is_put_right() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut other = rig.device(a.household, 99, Role::Owner);
    let say = |device: &mut Device, ms: i64, name: &str| {
        device.patch(Kind::Pet, a.pet.0, fields(json!({ "name": name })));
        device.outbox.last_mut().unwrap().hlc = Hlc::at_ms(START + ms);
        device.sync(&rig).unwrap()
    };
    // The clock of the machine is a day ahead for a moment.
    rig.pass(DAY_MS);
    say(&mut a.owner, DAY_MS, "Ahead");
    rig.pass(-DAY_MS + 5_000);
    for (device, name) in [(&mut other, "Right"), (&mut a.owner, "Again")] {
        let mut reply = say(device, 5_000, name);
        assert_eq!(reply.results.remove(0).outcome, Outcome::Applied, "{name}");
        assert!(reply.clock <= romp_sync::furthest(rig.now().0), "{name}");
        rig.pass(200_000);
    }
    let reply = say(&mut other, 500_000, "Last");
    assert!(reply.clock.ms() <= rig.now().0 + 120_000);
    let (household, pet) = (a.household, a.pet.0);
    let row = rig
        .server
        .db
        .read(move |tx| tx.row(household, Kind::Pet, pet))
        .unwrap()
        .unwrap();
    assert_eq!(row.fields.0["name"], "Last");
    assert!(row.stamps.get("name").unwrap().0 <= romp_sync::furthest(rig.now().0));
}
