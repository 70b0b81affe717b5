//! Disks that fail as a test decides, under code that knows nothing of it.
//!
//! Terms: a [`Disk`] is a folder of real files, in memory where the system offers that; a **call** is one thing that
//! `SQLite` asks of the disk, and calls are numbered; a [`Fault`] hits the call that [`Disk::plan`] names; what was
//! written since the last sync of its file is **unsynced**, and a power cut forgets it, or any part of it
//! ([`Survival`]).
//!
//! The first disk makes itself `SQLite`'s way to all files of this process: code that opens a path on a disk meets
//! that disk's faults, every other path is passed through untouched. What is written reaches the real file at once,
//! and what was there before is remembered until the next sync; a power cut puts it back. So `std::fs` sees the same
//! files as `SQLite` does. A new name, a renamed or a removed file lasts when its folder was synced, by `SQLite` or
//! through `std::fs`; what is written through `std::fs` lasts when the file was.
//!
//! Deliberately absent: faults of calls of `std::fs` other than syncs, folders that are new and not synced in theirs,
//! bits that turn over by themselves, and the shared memory beside a log, which no crash survives anyway.

#![cfg(unix)]

mod call;
mod directory;
mod disk;
mod fault;
mod file;
mod history;
mod sync;
mod vfs;

pub use call::Call;
pub use disk::Disk;
pub use fault::{Fault, Hit, Survival};
