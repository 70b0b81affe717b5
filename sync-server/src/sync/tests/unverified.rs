//! A family of which nobody has proved an address: for others it is not there, and it sees nobody.

use romp_domain::{Card, Matched};

use super::rig::{Rig, mutual};
use crate::db::DbExt;
use crate::sync::take_part;

fn unverified(rig: &Rig, household: romp_domain::HouseholdId) {
    let now = rig.server.clock.now();
    rig.server
        .db
        .write(move |tx| tx.set_unverified(household, now))
        .unwrap();
}

#[test]
fn a_family_that_has_proved_no_address_is_on_no_card_and_gets_none_until_it_has() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    unverified(&rig, a.household);
    let mut b = rig.family(2);
    a.owner.sync(&rig).unwrap();
    assert!(a.owner.all::<Card>().is_empty(), "it sees nobody");
    assert!(b.owner.all::<Card>().is_empty(), "nobody sees it");

    let (now, household) = (rig.server.clock.now(), a.household);
    let heads = rig
        .server
        .db
        .write(move |tx| take_part(tx, household, now))
        .unwrap();
    assert!(heads.contains_key(&a.household), "its devices are called");
    a.owner.sync(&rig).unwrap();
    b.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.all::<Card>().len(), 1);
    assert_eq!(b.owner.all::<Card>().len(), 1);
    let again = rig
        .server
        .db
        .write(move |tx| take_part(tx, household, now))
        .unwrap();
    assert!(again.is_empty(), "once");
}

#[test]
fn two_released_yeses_match_only_when_both_families_take_part() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    unverified(&rig, a.household);
    mutual(&rig, &mut a, &mut b);
    assert!(a.owner.all::<Matched>().is_empty() && b.owner.all::<Matched>().is_empty());
    let (now, household) = (rig.server.clock.now(), a.household);
    rig.server
        .db
        .write(move |tx| take_part(tx, household, now))
        .unwrap();
    a.owner.sync(&rig).unwrap();
    assert_eq!(a.owner.all::<Matched>().len(), 1);
}
