//! The front door: what holds for every call, before anything is decided about it.
//!
//! A request's way: [`shed`] (where too much is asked, no further) → [`journal`] (its number, where it comes from, its line in the log) → [`limits`] (size, time, headers
//! of the reply) → [`guard`] (how often its address may call; what is not there counts, too; session and role from the policy table, how often these
//! may) → [`body`] or, for exchanges, [`exchange`] (a wire type or a problem) → its turn ([`load`]) → the use case, on a
//! thread that may block → a reply or a [`Refusal`]. Nothing of a body is read, let alone unpacked, before the guard has
//! let it through; [`bodies`] bounds how much of them there is at once, [`families`] how many exchanges of one family. [`patience`] is for exchanges that wait for something new.
//!
//! Deliberately absent: rules of the use cases, and cross-origin headers (no other site may call this). Connections
//! are [`crate::door`]'s.

pub(crate) mod bodies;
pub(crate) mod body;
pub(crate) mod events;
pub(crate) mod exchange;
pub(crate) mod families;
pub(crate) mod guard;
pub(crate) mod journal;
pub(crate) mod limits;
pub(crate) mod load;
pub(crate) mod origin;
pub(crate) mod patience;
pub(crate) mod rates;
pub(crate) mod readiness;
mod refusal;
pub(crate) mod seats;
pub(crate) mod shed;

use std::sync::Arc;

use axum::Json;
use romp_domain::{ErrorCode, Problem};

pub(crate) use refusal::Refusal;

use crate::server::Server;
use load::Stage;
use romp_domain::policy::RateClass;

tokio::task_local! {
    /// What the endpoint is that is being called.
    static CALLED: RateClass;
}

/// What a handler answers.
pub(crate) type Answer<R> = Result<Json<R>, Refusal>;

/// Runs a use case where it may block, when it is its turn. A use case that panics is answered like any other fault of
/// the server.
///
/// # Errors
/// `Unavailable` at once where too much waits already, `Internal`, and the use case's own.
pub(crate) async fn run<R: Send + 'static>(
    server: Arc<Server>,
    use_case: impl FnOnce(&Server) -> Result<R, Problem> + Send + 'static,
) -> Result<R, Refusal> {
    run_at(Stage::Inside, server, use_case).await
}

async fn run_at<R: Send + 'static>(
    stage: Stage,
    server: Arc<Server>,
    use_case: impl FnOnce(&Server) -> Result<R, Problem> + Send + 'static,
) -> Result<R, Refusal> {
    let class = CALLED.try_with(|class| *class).ok();
    let turn = server.load.lane(class).turn(stage).await?;
    let span = tracing::Span::current();
    let work = move || {
        // Until the work is done, even if nobody waits for it any more.
        let _turn = turn;
        span.in_scope(|| use_case(&server))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Refusal(ErrorCode::Internal.into())),
    }
}
