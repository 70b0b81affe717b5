//! Who is signed in here, and who belongs to the family.

use romp_domain::Problem;
use romp_domain::calls::Rename;
use romp_domain::wire::{MeReply, RenameRequest};

use crate::App;

/// Asks the server.
pub(crate) async fn me(app: &App) -> Result<MeReply, Problem> {
    let session = app.session()?;
    session.server.me(&session.token).await
}

/// Changes the own name.
pub(crate) async fn rename(app: &App, call: Rename) -> Result<(), Problem> {
    let session = app.session()?;
    let request = RenameRequest { name: call.name };
    session.server.rename(&session.token, &request).await
}
