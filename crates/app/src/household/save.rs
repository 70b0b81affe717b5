//! Changing the family's settings.

use romp_domain::Problem;
use romp_domain::calls::HouseholdSave;
use romp_domain::row::HOUSEHOLD_ROW;

use crate::App;

/// Stores the settings; only what the person changed is sent, so that a device that knows nothing of them yet replaces
/// none of them.
///
/// The zone that nobody has set is sent with them only where the family is known to have none: a device that has not
/// pulled the family's settings yet must not replace its zone by the machine's.
pub(crate) fn save(app: &App, call: HouseholdSave) -> Result<(), Problem> {
    app.change(|writer| {
        let changed = writer.put_changes(HOUSEHOLD_ROW, &call.seen, &call.household)?;
        if changed && writer.last_sync()?.is_some() {
            app.tell_zone(writer)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{Device, code};
    use romp_domain::calls::HouseholdGet;
    use romp_domain::{ErrorCode, Household};

    #[tokio::test]
    async fn before_anybody_has_said_anything_the_family_agrees_to_nothing_and_has_the_machines_zone() {
        let device = Device::new();
        let household = device.call(HouseholdGet {}).await.unwrap();
        assert_eq!(household, Household::new(device.app.zone.clone()));
        assert_eq!(household.zone.as_str(), "America/Los_Angeles");
        assert_eq!(device.status().await.pending, 0, "asking changes nothing");
    }

    #[tokio::test]
    async fn settings_are_kept_and_only_changes_count() {
        let device = Device::new();
        let mut household = device.call(HouseholdGet {}).await.unwrap();
        household.place = Some("near the lake".to_owned().try_into().unwrap());
        for _ in 0..2 {
            device.save_household(household.clone()).await.unwrap();
        }
        let device = device.restarted();
        assert_eq!(device.call(HouseholdGet {}).await.unwrap(), household);
        assert_eq!(device.status().await.pending, 1);
        household.venues.clear();
        assert_eq!(
            code(device.save_household(household).await),
            ErrorCode::InvalidField
        );
    }
}
