//! What follows from a child's own day: enough cards, a finished deck, choices faster than a child can make them.
//!
//! The server makes a switch of it; a device that is offline keeps to the same rule by itself.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::force::{Until, refusal};
use crate::child::Child;
use crate::error::Problem;
use crate::id::SwitchId;
use crate::text::Remark;
use crate::time::{DAY_MS, MINUTE_MS, UtcMs};
use crate::zone::ZoneName;

/// More choices within a minute than a child can make, with room to spare: one after the other without looking takes
/// about a second each.
pub const TOO_MANY_A_MINUTE: u64 = 90;

/// How long choosing rests after that, in milliseconds.
pub const TOO_FAST_MS: i64 = 15 * MINUTE_MS;

/// Why Romp switches something off by itself. A part of the switch's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A child has had its cards of the day.
    Enough = 1,
    /// A child has finished a deck, and is to rest then.
    DeckDone = 2,
    /// A session chooses faster than anybody can look.
    TooFast = 3,
}

impl Cause {
    /// The one switch that is made for it, of a child or a session.
    pub fn switch(self, subject: Uuid) -> SwitchId {
        SwitchId::by_romp(subject, self as u128)
    }
}

fn sentence(text: &str) -> Remark {
    Remark::new(text).unwrap_or_else(|_| unreachable!("short and not empty"))
}

/// What a child reads that has had its cards of the day.
pub fn enough_comment() -> Remark {
    sentence("That was your last card for today. New ones tomorrow!")
}

/// What a child reads that has finished a deck, where its owners want it to rest then.
pub fn deck_done_comment() -> Remark {
    sentence("You have seen them all! Come back tomorrow.")
}

/// What is read where choices came faster than anybody can look.
pub fn too_fast_comment() -> Remark {
    sentence("That was very fast. Take a little break!")
}

/// The family's date at an instant.
pub fn local_day(zone: &ZoneName, at: UtcMs) -> Date {
    Timestamp::from_millisecond(at.0)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(zone.rules())
        .date()
}

/// When the family's day began.
pub fn day_begins(zone: &ZoneName, at: UtcMs) -> UtcMs {
    let midnight = local_day(zone, at).to_zoned(zone.rules());
    midnight.map_or(at, |midnight| UtcMs(midnight.timestamp().as_millisecond()))
}

/// The next midnight of the family's clock.
pub fn day_ends(zone: &ZoneName, at: UtcMs) -> UtcMs {
    let midnight = local_day(zone, at)
        .tomorrow()
        .and_then(|day| day.to_zoned(zone.rules()));
    midnight.map_or(at.plus_ms(DAY_MS), |midnight| {
        UtcMs(midnight.timestamp().as_millisecond())
    })
}

/// The refusal of another card, for a child that has decided on `today` of them.
pub fn enough_for_today(child: &Child, today: u64, zone: &ZoneName, at: UtcMs) -> Option<Problem> {
    let most = child.daily_cards?;
    (today >= u64::from(most.get()))
        .then(|| refusal(enough_comment().as_str(), Until::At(day_ends(zone, at)), at))
}

/// The refusal of another card, for a child that has finished a deck today.
pub fn deck_done(child: &Child, zone: &ZoneName, at: UtcMs) -> Option<Problem> {
    child
        .pause_when_done
        .then(|| refusal(deck_done_comment().as_str(), Until::At(day_ends(zone, at)), at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::{AgeBand, Avatar, DailyCards};
    use crate::error::ErrorCode;
    use crate::text::Nickname;

    #[test]
    fn a_day_ends_at_the_familys_midnight_however_long_it_is() {
        let zone = ZoneName::new("Europe/Berlin").unwrap();
        let at = |text: &str| UtcMs(text.parse::<Timestamp>().unwrap().as_millisecond());
        for (now, end) in [
            ("2026-07-01T21:59:59Z", "2026-07-01T22:00:00Z"),
            ("2026-07-01T22:00:00Z", "2026-07-02T22:00:00Z"),
            ("2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z"),
            ("2026-10-25T00:30:00Z", "2026-10-25T23:00:00Z"),
        ] {
            assert_eq!(day_ends(&zone, at(now)), at(end), "{now}");
        }
    }

    #[test]
    fn a_child_may_have_as_many_cards_as_its_owners_say_and_all_where_they_say_nothing() {
        let mut child = Child::new(Nickname::new("Mia").unwrap(), Avatar::Fox, AgeBand::SevenToNine);
        let zone = ZoneName::utc();
        assert_eq!(enough_for_today(&child, 10_000, &zone, UtcMs(0)), None);
        child.daily_cards = Some(DailyCards::new(10).unwrap());
        assert_eq!(enough_for_today(&child, 9, &zone, UtcMs(0)), None);
        let refusal = enough_for_today(&child, 10, &zone, UtcMs(0)).unwrap();
        assert_eq!(
            (refusal.code, refusal.retry_after_s),
            (ErrorCode::SwitchedOff, Some(86_400))
        );
    }
}
