//! What kind of animal, and of which breed. Traits belong to the individual, never to the breed.

use serde::{Deserialize, Serialize};

use crate::macros::closed_set;
use crate::text::{BreedName, Remark};

closed_set! {
    /// The species that can have playdates.
    Species {
        /// A dog.
        Dog = "dog",
        /// A cat.
        Cat = "cat",
        /// A rabbit.
        Rabbit = "rabbit",
        /// A guinea pig.
        GuineaPig = "guinea_pig",
        /// A goat.
        Goat = "goat",
        /// A pig.
        Pig = "pig",
        /// Anything else that has fur, feathers or scales.
        Other = "other",
    }
}

/// What is known of a pet's breed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "snake_case", deny_unknown_fields)]
pub enum Breed {
    /// Nobody knows.
    #[default]
    Unknown,
    /// One breed.
    Pure {
        /// Its name.
        breed: BreedName,
    },
    /// A mix, of which none, one or two breeds are known.
    Mix {
        /// The breed one sees first, if any.
        first: Option<BreedName>,
        /// A second one.
        second: Option<BreedName>,
    },
    /// In the owner's own words.
    Described {
        /// The words.
        words: Remark,
    },
}
