//! Somebody who was invited waits: an owner of the family lets them in, or does not.

use romp_domain::wire::WaitingOwnerRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem};

use super::of_household;
use crate::accounts::{live_session, signed_in};
use crate::db::{AuditRecord, DbExt, Detail, SessionRecord};
use crate::server::Server;

/// Lets them in: from their next request on they are an owner like any other.
///
/// # Errors
/// `Forbidden` on a paired device, `NotFound` (nobody of this family waits under that id).
pub fn confirm_owner(
    server: &Server,
    session: &SessionRecord,
    request: WaitingOwnerRequest,
) -> Result<(), Problem> {
    signed_in(session)?;
    let (token, household, now) = (session.token, session.household, server.clock.now());
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        let user = of_household(tx, household, request.user)?;
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
/// As [`confirm_owner`].
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
