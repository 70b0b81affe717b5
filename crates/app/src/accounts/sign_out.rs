//! The session ends; the data stays, and so does what waits to be sent.

use romp_domain::Problem;

use crate::App;

/// Ends the session here, and on the server if it can be reached.
pub(crate) async fn sign_out(app: &App) -> Result<(), Problem> {
    let _alone = app.joining.lock().await;
    let session = app.session()?;
    app.forget_session()?;
    app.tell_changed();
    let told = session.server.sign_out(&session.token).await;
    tracing::info!(told = told.is_ok(), "signed out");
    Ok(())
}
