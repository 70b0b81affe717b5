//! Another owner is taken out of the family.

use romp_domain::Problem;
use romp_domain::calls::RemoveOwner;
use romp_domain::policy::Endpoint;
use romp_domain::wire::RemoveOwnerRequest;

use crate::App;
use crate::server::ask;

/// Takes them out, with the own password.
pub(crate) async fn remove(app: &App, call: RemoveOwner) -> Result<(), Problem> {
    let session = app.session()?;
    let request = RemoveOwnerRequest {
        user: call.user,
        password: call.password,
    };
    ask(
        &*session.server,
        Endpoint::RemoveOwner,
        Some(&session.token),
        &request,
    )
    .await
}
