//! Adding, changing and removing weekly hours.

use romp_domain::calls::{SlotRemove, SlotSave};
use romp_domain::{Kind, Problem, SlotId, WeeklySlot};

use crate::App;

/// Stores weekly hours.
pub(crate) fn save_slot(app: &App, call: SlotSave) -> Result<SlotId, Problem> {
    app.save(call.id.map(|id| id.0), &WeeklySlot { hours: call.hours })
        .map(SlotId)
}

/// Removes weekly hours.
pub(crate) fn remove_slot(app: &App, call: SlotRemove) -> Result<(), Problem> {
    app.remove(Kind::Slot, call.id.0)
}
