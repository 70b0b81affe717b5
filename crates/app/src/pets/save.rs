//! Adding or changing a pet.

use romp_domain::calls::PetSave;
use romp_domain::{PetId, Problem};

use crate::App;

/// Stores a pet; only what the person changed is sent.
pub(crate) fn save(app: &App, call: PetSave) -> Result<PetId, Problem> {
    app.save_form(call.id.map(|id| id.0), call.seen.as_ref(), &call.pet)
        .map(PetId)
}
