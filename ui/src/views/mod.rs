//! Screens. Each asks the core for what it shows, and hands components what they draw.
//!
//! `root` decides between the first start, a child's device and an owner's device; `shell` is the owner's frame.
//! Deliberately absent: anything two screens share that is not a component.

mod account;
mod activity;
mod apart;
mod asked;
mod child;
mod children;
mod deck;
mod devices;
mod forget;
mod gate;
mod hours;
mod household;
mod join;
mod pairing;
mod pet_editor;
mod pets;
mod playdates;
mod proposals;
mod releases;
mod resting;
mod root;
mod rules;
mod rules_form;
mod shell;
mod sync;
mod welcome;

pub(crate) use root::Root;
