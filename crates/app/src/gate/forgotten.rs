//! The owner takes the device back by the account's password, which only the server can judge.
//!
//! The password opens a new session, in the place of the device's own: there is no other question to which the server
//! answers whether a password is right, and its throttling guards this one.

use romp_domain::calls::PinForgotten;
use romp_domain::text::Email;
use romp_domain::wire::SignInRequest;
use romp_domain::{ErrorCode, Invalid, InvalidReason, Problem, Role};
use romp_store::{Account, StoreError};

use crate::App;
use crate::accounts::Joining;

/// Takes the device back and forgets its PIN, if the password is right.
pub(crate) async fn pin_forgotten(app: &App, call: PinForgotten) -> Result<(), Problem> {
    let account = account(app)?;
    let email = match (call.email, &account.email) {
        (Some(email), _) => email,
        (None, Some(email)) => Email::new(email).map_err(|reason| Invalid::new("email", reason))?,
        (None, None) => return Err(Invalid::new("email", InvalidReason::Missing).into()),
    };
    let joining = Joining::again(app, &account, call.device).await?;
    let request = SignInRequest {
        email: email.clone(),
        password: call.password,
        device: joining.device.clone(),
    };
    let reply = joining.server.sign_in(&request).await?;
    joining.finish(reply, Some(email.as_str().to_owned())).await?;
    app.store.write(|writer| {
        writer.set_pin(None)?;
        writer.take_back()
    })?;
    tracing::info!("unlocked by the account's password");
    Ok(())
}

/// The account whose password opens this device.
fn account(app: &App) -> Result<Account, Problem> {
    let (pin, account) = app
        .store
        .read(|reader| Ok::<_, StoreError>((reader.pin()?, reader.account()?)))?;
    if pin.is_none() {
        return Err(Problem::new(ErrorCode::PinMissing));
    }
    match account {
        Some(account) if account.role == Role::Owner => Ok(account),
        // A child's own device is nobody's to take back.
        Some(_) => Err(Problem::new(ErrorCode::Forbidden)),
        None => Err(Problem::saying(
            ErrorCode::NotJoined,
            "This device has no account whose password could stand for the PIN. If nobody remembers it, the only way \
             is to remove Romp and its data from this device, and to begin anew.",
        )),
    }
}
