//! Somebody who was invited waits: an owner of the family lets them in, or does not.

use romp_domain::wire::{ConfirmOwnerRequest, WaitingOwnerRequest};
use romp_domain::{AuditEvent, ErrorCode, Problem};

use super::of_household;
use crate::accounts::{live_session, prove_password, signed_in};
use crate::db::{AuditRecord, DbExt, Detail, SessionRecord};
use crate::server::Server;

/// Lets them in, with the own password: from their next request on they are an owner like any other. Whoever only holds
/// a device of an owner makes nobody one.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per user), `NotFound` (nobody of this family waits
/// under that id).
pub fn confirm_owner(
    server: &Server,
    session: &SessionRecord,
    request: &ConfirmOwnerRequest,
) -> Result<(), Problem> {
    prove_password(server, signed_in(session)?, &request.password)?;
    let (token, household, now) = (session.token, session.household, server.clock.now());
    let user = request.user;
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        let user = of_household(tx, household, user)?;
        if !tx.confirm_user(user.id, now)? {
            return Err(Problem::new(ErrorCode::NotFound).into());
        }
        let entry = AuditRecord::of(&session, AuditEvent::OwnerConfirmed, now).user(user.id);
        tx.audit(household, &entry)
    })?;
    tracing::info!(%household, "owner confirmed");
    Ok(())
}

/// Does not let them in: they are forgotten, and their device is told.
///
/// # Errors
/// `Forbidden` on a paired device, `NotFound` (nobody of this family waits under that id).
pub fn refuse_owner(
    server: &Server,
    session: &SessionRecord,
    request: WaitingOwnerRequest,
) -> Result<(), Problem> {
    signed_in(session)?;
    let (token, household, now) = (session.token, session.household, server.clock.now());
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        let user = of_household(tx, household, request.user)?;
        if user.confirmed_at.is_some() {
            return Err(Problem::new(ErrorCode::NotFound).into());
        }
        tx.remove_user(user.id, now)?;
        let entry = AuditRecord::of(&session, AuditEvent::OwnerRemoved, now).user(user.id);
        tx.audit(household, &entry.detail(Detail::word("waiting")))
    })?;
    server.pokes.session_ended(household);
    tracing::info!(%household, "owner refused");
    Ok(())
}
