//! A mailed code proves that the owner's address is theirs.

use romp_domain::Problem;
use romp_domain::calls::VerifyEmail;
use romp_domain::policy::Endpoint;
use romp_domain::wire::VerifyEmailRequest;

use crate::App;
use crate::server::ask;

/// Tells the server the code. It deals cards from then on: they come with the next exchange, which is now.
pub(crate) async fn verify_email(app: &App, call: VerifyEmail) -> Result<(), Problem> {
    let session = app.session()?;
    let code = call.code.trim().to_owned();
    let request = VerifyEmailRequest { code };
    let () = ask(
        &*session.server,
        Endpoint::VerifyEmail,
        Some(&session.token),
        &request,
    )
    .await?;
    app.wake.notify_one();
    Ok(())
}

/// Asks the server to mail another code.
pub(crate) async fn send_code_again(app: &App) -> Result<(), Problem> {
    let session = app.session()?;
    ask(
        &*session.server,
        Endpoint::SendCodeAgain,
        Some(&session.token),
        &(),
    )
    .await
}
