//! A form that stays open while somebody else changes what it was filled with: what it undoes, and what it leaves.

use romp_domain::calls::{ChildSave, Children, HouseholdGet, HouseholdSave, PetSave, Pets};
use romp_domain::{Consent, DailyCards, ErrorCode, Fields, Household, Op, Pet, Role, UtcMs};
use romp_store::Made;
use serde_json::json;

use crate::testing::{Device, NOW, code, pet};

/// What a device said since change `before`.
fn said(device: &Device, before: u64) -> Vec<Fields> {
    let made = device.app.store.read(|reader| reader.made_since(before)).unwrap();
    made.into_iter()
        .map(|Made { op, .. }| match op {
            Op::Patch { fields } => fields,
            Op::Act { .. } => panic!("nothing was answered"),
        })
        .collect()
}

fn last(device: &Device) -> u64 {
    device.app.store.read(|reader| reader.last_made()).unwrap()
}

fn fields(value: serde_json::Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

/// Two owners' devices of one family.
async fn two() -> (Device, Device) {
    let first = Device::registered().await;
    let second = first.paired(Role::Owner).await;
    (first, second)
}

async fn exchanged(from: &Device, to: &Device) {
    from.sync().await;
    to.sync().await;
}

#[tokio::test]
async fn a_pet_that_another_owner_hid_meanwhile_stays_hidden() {
    let (first, second) = two().await;
    let rex = first.add_pet("Rex").await;
    let shown = Pet {
        visible: true,
        ..pet("Rex")
    };
    first.save_pet(rex, shown.clone()).await.unwrap();
    exchanged(&first, &second).await;
    let seen = first.call(Pets {}).await.unwrap().remove(0).pet;
    second.save_pet(rex, pet("Rex")).await.unwrap();
    exchanged(&second, &first).await;

    let before = last(&first);
    let id = Some(rex);
    let typed = Pet {
        visible: true,
        ..pet("Max")
    };
    let save = PetSave {
        id,
        seen: Some(seen),
        pet: typed,
    };
    first.call(save).await.unwrap();
    assert_eq!(said(&first, before), [fields(json!({"name": "Max"}))]);
    exchanged(&first, &second).await;
    assert_eq!(second.row(rex.0), Some(pet("Max")), "and hidden");
    assert_eq!(first.row(rex.0), Some(pet("Max")));

    let unsaid = PetSave {
        id,
        seen: None,
        pet: shown,
    };
    assert_eq!(code(first.call(unsaid).await), ErrorCode::InvalidField);
}

#[tokio::test]
async fn a_consent_that_another_owner_withdrew_meanwhile_stays_withdrawn() {
    let (first, second) = two().await;
    let given = Some(Consent {
        notice: Consent::NOTICE,
        given_at: UtcMs(NOW),
    });
    let mut household = first.call(HouseholdGet {}).await.unwrap();
    household.share_consent = given;
    first.save_household(household.clone()).await.unwrap();
    exchanged(&first, &second).await;
    let seen = first.call(HouseholdGet {}).await.unwrap();
    let withdrawn = Household {
        share_consent: None,
        ..household
    };
    second.save_household(withdrawn).await.unwrap();
    exchanged(&second, &first).await;

    let before = last(&first);
    let mut typed = seen.clone();
    typed.place = Some("near the lake".to_owned().try_into().unwrap());
    let save = HouseholdSave {
        seen,
        household: typed,
    };
    first.call(save).await.unwrap();
    assert_eq!(said(&first, before), [fields(json!({"place": "near the lake"}))]);
    exchanged(&first, &second).await;
    for device in [&first, &second] {
        let household = device.call(HouseholdGet {}).await.unwrap();
        assert_eq!(household.share_consent, None);
    }
}

#[tokio::test]
async fn cards_that_another_owner_rationed_meanwhile_stay_rationed() {
    let (first, second) = two().await;
    let mia = first.add_child("Mia").await;
    exchanged(&first, &second).await;
    let seen = first.call(Children {}).await.unwrap().remove(0).child;
    let mut rationed = seen.clone();
    rationed.daily_cards = Some(DailyCards::new(5).unwrap());
    second.save_child(mia, rationed.clone()).await.unwrap();
    exchanged(&second, &first).await;

    let mut typed = seen.clone();
    typed.pause_when_done = true;
    let save = ChildSave {
        id: Some(mia),
        seen: Some(seen),
        child: typed,
    };
    first.call(save).await.unwrap();
    rationed.pause_when_done = true;
    assert_eq!(first.row(mia.0), Some(rationed));
}
