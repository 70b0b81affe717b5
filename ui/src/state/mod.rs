//! What outlives a single drawing: where the person is, what was asked, the open deck, forms being filled.
//!
//! `recogniser`, `typed`, `pet_form` and `household_form` are pure and tested on the host. Deliberately absent:
//! copies of the core's data beyond what is on the screen.

mod app;
mod deck;
pub(crate) mod form;
pub(crate) mod household_form;
mod keys;
pub(crate) mod pet_form;
mod query;
pub(crate) mod recogniser;
pub(crate) mod typed;

pub(crate) use app::{App, JoinForm, Notice, Screen, use_app, use_app_provider, use_looks};
pub(crate) use deck::{use_deck, use_deck_provider};
pub(crate) use form::{Form, below_of, use_form};
pub(crate) use keys::{DeckKey, use_keypad_keys, use_keys};
pub(crate) use query::{Query, forget_gone, use_query, use_question, use_values};
