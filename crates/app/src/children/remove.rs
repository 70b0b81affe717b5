//! Removing a child profile.

use romp_domain::calls::ChildRemove;
use romp_domain::{Kind, Problem};

use crate::App;

/// Removes a profile. Swipes made with it stay, as nobody's.
pub(crate) fn remove(app: &App, call: ChildRemove) -> Result<(), Problem> {
    app.remove(Kind::Child, call.id.0)
}
