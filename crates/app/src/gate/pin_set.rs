//! Setting the PIN: whoever knows the one until now may, and where there is none, the owner who holds the device.

use romp_domain::calls::PinSet;
use romp_domain::{ErrorCode, Invalid, InvalidReason, Problem};
use romp_store::{StoreError, StoredPin};

use super::{hash, try_pin};
use crate::App;

/// Keeps a new PIN; wrong tries of the one before are forgotten with it.
pub(crate) fn set_pin(app: &App, call: &PinSet) -> Result<(), Problem> {
    let new = StoredPin {
        hash: hash::hash(app.ids.as_ref(), &call.pin)?,
        tries: 0,
    };
    if let Some(current) = &call.current {
        match try_pin(app, current, |writer| writer.set_pin(Some(&new))) {
            Err(problem) if problem.code == ErrorCode::PinMissing => {}
            judged => return judged,
        }
    }
    let stored = app.store.write(|writer| {
        let is_first = writer.pin()?.is_none();
        if is_first {
            writer.set_pin(Some(&new))?;
        }
        Ok::<_, StoreError>(is_first)
    })?;
    if stored {
        Ok(())
    } else {
        Err(Invalid::new("current", InvalidReason::Missing).into())
    }
}
