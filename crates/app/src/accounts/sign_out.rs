//! The session ends; the data stays, and so does what waits to be sent.

use romp_domain::{ErrorCode, Problem};

use crate::App;

/// Ends the session here, and on the server if it can be reached.
pub(crate) async fn sign_out(app: &App) -> Result<(), Problem> {
    let _alone = app.joining.lock().await;
    let session = app.session()?;
    app.forget_session()?;
    app.tell_changed();
    let told = session.server.sign_out(&session.token).await;
    if told
        .as_ref()
        .is_err_and(|problem| problem.code == ErrorCode::AccountGone)
    {
        let _one = app.exchanging.lock().await;
        return app.wipe();
    }
    tracing::info!(told = told.is_ok(), "signed out");
    Ok(())
}
