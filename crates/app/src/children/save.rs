//! Adding or changing a child profile.

use romp_domain::calls::ChildSave;
use romp_domain::{ChildId, Problem};

use crate::App;

/// Stores a profile.
pub(crate) fn save(app: &App, call: ChildSave) -> Result<ChildId, Problem> {
    app.save(call.id.map(|id| id.0), &call.child).map(ChildId)
}
