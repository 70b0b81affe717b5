//! The front door: what holds for every call, before anything is decided about it.
//!
//! A request's way: [`limits`] (size, time, headers of the reply) → [`guard`] (session and role, from the policy table)
//! → [`body`] or, for exchanges, [`exchange`] (a wire type or a problem) → the use case, on a thread that may block →
//! a reply or a [`Refusal`]. Nothing of a body is read, let alone unpacked, before the guard has let it through.
//! [`patience`] is for exchanges that wait for something new.
//!
//! Deliberately absent: rules of the use cases, cross-origin headers (no other site may call this), and trust in
//! headers that say where a request comes from.

pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod events;
pub(crate) mod exchange;
pub(crate) mod guard;
pub(crate) mod limits;
pub(crate) mod patience;
mod refusal;

use std::sync::Arc;

use axum::Json;
use romp_domain::{ErrorCode, Problem};

pub(crate) use refusal::Refusal;

use crate::server::Server;

/// What a handler answers.
pub(crate) type Answer<R> = Result<Json<R>, Refusal>;

/// Runs a use case where it may block. A use case that panics is answered like any other fault of the server.
pub(crate) async fn run<R: Send + 'static>(
    server: Arc<Server>,
    use_case: impl FnOnce(&Server) -> Result<R, Problem> + Send + 'static,
) -> Result<R, Refusal> {
    match tokio::task::spawn_blocking(move || use_case(&server)).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Refusal(ErrorCode::Internal.into())),
    }
}
