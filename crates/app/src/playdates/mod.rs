//! Matches, proposals and playdates: the server writes them, owners answer, everybody sees them.

mod answer;
mod calendar;
mod export;
mod list;
mod local;
mod matches;
mod take_back;

pub(crate) use answer::answer;
pub(crate) use export::export;
pub(crate) use list::list;
pub(crate) use matches::matches;
pub(crate) use take_back::take_back;
