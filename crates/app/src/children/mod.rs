//! The family's child profiles: nickname, avatar and age band, and nothing else.

mod list;
mod remove;
mod save;

pub(crate) use list::list;
pub(crate) use remove::remove;
pub(crate) use save::save;
