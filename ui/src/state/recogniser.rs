//! The swipe recogniser: pointer events in, steps out. Pure; it knows no element and no clock of its own.
//!
//! Rules (see "The deck, as a child's hand needs it" in the product page): a card goes at 35 % of its width, or at
//! 15 % when the hand moves at 700 px/s or more; a fling never bypasses the minimum travel; anything else springs
//! back. Only the first pointer counts. A cancelled pointer is a release without a verdict. After a verdict the deck
//! is locked for half a second against repeated touches.
//!
//! Left is no, right is yes, down is later; up is nothing. Deliberately absent: any way to change these by settings.

use romp_domain::Verdict;

/// Share of the width at which a card goes, however slowly.
const COMMIT_SHARE: f64 = 0.35;
/// Share of the width below which no speed helps.
const FLING_SHARE: f64 = 0.15;
/// Speed of a fling, in pixels a second.
const FLING_PX_PER_S: f64 = 700.0;
/// How long after a verdict nothing is accepted.
const LOCK_MS: f64 = 500.0;
/// Speed is measured over this last stretch of the movement: a hand that stopped before it lifted did not fling.
const SPEED_WINDOW_MS: f64 = 100.0;

/// Where a pointer is, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// Pixels from the left.
    pub(crate) x: f64,
    /// Pixels from the top.
    pub(crate) y: f64,
    /// Milliseconds; only differences matter.
    pub(crate) at_ms: f64,
}

/// What the deck does next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// Nothing.
    Ignore,
    /// The card follows the hand; `toward` is the verdict it leans to, `lean` how close it is to going (0 to 1).
    Follow {
        /// Pixels to the right.
        dx: f64,
        /// Pixels down.
        dy: f64,
        /// The verdict in that direction.
        toward: Option<Verdict>,
        /// 1 where letting go gives the verdict.
        lean: f64,
    },
    /// The card returns to its place.
    SpringBack,
    /// The card goes.
    Commit(Verdict),
}

#[derive(Debug, Clone)]
struct Track {
    card: String,
    pointer: i32,
    width: f64,
    start: Sample,
    recent: Vec<Sample>,
}

/// The state between two events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recogniser {
    track: Option<Track>,
    locked_until_ms: Option<f64>,
}

impl Recogniser {
    /// A pointer touches a card of this key and width. Says whether it is the one that counts.
    pub(crate) fn down(&mut self, card: &str, pointer: i32, width: f64, sample: Sample) -> bool {
        if self.track.is_some() || self.is_locked(sample.at_ms) || width <= 0.0 {
            return false;
        }
        self.track = Some(Track {
            card: card.to_owned(),
            pointer,
            width,
            start: sample,
            recent: vec![sample],
        });
        true
    }

    /// A pointer moves.
    pub(crate) fn moved(&mut self, pointer: i32, sample: Sample) -> Step {
        let Some(track) = self.track.as_mut().filter(|track| track.pointer == pointer) else {
            return Step::Ignore;
        };
        track.push(sample);
        let (dx, dy) = track.travel(sample);
        let (toward, distance) = direction(dx, dy);
        let lean = (distance / (track.width * COMMIT_SHARE)).clamp(0.0, 1.0);
        Step::Follow { dx, dy, toward, lean }
    }

    /// A pointer is lifted.
    pub(crate) fn up(&mut self, pointer: i32, sample: Sample) -> Step {
        let Some(mut track) = self.take(pointer) else {
            return Step::Ignore;
        };
        track.push(sample);
        match track.verdict(sample) {
            Some(verdict) => {
                self.lock(sample.at_ms);
                Step::Commit(verdict)
            }
            None => Step::SpringBack,
        }
    }

    /// The system took the pointer away (a call, a palm, a scroll).
    pub(crate) fn cancelled(&mut self, pointer: i32) -> Step {
        self.take(pointer).map_or(Step::Ignore, |_| Step::SpringBack)
    }

    /// A button or a key: accepted unless the deck is locked or a card is in the hand.
    pub(crate) fn pressed(&mut self, now_ms: f64) -> bool {
        if self.track.is_some() || self.is_locked(now_ms) {
            return false;
        }
        self.lock(now_ms);
        true
    }

