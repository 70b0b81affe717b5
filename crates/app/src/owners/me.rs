//! Who is signed in here, and who belongs to the family.

use romp_domain::Problem;
use romp_domain::calls::Rename;
use romp_domain::policy::Endpoint;
use romp_domain::wire::{MeReply, RenameRequest};

use crate::App;
use crate::server::ask;

/// Asks the server.
pub(crate) async fn me(app: &App) -> Result<MeReply, Problem> {
    let session = app.session()?;
    ask(&*session.server, Endpoint::Me, Some(&session.token), &()).await
}

/// Changes the own name.
pub(crate) async fn rename(app: &App, call: Rename) -> Result<(), Problem> {
    let session = app.session()?;
    let request = RenameRequest { name: call.name };
    ask(&*session.server, Endpoint::Rename, Some(&session.token), &request).await
}
