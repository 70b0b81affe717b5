//! A device joins with a code that was made on an owner's device.

use romp_domain::Problem;
use romp_domain::calls::Pair;
use romp_domain::wire::PairRequest;

use super::join::Joining;
use crate::App;

/// Joins by a code.
pub(crate) async fn pair(app: &App, call: Pair) -> Result<(), Problem> {
    let joining = Joining::begin(app, &call.server, call.device).await?;
    let request = PairRequest {
        code: call.code.trim().to_owned(),
        device: joining.device.clone(),
    };
    let reply = joining.server.pair(&request).await?;
    joining.finish(reply, None).await
}
