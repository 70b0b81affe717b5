//! A code with which another adult can join the family.

use romp_domain::Problem;
use romp_domain::calls::InviteOwner;
use romp_domain::policy::Endpoint;
use romp_domain::wire::{InviteOwnerRequest, OwnerInvitationReply};

use crate::App;
use crate::server::ask;

/// Asks the server for one.
pub(crate) async fn invite(app: &App, call: InviteOwner) -> Result<OwnerInvitationReply, Problem> {
    let session = app.session()?;
    let request = InviteOwnerRequest { email: call.email };
    ask(
        &*session.server,
        Endpoint::InviteOwner,
        Some(&session.token),
        &request,
    )
    .await
}
