//! The family's settings, and the places to choose its area from.

mod get;
mod places;
mod save;

pub(crate) use get::get;
pub(crate) use places::places;
pub(crate) use save::save;
