//! Everything of the family is removed from this device. The account stays, and so do the family's other devices.

use romp_domain::calls::ForgetDevice;
use romp_domain::{ErrorCode, Invalid, InvalidReason, Problem, Role};
use romp_store::StoreError;

use crate::App;
use crate::gate::try_pin;

/// Wipes the device, after the PIN where one is set, and only for somebody who knows what goes.
///
/// The session ends on the server, too, if it can be reached. Where it cannot, its token is gone all the same. A child's
/// device can only be emptied once the family has signed it out, so that it can go to another family; an owner's not at
/// all while it is in a child's hands.
pub(crate) async fn forget_device(app: &App, call: ForgetDevice) -> Result<(), Problem> {
    if !call.sure {
        return Err(Invalid::new("sure", InvalidReason::Missing).into());
    }
    let (has_pin, role, handed) = app.store.read(|reader| {
        let pin = reader.pin()?.is_some();
        Ok::<_, StoreError>((pin, reader.role()?, reader.handed()?.is_some()))
    })?;
    if handed || (role == Role::Child && app.link.session().is_some()) {
        return Err(Problem::new(ErrorCode::Forbidden));
    }
    match &call.pin {
        Some(pin) if has_pin => try_pin(app, pin, |_| Ok(()))?,
        None if has_pin => return Err(Problem::new(ErrorCode::PinWrong)),
        _ => {}
    }
    let _alone = app.joining.lock().await;
    if let Some(session) = app.link.session() {
        let told = session.server.sign_out(&session.token).await;
        tracing::info!(told = told.is_ok(), "the session ends with the device's data");
    }
    let _one = app.exchanging.lock().await;
    app.forget_everything()
}
