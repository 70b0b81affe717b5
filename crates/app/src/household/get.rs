//! Reading the family's settings.

use romp_domain::{Household, Problem};

use crate::App;

/// The settings; before anybody has set any, those of a family that agrees to nothing.
pub(crate) fn get(app: &App) -> Result<Household, Problem> {
    Ok(app.store.read(|reader| app.household(&reader))?)
}
