//! Romp's user interface: what the family sees and touches, compiled to wasm.
//!
//! `views` fetch and decide what to show, `components` draw what they are given, `state` holds what outlives a
//! single drawing, `text` has the words, `ipc` is the only way to the core (its replies are read by `romp_json`) and `dom` the only one to the page.
//!
//! Deliberately absent: rules of the product (the domain and the core have them), a router (the native window has
//! no address bar), stored data, tokens.

mod components;
mod dom;
mod ipc;
mod state;
mod text;
mod views;

/// Draws the app into the page.
pub fn start() {
    dioxus::launch(views::Root);
}
