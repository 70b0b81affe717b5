//! The adults of the family: who they are, how more of them come in, and how they leave.
//!
//! Nothing of this is kept on the device: it is asked for when it is shown, and needs a connection.

mod invite;
mod me;
mod remove;
mod waiting;

#[cfg(test)]
mod tests;

pub(crate) use invite::invite;
pub(crate) use me::{me, rename, set_address};
pub(crate) use remove::remove;
pub(crate) use waiting::{confirm, refuse};
