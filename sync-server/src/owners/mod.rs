//! The adults of a family: who they are, how another one comes in, and how one leaves.
//!
//! An owner makes an **invitation** to the family and gives it to somebody. Whoever joins with it **waits**: their
//! session can ask how it stands and end, and nothing else, until an owner of the family has confirmed them. So an
//! invitation that got into wrong hands opens nothing.
//!
//! An address that an owner gave and did not **prove** is a claim to it: see `address`.
//!
//! Deliberately absent: degrees among owners. Every one of them can do everything, also take another one out.

mod address;
mod invite;
mod join;
mod me;
mod remove;
mod waiting;

#[cfg(test)]
mod tests;

pub use address::{Verdict, judge_address, set_address};
pub(crate) use address::{free as free_address, nobodys as nobodys_address};
pub use invite::{INVITATION_MS, invite_owner};
pub use join::join_as_owner;
pub use me::{me, rename};
pub use remove::remove_owner;
pub use waiting::{confirm_owner, refuse_owner};
pub(crate) use waiting::{forget as forget_waiting, free_unproved};

use romp_domain::{ErrorCode, HouseholdId, Problem, UserId};

use crate::db::{Fault, Tx, UserRecord};

/// Most adults of a family, those who wait included.
pub(crate) const MOST_OWNERS: usize = 8;

/// Refuses another one where there are enough.
fn has_room(tx: &mut dyn Tx, household: HouseholdId) -> Result<(), Fault> {
    if tx.users_of(household)?.len() < MOST_OWNERS {
        return Ok(());
    }
    Err(Problem::saying(
        ErrorCode::Frozen,
        "A family can have eight owners, and this one has.",
    )
    .into())
}

/// A user of the household. Those of others do not exist for it.
fn of_household(tx: &mut dyn Tx, household: HouseholdId, user: UserId) -> Result<UserRecord, Fault> {
    tx.user(user)?
        .filter(|user| user.household == household)
        .ok_or_else(|| Problem::new(ErrorCode::NotFound).into())
}
