//! Change the password: by whoever knows the one that counts until now. All other sessions of the owner end.

use romp_domain::wire::ChangePasswordRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem};

use super::{live_session, prove_password, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Purpose, SessionRecord};
use crate::mail::Letter;
use crate::server::Server;
use crate::strength;

/// Sets another password. Whoever held another session of the owner, or a code for a new password, loses it in the
/// same transaction.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per user), `InvalidField` (easy to guess).
pub fn change_password(
    server: &Server,
    session: &SessionRecord,
    request: &ChangePasswordRequest,
) -> Result<(), Problem> {
    let id = signed_in(session)?;
    prove_password(server, id, &request.current)?;
    let user = server
        .db
        .read(move |tx| tx.user(id))?
        .ok_or(ErrorCode::NotSignedIn)?;
    strength::judge(&request.password, &user.email, Some(&user.name))?;
    let hash = server
        .proof_passwords
        .hash(&*server.random, request.password.expose())?;
    let (token, own, now) = (session.token, session.id, server.clock.now());
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        tx.set_password_hash(id, &hash)?;
        tx.forget_mail_codes(id, Purpose::Reset)?;
        tx.end_user_sessions(id, Some(own), now)?;
        let entry = AuditRecord::of(&session, AuditEvent::PasswordChanged, now);
        audit::note(tx, session.household, &entry)
    })?;
    server.pokes.session_ended(session.household);
    server.notify(user.email, Letter::PasswordChanged);
    tracing::info!(household = %session.household, "password changed");
    Ok(())
}
