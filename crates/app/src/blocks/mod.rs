//! Keeping another family away. It acts here at once, with or without a connection: what may be seen of whom,
//! `romp_store` decides for every read.

mod block;
mod lift;
mod list;
mod report;
#[cfg(test)]
mod tests;

pub(crate) use block::block;
pub(crate) use lift::lift;
pub(crate) use list::list;
pub(crate) use report::report;
