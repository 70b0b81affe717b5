//! Accounts: how a household comes to be, and how devices get in and out of it. One use case, one file.
//!
//! Terms: an **invitation** lets somebody register; a **pairing** lets a device join a household by code, with a role
//! that an owner chose. Both work once.
//!
//! A **mailed code** proves that an address is somebody's.
//!
//! Deliberately absent: further owners (`owners`).

mod activity;
mod bearer;
mod change_password;
mod create_pairing;
mod delete_account;
mod failed;
mod forgot_password;
mod invite;
mod mailed;
mod pair;
mod register;
mod reset_password;
mod revoke;
mod room;
pub(crate) mod session;
mod sessions;
mod sign_in;
mod sign_out;
mod verify_email;
mod without_mail;

#[cfg(test)]
mod mail_tests;
#[cfg(test)]
pub(crate) mod rig;

pub use activity::activity;
pub use bearer::{IDLE_MS, LIFETIME_MS, rotate};
pub(crate) use bearer::{admit, goes_on, has_expired};
pub use change_password::change_password;
pub use create_pairing::{PAIRING_MS, create_pairing};
pub use delete_account::{DEVICES_TOLD_MS, delete_account};
pub use forgot_password::forgot_password;
pub use invite::invite;
pub use pair::pair;
pub use register::register;
pub use reset_password::reset_password;
pub use revoke::{revoke, revoke_others};
pub use sessions::sessions;
pub use sign_in::sign_in;
pub use sign_out::sign_out;
pub use verify_email::{send_code_again, verify_email};
pub(crate) use without_mail::is_somebody_waiting_in_vain;
pub use without_mail::let_unverified_take_part;

pub(crate) use mailed::Mailed;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::TypedPassword;
use romp_domain::{
    AuditEvent, Entity, ErrorCode, Household, HouseholdId, Kind, Problem, Role, UserId, UtcMs,
};

use crate::audit;
use crate::db::{AuditRecord, DbExt, Fault, SecretHash, SessionRecord, Tx};
use crate::passwords::Check;
use crate::secrets::digest;
use crate::server::Server;
use crate::throttle::{Guesser, is_no_judgement};

/// A device that was paired by code knows nobody's password, and whoever holds it need not be an owner.
const PAIRED: &str = "This device joined with a code. Please do this on a device on which you signed in.";

/// The owner who signed in.
///
/// # Errors
/// `Forbidden` on a paired device.
pub(crate) fn signed_in(session: &SessionRecord) -> Result<UserId, Problem> {
    session
        .user
        .ok_or_else(|| Problem::saying(ErrorCode::Forbidden, PAIRED))
}

/// Ends a session and writes that down; `false` when it had ended before. The one way in which a single session ends.
///
/// The family's pairing codes go with one that could have made them: whoever had it must not come back with one. Another
/// one is made in a moment. Somebody who only waits to belong to the family made none, and takes none away.
pub(crate) fn end(tx: &mut dyn Tx, session: &SessionRecord, entry: &AuditRecord) -> Result<bool, Fault> {
    if !tx.end_session(session.id, entry.at)? {
        return Ok(false);
    }
    if session.role == Role::Owner && !session.waiting {
        tx.keep_newest_pairings(session.household, 0)?;
    }
    audit::note(tx, session.household, entry)?;
    Ok(true)
}

/// Compares what somebody typed with the password of the user who is signed in. Counted per session, wherever the tries
/// come from: only who has it can try, and whoever guesses with a stolen one keeps its owner out of nothing. Another
/// session takes the password.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany`; `NotSignedIn` or `AccountGone` where the session has
/// ended meanwhile.
pub(crate) fn prove_password(
    server: &Server,
    session: &SessionRecord,
    typed: &TypedPassword,
) -> Result<(), Problem> {
    let (user, token) = (signed_in(session)?, session.token);
    let who = digest(&format!("prove {}", session.id.0));
    server.proofs.judged(who, server.clock.now(), || {
        let found = server.db.read(move |tx| {
            open_session(tx, &token)?;
            tx.user(user)
        })?;
        let stored = found.as_ref().map(|user| user.password_hash.as_str());
        match server.proof_passwords.check(stored, typed.expose())? {
            Check::Wrong => {
                let entry = AuditRecord::of(session, AuditEvent::SignInFailed, server.clock.now());
                let household = session.household;
                server.db.write(move |tx| audit::note(tx, household, &entry))?;
                Err(Problem::saying(ErrorCode::WrongCredentials, WRONG_PASSWORD))
            }
            Check::Right | Check::RightButWeak => Ok(()),
        }
    })?;
    if costs_no_try(server, user) {
        server.proofs.give_back(&who);
    }
    Ok(())
}

/// Counts a try at a password or a mailed code, for an address from there and for the place, and has it judged.
fn judged<R>(
    server: &Server,
    [who, place]: [Guesser; 2],
    now: UtcMs,
    judge: impl FnOnce() -> Result<R, Problem>,
) -> Result<R, Problem> {
    server.sign_in_places.judged(place, now, || {
        let tried = server.sign_ins.count(who, now);
        // What an address is refused does not use up what the place has.
        tried.inspect_err(|_| server.sign_in_places.give_back(&place))?;
        judge().inspect_err(|problem| {
            if is_no_judgement(problem) {
                server.sign_ins.give_back(&who);
            }
        })
    })
}

/// Whether a user's right password costs no try, as it does not but for somebody who types it again and again: then
/// right ones are counted like wrong ones. Comparing is work, and all others wait for it.
fn costs_no_try(server: &Server, user: UserId) -> bool {
    let who = digest(&format!("right {}", user.0));
    server.right_passwords.count(who, server.clock.now()).is_ok()
}

const WRONG_PASSWORD: &str = "The password is not right.";

/// Whether an owner of the household has agreed to children using the app (R2).
pub(crate) fn has_child_consent(tx: &mut dyn Tx, household: HouseholdId) -> Result<bool, Fault> {
    let settings = tx.row(household, Kind::Household, HOUSEHOLD_ROW)?;
    let settings = settings.and_then(|row| Household::read_known(&row.fields));
    Ok(settings.is_some_and(|settings| settings.child_consent.is_some()))
}

/// The session with a token that was good at the door, if it has not ended since; otherwise why not. Asked inside every
/// transaction that writes for the session.
///
/// # Errors
/// `AccountGone` where the family's account was deleted, `NotSignedIn`, `OwnerWaiting`.
pub(crate) fn live_session(tx: &mut dyn Tx, token: &SecretHash) -> Result<SessionRecord, Fault> {
    let session = open_session(tx, token)?;
    if session.waiting {
        return Err(Problem::new(ErrorCode::OwnerWaiting).into());
    }
    Ok(session)
}

/// The same, also for somebody who waits until an owner of the family has confirmed them.
pub(crate) fn open_session(tx: &mut dyn Tx, token: &SecretHash) -> Result<SessionRecord, Fault> {
    let found = tx.session_by_token(token)?;
    if let Some(session) = found.filter(|session| session.ended_at.is_none()) {
        return Ok(session);
    }
    let code = if tx.was_erased(token)? {
        ErrorCode::AccountGone
    } else {
        ErrorCode::NotSignedIn
    };
    Err(Problem::new(code).into())
}
