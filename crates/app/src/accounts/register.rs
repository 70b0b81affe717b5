//! A new household with its first owner.

use romp_domain::Problem;
use romp_domain::calls::Register;
use romp_domain::wire::RegisterRequest;

use super::join::Joining;
use crate::App;

/// Makes an account and joins it. A device whose server has lost its family founds the same family again, and sends
/// what it knows; the others then sign in as ever.
pub(crate) async fn register(app: &App, call: Register) -> Result<(), Problem> {
    let joining = Joining::begin(app, &call.server, call.device).await?.founding();
    let email = call.email.as_str().to_owned();
    let request = RegisterRequest {
        // People copy codes with spaces around them, and leave the field empty where none is needed.
        invitation: call
            .invitation
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty()),
        email: call.email,
        password: call.password,
        name: call.name,
        device: joining.device.clone(),
        household: joining.household(),
    };
    let reply = joining.server.register(&request).await?;
    joining.finish(reply, Some(email)).await
}
