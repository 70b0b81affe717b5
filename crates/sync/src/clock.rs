//! The hybrid logical clock of a device, and how the server puts a wrong one right.
//!
//! Source: Kulkarni et al., "Logical Physical Clocks" (2014). A clock that is wrong is corrected and clamped, never
//! refused: a tablet that thinks it is 1970 must still be able to sync.

use romp_domain::row::Hlc;

/// How far a stamp may lie ahead of the server's time, in milliseconds.
pub const MAX_AHEAD_MS: i64 = 60_000;

/// Stamps before this (a day of the year 1970) say that a row was told again, after a server had lost it: not a choice
/// that somebody makes, but what was known of one.
pub const TOLD_AGAIN_BEFORE: Hlc = Hlc::at_ms(86_400_000);

/// A device's clock: what it last issued, and how far its wall clock is off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockState {
    /// The highest value issued or seen.
    pub last: Hlc,
    /// Server time minus wall time, in milliseconds, as last measured.
    pub offset_ms: i64,
}

impl ClockState {
    /// Issues the next value. `wall_ms` is what the device's clock shows. Strictly rises, whatever the wall does.
    pub fn tick(&mut self, wall_ms: i64) -> Hlc {
        self.last = self
            .last
            .next()
            .max(Hlc::at_ms(wall_ms.saturating_add(self.offset_ms)));
        self.last
    }

    /// Learns from a reply: later edits here are later than everything in it, and the offset is measured anew.
    pub fn observe(&mut self, server: Hlc, wall_ms: i64) {
        self.offset_ms = server.ms().saturating_sub(wall_ms);
        self.last = self.last.max(server);
    }
}

/// The stamp under which the server stores a mutation that the device stamped `stamped`.
///
/// `sent` is the device's clock at sending; its distance from `now_ms`, the server's time, is how wrong the device
/// is, and all its stamps are moved by that. The result is at most [`MAX_AHEAD_MS`] ahead of the server's time, and
/// later than `previous`, the device's last stored stamp, unless that is further ahead itself: then the server's own clock
/// was, and what came of it ends with it. What is told again ([`TOLD_AGAIN_BEFORE`]) stays as old as it is.
pub fn correct(stamped: Hlc, sent: Hlc, now_ms: i64, previous: Hlc) -> Hlc {
    // However wrong the clock is by now, or long the way was. A clock that shows 1970 itself stamps edits like that, too.
    if stamped < TOLD_AGAIN_BEFORE && sent >= TOLD_AGAIN_BEFORE {
        return stamped;
    }
    let shift_ms = now_ms.saturating_sub(sent.ms());
    let moved = if shift_ms.abs() <= MAX_AHEAD_MS {
        stamped
    } else {
        shifted(stamped, shift_ms)
    };
    if stamped < TOLD_AGAIN_BEFORE && moved < TOLD_AGAIN_BEFORE {
        return moved;
    }
    // A choice is never moved so far back that it would be taken for told again.
    let moved = moved.max(TOLD_AGAIN_BEFORE);
    let limit = Hlc::at_ms(now_ms.saturating_add(MAX_AHEAD_MS));
    // Whoever has seen a stamp of the very limit counts on from it, and is still later.
    let clamped = if moved.ms() > limit.ms() { limit } else { moved };
    clamped.max(previous.min(furthest(now_ms)).next())
}

/// What no stamp is beyond at a time of the server's, though many came at once at its limit; unless the server's clock was
/// ahead when it was given.
pub fn furthest(now_ms: i64) -> Hlc {
    Hlc::at_ms(now_ms.saturating_add(2 * MAX_AHEAD_MS))
}

