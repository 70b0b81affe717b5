//! Matches, proposals and playdates: the server writes them, owners answer, everybody sees them.

mod answer;
mod calendar;
mod export;
mod list;
mod local;
mod matches;

pub(crate) use answer::answer;
pub(crate) use export::{export, exports};
pub(crate) use list::list;
pub(crate) use matches::matches;
