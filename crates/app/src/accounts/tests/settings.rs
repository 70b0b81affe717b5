//! Settings of the household: those made before joining, and those that the family has.

use std::collections::BTreeSet;

use romp_domain::calls::HouseholdGet;
use romp_domain::{Area, Consent, Kind, Op, Species, UtcMs, ZoneName};
use serde_json::{Value, json};

use super::sign_in;
use crate::testing::{Device, NOW};

/// The fields of the household's settings that the server was sent, one map for each mutation.
fn sent_settings(device: &Device) -> Vec<Value> {
    let applied = device.server.applied();
    let settings = applied.iter().filter(|mutation| mutation.kind == Kind::Household);
    settings
        .map(|mutation| match &mutation.op {
            Op::Patch { fields } => json!(fields),
            Op::Act { .. } => unreachable!("settings are a patch"),
        })
        .collect()
}

#[tokio::test]
async fn a_setting_made_before_signing_in_leaves_the_familys_others_alone() {
    let first = Device::registered().await;
    let mut household = first.call(HouseholdGet {}).await.unwrap();
    household.zone = ZoneName::new("Europe/Berlin").unwrap();
    household.area = Some(Area::around(47.6, -122.3).unwrap());
    household.allergies = BTreeSet::from([Species::Cat]);
    household.share_consent = Some(Consent {
        notice: Consent::NOTICE,
        given_at: UtcMs(NOW),
    });
    first.save_household(household.clone()).await.unwrap();
    first.sync().await;

    let second = Device::of(&first.server, 9);
    let mut alone = second.call(HouseholdGet {}).await.unwrap();
    alone.place = Some("near the lake".to_owned().try_into().unwrap());
    second.save_household(alone.clone()).await.unwrap();
    let second = second.restarted();
    assert_eq!(second.call(HouseholdGet {}).await.unwrap(), alone);

    second.call(sign_in()).await.unwrap();
    first.sync().await;
    household.place = alone.place;
    for device in [&first, &second] {
        assert_eq!(device.call(HouseholdGet {}).await.unwrap(), household);
    }
}

#[tokio::test]
async fn a_new_family_tells_the_server_its_zone_and_one_chosen_before_stays() {
    let device = Device::registered().await;
    assert_eq!(sent_settings(&device), [json!({"zone": "America/Los_Angeles"})]);

    let device = Device::new();
    let mut household = device.call(HouseholdGet {}).await.unwrap();
    household.zone = ZoneName::new("Europe/Berlin").unwrap();
    device.save_household(household).await.unwrap();
    device.call(Device::registration()).await.unwrap();
    assert_eq!(sent_settings(&device), [json!({"zone": "Europe/Berlin"})]);
}

#[tokio::test]
async fn an_owner_who_saves_settings_that_the_family_lacks_sends_the_zone_that_was_shown() {
    let device = Device::new();
    // The answer to a registration was lost: the family is there, and nothing is in it.
    device.call(sign_in()).await.unwrap();
    assert!(sent_settings(&device).is_empty());
    for place in ["near the lake", "near the wood"] {
        let mut household = device.call(HouseholdGet {}).await.unwrap();
        household.place = Some(place.to_owned().try_into().unwrap());
        device.save_household(household).await.unwrap();
    }
    device.sync().await;
    assert_eq!(
        sent_settings(&device),
        [
            json!({"place": "near the lake"}),
            json!({"zone": "America/Los_Angeles"}),
            json!({"place": "near the wood"})
        ]
    );
}
