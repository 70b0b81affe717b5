//! Everything that is said about the domain, in one place, so that it can be translated later.
//!
//! `words` names members of closed sets, `time` speaks of days and durations, `standing` of the way to the server, `deck`
//! says why there is no card, `errors` turns broken rules into sentences. Headings and hints that belong to one screen stand in that screen.
//! Deliberately absent: the words of the server and the core, which arrive as sentences in a `Problem`.

mod deck;
mod errors;
mod log;
mod standing;
mod time;
mod words;

pub(crate) use deck::empty_deck;
pub(crate) use errors::{rule, sentence_of};
pub(crate) use log::{about, called, event};
pub(crate) use standing::{standing, standing_mark};
pub(crate) use time::{again, ago, clock, day, day_and_time, end, lasting, moment, month_name, span};
pub(crate) use words::*;
