//! When the family is free: weekly hours, and dates on which they do not hold.

mod exception;
mod list;
mod slot;

pub(crate) use exception::{remove_exception, save_exception};
pub(crate) use list::list;
pub(crate) use slot::{remove_slot, save_slot};
