//! All routes. Which there are, their paths and who may call them is the policy table's; what they do is one use case
//! each. A handler says who, what, and what is answered.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Json, Router};
use romp_domain::ErrorCode;
use romp_domain::policy::{Endpoint, Method, RateClass};
use romp_domain::wire::{
    ActivityReply, ActivityRequest, ChangePasswordRequest, ConfirmOwnerRequest, DeleteAccountRequest,
    ForgotPasswordRequest, InviteOwnerRequest, JoinAsOwnerRequest, MeReply, OwnerInvitationReply,
    PairRequest, PairingReply, PairingRequest, RegisterRequest, RemoveOwnerRequest, RenameRequest,
    ResetPasswordRequest, RevokeOthersRequest, RevokeRequest, RotateReply, SessionReply, SessionsReply,
    SetAddressRequest, SignInRequest, VerifyEmailRequest, WaitingOwnerRequest,
};

use crate::db::SessionRecord;
use crate::gateway::body::JsonBody;
use crate::gateway::exchange::Exchange;
use crate::gateway::guard::guard;
use crate::gateway::journal::journal;
use crate::gateway::limits::limits;
use crate::gateway::origin::{Caller, Origin};
use crate::gateway::{Answer, Refusal, events, patience, readiness, run};
use crate::openapi;
use crate::server::Server;
use crate::{accounts, owners};

type Shared = State<Arc<Server>>;
type Session = Extension<SessionRecord>;

/// The HTTP interface: every endpoint of the policy table behind its guard, and nothing else.
pub(crate) fn router(server: &Arc<Server>) -> Router {
    let mut router = Router::new();
    for endpoint in Endpoint::ALL {
        let method = match endpoint.method() {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        let route: MethodRouter<Arc<Server>> = match endpoint {
            Endpoint::Live => on(method, live),
            Endpoint::Ready => on(method, ready),
            Endpoint::OpenApi => on(method, described),
            Endpoint::Register => on(method, register),
            Endpoint::SignIn => on(method, sign_in),
            Endpoint::Pair => on(method, pair),
            Endpoint::SignOut => on(method, sign_out),
            Endpoint::DeleteAccount => on(method, delete_account),
            Endpoint::VerifyEmail => on(method, verify_email),
            Endpoint::SendCodeAgain => on(method, send_code_again),
            Endpoint::ChangePassword => on(method, change_password),
            Endpoint::ForgotPassword => on(method, forgot_password),
            Endpoint::ResetPassword => on(method, reset_password),
            Endpoint::Me => on(method, me),
            Endpoint::Rename => on(method, rename),
            Endpoint::SetAddress => on(method, set_address),
            Endpoint::InviteOwner => on(method, invite_owner),
            Endpoint::JoinAsOwner => on(method, join_as_owner),
            Endpoint::ConfirmOwner => on(method, confirm_owner),
            Endpoint::RefuseOwner => on(method, refuse_owner),
            Endpoint::RemoveOwner => on(method, remove_owner),
            Endpoint::CreatePairing => on(method, create_pairing),
            Endpoint::RotateToken => on(method, rotate_token),
            Endpoint::Sessions => on(method, sessions),
            Endpoint::RevokeSession => on(method, revoke_session),
            Endpoint::RevokeOthers => on(method, revoke_others),
            Endpoint::Activity => on(method, activity),
            Endpoint::Sync => on(method, exchange),
            Endpoint::Events => on(method, follow),
        };
        let guarded = from_fn_with_state((Arc::clone(server), *endpoint), guard);
        router = router.route(endpoint.path(), route.route_layer(guarded));
    }
    router
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(from_fn(limits))
        .layer(from_fn_with_state(Arc::clone(server), journal))
        .with_state(Arc::clone(server))
}

/// What is not there. Asking for it is counted by address like everything else.
async fn nothing(State(server): Shared, Extension(origin): Extension<Origin>) -> Response {
    let rates = server.rates.as_ref();
    let counted = rates.map_or(Ok(()), |rates| rates.count_address(RateClass::Account, origin));
    let problem = counted.err().unwrap_or_else(|| ErrorCode::NotFound.into());
    Refusal(problem).counted()
}

async fn live() -> &'static str {
    "live"
}

async fn ready(State(server): Shared) -> Result<&'static str, Refusal> {
    readiness::ready(server).await?;
    Ok("ready")
}

async fn described() -> Result<impl IntoResponse, Refusal> {
    static DOCUMENT: OnceLock<Option<String>> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| openapi::text().ok());
    let document = document.as_deref().ok_or(ErrorCode::Internal)?;
    Ok(([(CONTENT_TYPE, "application/json")], document))
}

async fn register(
    State(server): Shared,
    Caller(from): Caller,
    JsonBody(request): JsonBody<RegisterRequest>,
) -> Answer<SessionReply> {
    run(server, move |server| accounts::register(server, from, request))
        .await
        .map(Json)
}

async fn sign_in(
    State(server): Shared,
    Caller(from): Caller,
    JsonBody(request): JsonBody<SignInRequest>,
) -> Answer<SessionReply> {
    run(server, move |server| accounts::sign_in(server, from, request))
        .await
        .map(Json)
}

