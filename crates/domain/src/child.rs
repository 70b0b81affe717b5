//! A child profile: a nickname, an avatar and an age band, and what its owners allow it. Nothing else can be stored
//! about a child, by type.

use serde::{Deserialize, Serialize};

use crate::macros::{bounded_number, closed_set};
use crate::text::Nickname;

closed_set! {
    /// The picture a child picks; also how children who cannot read find themselves.
    Avatar {
        /// A fox.
        Fox = "fox",
        /// A bear.
        Bear = "bear",
        /// An owl.
        Owl = "owl",
        /// A frog.
        Frog = "frog",
        /// An otter.
        Otter = "otter",
        /// A panda.
        Panda = "panda",
        /// A hedgehog.
        Hedgehog = "hedgehog",
        /// A lion.
        Lion = "lion",
    }
}

closed_set! {
    /// Roughly how old; a birth date cannot be stored.
    AgeBand {
        /// 4 to 6.
        FourToSix = "4-6",
        /// 7 to 9.
        SevenToNine = "7-9",
        /// 10 to 12.
        TenToTwelve = "10-12",
    }
}

bounded_number! {
    /// How many cards a child may decide on in a day.
    DailyCards(u16) in 1 ..= 500
}

/// A child of the household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Child {
    /// What the child is called in the app.
    pub nickname: Nickname,
    /// The picture.
    pub avatar: Avatar,
    /// Roughly how old.
    pub age_band: AgeBand,
    /// How many cards it may decide on in a day; none: as many as there are.
    #[serde(default)]
    pub daily_cards: Option<DailyCards>,
    /// Whether choosing rests until the next day once a deck is finished.
    #[serde(default)]
    pub pause_when_done: bool,
}

impl Child {
    /// A profile without limits.
    pub const fn new(nickname: Nickname, avatar: Avatar, age_band: AgeBand) -> Self {
        Self {
            nickname,
            avatar,
            age_band,
            daily_cards: None,
            pause_when_done: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_nickname_avatar_age_band_and_limits_can_be_stored() {
        let good = serde_json::json!({"nickname": "Mia", "avatar": "fox", "age_band": "7-9"});
        assert!(serde_json::from_value::<Child>(good.clone()).is_ok());
        for extra in ["email", "surname", "birth_date", "photo", "address", "notes"] {
            let mut bad = good.clone();
            bad[extra] = "x".into();
            assert!(
                serde_json::from_value::<Child>(bad).is_err(),
                "{extra} was accepted"
            );
        }
    }
}
