//! An owner removes everything of the family from this device. The account stays, and so do the family's other devices.

use romp_domain::calls::ForgetDevice;
use romp_domain::{ErrorCode, Invalid, InvalidReason, Problem};
use romp_store::StoreError;

use crate::App;
use crate::gate::try_pin;

/// Wipes the device, after the PIN where one is set, and only for somebody who knows what goes.
///
/// The session ends on the server, too, if it can be reached. Where it cannot, its token is gone all the same.
pub(crate) async fn forget_device(app: &App, call: ForgetDevice) -> Result<(), Problem> {
    if !call.sure {
        return Err(Invalid::new("sure", InvalidReason::Missing).into());
    }
    let has_pin = app
        .store
        .read(|reader| Ok::<_, StoreError>(reader.pin()?.is_some()))?;
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
