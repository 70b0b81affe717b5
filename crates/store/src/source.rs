//! Where the time and new ids come from: passed in, so that tests and the simulation decide both.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use romp_domain::UtcMs;
use uuid::Uuid;

/// The wall clock, right or wrong.
pub trait Clock: Send + Sync {
    /// What it shows.
    fn now(&self) -> UtcMs;
}

/// The maker of new ids (`UUIDv7`), and the only source of randomness.
pub trait Ids: Send + Sync {
    /// A new id whose time part is `now`.
    fn make(&self, now: UtcMs) -> Uuid;

    /// A number from 0 up to, not including, 1; for spreading retries.
    fn fraction(&self) -> f64 {
        // The low 53 bits of a v7 id are random, and a double holds 53 bits exactly.
        const BITS: u32 = 53;
        let low = self.make(UtcMs(0)).as_u128() & ((1 << BITS) - 1);
        low as f64 / (1_u64 << BITS) as f64
    }
}

fn v7(now: UtcMs, random: [u8; 10]) -> Uuid {
    let ms = u64::try_from(now.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> UtcMs {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        UtcMs(since.map_or(0, |time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Ids from the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn make(&self, now: UtcMs) -> Uuid {
        let mut random = [0; 10];
        // Without randomness there is nothing to be done but stop: ids that repeat would mix up two pets.
        getrandom::fill(&mut random).unwrap_or_else(|error| panic!("no randomness: {error}"));
        v7(now, random)
    }
}

/// A clock that shows what it was told; for tests and the simulation.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Shows `now` until told otherwise.
    pub const fn at(now: UtcMs) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Shows `now` from here on, later or earlier.
    pub fn set(&self, now: UtcMs) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Goes on by `ms` milliseconds (or back, when negative).
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that follow from a seed; for tests and the simulation.
#[derive(Debug)]
pub struct SeededIds(AtomicU64);

impl SeededIds {
    /// The ids of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next 64 bits of `SplitMix64` (Steele, Lea, Flood 2014).
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Ids for SeededIds {
    fn make(&self, now: UtcMs) -> Uuid {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.next().to_be_bytes());
        random[8..].copy_from_slice(&self.next().to_be_bytes()[..2]);
        v7(now, random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_ids_every_time_and_never_one_twice() {
        let (one, two) = (SeededIds::new(7), SeededIds::new(7));
        let first = one.make(UtcMs(1));
        assert_eq!(first, two.make(UtcMs(1)));
        assert_ne!(first, one.make(UtcMs(1)));
        assert_eq!(first.get_version_num(), 7);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&one.fraction())));
    }

    #[test]
    fn random_ids_start_with_the_time() {
        let id = RandomIds.make(UtcMs(0x0102_0304_0506));
        assert_eq!(&id.as_bytes()[..6], &[1, 2, 3, 4, 5, 6]);
    }
}
