//! A deterministic simulation of Romp's sync: families with real apps on real stores, the real server, a virtual
//! network and clock, all from one seed, and an oracle that judges every step.
//!
//! Terms: a **seat** is a device's place in a family; a **plan** is the list of what will be tried; a **flight** is an
//! app's call that waits for the network; a **step** is an entry performed, a request that reaches the server or an
//! answer that reaches a device.
//!
//! One thread decides everything; the server's writing thread and, for some requests, the router's worker only do as
//! they are told and are waited for. Deliberately absent: wall time, timers, sockets, and every rule of Romp's that
//! the oracle can do without.

#![expect(clippy::unwrap_used, reason = "a simulation that cannot go on has failed")]

mod device;
mod dice;
mod future;
mod host;
mod oracle;
mod past;
mod people;
mod plan;
mod privacy;
mod shrink;
mod spy;
mod wire;
mod world;

pub use oracle::Violation;
pub use shrink::{Shrunk, shrink};
pub use world::Counts;

use plan::Planned;
use world::World;

/// What goes wrong in enough runs of enough length, by the names under which it is counted. What never happened was not
/// tested.
pub const FAULTS: [&str; 42] = [
    "account deleted",
    "answer duplicated",
    "answer lost",
    "answer lost after a commit",
    "answer lost: partition one way",
    "answer of a newer server",
    "answer too late or twice",
    "asked to send again",
    "clock of a device jumped by days",
    "delayed by minutes to weeks",
    "deleted family looked for",
    "device copied",
    "device killed",
    "device reinstalled",
    "disk of a device failed",
    "disk of a device was full",
    "disk of the server failed at a write",
    "exchange by a clock that is off by days",
    "exchange of an old app",
    "family kept away",
    "family reported",
    "family not kept away any more",
    "family registered again",
    "match taken back",
    "offline",
    "power of a device cut",
    "power of a device cut in the middle of a write",
    "refused because it is switched off",
    "request dropped",
    "request duplicated",
    "request overtaken by a later one",
    "reset: another history",
    "role changed",
    "row back after the server lost all",
    "sent again when it was switched on",
    "server died after a commit",
    "server died before a commit",
    "server killed between two requests",
    "server lost its database",
    "server put back to a backup",
    "session revoked",
    "told that it is a copy",
];

/// How a run went.
#[derive(Debug, Clone)]
pub struct Run {
    /// What two runs of a seed have in common: a hash of everything that happened.
    pub trace: u64,
    /// Numbers.
    pub counts: Counts,
    /// Where it ended badly: after how many entries of the plan, and why.
    pub violation: Option<(usize, Violation)>,
    /// What happened, where it was asked for.
    pub story: Vec<String>,
}

/// Runs a seed: `steps` entries of a plan, and then until everything has come together.
pub fn run(seed: u64, steps: usize, tell: bool) -> Run {
    run_plan(seed, &plan::plan(seed, steps), tell)
}

fn run_plan(seed: u64, plan: &[Planned], tell: bool) -> Run {
    let mut world = match World::new(seed, tell) {
        Ok(world) => world,
        Err(violation) => {
            return Run {
                trace: 0,
                counts: Counts::default(),
                violation: Some((0, violation)),
                story: Vec::new(),
            };
        }
    };
    let violation = world.live(plan).err();
    Run {
        trace: world.trace,
        counts: std::mem::take(&mut world.counts),
        violation,
        story: world.story.take().unwrap_or_default(),
    }
}
