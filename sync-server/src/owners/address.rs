//! An owner's address: what it means as long as nobody proved it, and giving another one.
//!
//! An address that is not proved is a **claim** to the address and to nothing else. Whoever has the mailbox is not thereby
//! of the family that gave it, by mistake or not: they get the address, and the family keeps all else. Deliberately
//! absent: another address in the place of one that is proved.

use std::collections::BTreeMap;

use romp_domain::text::Email;
use romp_domain::wire::SetAddressRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem, UtcMs};

use super::{forget_waiting, free_unproved};
use crate::accounts::{Mailed, live_session, prove_password, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Fault, Purpose, SessionRecord, Tx, UserRecord};
use crate::env::Random;
use crate::secrets::digest;
use crate::server::Server;
use crate::sync::take_part;

const PROVED: &str = "This address is proved already.";

/// Gives another address, with the own password. What was mailed to the one before is worth nothing any more.
///
/// # Errors
/// `Forbidden` on a paired device, `MailOff`, `WrongCredentials`, `TooMany` (per session), `Frozen` (the address is
/// proved), `EmailTaken`.
pub fn set_address(
    server: &Server,
    session: &SessionRecord,
    request: SetAddressRequest,
) -> Result<(), Problem> {
    let user = signed_in(session)?;
    server.mail()?;
    prove_password(server, session, &request.password)?;
    let now = server.clock.now();
    let found = server.db.read(move |tx| tx.user(user))?;
    let mut owner = found.ok_or(ErrorCode::NotSignedIn)?;
    owner.email = request.email;
    let mailed = Mailed::if_asked(server, &owner, Purpose::Verify, now).ok_or(ErrorCode::MailOff)?;
    let (token, code, by) = (session.token, mailed.record.clone(), owner.household);
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        let before = tx.user(user)?.ok_or(Problem::new(ErrorCode::NotSignedIn))?;
        if before.verified_at.is_some() {
            return Err(Problem::saying(ErrorCode::Frozen, PROVED).into());
        }
        if before.email != owner.email {
            free_unproved(tx, &owner.email, now)?;
        }
        if !tx.set_email(user, &owner.email)? {
            return Err(Problem::new(ErrorCode::EmailTaken).into());
        }
        forget_codes(tx, &before)?;
        tx.insert_mail_code(&code, now)?;
        let entry = AuditRecord::of(&session, AuditEvent::AddressSet, now);
        audit::note(tx, session.household, &entry)
    })?;
    mailed.send_first(server, digest(&format!("address {}", by.0)), now);
    tracing::info!("address set");
    Ok(())
}

/// An address of nobody, for [`free`]. Made before the transaction, which may have to be repeated.
pub(crate) fn nobodys(random: &dyn Random) -> Email {
    let mut number = [0; 16];
    random.fill(&mut number);
    Email::freed(u128::from_be_bytes(number))
}

/// Frees an address that its user did not prove. Somebody who only waits is forgotten; an owner stays one, with
/// `nobody`'s address until they give another one.
pub(crate) fn free(tx: &mut dyn Tx, user: &UserRecord, nobody: &Email, now: UtcMs) -> Result<(), Fault> {
    let entry = |event| AuditRecord::new(event, now).user(user.id);
    if user.confirmed_at.is_none() {
        return forget_waiting(tx, user, entry(AuditEvent::OwnerRemoved), now);
    }
    if !tx.set_email(user.id, nobody)? {
        return Err(Problem::new(ErrorCode::Internal).into());
    }
    forget_codes(tx, user)?;
    audit::note(tx, user.household, &entry(AuditEvent::AddressFreed))
}

fn forget_codes(tx: &mut dyn Tx, user: &UserRecord) -> Result<(), Fault> {
    tx.forget_mail_codes(user.id, Purpose::Verify)?;
    tx.forget_mail_codes(user.id, Purpose::Reset)
}

/// What the operator says about an address: whoever runs the server can know whose it is, also where no mail goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is its owner's, as if they had typed a code.
    Proved,
    /// It is somebody else's.
    Free,
}

/// Has an address judged by the operator.
///
/// # Errors
/// `NotFound` where nobody has it, `Frozen` where it is proved.
pub fn judge_address(server: &Server, email: Email, verdict: Verdict) -> Result<(), Problem> {
    let (now, nobody) = (server.clock.now(), nobodys(&*server.random));
    let heads = server.db.write(move |tx| {
        let user = tx
            .user_by_email(&email)?
            .ok_or(Problem::new(ErrorCode::NotFound))?;
        if user.verified_at.is_some() {
            return Err(Problem::saying(ErrorCode::Frozen, PROVED).into());
        }
        if verdict == Verdict::Free {
            free(tx, &user, &nobody, now)?;
            return Ok(BTreeMap::new());
        }
        tx.verify_user(user.id, now)?;
        let entry = AuditRecord::new(AuditEvent::EmailVerified, now).user(user.id);
        audit::note(tx, user.household, &entry)?;
        if user.confirmed_at.is_none() {
            return Ok(BTreeMap::new());
        }
        take_part(tx, user.household, now)
    })?;
    server.announce(&heads);
    Ok(())
}
