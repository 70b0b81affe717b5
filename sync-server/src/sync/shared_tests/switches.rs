//! A switch holds on every server from the next request on.

use romp_domain::policy::Operation;
use romp_domain::switch::SwitchScope;
use romp_domain::wire::Outcome;
use romp_domain::{ErrorCode, Kind, PetId, Verdict};
use serde_json::json;
use uuid::Uuid;

use super::super::switches::off_for;
use super::super::tests::rig::{Rig, fields, refusal};
use super::super::tests::switches::{switch, told};
use super::two_servers;
use crate::db::{DbExt, SessionRecord};

fn is_off(rig: &Rig, session: &SessionRecord, operation: Operation) -> bool {
    let (session, now) = (session.clone(), rig.now());
    rig.server
        .db
        .read(move |tx| off_for(tx, now, &session, operation))
        .unwrap()
        .is_some()
}

#[test]
fn row_07_a_switch_set_through_one_server_refuses_the_next_request_on_both_and_so_does_its_end() {
    let Some((_, rigs)) = two_servers("a switch, two servers") else {
        return;
    };
    let mut a = rigs[0].family(1);
    let id = Uuid::from_u128(7_777);
    let mut target = 900_000;
    for round in 0..6 {
        let (setting, lifting) = (&rigs[round % 2], &rigs[(round + 1) % 2]);
        let on = switch(
            SwitchScope::Household,
            &[Operation::Choose, Operation::Devices],
            None,
        );
        a.owner.patch(Kind::Switch, id, told(&on));
        a.owner.sync(setting).unwrap();
        for rig in &rigs {
            target += 1;
            a.child_swipes(PetId(Uuid::from_u128(target)), Verdict::Yes);
            assert_eq!(
                refusal(&a.child.sync(rig).unwrap().results),
                ErrorCode::SwitchedOff
            );
            assert!(is_off(rig, &a.owner.session, Operation::Devices));
            assert!(!is_off(rig, &a.owner.session, Operation::Live));
        }
        a.owner.patch(Kind::Switch, id, fields(json!({"on": false})));
        assert_eq!(
            a.owner.sync(lifting).unwrap().results[0].outcome,
            Outcome::Applied
        );
        for rig in &rigs {
            target += 1;
            a.child_swipes(PetId(Uuid::from_u128(target)), Verdict::Yes);
            assert_eq!(a.child.sync(rig).unwrap().results[0].outcome, Outcome::Applied);
            assert!(!is_off(rig, &a.owner.session, Operation::Devices));
        }
    }
}