fn shifted(stamp: Hlc, shift_ms: i64) -> Hlc {
    let counter = stamp.0 & 0xFFFF;
    Hlc(Hlc::at_ms(stamp.ms().saturating_add(shift_ms)).0 | counter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_790_000_000_000;
    const DAY: i64 = 86_400_000;

    #[test]
    fn row_50_three_days_ahead_or_behind_is_put_right() {
        for wrong in [3 * DAY, -3 * DAY] {
            let edited = Hlc::at_ms(NOW + wrong - 5_000);
            let sent = Hlc::at_ms(NOW + wrong);
            assert_eq!(correct(edited, sent, NOW, Hlc(0)).ms(), NOW - 5_000);
        }
    }

    #[test]
    fn row_50_what_a_server_s_own_clock_was_ahead_ends_with_it() {
        let ahead = Hlc::at_ms(NOW + DAY);
        let stored = correct(Hlc::at_ms(NOW), Hlc::at_ms(NOW), NOW, ahead);
        assert!(stored <= furthest(NOW).next(), "{stored:?}");
    }

    #[test]
    fn row_50_whoever_has_seen_what_stands_at_the_limit_is_later() {
        let limit = Hlc::at_ms(NOW + MAX_AHEAD_MS);
        let (first, second) = (Hlc(limit.0 + 44), Hlc(limit.0 + 45));
        for stamp in [first, second] {
            assert_eq!(correct(stamp, Hlc::at_ms(NOW), NOW, Hlc(0)), stamp);
        }
        let further = Hlc(Hlc::at_ms(NOW + MAX_AHEAD_MS + 1).0 + 45);
        assert_eq!(correct(further, Hlc::at_ms(NOW), NOW, Hlc(0)), limit);
    }

    #[test]
    fn row_50_no_choice_is_moved_to_where_only_what_is_told_again_stands() {
        let far = Hlc::at_ms(NOW + 57 * 365 * DAY);
        assert!(correct(Hlc::at_ms(NOW - 5_000), far, NOW, Hlc(0)) >= TOLD_AGAIN_BEFORE);
    }

    #[test]
    fn a_small_error_is_left_alone() {
        let edited = Hlc::at_ms(NOW - 1_000);
        assert_eq!(correct(edited, Hlc::at_ms(NOW + 30_000), NOW, Hlc(0)), edited);
    }

    #[test]
    fn what_is_told_again_stays_as_old_as_it_is_and_edits_of_1970_are_put_right() {
        let told = Hlc(4_711);
        for wrong in [-400 * DAY, -2 * DAY, 2 * DAY] {
            assert_eq!(correct(told, Hlc::at_ms(NOW + wrong), NOW, Hlc::at_ms(NOW)), told);
        }
        let edited = correct(Hlc::at_ms(5_000), Hlc::at_ms(6_000), NOW, Hlc(0));
        assert_eq!(edited.ms(), NOW - 1_000);
    }

    #[test]
    fn after_an_observation_the_device_is_later_than_what_it_saw() {
        let mut clock = ClockState::default();
        clock.tick(5);
        clock.observe(Hlc::at_ms(NOW), 5);
        assert!(clock.tick(6) > Hlc::at_ms(NOW));
        assert_eq!(clock.offset_ms, NOW - 5);
        let seen = Hlc(Hlc::at_ms(NOW + 9).0 + 7);
        clock.observe(seen, 14);
        assert!(clock.tick(14) > seen, "within the same millisecond, too");
    }

    proptest! {
        #[test]
        fn row_50_stored_stamps_rise_and_never_run_ahead(stamps in proptest::collection::vec(any::<u64>(), 1..20), sent in any::<u64>()) {
            let mut previous = Hlc(0);
            for stamp in stamps {
                let stored = correct(Hlc(stamp), Hlc(sent), NOW, previous);
                prop_assert!(stored > previous || stored < TOLD_AGAIN_BEFORE);
                // The counter may carry a few steps past the limit when a device sends many at it.
                prop_assert!(stored.ms() <= NOW + MAX_AHEAD_MS + 1);
                previous = previous.max(stored);
            }
        }

        #[test]
        fn the_order_of_a_devices_edits_survives_correction(a in 0i64..DAY, b in 0i64..DAY, skew in -400 * DAY..400 * DAY) {
            prop_assume!(a < b);
            let sent = Hlc::at_ms(NOW + skew);
            let first = correct(Hlc::at_ms(NOW + skew - DAY + a), sent, NOW, Hlc(0));
            let second = correct(Hlc::at_ms(NOW + skew - DAY + b), sent, NOW, first);
            prop_assert!(first < second);
        }
    }
}
