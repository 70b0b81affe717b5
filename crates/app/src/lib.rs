//! Everything the app can do, as functions on one [`App`]. The window, the development bridge and the tests call
//! the same one.
//!
//! Folders are nouns, files in them are verbs: one use case, one file. A call comes in as
//! [`romp_domain::calls::Request`], is guarded by the device's role (`perform`), and goes to its use case by an
//! exhaustive match. Everything is read from and written to [`romp_store::Store`]; the network is only ever used
//! by `sync`, `background`, `accounts` and `owners`.
//!
//! Terms: the **vault** keeps the session's token; a **server** is the way to one; the **link** is how the device
//! stands with it.
//!
//! Deliberately absent: windows, SQL, HTML, and any rule that the server also has to know (those are
//! `romp_domain`'s).

mod accounts;
mod app;
mod background;
mod blocks;
mod children;
mod config;
mod deck;
mod exports;
mod gate;
mod hours;
mod household;
mod link;
mod lock;
mod owners;
mod pace;
mod perform;
mod pets;
mod playdates;
mod release;
mod request;
mod rows;
pub mod server;
mod status;
mod switches;
mod sync;
mod tokens;
mod vault;

pub use app::App;
pub use config::{Config, Connect};
pub use gate::{RunningStopwatch, Stopwatch};
pub use romp_store::{Clock, Ids, ManualClock, RandomIds, SeededIds, WallClock};
pub use server::{Answer, HttpServer, Pokes, Server, Token};
pub use vault::{MemoryVault, Vault, VaultError};

#[cfg(test)]
mod testing;
