//! One family reports another: who reads it, and who cannot stop it.

use romp_domain::wire::{MutationResult, Outcome};
use romp_domain::{ErrorCode, Fields, Kind};
use serde_json::json;

use super::blocked::{blocks, matched};
use super::erasing::erase;
use super::rig::{Device, Family, Rig, fields, refusal};
use super::switches::everything_off;
use crate::reports::{self, Report, reports};

fn report(rig: &Rig, by: &mut Device, other: &Family, text: &str) {
    blocks(rig, by, other.pet, true);
    by.patch(Kind::Block, other.pet.0, fields(json!({ "report": text })));
    let reply = by.sync(rig).unwrap();
    let applied = |result: &MutationResult| result.outcome == Outcome::Applied;
    assert!(reply.results.iter().all(applied), "{reply:?}");
}

fn told(rig: &Rig) -> Vec<(String, u128, Option<u128>)> {
    let text = |report: &Report| report.block.report.as_ref().unwrap().to_string();
    let number = |family: &reports::Family| family.household.0.as_u128();
    let all = reports(&rig.server).unwrap();
    all.iter()
        .map(|report| {
            (
                text(report),
                number(&report.by),
                report.about.as_ref().map(number),
            )
        })
        .collect()
}

#[test]
fn row_80_the_operator_reads_a_report_and_the_reported_family_neither_sees_nor_removes_it() {
    let rig = Rig::new();
    let (mut a, mut b) = matched(&rig, true);
    report(&rig, &mut a.owner, &b, "They left the gate open.");
    let (by, about) = (a.household.0.as_u128(), b.household.0.as_u128());
    let expected = vec![("They left the gate open.".to_owned(), by, Some(about))];
    assert_eq!(told(&rig), expected);
    for device in [&mut b.owner, &mut b.child, &mut a.child] {
        device.cursor = 0;
        device.sync(&rig).unwrap();
        assert!(!device.dump().contains("gate"), "{}", device.dump());
        device.patch(
            Kind::Block,
            b.pet.0,
            fields(json!({"report": null, "blocked": false})),
        );
        assert!(matches!(
            refusal(&device.sync(&rig).unwrap().results),
            ErrorCode::InvalidField | ErrorCode::Forbidden
        ));
        device.patch(Kind::Block, b.pet.0, Fields::removal());
        assert_eq!(refusal(&device.sync(&rig).unwrap().results), ErrorCode::Forbidden);
    }
    assert_eq!(told(&rig), expected);
    // Also not by going away: what is told stays, with the pet's name.
    b.owner.patch(Kind::Pet, b.pet.0, Fields::removal());
    b.owner.sync(&rig).unwrap();
    assert_eq!(told(&rig), expected);
    erase(&rig, &b);
    assert_eq!(told(&rig), [("They left the gate open.".to_owned(), by, None)]);
    let printed = reports(&rig.server).unwrap()[0].to_string();
    for part in [
        "Bella",
        "“They left the gate open.”",
        "nobody has this pet any more",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
    // It goes with the family that wrote it.
    erase(&rig, &a);
    assert_eq!(told(&rig), []);
}

#[test]
fn row_80_a_report_is_written_whatever_is_switched_off_and_the_last_comes_first() {
    let rig = Rig::new();
    let (mut a, b, c) = (rig.family(1), rig.family(2), rig.family(3));
    everything_off(&rig, &mut a.owner);
    report(&rig, &mut a.owner, &b, "First.");
    rig.pass(1_000);
    report(&rig, &mut a.owner, &c, "Second.");
    blocks(&rig, &mut a.owner, b.pet, false);
    let texts: Vec<_> = told(&rig).into_iter().map(|(text, ..)| text).collect();
    assert_eq!(texts, ["Second.", "First."]);
    // What cannot be read as a report is refused, and what was told stays.
    a.owner
        .patch(Kind::Block, b.pet.0, fields(json!({"report": "x".repeat(1_001)})));
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::InvalidField
    );
    a.owner.patch(
        Kind::Block,
        b.pet.0,
        fields(json!({"report": {"html": "<script>"}})),
    );
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::InvalidField
    );
    assert_eq!(told(&rig).len(), 2);
}
