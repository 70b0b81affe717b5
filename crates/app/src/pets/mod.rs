//! The family's pets.

mod list;
mod remove;
mod save;

#[cfg(test)]
mod tests;

pub(crate) use list::list;
pub(crate) use remove::remove;
pub(crate) use save::save;