async fn pair(
    State(server): Shared,
    Caller(from): Caller,
    JsonBody(request): JsonBody<PairRequest>,
) -> Answer<SessionReply> {
    run(server, move |server| accounts::pair(server, from, request))
        .await
        .map(Json)
}

async fn sign_out(State(server): Shared, Extension(session): Session) -> Answer<()> {
    run(server, move |server| accounts::sign_out(server, &session))
        .await
        .map(Json)
}

async fn delete_account(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<DeleteAccountRequest>,
) -> Answer<()> {
    run(server, move |server| {
        accounts::delete_account(server, &session, &request)
    })
    .await
    .map(Json)
}

async fn create_pairing(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<PairingRequest>,
) -> Answer<PairingReply> {
    run(server, move |server| {
        accounts::create_pairing(server, &session, &request)
    })
    .await
    .map(Json)
}

async fn rotate_token(State(server): Shared, Extension(session): Session) -> Answer<RotateReply> {
    run(server, move |server| accounts::rotate(server, &session))
        .await
        .map(Json)
}

async fn verify_email(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<VerifyEmailRequest>,
) -> Answer<()> {
    run(server, move |server| {
        accounts::verify_email(server, &session, &request)
    })
    .await
    .map(Json)
}

async fn send_code_again(State(server): Shared, Extension(session): Session) -> Answer<()> {
    run(server, move |server| accounts::send_code_again(server, &session))
        .await
        .map(Json)
}

async fn change_password(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<ChangePasswordRequest>,
) -> Answer<RotateReply> {
    run(server, move |server| {
        accounts::change_password(server, &session, &request)
    })
    .await
    .map(Json)
}

async fn forgot_password(
    State(server): Shared,
    Caller(from): Caller,
    JsonBody(request): JsonBody<ForgotPasswordRequest>,
) -> Answer<()> {
    run(server, move |server| {
        accounts::forgot_password(server, from, request)
    })
    .await
    .map(Json)
}

async fn reset_password(
    State(server): Shared,
    Caller(from): Caller,
    JsonBody(request): JsonBody<ResetPasswordRequest>,
) -> Answer<()> {
    run(server, move |server| {
        accounts::reset_password(server, from, request)
    })
    .await
    .map(Json)
}

async fn me(State(server): Shared, Extension(session): Session) -> Answer<MeReply> {
    run(server, move |server| owners::me(server, &session))
        .await
        .map(Json)
}

async fn rename(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<RenameRequest>,
) -> Answer<()> {
    run(server, move |server| owners::rename(server, &session, request))
        .await
        .map(Json)
}

async fn set_address(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<SetAddressRequest>,
) -> Answer<()> {
    run(server, move |server| {
        owners::set_address(server, &session, request)
    })
    .await
    .map(Json)
}

async fn invite_owner(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<InviteOwnerRequest>,
) -> Answer<OwnerInvitationReply> {
    run(server, move |server| {
        owners::invite_owner(server, &session, request)
    })
    .await
    .map(Json)
}

async fn join_as_owner(
    State(server): Shared,
    Caller(from): Caller,
    JsonBody(request): JsonBody<JoinAsOwnerRequest>,
) -> Answer<SessionReply> {
    run(server, move |server| owners::join_as_owner(server, from, request))
        .await
        .map(Json)
}

async fn confirm_owner(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<ConfirmOwnerRequest>,
) -> Answer<()> {
    run(server, move |server| {
        owners::confirm_owner(server, &session, &request)
    })
    .await
    .map(Json)
}

async fn refuse_owner(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<WaitingOwnerRequest>,
) -> Answer<()> {
    run(server, move |server| {
        owners::refuse_owner(server, &session, request)
    })
    .await
    .map(Json)
}

async fn remove_owner(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<RemoveOwnerRequest>,
) -> Answer<()> {
    run(server, move |server| {
        owners::remove_owner(server, &session, &request)
    })
    .await
    .map(Json)
}

async fn sessions(State(server): Shared, Extension(session): Session) -> Answer<SessionsReply> {
    run(server, move |server| accounts::sessions(server, &session))
        .await
        .map(Json)
}

async fn revoke_session(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<RevokeRequest>,
) -> Answer<()> {
    run(server, move |server| accounts::revoke(server, &session, &request))
        .await
        .map(Json)
}

async fn revoke_others(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<RevokeOthersRequest>,
) -> Answer<()> {
    run(server, move |server| {
        accounts::revoke_others(server, &session, &request)
    })
    .await
    .map(Json)
}

async fn activity(
    State(server): Shared,
    Extension(session): Session,
    JsonBody(request): JsonBody<ActivityRequest>,
) -> Answer<ActivityReply> {
    run(server, move |server| {
        accounts::activity(server, &session, request)
    })
    .await
    .map(Json)
}

async fn exchange(
    State(server): Shared,
    Extension(session): Session,
    Exchange {
        request,
        form,
        reading,
    }: Exchange,
) -> Result<Response, Refusal> {
    let reply = patience::answer(server, session, request, reading).await?;
    Ok(form.respond(&reply))
}

async fn follow(State(server): Shared, Extension(session): Session) -> Result<Response, Refusal> {
    events::events(server, session).await
}

#[cfg(test)]
pub(crate) mod tests;
