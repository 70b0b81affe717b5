//! An app that is newer than the server.

use romp_domain::wire::{Link, Outcome, PROTOCOL, SyncRequest};
use romp_domain::{ErrorCode, Kind, Pet, Problem, Sent};
use romp_sync::link_after;
use serde_json::json;
use uuid::Uuid;

use super::history::{energy, send};
use super::rig::{Rig, fields};
use crate::db::DbExt;

#[test]
fn row_59_what_only_a_newer_app_knows_is_refused_alone_and_its_neighbours_take_effect() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let device = a.owner.session.device;
    let held = rig
        .server
        .db
        .read(move |tx| tx.device(device))
        .unwrap()
        .unwrap()
        .held;
    a.owner.patch(Kind::Pet, a.pet.0, energy(1));
    a.owner.next_mid += 3;
    a.owner
        .patch(Kind::Pet, a.pet.0, fields(json!({"visible": false})));
    let operations = [
        (
            "kind",
            json!({"kind": "x_badge", "op": "patch", "fields": {"colour": "green"}}),
        ),
        (
            "act",
            json!({"kind": "playdate", "op": "act", "act": "x_nap", "expect_rev": 1}),
        ),
        (
            "op",
            json!({"kind": "pet", "op": "x_merge", "with": [Uuid::from_u128(9)]}),
        ),
    ];
    let mut request = SyncRequest {
        protocol: PROTOCOL,
        device: Some(device),
        link: Some(held),
        ..a.owner.request(&rig)
    };
    for (n, (_, operation)) in (1..).zip(&operations) {
        let mut sent = operation.clone();
        sent["mid"] = (held.mid + 1 + n).into();
        sent["hlc"] = request.clock.0.into();
        sent["id"] = json!(Uuid::from_u128(n.into()));
        let place = usize::try_from(n).unwrap();
        request
            .mutations
            .insert(place, serde_json::from_value(sent).unwrap());
    }
    let mids: Vec<u64> = request.mutations.iter().map(Sent::mid).collect();
    assert_eq!(mids, (held.mid + 1..=held.mid + 5).collect::<Vec<_>>());

    let first = send(&rig, &a.owner, request.clone());
    let refused: Vec<_> = first.results[1..4].iter().map(|result| &result.outcome).collect();
    for (outcome, (part, _)) in refused.iter().zip(&operations) {
        let Outcome::Rejected { problem } = outcome else {
            panic!("{part}: {outcome:?}");
        };
        let Problem { code, field, .. } = problem;
        assert_eq!((*code, field.as_deref()), (ErrorCode::UnknownField, Some(*part)));
    }
    assert_eq!(first.results[0].outcome, Outcome::Applied);
    assert_eq!(first.results[4].outcome, Outcome::Applied);
    let reached = request.mutations.iter().fold(held, link_after);
    let answered = Link {
        mid: first.ack_mid,
        chain: first.ack_chain,
    };
    assert_eq!(answered, reached, "both have the same chain");

    let again = send(&rig, &a.owner, request.clone());
    assert_eq!(again.fork, None);
    assert_eq!(
        again.results[1..4],
        first.results[1..4],
        "what was refused is told again"
    );
    a.owner.outbox.clear();
    a.owner.sync(&rig).unwrap();
    let pet = a.owner.all::<Pet>().remove(0).1;
    assert!(!pet.visible, "what protects was behind it, and took effect");
}
