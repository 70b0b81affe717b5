//! A code with which another device of the family can join.

use romp_domain::Problem;
use romp_domain::calls::PairingCreate;
use romp_domain::wire::{PairingReply, PairingRequest};

use crate::App;

/// Asks the server for a code.
pub(crate) async fn pairing_create(app: &App, call: PairingCreate) -> Result<PairingReply, Problem> {
    let session = app.session()?;
    session
        .server
        .pairing_create(&session.token, &PairingRequest { role: call.role })
        .await
}
