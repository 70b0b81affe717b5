//! An owner deletes the family's account. Only with a connection: what is gone here must be gone there.

use romp_domain::calls::DeleteAccount;
use romp_domain::wire::DeleteAccountRequest;
use romp_domain::{ErrorCode, Problem};

use crate::App;

/// Deletes the account on the server, and then everything here.
pub(crate) async fn delete_account(app: &App, call: DeleteAccount) -> Result<(), Problem> {
    let _alone = app.joining.lock().await;
    let session = app.session()?;
    let request = DeleteAccountRequest {
        password: call.password,
    };
    match session.server.delete_account(&session.token, &request).await {
        // Somebody was faster, or the answer to an earlier try got lost.
        Err(problem) if problem.code != ErrorCode::AccountGone => return Err(problem),
        _ => {}
    }
    // An exchange that is under way may have found out already.
    let _one = app.exchanging.lock().await;
    app.wipe_after(&session)
}
