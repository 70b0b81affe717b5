//! The device's own `SQLite`: rows, the outbox of changes the server has not confirmed, and the log behind undo.
//!
//! Terms: a row's **base** is what the server last said; **shown** is base with the unconfirmed mutations laid
//! over it ([`romp_sync::overlay()`]); the **outbox** holds this device's mutations, numbered without gaps; a
//! **practice** row belongs to the example deck of a device without an account and never leaves it.
//!
//! Everything that changes goes through [`Store::write`]: one immediate transaction that holds the row, its
//! outbox entry and the undo log, or none of them. [`Store::replica`] is the [`romp_sync::Replica`] of the sync
//! loop: the store as one session sees it, and no longer than that session is the device's.
//!
//! Deliberately absent: rules about what may be changed by whom (they are `romp_app`'s), the network, the token,
//! and any clock or randomness of its own: both are passed in ([`Clock`], [`Ids`]).

mod absorb;
mod anew;
mod clock;
mod erase;
mod error;
mod gate;
mod heal;
mod join;
mod meta;
mod open;
mod outbox;
mod parked;
mod practice;
pub mod private;
mod read;
mod replica;
mod shown;
mod source;
mod store;
mod swipe_log;
mod write;

pub use error::StoreError;
pub use gate::{Handed, StoredPin};
pub use meta::Account;
pub use outbox::{Made, Pending, Refused};
pub use parked::Parked;
pub use read::Reader;
pub use replica::SessionReplica;
pub use source::{Clock, Ids, ManualClock, RandomIds, SeededIds, WallClock};
pub use store::Store;
pub use swipe_log::LoggedSwipe;
pub use write::Writer;
