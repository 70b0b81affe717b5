//! Adding, changing and removing a date that differs from the week.

use romp_domain::calls::{ExceptionRemove, ExceptionSave};
use romp_domain::{ExceptionId, Kind, Problem};

use crate::App;

/// Stores a date that differs.
pub(crate) fn save_exception(app: &App, call: ExceptionSave) -> Result<ExceptionId, Problem> {
    app.save(call.id.map(|id| id.0), &call.exception).map(ExceptionId)
}

/// Removes a date that differs.
pub(crate) fn remove_exception(app: &App, call: ExceptionRemove) -> Result<(), Problem> {
    app.remove(Kind::Exception, call.id.0)
}
