//! Releases: a child's yes leaves the household only when an owner lets it out.

mod decide;
mod list;

pub(crate) use decide::decide;
pub(crate) use list::list;
