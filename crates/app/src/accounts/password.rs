//! The own password: another one, also for somebody who forgot it.

use romp_domain::Problem;
use romp_domain::calls::{ChangePassword, ForgotPassword, ResetPassword};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{ChangePasswordRequest, ForgotPasswordRequest, ResetPasswordRequest};

use crate::App;
use crate::server::ask;

/// Changes it. This device stays signed in.
pub(crate) async fn change_password(app: &App, call: ChangePassword) -> Result<(), Problem> {
    let session = app.session()?;
    let request = ChangePasswordRequest {
        current: call.current,
        password: call.password,
    };
    ask(
        &*session.server,
        Endpoint::ChangePassword,
        Some(&session.token),
        &request,
    )
    .await
}

/// Has a code mailed. Needs no session: whoever forgot the password may have none.
pub(crate) async fn forgot_password(app: &App, call: ForgotPassword) -> Result<(), Problem> {
    let server = (app.connect)(call.server.trim())?;
    let request = ForgotPasswordRequest { email: call.email };
    ask(&*server, Endpoint::ForgotPassword, None, &request).await
}

/// Sets another one with that code. Every session of the owner ends, this device's too if it has one.
pub(crate) async fn reset_password(app: &App, call: ResetPassword) -> Result<(), Problem> {
    let server = (app.connect)(call.server.trim())?;
    let request = ResetPasswordRequest {
        email: call.email,
        code: call.code.trim().to_owned(),
        password: call.password,
    };
    let () = ask(&*server, Endpoint::ResetPassword, None, &request).await?;
    // If it was this device's owner, the next exchange finds out.
    app.wake.notify_one();
    Ok(())
}
