//! What waited on its device until something was switched on again keeps its place.

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
