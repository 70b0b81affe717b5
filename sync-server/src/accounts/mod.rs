//! Accounts: how a household comes to be, and how devices get in and out of it. One use case, one file.
//!
//! Terms: an **invitation** lets somebody register; a **pairing** lets a device join a household by code, with a role
//! that an owner chose. Both work once.
//!
//! Deliberately absent: changing passwords and several owners by invitation; they come with the family's own pages.

mod activity;
mod bearer;
mod create_pairing;
mod delete_account;
mod failed;
mod invite;
mod pair;
mod register;
mod revoke;
mod session;
mod sessions;
mod sign_in;
mod sign_out;

#[cfg(test)]
pub(crate) mod rig;

pub use activity::activity;
pub use bearer::{IDLE_MS, LIFETIME_MS, rotate};
pub(crate) use bearer::{admit, has_expired};
pub use create_pairing::{PAIRING_MS, create_pairing};
pub use delete_account::{DEVICES_TOLD_MS, delete_account};
pub use invite::invite;
pub use pair::pair;
pub use register::register;
pub use revoke::{revoke, revoke_others};
pub use sessions::sessions;
pub use sign_in::sign_in;
pub use sign_out::sign_out;

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{Entity, ErrorCode, Household, HouseholdId, Kind, Problem};

use crate::db::{Fault, SecretHash, SessionRecord, Tx};

/// Whether an owner of the household has agreed to children using the app (R2).
fn has_child_consent(tx: &mut dyn Tx, household: HouseholdId) -> Result<bool, Fault> {
    let settings = tx.row(household, Kind::Household, HOUSEHOLD_ROW)?;
    let settings = settings.and_then(|row| Household::read_known(&row.fields));
    Ok(settings.is_some_and(|settings| settings.child_consent.is_some()))
}

/// The session with a token that was good at the door, if it has not ended since; otherwise why not. Asked inside every
/// transaction that writes for the session.
///
/// # Errors
/// `AccountGone` where the family's account was deleted, `NotSignedIn`.
pub(crate) fn live_session(tx: &mut dyn Tx, token: &SecretHash) -> Result<SessionRecord, Fault> {
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
