//! How often an endpoint may be called: per session, per household, per address it comes from.
//!
//! These limits keep one caller from taking what belongs to all. Guesses at secrets are counted apart from them, and
//! more strictly.

use crate::macros::closed_set;

/// So many an hour, and so many at once after a quiet time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests per hour in the long run.
    pub per_hour: u32,
    /// Requests at once.
    pub burst: u32,
}

impl Limit {
    /// So many times as much.
    #[must_use]
    pub const fn times(self, many: u32) -> Self {
        hourly(
            self.per_hour.saturating_mul(many),
            self.burst.saturating_mul(many),
        )
    }
}

/// So many a minute.
const fn limit(per_minute: u32, burst: u32) -> Limit {
    hourly(per_minute * 60, burst)
}

const fn hourly(per_hour: u32, burst: u32) -> Limit {
    Limit { per_hour, burst }
}

closed_set! {
    /// What shares its limits: endpoints, and a part of one.
    RateClass {
        /// Signs of life, for operators.
        Health = "health",
        /// Whatever a stranger can try: passwords and codes.
        Guess = "guess",
        /// Management of the account.
        Account = "account",
        /// Push and pull.
        Exchange = "exchange",
        /// Streams, which stay open.
        Stream = "stream",
        /// Comparing all rows of a device with the server's: a part of an exchange, which goes on without it.
        Compare = "compare",
    }
}

impl RateClass {
    /// For one session.
    pub const fn per_session(self) -> Option<Limit> {
        match self {
            Self::Health | Self::Guess => None,
            Self::Account => Some(limit(30, 30)),
            // A device that was away for weeks sends all it has, a batch after the other.
            Self::Exchange => Some(limit(900, 600)),
            Self::Stream => Some(limit(12, 12)),
            // A device asks once a day; a look at all rows of a family each time.
            Self::Compare => Some(hourly(4, 4)),
        }
    }

    /// For all sessions of a household.
    pub const fn per_household(self) -> Option<Limit> {
        match self {
            Self::Health | Self::Guess => None,
            Self::Account | Self::Stream => Some(limit(60, 60)),
            Self::Exchange => Some(limit(3_600, 2_400)),
            Self::Compare => Some(hourly(40, 40)),
        }
    }

    /// For everybody at one address: many families may share one, behind a school's or a provider's network.
    pub const fn per_address(self) -> Limit {
        match self {
            Self::Health => limit(600, 60),
            Self::Guess => limit(120, 60),
            Self::Account => limit(600, 300),
            // The comparison of rows is a part of it, and asked of sessions only.
            Self::Exchange | Self::Compare => limit(60_000, 6_000),
            Self::Stream => limit(1_200, 600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_circle_is_never_narrower() {
        for class in RateClass::ALL {
            let limits = [
                class.per_session(),
                class.per_household(),
                Some(class.per_address()),
            ];
            let limits: Vec<_> = limits.into_iter().flatten().collect();
            assert!(limits.is_sorted_by_key(|limit| limit.per_hour), "{class:?}");
        }
    }
}
