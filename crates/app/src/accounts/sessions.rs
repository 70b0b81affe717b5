//! The family's sessions, for its owners: which there are, ending them, and what they did. Only with a connection: the
//! server knows.

use romp_domain::Problem;
use romp_domain::calls::{Activity, SessionRevoke, SessionRevokeOthers};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{
    ActivityReply, ActivityRequest, RevokeOthersRequest, RevokeRequest, SessionView, SessionsReply,
};

use crate::App;
use crate::server::ask;

/// The devices that are signed in, the last used first.
pub(crate) async fn sessions(app: &App) -> Result<Vec<SessionView>, Problem> {
    let session = app.session()?;
    let (server, token) = (&*session.server, Some(&session.token));
    let reply: SessionsReply = ask(server, Endpoint::Sessions, token, &()).await?;
    Ok(reply.sessions)
}

/// Ends one of them.
pub(crate) async fn session_revoke(app: &App, call: SessionRevoke) -> Result<(), Problem> {
    let session = app.session()?;
    let request = RevokeRequest {
        session: call.session,
        password: call.password,
    };
    let (server, token) = (&*session.server, Some(&session.token));
    ask(server, Endpoint::RevokeSession, token, &request).await
}

/// Ends all of them but this device's.
pub(crate) async fn session_revoke_others(app: &App, call: SessionRevokeOthers) -> Result<(), Problem> {
    let session = app.session()?;
    let request = RevokeOthersRequest {
        password: call.password,
    };
    let (server, token) = (&*session.server, Some(&session.token));
    ask(server, Endpoint::RevokeOthers, token, &request).await
}

/// A page of what happened.
pub(crate) async fn activity(app: &App, call: Activity) -> Result<ActivityReply, Problem> {
    let session = app.session()?;
    let request = ActivityRequest {
        session: call.session,
        before: call.before,
    };
    let (server, token) = (&*session.server, Some(&session.token));
    ask(server, Endpoint::Activity, token, &request).await
}
