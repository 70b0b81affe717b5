//! A card of the deck: another family's pet as this family may see it, and why it is here.

use serde::{Deserialize, Serialize};

use crate::id::PetId;
use crate::macros::closed_set;
use crate::pet::PlayStyle;
use crate::public_pet::PublicPet;
use crate::time::Weekday;

closed_set! {
    /// How far away, in steps too wide to find anybody by.
    Distance {
        /// Under 2 km: the grid is not finer.
        Under2Km = "under_2_km",
        /// 2 to 5 km.
        Under5Km = "under_5_km",
        /// 5 to 10 km.
        Under10Km = "under_10_km",
        /// 10 to 25 km.
        Under25Km = "under_25_km",
        /// Further.
        Further = "further",
    }
}

impl Distance {
    /// The step for a number of kilometres.
    pub fn of_km(km: f64) -> Self {
        match km {
            km if km < 2.0 => Self::Under2Km,
            km if km < 5.0 => Self::Under5Km,
            km if km < 10.0 => Self::Under10Km,
            km if km < 25.0 => Self::Under25Km,
            _ => Self::Further,
        }
    }
}

/// One reason why two pets fit. True for both, and free of anything the other family did not publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Reason {
    /// Both play this way.
    BothPlay {
        /// The way.
        style: PlayStyle,
    },
    /// Both are free on this weekday.
    BothFree {
        /// The day.
        weekday: Weekday,
    },
    /// About the same size.
    SameSize,
    /// About as lively.
    SameEnergy,
    /// Close by.
    Nearby,
}

/// A pet shown in the deck of one of the family's pets. Written by the server only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Whose deck.
    pub for_pet: PetId,
    /// The pet on the card.
    pub pet: PublicPet,
    /// How far away.
    pub distance: Distance,
    /// Why it is here, best first; at most three.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// Position in the deck, from 0.
    pub rank: u32,
}
