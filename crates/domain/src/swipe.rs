//! One pet's verdict on another, and the owner's release of it.

use serde::{Deserialize, Serialize};

use crate::error::{Invalid, Reason};
use crate::id::{ChildId, PetId};
use crate::macros::closed_set;

closed_set! {
    /// What was chosen on a card.
    Verdict {
        /// Would like to meet.
        Yes = "yes",
        /// Would not.
        No = "no",
        /// No verdict yet; the card comes back.
        Later = "later",
    }
}

/// The verdict of `actor_pet` on `target_pet`. There is one per ordered pair; see [`crate::SwipeId::of`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swipe {
    /// The family's own pet.
    pub actor_pet: PetId,
    /// The pet on the card.
    pub target_pet: PetId,
    /// The verdict; `None` once undone.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// The child who swiped; `None` when an owner did. Never leaves the household.
    #[serde(default)]
    pub by_child: Option<ChildId>,
    /// The verdict that an owner let go out. A release holds for the verdict it names only: when the child
    /// changes the verdict afterwards, nothing is released any more.
    #[serde(default)]
    pub released: Option<Verdict>,
}

impl Swipe {
    /// Whether this is a yes that may leave the household.
    pub fn is_released_yes(&self) -> bool {
        self.verdict == Some(Verdict::Yes) && self.released == Some(Verdict::Yes)
    }

    /// Whether it waits for an owner: a yes about which no owner has said anything.
    pub fn is_held(&self) -> bool {
        self.verdict == Some(Verdict::Yes) && self.released.is_none()
    }

    /// The rules that no single field can break.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.actor_pet == self.target_pet {
            return Err(Invalid::new("target_pet", Reason::OwnPet));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_release_does_not_cover_what_the_child_chooses_afterwards() {
        let mut swipe = Swipe {
            actor_pet: PetId(Uuid::from_u128(1)),
            target_pet: PetId(Uuid::from_u128(2)),
            verdict: Some(Verdict::No),
            by_child: None,
            released: Some(Verdict::No),
        };
        assert!(!swipe.is_released_yes());
        swipe.verdict = Some(Verdict::Yes);
        assert!(
            !swipe.is_released_yes(),
            "releasing a no must not let a later yes out"
        );
        swipe.released = None;
        assert!(!swipe.is_released_yes(), "nobody has released it");
        swipe.released = Some(Verdict::Yes);
        assert!(swipe.is_released_yes());
    }
}
