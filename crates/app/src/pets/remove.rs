//! Removing a pet. Its deck, matches and playdates go with it, on the server.

use romp_domain::calls::PetRemove;
use romp_domain::{Kind, Problem};

use crate::App;

/// Removes a pet.
pub(crate) fn remove(app: &App, call: PetRemove) -> Result<(), Problem> {
    app.remove(Kind::Pet, call.id.0)
}
