//! An owner joins an existing account, or comes back to it.

use romp_domain::Problem;
use romp_domain::calls::SignIn;
use romp_domain::wire::SignInRequest;

use super::join::Joining;
use crate::App;

/// Joins an existing account.
pub(crate) async fn sign_in(app: &App, call: SignIn) -> Result<(), Problem> {
    let joining = Joining::begin(app, &call.server, call.device).await?;
    let email = call.email.as_str().to_owned();
    let request = SignInRequest {
        email: call.email,
        password: call.password,
        device: joining.device.clone(),
    };
    let reply = joining.server.sign_in(&request).await?;
    joining.finish(reply, Some(email)).await
}
