//! Processes that are killed at any moment (SIGKILL), over and over, with the same data.
//!
//! Each cycle starts the process again, looks at what it finds, lets it work and kills it. The moments come from a
//! seed; where exactly a process is then is up to the machine.

pub mod client;
pub mod server;

use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// What became of it.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Cycles.
    pub kills: u32,
    /// Writes that were acknowledged in all of them.
    pub acknowledged: usize,
    /// What was wrong. The loop ends there.
    pub lost: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// How long a process works before it is killed: so many things are done, and then some time passes, so that it is
/// in the middle of something on a fast machine and on a slow one.
#[derive(Debug, Clone, Copy)]
struct Life {
    done: usize,
    then: Duration,
}

impl Life {
    fn draw(dice: &mut ChaCha8Rng) -> Self {
        Self {
            done: dice.random_range(0..8),
            then: Duration::from_micros(dice.random_range(0..20_000)),
        }
    }
}

/// Runs cycles; each is told how long its process lives, and returns how many writes are acknowledged by then.
fn repeat(kills: u32, seed: u64, mut cycle: impl FnMut(Life) -> Result<usize, String>) -> Tally {
    let (began, mut dice) = (Instant::now(), ChaCha8Rng::seed_from_u64(seed));
    let mut tally = Tally {
        kills: 0,
        acknowledged: 0,
        lost: None,
        took: Duration::ZERO,
    };
    while tally.kills < kills && tally.lost.is_none() {
        match cycle(Life::draw(&mut dice)) {
            Ok(acknowledged) => tally.acknowledged = acknowledged,
            Err(wrong) => tally.lost = Some(format!("after kill {}: {wrong}", tally.kills)),
        }
        tally.kills += 1;
    }
    tally.took = began.elapsed();
    tally
}
