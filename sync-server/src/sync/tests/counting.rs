//! What a session changed, and how often: counted beside its exchanges, for the owners of its family.

use romp_domain::{Kind, Verdict};
use serde_json::json;

use super::rig::{Rig, fields};
use super::switches::stranger;
use crate::db::DbExt;

#[test]
fn changes_are_counted_by_their_kind_and_by_what_became_of_them() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    rig.server.tally.flush(&rig.server);
    for n in 0..3 {
        a.child_swipes(stranger(n), Verdict::Yes);
    }
    a.child.patch(Kind::Pet, a.pet.0, fields(json!({"name": "Max"})));
    a.child.sync(&rig).unwrap();
    rig.server.tally.flush(&rig.server);
    let (household, session) = (a.household, a.child.session.id);
    let counted = rig
        .server
        .db
        .read(move |tx| tx.calls_of(household, Some(session), 10))
        .unwrap();
    let counted: Vec<_> = counted
        .iter()
        .map(|count| (count.what.as_str(), count.outcome.as_str(), count.count))
        .collect();
    assert_eq!(
        counted,
        [("change:pet", "forbidden", 1), ("change:swipe", "ok", 3)]
    );
}
