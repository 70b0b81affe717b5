//! Reset the password: by whoever has the code that was mailed to the owner's address. All sessions of the owner end.

use std::net::IpAddr;

use romp_domain::wire::ResetPasswordRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem, UserId, UtcMs};
use uuid::Uuid;

use super::{judged, mailed};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Purpose, SecretHash};
use crate::owners::{free_address, nobodys_address};
use crate::server::Server;
use crate::strength;
use crate::throttle::{guesser, place};

/// In the place of a user who is not there, so that the same is looked up. Nobody has this id.
const NOBODY: UserId = UserId(Uuid::nil());

/// Sets another password. The code is used up only if that succeeds.
///
/// Whoever has the code has the mailbox. Where the address was proved that makes them the owner; where it was not, it makes
/// the address theirs and nothing else: they, or whoever gave it, may be a stranger to the family.
///
/// # Errors
/// `MailOff`, `CodeInvalid` (also for an address that nobody has), `AddressFreed`, `InvalidField` (easy to guess; told only
/// to whoever has the code), `TooMany` (per address and place, and per place).
pub fn reset_password(server: &Server, from: IpAddr, request: ResetPasswordRequest) -> Result<(), Problem> {
    server.mail()?;
    let now = server.clock.now();
    let (who, place) = (guesser(from, request.email.as_str()), place(from));
    judged(server, [who, place], now, || set(server, request, now))?;
    server.sign_ins.give_back(&who);
    server.sign_in_places.give_back(&place);
    Ok(())
}

/// Sets the password where the code is right.
fn set(server: &Server, request: ResetPasswordRequest, now: UtcMs) -> Result<(), Problem> {
    let email = request.email.clone();
    let found = server.db.read(move |tx| tx.user_by_email(&email))?;
    let id = found.as_ref().map_or(NOBODY, |user| user.id);
    let code = mailed::typed(&request.code, id, Purpose::Reset)?;
    let right = server
        .db
        .read(move |tx| tx.has_mail_code(id, Purpose::Reset, &code, now))?;
    let Some(user) = found.filter(|_| right) else {
        return Err(mailed::wrong());
    };
    if user.verified_at.is_none() {
        return free(server, id, code, now);
    }
    strength::judge(&request.password, &user.email, Some(&user.name))?;
    let hash = server
        .passwords
        .hash(&*server.random, request.password.expose())?;
    let household = user.household;
    server.db.write(move |tx| {
        // Somebody may have been faster, or the account may be gone.
        if !tx.has_mail_code(id, Purpose::Reset, &code, now)? {
            return Err(mailed::wrong().into());
        }
        tx.forget_mail_codes(id, Purpose::Reset)?;
        tx.set_password_hash(id, &hash)?;
        tx.end_user_sessions(id, None, now)?;
        let entry = AuditRecord::new(AuditEvent::PasswordReset, now).user(id);
        audit::note(tx, household, &entry)
    })?;
    server.pokes.session_ended(household);
    server.tell_of_password(user);
    tracing::info!("password reset");
    Ok(())
}

/// Frees the address of a user who never proved it.
///
/// # Errors
/// `AddressFreed` when that is done.
fn free(server: &Server, id: UserId, code: SecretHash, now: UtcMs) -> Result<(), Problem> {
    let nobody = nobodys_address(&*server.random);
    let household = server.db.write(move |tx| {
        let user = tx.user(id)?.filter(|user| user.verified_at.is_none());
        let right = tx.has_mail_code(id, Purpose::Reset, &code, now)?;
        let user = user.filter(|_| right).ok_or_else(mailed::wrong)?;
        free_address(tx, &user, &nobody, now)?;
        Ok(user.household)
    })?;
    server.pokes.session_ended(household);
    tracing::info!("address freed");
    Err(ErrorCode::AddressFreed.into())
}
