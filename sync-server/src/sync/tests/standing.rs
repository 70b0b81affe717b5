//! What was agreed and does not stand any more, and who is told why.

use romp_domain::playdate::CancelReason;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{Kind, Playdate, PlaydateState};
use serde_json::{Value, json};

use super::rig::{Family, Rig, both_accept, fields, mutual};

type Told = (PlaydateState, Option<CancelReason>);

/// What the two families are told of their playdate.
fn told(rig: &Rig, a: &mut Family, b: &mut Family) -> [Told; 2] {
    [a, b].map(|family| {
        family.owner.sync(rig).unwrap();
        let (_, playdate) = family.owner.all::<Playdate>().remove(0);
        (playdate.state, playdate.cancelled)
    })
}

/// Two families that agreed on a playdate.
fn agreed(rig: &Rig) -> (Family, Family) {
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    mutual(rig, &mut a, &mut b);
    both_accept(rig, &mut a, &mut b);
    assert_eq!(told(rig, &mut a, &mut b), [(PlaydateState::Confirmed, None); 2]);
    (a, b)
}

fn change(rig: &Rig, family: &mut Family, kind: Kind, to: Value) {
    let id = if kind == Kind::Household {
        HOUSEHOLD_ROW
    } else {
        family.pet.0
    };
    family.owner.patch(kind, id, fields(to));
    family.owner.sync(rig).unwrap();
}

#[test]
fn a_pet_that_is_hidden_and_put_on_hold_in_one_go_meets_nobody() {
    let rig = Rig::new();
    let (mut a, mut b) = agreed(&rig);
    let ill = json!({"visible": false, "hold_until": "2026-12-24"});
    change(&rig, &mut a, Kind::Pet, ill);
    assert_eq!(
        told(&rig, &mut a, &mut b),
        [CancelReason::PetRests, CancelReason::Changed].map(|why| (PlaydateState::Cancelled, Some(why)))
    );
}

#[test]
fn an_agreed_playdate_is_kept_against_no_rule_that_protects_whatever_wishes_have_changed_before() {
    let elsewhere = json!({"area": {"lat_c": 4860, "lon_c": -12230}});
    let cases = [
        (
            Kind::Pet,
            json!({"seeks_species": ["goat"]}),
            Kind::Pet,
            json!({"hold_until": "2026-12-24"}),
        ),
        (
            Kind::Pet,
            json!({"seeks_sizes": ["medium"]}),
            Kind::Pet,
            json!({"weight_g": 60_000}),
        ),
        (
            Kind::Household,
            elsewhere,
            Kind::Pet,
            json!({"heat_until": "2026-12-24"}),
        ),
        (
            Kind::Pet,
            json!({"visible": false}),
            Kind::Household,
            json!({"allergies": ["dog"]}),
        ),
    ];
    for (wish_of, wish, rule_of, rule) in cases {
        let rig = Rig::new();
        let (mut a, mut b) = agreed(&rig);
        change(&rig, &mut b, wish_of, wish.clone());
        assert_eq!(
            told(&rig, &mut a, &mut b),
            [(PlaydateState::Confirmed, None); 2],
            "the families can call it off themselves: {wish}"
        );
        change(&rig, &mut a, rule_of, rule.clone());
        for (state, _) in told(&rig, &mut a, &mut b) {
            assert_eq!(state, PlaydateState::Cancelled, "{wish}, then {rule}");
        }
    }
}
