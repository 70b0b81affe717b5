//! The owner takes the device back by the PIN.

use romp_domain::Problem;
use romp_domain::calls::Unlock;

use super::try_pin;
use crate::App;

/// Takes the device back, if the PIN is right.
pub(crate) fn unlock(app: &App, call: &Unlock) -> Result<(), Problem> {
    try_pin(app, &call.pin, |writer| {
        tracing::info!("unlocked");
        writer.take_back()
    })
}
