//! What the app is drawn with: given values and handlers, they draw; they do no IPC and keep no data.
//!
//! Small parts are plain functions or builders that end in `draw`, not Dioxus components: a component costs about
//! a kilobyte of wasm for each place that uses it, and the page has a budget. `fields`, `choices` and `rows` draw
//! a [`crate::state::Form`]; `feedback` says how things stand; `deck` is the swiped stack, `card_face` and
//! `proposal_face` what is on its cards; `portrait` and `avatar` are the drawings.

mod avatar;
mod button;
mod card_face;
mod choices;
mod deck;
mod drawing;
mod entry;
mod feedback;
mod fields;
mod icon;
mod keypad;
mod logo;
mod page;
mod pickers;
mod playdate;
mod portrait;
mod proposal_face;
mod rows;
mod twice;

pub(crate) use avatar::avatar_face;
pub(crate) use button::{Button, pressed};
pub(crate) use card_face::card_face;
pub(crate) use choices::{Opt, checks as several, options, segments, select, steps, switch};
pub(crate) use deck::{Deck, DeckWords, Face};
pub(crate) use entry::{Entry, aside};
pub(crate) use feedback::{Empty, NoticeBar, failed, hint, loaded, loading, saved_as, warning};
pub(crate) use fields::{Field, look_again};
pub(crate) use icon::{Glyph, icon};
pub(crate) use keypad::Keypad;
pub(crate) use logo::logo;
pub(crate) use page::{Page, group};
pub(crate) use pickers::{child_pick, pet_pick, pick_me};
pub(crate) use playdate::{playdate_card, playdate_picture};
pub(crate) use portrait::{portrait, sample_portrait, sleeping_portrait};
pub(crate) use rows::{Asked, Row, draw_rows, groups};
pub(crate) use twice::{Asking, Twice};
