//! What the tests of the whole stand on: real programs as child processes, the real window, a real browser; and
//! the development bridge, which shows the app to an ordinary browser.
//!
//! The bridge lives in this crate because this crate is in no release. Deliberately absent: sleeps and retries in
//! tests. What has to be waited for is a condition with a deadline ([`drive::wait_for`]).

pub mod bridge;
pub mod drive;
pub mod http;
pub mod mail;
pub mod process;
pub mod server;
pub mod tablet;
pub mod tools;
