//! Role × kind × field × whose row it is: what a session may set is what the policy table says, and nothing else.

use romp_domain::policy::{may_act, may_write};
use romp_domain::wire::Outcome;
use romp_domain::{ErrorCode, Fields, Kind, PetId, PlaydateAct, Role};
use serde_json::Value;
use uuid::Uuid;

use super::rig::{Device, Family, Rig, mutual};

/// What no row has: whose it is, who may, and who decided.
const MADE_UP: [&str; 4] = ["family_id", "role", "approved_by", "enabled_endpoints"];

fn patch(device: &mut Device, rig: &Rig, kind: Kind, id: Uuid, field: &str, value: &Value) -> Outcome {
    let fields = Fields([(field.to_owned(), value.clone())].into_iter().collect());
    device.patch(kind, id, fields);
    device.sync(rig).unwrap().results.remove(0).outcome
}

fn code(outcome: &Outcome) -> Option<ErrorCode> {
    match outcome {
        Outcome::Rejected { problem } => Some(problem.code),
        Outcome::Applied | Outcome::Superseded => None,
    }
}

/// Every field of every row that a family's owner holds, with its value, and those that no row has.
fn cells(family: &Family) -> Vec<(Kind, Uuid, String, Value)> {
    let mut cells = Vec::new();
    for ((kind, id), fields) in &family.owner.rows {
        let Some(kind) = Kind::from_word(kind) else {
            continue;
        };
        for (field, value) in &fields.0 {
            cells.push((kind, *id, field.clone(), value.clone()));
        }
        cells.push((kind, *id, "deleted".to_owned(), Value::Bool(true)));
        for field in MADE_UP {
            cells.push((kind, *id, field.to_owned(), Value::from("owner")));
        }
    }
    cells
}

fn grown() -> (Rig, Family, Family) {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(&rig, &mut a, &mut b);
    b.owner.sync(&rig).unwrap();
    a.owner.block(PetId(Uuid::from_u128(0xB10C)), true);
    a.owner.sync(&rig).unwrap();
    (rig, a, b)
}

#[test]
fn row_48_a_session_sets_exactly_the_fields_that_its_role_may() {
    let (rig, mut a, _) = grown();
    let cells = cells(&a);
    let kinds: std::collections::BTreeSet<_> = cells.iter().map(|(kind, ..)| *kind).collect();
    assert!(kinds.len() >= 8, "{kinds:?}");
    // Removals last: they take rows away.
    let (removals, others): (Vec<_>, Vec<_>) = cells.iter().partition(|(_, _, field, _)| field == "deleted");
    for role in [Role::Child, Role::Owner] {
        for (kind, id, field, value) in others.iter().chain(&removals) {
            let before = a.owner.dump();
            let device = if role == Role::Owner {
                &mut a.owner
            } else {
                &mut a.child
            };
            let outcome = patch(device, &rig, *kind, *id, field, value);
            let refused = code(&outcome);
            // The household row is never removed this way; an account's deletion has its own endpoint.
            let may = may_write(role, *kind).contains(field)
                && (*kind, field.as_str()) != (Kind::Household, "deleted");
            let what = format!("{role:?} {kind:?}.{field}: {outcome:?}");
            if MADE_UP.contains(&field.as_str()) {
                assert!(refused.is_some(), "row 5: {what}");
            } else if !may {
                assert_eq!(refused, Some(ErrorCode::Forbidden), "{what}");
            } else {
                assert_ne!(refused, Some(ErrorCode::Forbidden), "{what}");
            }
            if refused.is_some() {
                a.owner.sync(&rig).unwrap();
                assert_eq!(a.owner.dump(), before, "{what}");
            }
        }
    }
}

#[test]
fn row_47_whatever_a_session_pushes_under_another_familys_ids_changes_nothing_there() {
    let (rig, mut a, _) = grown();
    let mut c = rig.family(3);
    let before = a.owner.dump();
    for (kind, id, field, value) in cells(&a) {
        // Every family has its own settings under the same id.
        if kind == Kind::Household {
            continue;
        }
        for device in [&mut c.owner, &mut c.child] {
            let theirs = patch(device, &rig, kind, id, &field, &value);
            if kind == Kind::Playdate || kind == Kind::Match || kind == Kind::Card {
                let nobodys = patch(device, &rig, kind, Uuid::from_u128(0xDEAD), &field, &value);
                assert_eq!(theirs, nobodys, "row 3: {kind:?}.{field}");
            }
        }
    }
    a.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.dump(), before);
}

#[test]
fn row_48_only_who_may_act_acts_and_only_on_what_is_the_familys() {
    let (rig, mut a, _) = grown();
    let mut c = rig.family(3);
    let (id, seen) = a.owner.all::<romp_domain::Playdate>().remove(0);
    for act in PlaydateAct::ALL {
        for role in Role::ALL {
            let stranger = if *role == Role::Owner {
                &mut c.owner
            } else {
                &mut c.child
            };
            stranger.act(id, *act, seen.rev);
            let theirs = stranger.sync(&rig).unwrap().results.remove(0).outcome;
            stranger.act(Uuid::from_u128(0xDEAD), *act, seen.rev);
            let nobodys = stranger.sync(&rig).unwrap().results.remove(0).outcome;
            assert_eq!(theirs, nobodys, "row 3: {role:?} {act:?}");
            assert!(code(&theirs).is_some());
        }
        assert!(!may_act(Role::Child));
        a.child.act(id, *act, seen.rev);
        let refused = a.child.sync(&rig).unwrap().results.remove(0).outcome;
        assert_eq!(code(&refused), Some(ErrorCode::Forbidden), "{act:?}");
    }
    a.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.all::<romp_domain::Playdate>().remove(0).1, seen);
}
