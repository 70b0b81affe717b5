//! Who is signed in here, and who belongs to the family.

use romp_domain::Problem;
use romp_domain::calls::{Rename, SetAddress};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{MeReply, RenameRequest, SetAddressRequest};

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

/// Gives another address. The device signs in with it from then on.
pub(crate) async fn set_address(app: &App, call: SetAddress) -> Result<(), Problem> {
    let session = app.session()?;
    let email = call.email.as_str().to_owned();
    let request = SetAddressRequest {
        email: call.email,
        password: call.password,
    };
    let token = Some(&session.token);
    let () = ask(&*session.server, Endpoint::SetAddress, token, &request).await?;
    app.store.write(|writer| writer.set_address(email))?;
    Ok(())
}
