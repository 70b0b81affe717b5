//! Somebody who was invited waits: an owner of the family lets them in, or does not.

use std::collections::BTreeMap;

use romp_domain::text::Email;
use romp_domain::time::DAY_MS;
use romp_domain::wire::{ConfirmOwnerRequest, WaitingOwnerRequest};
use romp_domain::{AuditEvent, ErrorCode, Problem, UtcMs};

use super::of_household;
use crate::accounts::{live_session, prove_password, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Detail, Fault, SessionRecord, Tx, UserRecord};
use crate::server::Server;
use crate::sync;

/// Lets them in, with the own password: from their next request on they are an owner like any other. Whoever only holds
/// a device of an owner makes nobody one. Where they proved their address before, the family takes part from now on.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per session), `NotFound` (nobody of this family waits
/// under that id).
pub fn confirm_owner(
    server: &Server,
    session: &SessionRecord,
    request: &ConfirmOwnerRequest,
) -> Result<(), Problem> {
    prove_password(server, session, &request.password)?;
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
    tracing::info!("owner confirmed");
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
        let entry = AuditRecord::of(&session, AuditEvent::OwnerRemoved, now).user(user.id);
        forget(tx, &user, entry, now)
    })?;
    server.pokes.session_ended(household);
    tracing::info!("owner refused");
    Ok(())
}

/// How long an address stays with somebody who waits and has not proved it: whoever it belongs to is not kept out for
/// longer.
const UNPROVED_MS: i64 = DAY_MS;

/// Frees an address that somebody gave who waits in vain and has not proved that it is theirs: anybody can give any.
pub(crate) fn free_unproved(tx: &mut dyn Tx, email: &Email, now: UtcMs) -> Result<(), Fault> {
    let Some(user) = tx.user_by_email(email)? else {
        return Ok(());
    };
    let is_claim = user.confirmed_at.is_none() && user.verified_at.is_none();
    if !is_claim || now.since_ms(user.created_at) < UNPROVED_MS {
        return Ok(());
    }
    let entry = AuditRecord::new(AuditEvent::OwnerRemoved, now).user(user.id);
    forget(tx, &user, entry, now)
}

/// Forgets somebody who waits, with their devices: on those they may come again with another invitation.
pub(crate) fn forget(
    tx: &mut dyn Tx,
    user: &UserRecord,
    entry: AuditRecord,
    now: UtcMs,
) -> Result<(), Fault> {
    let sessions = tx.sessions_of(user.household)?;
    tx.remove_user(user.id, now)?;
    for theirs in sessions.iter().filter(|other| other.user == Some(user.id)) {
        tx.forget_session(theirs.id)?;
    }
    audit::note(tx, user.household, &entry.detail(Detail::word("waiting")))?;
    tx.forget_tallies(user.household, user.id.0)
}
