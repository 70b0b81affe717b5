//! A switch is made narrower, or moved to somebody else or to other hours, by those only who had heard what it was.

use romp_domain::wire::Outcome;
use romp_domain::{ErrorCode, Kind};
use serde_json::json;
use uuid::Uuid;

use super::caution::two_owners;
use super::rig::{Rig, START, fields, refusal};
use crate::db::DbExt;

/// A switch of children's choices in the evening, with these fields in the place of its own.
fn evening(changes: serde_json::Value) -> romp_domain::Fields {
    let mut all = fields(json!({
        "scope": {"of": "children"}, "operations": ["choose"], "comment": "Good night!", "on": true,
        "starts_at": START, "ends_at": null, "hours": {"weekdays": ["sat", "sun"], "start": 1200, "end": 420},
    }));
    all.0.extend(fields(changes).0);
    all
}

#[test]
fn a_switch_is_made_narrower_by_nobody_who_had_not_heard_that_it_was_made_wider() {
    let hours =
        |start: u32, end: u32| json!({"hours": {"weekdays": ["sat", "sun"], "start": start, "end": end}});
    let child = |n: u128| json!({"scope": {"of": "child", "child": Uuid::from_u128(n)}});
    let session = json!({"scope": {"of": "session", "session": Uuid::from_u128(3)}});
    let mut lifted = child(1);
    lifted["on"] = false.into();
    for (at_first, wider, narrower) in [
        (child(1), json!({"scope": {"of": "children"}}), child(2)),
        (child(1), json!({"scope": {"of": "household"}}), session),
        // It is for another child now: for that one it is new.
        (child(1), child(2), child(1)),
        (hours(1_200, 420), hours(1_140, 420), hours(720, 780)),
        (hours(1_200, 420), hours(720, 780), hours(1_260, 420)),
        (lifted, json!({"on": true}), child(2)),
        (
            json!({"operations": ["choose"]}),
            json!({"operations": ["pets"]}),
            json!({"operations": ["live"]}),
        ),
    ] {
        let told = format!("{at_first} {wider} {narrower}");
        let rig = Rig::new();
        let (mut a, mut other) = two_owners(&rig);
        let id = Uuid::from_u128(7_777);
        a.owner.patch(Kind::Switch, id, evening(at_first));
        a.owner.sync(&rig).unwrap();
        other.sync(&rig).unwrap();
        let seen = other.cursor;
        a.owner.patch(Kind::Switch, id, fields(wider.clone()));
        assert_eq!(
            a.owner.sync(&rig).unwrap().results[0].outcome,
            Outcome::Applied,
            "{told}"
        );
        rig.pass(60_000);
        other.skew_ms = 60_000;
        other.cursor = seen;
        other.patch(Kind::Switch, id, fields(narrower.clone()));
        let refused = other.sync(&rig).unwrap();
        assert_eq!(refusal(&refused.results), ErrorCode::Stale, "{told}");
        // Afterwards, and wider at any time.
        other.patch(Kind::Switch, id, fields(narrower));
        assert_eq!(
            other.sync(&rig).unwrap().results[0].outcome,
            Outcome::Applied,
            "{told}"
        );
    }
}

#[test]
fn a_switch_is_made_wider_whatever_was_not_heard_and_whatever_the_clocks_say() {
    let rig = Rig::new();
    let (mut a, mut other) = two_owners(&rig);
    let id = Uuid::from_u128(7_777);
    let child = |n: u128| json!({"scope": {"of": "child", "child": Uuid::from_u128(n)}});
    a.owner.patch(Kind::Switch, id, evening(child(1)));
    a.owner.sync(&rig).unwrap();
    other.sync(&rig).unwrap();
    let seen = other.cursor;
    rig.pass(60_000);
    a.owner.skew_ms = 60_000;
    a.owner.patch(Kind::Switch, id, fields(child(2)));
    a.owner.sync(&rig).unwrap();
    other.cursor = seen;
    let wider = json!({"scope": {"of": "household"}});
    other.patch(Kind::Switch, id, fields(wider.clone()));
    assert_eq!(other.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
    let household = a.household;
    let row = rig.server.db.read(move |tx| tx.row(household, Kind::Switch, id));
    assert_eq!(row.unwrap().unwrap().fields.0["scope"], wider["scope"]);
}
