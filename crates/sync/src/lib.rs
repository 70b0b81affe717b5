//! The sync protocol, without a network and without a database.
//!
//! Mutations go up, rows come down, both in one round trip. Terms: a **stamp** is a hybrid logical clock with the
//! device that wrote it; **registers** are a row's fields with the stamp of each; a **mid** numbers a device's
//! mutations; the **cursor** is the household's last commit that a device holds completely.
//!
//! [`merge`] is the server's; the device lays its unconfirmed mutations over the server's rows with [`overlay`] and
//! never compares clocks, so that correcting a wrong clock on the server cannot make the two differ.
//!
//! On the wire, exchanges are encoded by [`codec`] and, when they are long, made smaller by [`compress`]; a device that listens reads [`pokes`].
//!
//! Deliberately absent: SQL, HTTP, time, randomness.

pub mod chain;
pub mod clock;
pub mod codec;
pub mod compress;
pub mod digest;
pub mod exchange;
pub mod merge;
pub mod overlay;
pub mod plan;
pub mod pokes;

pub use chain::link_after;
pub use clock::{ClockState, MAX_AHEAD_MS, TOLD_AGAIN_BEFORE, correct, furthest};
pub use digest::DigestSum;
pub use exchange::{Replica, Transport, exchange};
pub use merge::{Registers, Stamp};
pub use overlay::overlay;
pub use plan::{Batch, plan_batch};
