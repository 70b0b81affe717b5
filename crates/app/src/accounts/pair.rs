//! A device joins with a code that was made on an owner's device.

use romp_domain::calls::Pair;
use romp_domain::pairing::CODE_CHARS;
use romp_domain::wire::PairRequest;
use romp_domain::{ErrorCode, Problem, code};

use super::join::Joining;
use crate::App;

/// Joins by a code. What cannot be one is not sent anywhere.
pub(crate) async fn pair(app: &App, call: Pair) -> Result<(), Problem> {
    let code = code::letters(&call.code, CODE_CHARS).ok_or_else(|| Problem {
        field: Some("code".into()),
        ..Problem::new(ErrorCode::CodeInvalid)
    })?;
    let joining = Joining::begin(app, &call.server, call.device).await?;
    let request = PairRequest {
        code,
        device: joining.device.clone(),
    };
    let reply = joining.server.pair(&request).await?;
    joining.finish(reply, None).await
}