    /// Whether another card than this is in the hand.
    pub(crate) fn holds_another(&self, card: &str) -> bool {
        self.track.as_ref().is_some_and(|track| track.card != card)
    }

    /// Nothing is in the hand any more.
    pub(crate) fn let_go(&mut self) {
        self.track = None;
    }

    fn take(&mut self, pointer: i32) -> Option<Track> {
        self.track.take_if(|track| track.pointer == pointer)
    }

    fn lock(&mut self, now_ms: f64) {
        self.locked_until_ms = Some(now_ms + LOCK_MS);
    }

    /// A clock that was set back must not lock the deck for longer than one lock lasts.
    fn is_locked(&self, now_ms: f64) -> bool {
        self.locked_until_ms
            .is_some_and(|until| now_ms < until && until - now_ms <= LOCK_MS)
    }
}

impl Track {
    fn push(&mut self, sample: Sample) {
        self.recent.push(sample);
        self.recent
            .retain(|old| sample.at_ms - old.at_ms <= SPEED_WINDOW_MS);
    }

    fn travel(&self, sample: Sample) -> (f64, f64) {
        (sample.x - self.start.x, sample.y - self.start.y)
    }

    fn verdict(&self, sample: Sample) -> Option<Verdict> {
        let (dx, dy) = self.travel(sample);
        let (toward, distance) = direction(dx, dy);
        let share = distance / self.width;
        let flung = share >= FLING_SHARE && self.speed(toward?, sample) >= FLING_PX_PER_S;
        toward.filter(|_| share >= COMMIT_SHARE || flung)
    }

    /// Pixels a second in the direction of a verdict; negative when the hand is on its way back.
    fn speed(&self, toward: Verdict, sample: Sample) -> f64 {
        let Some(first) = self.recent.first().filter(|first| first.at_ms < sample.at_ms) else {
            return 0.0;
        };
        let moved = match toward {
            Verdict::Yes => sample.x - first.x,
            Verdict::No => first.x - sample.x,
            Verdict::Later => sample.y - first.y,
        };
        moved * 1000.0 / (sample.at_ms - first.at_ms)
    }
}

