//! Adding or changing a child profile.

use romp_domain::calls::ChildSave;
use romp_domain::{ChildId, Problem};

use crate::App;

/// Stores a profile; only what the person changed is sent.
pub(crate) fn save(app: &App, call: ChildSave) -> Result<ChildId, Problem> {
    app.save_form(call.id.map(|id| id.0), call.seen.as_ref(), &call.child)
        .map(ChildId)
}
