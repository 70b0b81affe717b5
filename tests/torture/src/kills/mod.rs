//! Processes that are killed at any moment (SIGKILL), over and over, with the same data.
//!
//! Each cycle starts the process again, looks at what it finds, lets it work and kills it. The moments come from a
//! seed; where exactly a process is then is up to the machine.

pub mod client;
pub mod server;

use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// How many kills, or for how long.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// So many.
    Kills(u32),
    /// As many as fit.
    Passed(Duration),
}

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
fn repeat(until: Until, seed: u64, mut cycle: impl FnMut(Life) -> Result<usize, String>) -> Tally {
    let (began, mut dice) = (Instant::now(), ChaCha8Rng::seed_from_u64(seed));
    let mut tally = Tally {
        kills: 0,
        acknowledged: 0,
        lost: None,
        took: Duration::ZERO,
    };
    let goes_on = |kills| match until {
        Until::Kills(most) => kills < most,
        Until::Passed(time) => began.elapsed() < time,
    };
    while goes_on(tally.kills) && tally.lost.is_none() {
        match cycle(Life::draw(&mut dice)) {
            Ok(acknowledged) => tally.acknowledged = acknowledged,
            Err(wrong) => tally.lost = Some(format!("after kill {}: {wrong}", tally.kills)),
        }
        tally.kills += 1;
    }
    tally.took = began.elapsed();
    tally
}
