//! Somebody who was invited waits: an owner lets them in, or does not.

use romp_domain::Problem;
use romp_domain::calls::{ConfirmOwner, RefuseOwner};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{ConfirmOwnerRequest, WaitingOwnerRequest};

use crate::App;
use crate::server::ask;

/// Lets them in, with the own password.
pub(crate) async fn confirm(app: &App, call: ConfirmOwner) -> Result<(), Problem> {
    let session = app.session()?;
    let request = ConfirmOwnerRequest {
        user: call.user,
        password: call.password,
    };
    ask(
        &*session.server,
        Endpoint::ConfirmOwner,
        Some(&session.token),
        &request,
    )
    .await
}

/// Does not.
pub(crate) async fn refuse(app: &App, call: RefuseOwner) -> Result<(), Problem> {
    let session = app.session()?;
    let request = WaitingOwnerRequest { user: call.user };
    ask(
        &*session.server,
        Endpoint::RefuseOwner,
        Some(&session.token),
        &request,
    )
    .await
}
