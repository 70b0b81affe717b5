//! The account: making one, joining one, letting another device join, leaving, deleting it.
//!
//! A device may work long before it joins; joining keeps every row and sends what waits. Once joined, it belongs
//! to that household: it can lose its session and sign in again, but not change families, until the family's account
//! is deleted. Then nothing of it stays on any device (`wipe`).

mod delete_account;
mod earlier;
mod forget_device;
mod join;
mod join_as_owner;
mod pair;
mod pairing_create;
mod password;
mod picture;
mod register;
mod rotate;
mod sessions;
mod sign_in;
mod sign_out;
mod verify_email;
mod wipe;

#[cfg(test)]
mod tests;

pub(crate) use delete_account::delete_account;
pub(crate) use forget_device::forget_device;
pub(crate) use join::Joining;
pub(crate) use join_as_owner::join_as_owner;
pub(crate) use pair::pair;
pub(crate) use pairing_create::pairing_create;
pub(crate) use password::{change_password, forgot_password, reset_password};
pub(crate) use register::register;
pub(crate) use sessions::{activity, session_revoke, session_revoke_others, sessions};
pub(crate) use sign_in::sign_in;
pub(crate) use sign_out::sign_out;
pub(crate) use verify_email::{send_code_again, verify_email};