/// The verdict a movement points to, and how far it has gone that way. The larger of the two axes decides.
fn direction(dx: f64, dy: f64) -> (Option<Verdict>, f64) {
    if dx.abs() >= dy.abs() {
        let verdict = if dx > 0.0 { Verdict::Yes } else { Verdict::No };
        (Some(verdict).filter(|_| dx != 0.0), dx.abs())
    } else if dy > 0.0 {
        (Some(Verdict::Later), dy)
    } else {
        (None, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: f64 = 400.0;

    fn at(x: f64, y: f64, at_ms: f64) -> Sample {
        Sample { x, y, at_ms }
    }

    /// A straight pull in ten steps, lifted at its end.
    fn pull(dx: f64, dy: f64, duration_ms: f64) -> Step {
        let mut deck = Recogniser::default();
        assert!(deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0)));
        for step in 1..=10 {
            let part = f64::from(step) / 10.0;
            deck.moved(1, at(dx * part, dy * part, duration_ms * part));
        }
        deck.up(1, at(dx, dy, duration_ms))
    }

    #[test]
    fn a_slow_pull_goes_at_35_percent_of_the_width_and_not_before() {
        assert_eq!(pull(140.0, 0.0, 2000.0), Step::Commit(Verdict::Yes));
        assert_eq!(pull(-140.0, 0.0, 2000.0), Step::Commit(Verdict::No));
        assert_eq!(pull(0.0, 140.0, 2000.0), Step::Commit(Verdict::Later));
        assert_eq!(pull(139.0, 0.0, 2000.0), Step::SpringBack);
        assert_eq!(pull(-139.0, 0.0, 2000.0), Step::SpringBack);
        assert_eq!(pull(0.0, 139.0, 2000.0), Step::SpringBack);
    }

    #[test]
    fn a_fling_goes_at_15_percent_and_700_pixels_a_second() {
        assert_eq!(pull(60.0, 0.0, 85.0), Step::Commit(Verdict::Yes));
        assert_eq!(pull(60.0, 0.0, 90.0), Step::SpringBack, "667 px/s is not a fling");
        assert_eq!(
            pull(59.0, 0.0, 5.0),
            Step::SpringBack,
            "no speed bypasses the minimum travel"
        );
    }

    #[test]
    fn a_hand_that_stops_before_it_lifts_did_not_fling() {
        let mut deck = Recogniser::default();
        deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0));
        deck.moved(1, at(100.0, 0.0, 50.0));
        assert_eq!(deck.up(1, at(100.0, 0.0, 400.0)), Step::SpringBack);
    }

    #[test]
    fn a_hand_on_its_way_back_did_not_fling() {
        let mut deck = Recogniser::default();
        deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0));
        deck.moved(1, at(130.0, 0.0, 500.0));
        assert_eq!(deck.up(1, at(65.0, 0.0, 540.0)), Step::SpringBack);
    }

    #[test]
    fn up_is_nothing_and_the_larger_axis_decides() {
        assert_eq!(pull(0.0, -300.0, 200.0), Step::SpringBack);
        assert_eq!(pull(150.0, 149.0, 1000.0), Step::Commit(Verdict::Yes));
        assert_eq!(pull(149.0, 150.0, 1000.0), Step::Commit(Verdict::Later));
    }

    #[test]
    fn only_the_first_pointer_counts() {
        let mut deck = Recogniser::default();
        assert!(deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0)));
        assert!(
            !deck.down("card", 2, WIDTH, at(10.0, 0.0, 5.0)),
            "a second finger"
        );
        assert_eq!(deck.moved(2, at(300.0, 0.0, 10.0)), Step::Ignore);
        assert_eq!(deck.up(2, at(300.0, 0.0, 20.0)), Step::Ignore);
        assert_eq!(deck.up(1, at(200.0, 0.0, 500.0)), Step::Commit(Verdict::Yes));
    }

    #[test]
    fn a_cancelled_pointer_gives_no_verdict_however_far_it_went() {
        let mut deck = Recogniser::default();
        deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0));
        deck.moved(1, at(390.0, 0.0, 100.0));
        assert_eq!(deck.cancelled(1), Step::SpringBack);
        assert_eq!(deck.up(1, at(390.0, 0.0, 110.0)), Step::Ignore);
        assert!(
            deck.down("card", 1, WIDTH, at(0.0, 0.0, 120.0)),
            "and it locks nothing"
        );
    }

    #[test]
    fn after_a_verdict_the_deck_rests_for_half_a_second() {
        let mut deck = Recogniser::default();
        assert!(deck.pressed(1000.0));
        assert!(!deck.pressed(1499.0), "a double tap is one verdict");
        assert!(!deck.down("card", 1, WIDTH, at(0.0, 0.0, 1499.0)));
        assert!(deck.pressed(1500.0));
    }

    #[test]
    fn a_button_does_nothing_while_a_card_is_in_the_hand() {
        let mut deck = Recogniser::default();
        deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0));
        assert!(!deck.pressed(10.0));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_lock_the_deck_for_good() {
        let mut deck = Recogniser::default();
        assert!(deck.pressed(10_000_000.0));
        assert!(deck.pressed(5_000.0));
    }

    #[test]
    fn the_card_leans_the_more_the_nearer_it_is_to_going() {
        let mut deck = Recogniser::default();
        deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0));
        let step = deck.moved(1, at(-70.0, 10.0, 50.0));
        assert_eq!(
            step,
            Step::Follow {
                dx: -70.0,
                dy: 10.0,
                toward: Some(Verdict::No),
                lean: 0.5
            }
        );
    }

    #[test]
    fn a_card_that_another_came_to_lie_on_is_let_go_and_the_next_touch_counts() {
        let mut deck = Recogniser::default();
        assert!(deck.down("card", 1, WIDTH, at(0.0, 0.0, 0.0)));
        assert!(!deck.holds_another("card"));
        assert!(deck.holds_another("newer"));
        deck.let_go();
        assert_eq!(deck.up(1, at(WIDTH, 0.0, 100.0)), Step::Ignore);
        assert!(deck.down("newer", 2, WIDTH, at(0.0, 0.0, 200.0)));
        assert_eq!(deck.up(2, at(WIDTH, 0.0, 300.0)), Step::Commit(Verdict::Yes));
    }
}
