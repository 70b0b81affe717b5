//! How long to wait: after a change, between exchanges, after a failure; and whether to listen to a stream of pokes or,
//! where those do not come through, to let exchanges wait. Pure.

use std::time::Duration;

use romp_domain::wire::MAX_WAIT_S;
use tokio::time::Instant;

/// A few swipes in a row go out together.
pub(crate) const AFTER_A_CHANGE: Duration = Duration::from_millis(300);

/// Between exchanges while the server pokes: only against lost pokes.
pub(crate) const POKED: Duration = Duration::from_mins(5);

/// Between exchanges where no pokes come through, and answers do not wait.
const NOT_POKED: Duration = Duration::from_secs(30);

/// Between two looks for a keyring that was not there when the app started.
pub(crate) const VAULT_AGAIN: Duration = Duration::from_secs(20);

/// The longest wait of our own choosing after a failure.
const LONGEST: Duration = Duration::from_mins(1);

/// The longest wait that anybody can ask for: a page in front of a server that is down for long may know nothing of when it
/// is back.
const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// The shortest, so that bad luck with the jitter is not a busy loop.
const SHORTEST: Duration = Duration::from_millis(100);

/// The wait after the `failures`-th failure in a row: exponential with full jitter (Brooker, "Exponential Backoff
/// And Jitter", 2015), and never shorter than the server asked for, up to an hour. `fraction` is random, from 0 to 1.
pub(crate) fn after_failure(failures: u32, fraction: f64, retry_after_s: Option<u32>) -> Duration {
    let ceiling = Duration::from_secs(1 << failures.min(6)).min(LONGEST);
    let own = ceiling.mul_f64(fraction.clamp(0.0, 1.0)).max(SHORTEST);
    let asked = Duration::from_secs(retry_after_s.unwrap_or(0).into()).min(LONGEST_ASKED);
    // A little more than asked for, spread, so that not every device comes back in the same second.
    if asked.is_zero() { own } else { asked + own }
}

/// A stream that ended sooner was cut by something in between, not by bad luck.
const BRIEF: Duration = Duration::from_secs(1);

/// Brief streams in a row after which streams do not come through here. Electric found three to be enough
/// (electric-sql/electric, issue 3364).
const MOST_BRIEF: u32 = 3;

/// After that long, a stream is tried again: the device may be in another network, or the proxy have been put right.
const AGAIN: Duration = Duration::from_mins(10);

/// Whether streams of pokes come through to this device.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// Brief ones in a row.
    brief: u32,
    /// When the next one is tried although they do not come through.
    again_at: Option<Instant>,
}

impl Streams {
    /// Whether to listen to one.
    pub(crate) fn wanted(&self, now: Instant) -> bool {
        self.again_at.is_none_or(|at| at <= now)
    }

    /// When to listen to one again; none where they come through.
    pub(crate) const fn again_at(&self) -> Option<Instant> {
        self.again_at
    }

    /// One has ended that was listened to for `lived`, or what came was none. A stream begins with a poke: one that
    /// never `spoke` was held back by something in between.
    pub(crate) fn ended(&mut self, now: Instant, lived: Duration, spoke: bool) {
        if spoke && lived >= BRIEF {
            *self = Self::default();
            return;
        }
        self.brief = self.brief.saturating_add(1);
        if self.brief >= MOST_BRIEF {
            self.again_at = Some(now + AGAIN);
        }
    }

    /// The network was away and is back: maybe it is another one. One stream is enough to find out.
    pub(crate) fn network_is_back(&mut self, now: Instant) {
        self.again_at = self.again_at.map(|_| now);
    }
}

/// The wait between two exchanges that wait for something new. None, unless a server answers at once although there is
/// nothing new: such a one does not know how to wait.
pub(crate) const fn after_a_wait(waited: Duration, news: bool) -> Duration {
    const LONG: Duration = Duration::from_secs(MAX_WAIT_S as u64 / 2);
    if news || waited.as_millis() >= LONG.as_millis() {
        Duration::ZERO
    } else {
        NOT_POKED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_brief_streams_in_a_row_are_enough_and_ten_minutes_later_one_more_is_tried() {
        let start = Instant::now();
        let mut streams = Streams::default();
        let brief = Duration::from_millis(999);
        streams.ended(start, brief, true);
        streams.ended(start, brief, true);
        streams.ended(start, BRIEF, true);
        assert!(streams.wanted(start), "not in a row");
        for _ in 0..3 {
            assert!(streams.wanted(start));
            streams.ended(start, brief, true);
        }
        let before = start + AGAIN.checked_sub(Duration::from_millis(1)).unwrap();
        assert!(!streams.wanted(start) && !streams.wanted(before));
        let again = start + AGAIN;
        assert!(streams.wanted(again));
        streams.ended(again, brief, true);
        assert!(!streams.wanted(again), "one is enough from then on");
        streams.ended(again + AGAIN, BRIEF, true);
        assert!(streams.wanted(again + AGAIN) && streams.again_at().is_none());
    }

    #[test]
    fn a_stream_that_says_nothing_is_none_however_long_it_lasts() {
        let now = Instant::now();
        let mut streams = Streams::default();
        for _ in 0..3 {
            streams.ended(now, Duration::from_mins(1), false);
        }
        assert!(!streams.wanted(now));
    }

    #[test]
    fn a_network_that_comes_back_gives_streams_another_chance() {
        let now = Instant::now();
        let mut streams = Streams::default();
        streams.network_is_back(now);
        assert_eq!(streams.again_at(), None);
        for _ in 0..3 {
            streams.ended(now, Duration::ZERO, false);
        }
        streams.network_is_back(now);
        assert!(streams.wanted(now));
        streams.ended(now, Duration::ZERO, false);
        assert!(!streams.wanted(now));
    }

    #[test]
    fn a_server_that_does_not_wait_is_not_asked_all_the_time() {
        assert_eq!(after_a_wait(Duration::from_millis(5), false), NOT_POKED);
        assert_eq!(after_a_wait(Duration::from_secs(25), false), Duration::ZERO);
        assert_eq!(after_a_wait(Duration::from_millis(5), true), Duration::ZERO);
    }

    #[test]
    fn row_34_waits_grow_are_spread_and_end_at_a_minute() {
        assert_eq!(after_failure(1, 1.0, None), Duration::from_secs(2));
        assert_eq!(after_failure(4, 0.5, None), Duration::from_secs(8));
        assert_eq!(after_failure(u32::MAX, 1.0, None), LONGEST);
        assert_eq!(after_failure(3, 0.0, None), SHORTEST);
    }

    #[test]
    fn row_34_the_server_is_obeyed_but_not_for_days() {
        for fraction in [0.0, 0.3, 1.0] {
            assert!(after_failure(1, fraction, Some(60)) >= Duration::from_mins(1));
            let long = after_failure(1, fraction, Some(604_800));
            assert!((LONGEST_ASKED..=LONGEST_ASKED + LONGEST).contains(&long));
        }
    }
}
