//! An invited adult joins the family. Until one of its owners has confirmed it, the server answers nothing else.

use romp_domain::Problem;
use romp_domain::calls::JoinAsOwner;
use romp_domain::policy::Endpoint;
use romp_domain::wire::JoinAsOwnerRequest;

use super::join::Joining;
use crate::App;
use crate::server::ask;

/// Joins with an invitation. The exchanges that follow are refused until an owner has confirmed it, and then succeed.
pub(crate) async fn join_as_owner(app: &App, call: JoinAsOwner) -> Result<(), Problem> {
    let joining = Joining::begin(app, &call.server, call.device).await?;
    let email = call.email.as_str().to_owned();
    let request = JoinAsOwnerRequest {
        code: call.code.trim().to_owned(),
        email: call.email,
        password: call.password,
        name: call.name,
        device: joining.device.clone(),
    };
    let reply = ask(&*joining.server, Endpoint::JoinAsOwner, None, &request).await?;
    joining.finish(reply, Some(email)).await
}
