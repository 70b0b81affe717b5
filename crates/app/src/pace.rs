//! How long to wait: after a change, between exchanges, after a failure. Pure.

use std::time::Duration;

/// A few swipes in a row go out together.
pub(crate) const AFTER_A_CHANGE: Duration = Duration::from_millis(300);

/// Between exchanges while the server pokes: only against lost pokes.
const POKED: Duration = Duration::from_mins(5);

/// Between exchanges where no pokes come through.
const NOT_POKED: Duration = Duration::from_secs(30);

/// The longest wait of our own choosing after a failure.
const LONGEST: Duration = Duration::from_mins(1);

/// The shortest, so that bad luck with the jitter is not a busy loop.
const SHORTEST: Duration = Duration::from_millis(100);

/// The wait between two exchanges when nothing happens.
pub(crate) const fn idle(poked: bool) -> Duration {
    if poked { POKED } else { NOT_POKED }
}

/// The wait after the `failures`-th failure in a row: exponential with full jitter (Brooker, "Exponential Backoff
/// And Jitter", 2015), and never shorter than the server asked for. `fraction` is random, from 0 to 1.
pub(crate) fn after_failure(failures: u32, fraction: f64, retry_after_s: Option<u32>) -> Duration {
    let ceiling = Duration::from_secs(1 << failures.min(6)).min(LONGEST);
    let own = ceiling.mul_f64(fraction.clamp(0.0, 1.0)).max(SHORTEST);
    let asked = Duration::from_secs(retry_after_s.unwrap_or(0).into());
    // A little more than asked for, spread, so that not every device comes back in the same second.
    if asked.is_zero() { own } else { asked + own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_spread_and_end_at_a_minute() {
        assert_eq!(after_failure(1, 1.0, None), Duration::from_secs(2));
        assert_eq!(after_failure(4, 0.5, None), Duration::from_secs(8));
        assert_eq!(after_failure(u32::MAX, 1.0, None), LONGEST);
        assert_eq!(after_failure(3, 0.0, None), SHORTEST);
    }

    #[test]
    fn the_server_is_obeyed() {
        for fraction in [0.0, 0.3, 1.0] {
            assert!(after_failure(1, fraction, Some(60)) >= Duration::from_mins(1));
        }
    }
}
