//! Somebody who was invited waits: an owner of the family lets them in, or does not.

use std::collections::BTreeMap;

use romp_domain::wire::{ConfirmOwnerRequest, WaitingOwnerRequest};
use romp_domain::{AuditEvent, ErrorCode, Problem};

use super::of_household;
use crate::accounts::{live_session, prove_password, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Detail, SessionRecord};
use crate::server::Server;
use crate::sync;

/// Lets them in, with the own password: from their next request on they are an owner like any other. Whoever only holds
/// a device of an owner makes nobody one. Where they proved their address before, the family takes part from now on.
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
    let heads = server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        let user = of_household(tx, household, user)?;
        if !tx.confirm_user(user.id, now)? {
            return Err(Problem::new(ErrorCode::NotFound).into());
        }
        let entry = AuditRecord::of(&session, AuditEvent::OwnerConfirmed, now).user(user.id);
        audit::note(tx, household, &entry)?;
        if user.verified_at.is_none() {
            return Ok(BTreeMap::new());
        }
        sync::take_part(tx, household, now)
    })?;
    server.announce(&heads);
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
        let sessions = tx.sessions_of(household)?;
        tx.remove_user(user.id, now)?;
        // With the devices, on which they may come again with another invitation.
        for theirs in sessions.iter().filter(|other| other.user == Some(user.id)) {
            tx.forget_session(theirs.id)?;
        }
        let entry = AuditRecord::of(&session, AuditEvent::OwnerRemoved, now).user(user.id);
        audit::note(tx, household, &entry.detail(Detail::word("waiting")))?;
        tx.forget_tallies(household, user.id.0)
    })?;
    server.pokes.session_ended(household);
    tracing::info!(%household, "owner refused");
    Ok(())
}
