//! Changing the family's settings.

use romp_domain::Problem;
use romp_domain::calls::HouseholdSave;
use romp_domain::row::HOUSEHOLD_ROW;

use crate::App;

/// Stores the settings; only what differs is sent.
pub(crate) fn save(app: &App, call: HouseholdSave) -> Result<(), Problem> {
    app.store
        .write(|writer| writer.put(HOUSEHOLD_ROW, &call.household))?;
    Ok(())
}
