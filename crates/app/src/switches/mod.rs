//! What is switched off: the owner's list, and the app's own guard, which keeps to the last known switches offline.
//!
//! The time by which it judges is the server's as far as it is known ([`romp_store::Reader::time`]), and the rule is the
//! server's own (`romp_domain::switch`). Where the two disagree, the server has the last word, and what it refuses waits
//! here (`parked`).

mod force;
mod guard;
mod habits;
mod list;
mod parked;
mod save;

#[cfg(test)]
mod tests;

pub(crate) use force::{Known, off_here};
pub(crate) use list::list;
pub(crate) use save::{lift, remove, save};
