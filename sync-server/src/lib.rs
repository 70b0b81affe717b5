//! Romp's server: accounts, sync, and matching across all families.
//!
//! Terms: a **session** is a signed-in device; a **use case** is one thing somebody can ask for; a **job** is one
//! transaction. A request's way: [`door`] (connections) →
//! `routes` → `gateway` (session, policy) → use case → [`db`].
//!
//! Deliberately absent: anything about pets and swipes that is not in `romp-domain`, `romp-sync` or
//! `romp-matching`; a second way into the database.

pub mod accounts;
mod audit;
pub mod db;
pub mod demo;
pub mod demo_load;
pub mod door;
pub mod env;
mod gateway;
mod later;
pub mod mail;
pub mod openapi;
pub mod owners;
pub mod passwords;
pub mod pokes;
pub mod reports;
mod routes;
pub mod secrets;
pub mod server;
mod strength;
pub mod sync;
pub mod tally;
pub mod throttle;
