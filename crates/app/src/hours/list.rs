//! All free hours and all dates that differ.

use romp_domain::view::{ExceptionView, HoursView, SlotView};
use romp_domain::{DateException, ExceptionId, Problem, SlotId, WeeklySlot};
use romp_store::StoreError;

use crate::App;

/// The weekly hours by weekday and start, the dates by date.
pub(crate) fn list(app: &App) -> Result<HoursView, Problem> {
    let (slots, exceptions) = app.store.read(|reader| {
        Ok::<_, StoreError>((reader.list::<WeeklySlot>()?, reader.list::<DateException>()?))
    })?;
    let mut weekly: Vec<_> = slots
        .into_iter()
        .map(|(id, slot)| SlotView {
            id: SlotId(id),
            hours: slot.hours,
        })
        .collect();
    weekly.sort_by_key(|slot| (slot.hours.weekday(), slot.hours.start(), slot.id));
    let mut exceptions: Vec<_> = exceptions
        .into_iter()
        .map(|(id, exception)| ExceptionView {
            id: ExceptionId(id),
            exception,
        })
        .collect();
    exceptions.sort_by_key(|view| (view.exception.day, view.id));
    Ok(HoursView { weekly, exceptions })
}
