//! One pet's verdict on another, and the owner's release of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::fmt::Hyphenated;

use crate::error::{Invalid, Reason};
use crate::id::{ChildId, PetId};
use crate::macros::closed_set;
use crate::row::Fields;

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

    /// Whether a child has this card behind it. An owner's "later" puts it off for the owner: a child still sees it.
    pub fn is_decided_for_children(&self) -> bool {
        match self.verdict {
            None => false,
            Some(Verdict::Later) => self.by_child.is_some(),
            Some(Verdict::Yes | Verdict::No) => true,
        }
    }

    /// Whether a patch is a child's choice, by its own words: on an owner's device too.
    pub fn is_by_a_child(patch: &Fields) -> bool {
        patch.0.get("by_child").is_some_and(|child| !child.is_null())
    }

    /// The rules that no single field can break.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.actor_pet == self.target_pet {
            return Err(Invalid::new("target_pet", Reason::OwnPet));
        }
        Ok(())
    }
}

/// Whether a patch is known to be valid, and exactly as this build writes it: then judging it field by field would
/// change nothing. Nearly all that is pushed are swipes, and nearly all of them are so.
pub(crate) fn is_as_written(patch: &Fields) -> bool {
    patch.0.iter().all(|(name, value)| match (name.as_str(), value) {
        ("by_child" | "verdict" | "released", Value::Null) => true,
        ("actor_pet" | "target_pet" | "by_child", Value::String(text)) => is_an_id(text),
        ("verdict" | "released", Value::String(text)) => Verdict::from_word(text).is_some(),
        _ => false,
    })
}

/// Whether a text is an id as ids are written: hyphens in their places, small letters.
fn is_an_id(text: &str) -> bool {
    let is_right = |byte: u8, hyphen| (byte == b'-') == hyphen && (hyphen || is_digit(byte));
    // Looked at to the end, whatever is found: there is nothing to jump over then.
    text.len() == Hyphenated::LENGTH
        && text
            .bytes()
            .zip(HYPHENS)
            .fold(true, |id, (byte, hyphen)| id & is_right(byte, hyphen))
}

/// Where an id has hyphens.
const HYPHENS: [bool; Hyphenated::LENGTH] = {
    let mut hyphens = [false; Hyphenated::LENGTH];
    hyphens[8] = true;
    hyphens[13] = true;
    hyphens[18] = true;
    hyphens[23] = true;
    hyphens
};

const fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Entity;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    /// Values that may be valid, in this notation or another one, or not.
    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            Just(json!(true)),
            Just(json!(7)),
            Just(json!([])),
            proptest::sample::select(vec!["yes", "no", "later", "Yes", "maybe", "", " yes"])
                .prop_map(Value::from),
            any::<u128>().prop_map(|n| json!(Uuid::from_u128(n))),
            any::<u128>().prop_map(|n| json!(Uuid::from_u128(n).simple().to_string())),
            any::<u128>().prop_map(|n| json!(Uuid::from_u128(n).to_string().to_uppercase())),
            "[0-9a-f-]{36}".prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn what_is_passed_on_unread_is_what_reading_it_would_make(
            patch in proptest::collection::btree_map(
                proptest::sample::select(vec!["actor_pet", "target_pet", "verdict", "by_child", "released", "deleted", "x"]),
                value(),
                0..7,
            )
        ) {
            let patch = Fields(patch.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
            if is_as_written(&patch) {
                prop_assert_eq!(Swipe::canonical(&patch).unwrap(), patch);
            }
        }
    }

    #[test]
    fn a_swipe_as_it_is_made_is_as_it_is_written() {
        let swipe = Swipe {
            actor_pet: PetId(Uuid::from_u128(1)),
            target_pet: PetId(Uuid::from_u128(2)),
            verdict: Some(Verdict::No),
            by_child: Some(ChildId(Uuid::from_u128(3))),
            released: None,
        };
        assert!(is_as_written(&swipe.to_fields()));
        assert!(!is_as_written(&Fields::removal()), "removing is judged elsewhere");
    }

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
