//! Disks that fail and processes that are killed, under the real device store and the real server.
//!
//! Terms: a **sweep** does a workload on a disk that fails at one call after the other; its **patient** is what
//! runs on that disk; something is **acknowledged** when the code under test has said that it is done, and
//! **lost** when it is not there afterwards.
//!
//! Deliberately absent: rules of Romp. What must be there is what the workload put there.

#![cfg(unix)]
#![expect(
    clippy::expect_used,
    reason = "what has no fault planned must work; if it does not, there is nothing to measure"
)]

pub mod device;
pub mod family;
pub mod home;
pub mod inspect;
pub mod kills;
pub mod report;
pub mod server;
pub mod sweep;
pub mod work;
