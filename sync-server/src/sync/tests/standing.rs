//! What was agreed and does not stand any more, and who is told why.

use jiff::civil::Date;
use romp_domain::playdate::CancelReason;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{Household, Kind, Playdate, PlaydateState};
use serde_json::{Value, json};

use crate::sync::work::date_in;

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

/// Moves a family to a zone, with hours from nine to six there.
fn lives_in(rig: &Rig, family: &mut Family, zone: &str) {
    change(rig, family, Kind::Household, json!({ "zone": zone }));
}

/// The day of the agreed playdate on a family's clock.
fn day(family: &Family) -> Date {
    let (_, settings) = family.owner.all::<Household>().remove(0);
    let (_, playdate) = family.owner.all::<Playdate>().remove(0);
    date_in(&settings.zone, playdate.slot.start())
}

const B_RESTS: [Told; 2] = [
    (PlaydateState::Cancelled, Some(CancelReason::Changed)),
    (PlaydateState::Cancelled, Some(CancelReason::PetRests)),
];

#[test]
fn whose_pet_rests_is_told_so_and_the_other_family_is_not_although_its_change_made_it_come_out() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    lives_in(&rig, &mut a, "Asia/Tokyo");
    lives_in(&rig, &mut b, "Asia/Tokyo");
    mutual(&rig, &mut a, &mut b);
    both_accept(&rig, &mut a, &mut b);
    let until = day(&b).yesterday().unwrap();
    change(&rig, &mut b, Kind::Pet, json!({ "hold_until": until }));
    assert_eq!(told(&rig, &mut a, &mut b)[1].0, PlaydateState::Confirmed);
    // There it is the day before.
    lives_in(&rig, &mut a, "America/Los_Angeles");
    assert_eq!(day(&a), until);
    assert_eq!(told(&rig, &mut a, &mut b), B_RESTS);
}

#[test]
fn a_pet_that_rests_on_that_day_at_its_own_home_meets_nobody_whatever_day_it_is_elsewhere() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    lives_in(&rig, &mut a, "Asia/Tokyo");
    mutual(&rig, &mut a, &mut b);
    both_accept(&rig, &mut a, &mut b);
    let until = day(&b);
    assert_eq!(until.tomorrow().unwrap(), day(&a));
    change(&rig, &mut b, Kind::Pet, json!({ "hold_until": until }));
    assert_eq!(told(&rig, &mut a, &mut b), B_RESTS);
}
