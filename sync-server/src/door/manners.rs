//! Whether who asks keeps to the time that it was told. Pure.
//!
//! Terms: a refusal **tells** after which time to come back. A question that comes before that comes **early**, and
//! waits at the door before anybody looks at it: then it is let in if there is room, and refused if not. Each time it
//! waits longer. Whoever keeps to the time never meets this; whoever asks on at once would have most of the server's
//! work done for being refused.
//!
//! Times are since the line's beginning.

use std::time::Duration;

/// What there is between the first wait and the longest: it doubles each time, so three refusals.
const FIRST_OF_LONGEST: u32 = 6;

/// What a line was told, and what it made of that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Manners {
    /// It was told not to ask before.
    back_at: Duration,
    /// What comes early waits until then.
    look_at: Duration,
    /// How long that is, from the refusal on.
    wait: Duration,
}

/// A question that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Came {
    is_early: bool,
    /// Nobody is to look at it before.
    pub(super) look_at: Option<Duration>,
}

impl Manners {
    /// A question comes now.
    pub(super) fn comes(self, now: Duration) -> Came {
        let is_early = now < self.back_at;
        Came {
            is_early,
            look_at: (is_early && now < self.look_at).then_some(self.look_at),
        }
    }

    /// It is refused now, and told to come back after some time. Nobody waits for longer than `longest`, nor than that.
    pub(super) fn told(&mut self, came: Came, now: Duration, after: Duration, longest: Duration) {
        let wait = if came.is_early {
            (2 * self.wait).min(longest)
        } else {
            longest / FIRST_OF_LONGEST
        };
        self.wait = wait.min(after);
        self.look_at = now + self.wait;
        self.back_at = now + after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_millis(1_500);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn row_33_who_keeps_to_the_time_waits_for_nothing_however_often_it_is_refused() {
        let mut manners = Manners::default();
        let mut now = ms(0);
        for _ in 0..10 {
            let came = manners.comes(now);
            assert_eq!(came.look_at, None);
            manners.told(came, now, ms(2_000), LONGEST);
            now += ms(2_000);
        }
    }

    #[test]
    fn row_33_who_asks_on_waits_longer_each_time_and_less_than_it_was_told() {
        let mut manners = Manners::default();
        let mut now = ms(0);
        let mut waits = Vec::new();
        for _ in 0..6 {
            let came = manners.comes(now);
            let look_at = came.look_at.unwrap_or(now);
            waits.push(look_at.saturating_sub(now).as_millis());
            now = look_at;
            manners.told(came, now, ms(2_000), LONGEST);
        }
        assert_eq!(waits, [0, 250, 500, 1_000, 1_500, 1_500]);
    }

    #[test]
    fn row_33_who_was_told_a_short_time_waits_no_longer_than_that() {
        let mut manners = Manners::default();
        let mut now = ms(0);
        for _ in 0..9 {
            let came = manners.comes(now);
            manners.told(came, now, ms(400), LONGEST);
            assert!(manners.comes(now).look_at <= Some(now + ms(400)));
            now = manners.look_at;
        }
        assert_eq!(manners.comes(now + ms(400)).look_at, None);
    }

    #[test]
    fn row_33_what_comes_early_but_after_the_wait_is_looked_at_at_once_and_then_waits_longer() {
        let mut manners = Manners::default();
        manners.told(manners.comes(ms(0)), ms(0), ms(2_000), LONGEST);
        let came = manners.comes(ms(1_900));
        assert_eq!(came.look_at, None);
        manners.told(came, ms(1_900), ms(2_000), LONGEST);
        assert_eq!(manners.comes(ms(1_900)).look_at, Some(ms(2_400)));
    }

    #[test]
    fn row_33_good_manners_are_believed_again_at_once() {
        let mut manners = Manners::default();
        for now in [0, 1, 2, 3] {
            manners.told(manners.comes(ms(now)), ms(now), ms(2_000), LONGEST);
        }
        let came = manners.comes(ms(5_000));
        manners.told(came, ms(5_000), ms(2_000), LONGEST);
        assert_eq!(manners.comes(ms(5_000)).look_at, Some(ms(5_250)));
    }
}
