//! A code with which another device of the family can join, and the same as a picture.

use romp_domain::calls::PairingCreate;
use romp_domain::pairing::PairingLink;
use romp_domain::view::PairingView;
use romp_domain::wire::PairingRequest;
use romp_domain::{ErrorCode, Problem};

use super::picture::qr;
use crate::App;

/// Asks the server for a code.
pub(crate) async fn pairing_create(app: &App, call: PairingCreate) -> Result<PairingView, Problem> {
    let session = app.session()?;
    let account = app
        .store
        .account()?
        .ok_or_else(|| Problem::new(ErrorCode::NotJoined))?;
    let request = PairingRequest {
        role: call.role,
        password: call.password,
    };
    let reply = session.server.pairing_create(&session.token, &request).await?;
    let link = PairingLink {
        code: reply.code,
        server: account.server,
    };
    let text = link.text();
    Ok(PairingView {
        picture: qr(&text),
        role: call.role,
        expires_at: reply.expires_at,
        code: link.code,
        server: link.server,
        link: text,
    })
}
