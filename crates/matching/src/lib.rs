//! Who could meet whom, in which order, and when.
//!
//! Terms: a **party** is a household as matching sees it; a **candidate** is one of its pets; a pair is
//! **eligible** when no rule of either side forbids the meeting; the **score** of an eligible pair says how well
//! it fits, from both sides at once; a **deck** is the eligible pets one pet has not seen, best first; an
//! **offer** is an hour, a kind of venue and a coarse area at which a pair could meet.
//!
//! The way of a pair: [`FreeTime::expand`] once per household → [`eligible()`] → [`score()`] → [`deck()`];
//! after a match, [`propose()`].
//!
//! Deliberately absent: databases, clocks and randomness (the instant and the day are passed in, and ties are
//! broken by id, so the same input gives the same output everywhere); learning from swipes; balancing who is
//! shown how often; assigning many playdates at once.

pub mod candidate;
pub mod deck;
pub mod eligible;
pub mod propose;
pub mod score;
pub mod week;

#[cfg(test)]
mod cases;

pub use candidate::{Candidate, Party};
pub use deck::deck;
pub use eligible::{Exclusion, eligible, rests, suits};
pub use propose::{Offer, propose};
pub use score::{Score, score};
pub use week::FreeTime;

/// How far ahead free time is looked at, in days.
pub const HORIZON_DAYS: i64 = 14;

/// Most cards of a deck: it is finite, and a child gets to its end.
pub const DECK_SIZE: usize = 20;

/// The length of a proposed meeting: one hour. Two families that never share one are no candidates.
pub const MEETING_MS: i64 = romp_domain::time::HOUR_MS;
