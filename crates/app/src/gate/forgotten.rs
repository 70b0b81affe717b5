//! The owner takes the device back by the account's password, which only the server can judge.
//!
//! The password opens a session, as a device that nobody has, and that session ends at once: there is no other question
//! to which the server answers whether a password is right, and its throttling guards this one. The device's own session
//! stays as it is; one that has ended is begun anew. Whoever only waits to belong to the family opens nothing.

use romp_domain::calls::PinForgotten;
use romp_domain::policy::Endpoint;
use romp_domain::text::Email;
use romp_domain::wire::{DeviceInfo, MeReply, SignInRequest};
use romp_domain::{DeviceId, ErrorCode, Invalid, InvalidReason, Problem, Role};
use romp_store::{Account, StoreError};

use crate::accounts::Joining;
use crate::server::ask;
use crate::{App, Token};

/// Takes the device back and forgets its PIN, if the password is right.
pub(crate) async fn pin_forgotten(app: &App, call: PinForgotten) -> Result<(), Problem> {
    let account = account(app)?;
    let email = match (call.email, &account.email) {
        (Some(email), _) => email,
        (None, Some(email)) => Email::new(email).map_err(|reason| Invalid::new("email", reason))?,
        (None, None) => return Err(Invalid::new("email", InvalidReason::Missing).into()),
    };
    let server = (app.connect)(&account.server)?;
    let mut request = SignInRequest {
        email,
        password: call.password,
        device: DeviceInfo {
            id: DeviceId(app.ids.make(app.now())),
            name: call.device.clone(),
        },
    };
    let proof = server.sign_in(&request).await?;
    let token = Token::new(proof.token);
    let me = ask::<_, MeReply>(&*server, Endpoint::Me, Some(&token), &()).await;
    // It has proved what it was opened for.
    let ended = server.sign_out(&token).await;
    tracing::info!(ended = ended.is_ok(), "the password was looked at");
    if proof.household != account.household {
        return Err(Problem::new(ErrorCode::WrongCredentials));
    }
    if !me?.me.is_some_and(|me| me.confirmed) {
        return Err(Problem::new(ErrorCode::OwnerWaiting));
    }
    if app.link.session().is_none() {
        // Its own session has ended meanwhile; whoever has the password may begin another one.
        let joining = Joining::begin(app, &account.server, call.device).await?;
        request.device = joining.device.clone();
        let email = request.email.as_str().to_owned();
        let reply = joining.server.sign_in(&request).await?;
        joining.finish(reply, Some(email)).await?;
    }
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
