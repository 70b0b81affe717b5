//! An owner takes another one out of the family.

use romp_domain::wire::RemoveOwnerRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem};

use super::of_household;
use crate::accounts::{live_session, prove_password, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, SessionRecord};
use crate::server::Server;

const ONESELF: &str = "You cannot take yourself out. Another owner can, or you delete the account.";

/// Takes them out, with the own password: their sessions end, and their devices are told that they hold nothing of
/// the family any more.
///
/// # Errors
/// `Forbidden` on a paired device or about oneself, `WrongCredentials`, `TooMany` (per session), `NotFound` (no owner of
/// this family has that id).
pub fn remove_owner(
    server: &Server,
    session: &SessionRecord,
    request: &RemoveOwnerRequest,
) -> Result<(), Problem> {
    let own = signed_in(session)?;
    if request.user == own {
        return Err(Problem::saying(ErrorCode::Forbidden, ONESELF));
    }
    prove_password(server, session, &request.password)?;
    let (token, household, now) = (session.token, session.household, server.clock.now());
    let user = request.user;
    server.db.write(move |tx| {
        // Two owners who take each other out at the same time: the first one stays.
        let session = live_session(tx, &token)?;
        let user = of_household(tx, household, user)?;
        if user.confirmed_at.is_none() {
            return Err(Problem::new(ErrorCode::NotFound).into());
        }
        tx.remove_user(user.id, now)?;
        let entry = AuditRecord::of(&session, AuditEvent::OwnerRemoved, now).user(user.id);
        audit::note(tx, household, &entry)?;
        tx.forget_tallies(household, user.id.0)
    })?;
    server.pokes.session_ended(household);
    tracing::info!("owner removed");
    Ok(())
}
