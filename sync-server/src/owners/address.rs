//! An owner's address: what it means as long as nobody proved it, and giving another one.
//!
//! An address that is not proved is a **claim** to the address and to nothing else. Whoever has the mailbox is not thereby
//! of the family that gave it, by mistake or not: they get the address, and the family keeps all else. Deliberately
//! absent: another address in the place of one that is proved.

use std::collections::BTreeMap;

use romp_domain::text::Email;
use romp_domain::time::DAY_MS;
use romp_domain::wire::SetAddressRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem, UserId, UtcMs};

use super::{forget_waiting, free_unproved};
use crate::accounts::{Mailed, live_session, prove_password, signed_in};
use crate::audit;
use crate::db::{
    AuditRecord, DbExt, Fault, MailCodeRecord, Purpose, SecretHash, SessionRecord, Tx, UserRecord,
};
use crate::env::Random;
use crate::secrets::digest;
use crate::server::Server;
use crate::sync::take_part;

const PROVED: &str = "This address is proved already.";

/// How long an address that was freed is kept from the user who had it: whoever has its mailbox comes first.
const KEPT_FROM_MS: i64 = DAY_MS;

/// Gives another address, with the own password. What was mailed to the one before is worth nothing any more.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per session, and per user), `Frozen` (the address is
/// proved), `EmailTaken` (also for one that was freed from this user lately).
pub fn set_address(
    server: &Server,
    session: &SessionRecord,
    request: SetAddressRequest,
) -> Result<(), Problem> {
    let user = signed_in(session)?;
    prove_password(server, session, &request.password)?;
    let now = server.clock.now();
    // The answer tells which addresses are taken.
    server.proofs.count(digest(&format!("address {}", user.0)), now)?;
    let found = server.db.read(move |tx| tx.user(user))?;
    let mut owner = found.ok_or(ErrorCode::NotSignedIn)?;
    owner.email = request.email;
    let mailed = Mailed::if_asked(server, &owner, now);
    let code = mailed.as_ref().map(|mailed| mailed.record.clone());
    let (token, family) = (session.token, owner.household);
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        let before = tx.user(user)?.ok_or(Problem::new(ErrorCode::NotSignedIn))?;
        if before.verified_at.is_some() {
            return Err(Problem::saying(ErrorCode::Frozen, PROVED).into());
        }
        if before.email != owner.email {
            free_unproved(tx, &owner.email, now)?;
        }
        let kept_from = tx.has_mail_code(user, Purpose::Freed, &freed(user, &owner.email), now)?;
        if kept_from || !tx.set_email(user, &owner.email)? {
            return Err(Problem::new(ErrorCode::EmailTaken).into());
        }
        forget_codes(tx, &before)?;
        if let Some(code) = &code {
            tx.insert_mail_code(code, now)?;
        }
        let entry = AuditRecord::of(&session, AuditEvent::AddressSet, now);
        audit::note(tx, session.household, &entry)
    })?;
    if let Some(mailed) = mailed {
        mailed.send_first(server, digest(&format!("address {}", family.0)), now);
    }
    tracing::info!("address set");
    Ok(())
}

/// What is kept of an address that was freed from a user.
fn freed(user: UserId, email: &Email) -> SecretHash {
    digest(&format!("freed {} {}", user.0, email.as_str()))
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
    let kept_from = MailCodeRecord {
        code: freed(user.id, &user.email),
        household: user.household,
        user: user.id,
        purpose: Purpose::Freed,
        expires_at: now.plus_ms(KEPT_FROM_MS),
    };
    tx.insert_mail_code(&kept_from, now)?;
    audit::note(tx, user.household, &entry(AuditEvent::AddressFreed))
}

fn forget_codes(tx: &mut dyn Tx, user: &UserRecord) -> Result<(), Fault> {
    tx.forget_mail_codes(user.id, Purpose::Verify)?;
    tx.forget_mail_codes(user.id, Purpose::Reset)
}

/// What the operator says about an address: whoever runs the server can know whose it is, also where no mail goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Verdict {
    /// It is its owner's, as if they had typed a code
    Prove,
    /// It is somebody else's, who can register with it from now on; the family that gave it stays
    Free,
}

const NOBODYS: &str = "Nobody here has this address.";

/// Has an address judged by the operator.
///
/// # Errors
/// `NotFound` where nobody has it, `Frozen` where it is proved.
pub fn judge_address(server: &Server, email: Email, verdict: Verdict) -> Result<(), Problem> {
    let (now, nobody) = (server.clock.now(), nobodys(&*server.random));
    let heads = server.db.write(move |tx| {
        let user = tx
            .user_by_email(&email)?
            .ok_or_else(|| Problem::saying(ErrorCode::NotFound, NOBODYS))?;
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
