//! Adding or changing a pet.

use romp_domain::calls::PetSave;
use romp_domain::{PetId, Problem};

use crate::App;

/// Stores a pet; only what differs is sent.
pub(crate) fn save(app: &App, call: PetSave) -> Result<PetId, Problem> {
    app.save(call.id.map(|id| id.0), &call.pet).map(PetId)
}
