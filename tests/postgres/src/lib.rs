//! A private PostgreSQL for the tests and the benchmark: a cluster in a temporary folder, started by the first in a
//! process that asks for it and ended with that process, however it ends.
//!
//! Terms: a **cluster** is one running PostgreSQL; a **template** is a database with everything in it that the tests
//! of a process start from; each test gets a copy of its own.
//!
//! Deliberately absent: a cluster that was there before, a port that anybody else could reach (there is a socket in
//! the folder, nothing else), and durability in tests: `fsync` is off, because a test's data need not outlive its
//! machine. The benchmark's cluster has it on.

#![cfg(unix)]

mod cluster;
mod tools;

pub use cluster::{Cluster, Database, cluster, measured_cluster};
