//! Endpoints that are switched off, and those that never are.

use romp_domain::policy::{Endpoint, Operation, Switchable};
use romp_domain::time::HOUR_MS;
use romp_domain::{Entity, ErrorCode, Hlc, Kind, Switch};
use romp_sync::{Registers, Stamp};
use serde_json::json;
use uuid::Uuid;

use super::call;
use crate::accounts::rig::{PASSWORD, Rig};
use crate::db::DbExt;

/// A family in which everything is off for an hour.
fn with_everything_off() -> (Rig, String) {
    let rig = Rig::new();
    let owner = rig.owner(1);
    let switch = Switch {
        operations: Operation::ALL.iter().copied().collect(),
        starts_at: rig.now(),
        ends_at: Some(rig.now().plus_ms(HOUR_MS)),
        ..Switch::example()
    };
    let stamp = Stamp(Hlc::at_ms(rig.now().0), romp_domain::DeviceId(Uuid::nil()));
    let (household, row) = (owner.household, Registers::of(&switch.to_fields(), stamp));
    rig.server
        .db
        .write(move |tx| tx.put_row(household, Kind::Switch, Uuid::from_u128(7), &row))
        .unwrap();
    (rig, owner.token)
}

#[tokio::test]
async fn row_07_what_is_switched_off_answers_403_with_the_comment_and_when_to_try_again() {
    let (rig, token) = with_everything_off();
    let mut met = Vec::new();
    for endpoint in Endpoint::ALL {
        let Switchable::As(_) = endpoint.switchable() else {
            continue;
        };
        let reply = call(&rig, *endpoint, Some(&token), &json!({"role": "child"})).await;
        assert_eq!(reply.status.as_u16(), 403, "{endpoint:?}");
        assert_eq!(reply.headers["retry-after"], "3600");
        let problem: romp_domain::Problem = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            (problem.code, problem.message.as_str()),
            (ErrorCode::SwitchedOff, "Good night!")
        );
        met.push(*endpoint);
    }
    assert!(met.contains(&Endpoint::CreatePairing) && met.contains(&Endpoint::Events));
    rig.pass(HOUR_MS);
    let reply = call(
        &rig,
        Endpoint::CreatePairing,
        Some(&token),
        &json!({"role": "owner", "password": PASSWORD}),
    )
    .await;
    assert_eq!(reply.status.as_u16(), 200);
}

#[tokio::test]
async fn row_07_sign_out_deletion_exchanges_and_everything_else_that_must_not_be_is_never_switched_off() {
    for endpoint in Endpoint::ALL {
        if matches!(endpoint.switchable(), Switchable::As(_)) {
            continue;
        }
        let (rig, token) = with_everything_off();
        let reply = call(&rig, *endpoint, Some(&token), &json!({})).await;
        let off = reply.status.as_u16() == 403 && reply.code() == ErrorCode::SwitchedOff;
        assert!(!off, "{endpoint:?}");
    }
    let never = [Endpoint::SignOut, Endpoint::DeleteAccount, Endpoint::Sync];
    assert!(
        never
            .iter()
            .all(|endpoint| !matches!(endpoint.switchable(), Switchable::As(_)))
    );
}
