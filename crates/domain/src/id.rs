//! Identities. Each kind of thing has its own type, so that a pet's id cannot be handed in for a household's.
//!
//! Most ids are `UUIDv7`, made on the device that makes the thing (the maker of ids is passed in; nothing here
//! is random). Where a thing is determined by others, its id is derived from theirs (`UUIDv5`), so that two
//! devices, offline, give the same thing the same id.

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid};

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        #[cfg(feature = "schema")]
        $crate::schema::id!($name);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }
    )+};
}

ids! {
    /// A family account.
    HouseholdId,
    /// An adult who can sign in.
    UserId,
    /// An installation of the app, paired with a household.
    DeviceId,
    /// One signed-in device.
    SessionId,
    /// A child profile.
    ChildId,
    /// A pet.
    PetId,
    /// Weekly free hours.
    SlotId,
    /// A date on which the weekly hours do not hold.
    ExceptionId,
    /// One pet's verdict on another; see [`SwipeId::of`].
    SwipeId,
    /// A card in one pet's deck; see [`CardId::of`].
    CardId,
    /// Two released yeses; see [`MatchId::of`].
    MatchId,
    /// A proposed or agreed meeting; see [`PlaydateId::of`].
    PlaydateId,
    /// A switch; see [`SwitchId::by_romp`].
    SwitchId,
}

/// Namespaces of derived ids, one per kind; made up once, never changed.
const SWIPE_SPACE: Uuid = Uuid::from_u128(0x5d0c_3a9e_6f41_4b7b_9a53_0d7a_51f0_0001);
const CARD_SPACE: Uuid = Uuid::from_u128(0x5d0c_3a9e_6f41_4b7b_9a53_0d7a_51f0_0002);
const MATCH_SPACE: Uuid = Uuid::from_u128(0x5d0c_3a9e_6f41_4b7b_9a53_0d7a_51f0_0003);
const PLAYDATE_SPACE: Uuid = Uuid::from_u128(0x5d0c_3a9e_6f41_4b7b_9a53_0d7a_51f0_0004);
const SWITCH_SPACE: Uuid = Uuid::from_u128(0x5d0c_3a9e_6f41_4b7b_9a53_0d7a_51f0_0005);

/// An id of version 5 (RFC 9562, section 5.5), whose name is two ids. Not by `uuid`, which does not use what processors have
/// for this hash: each swipe takes one.
fn derived(space: Uuid, first: Uuid, second: Uuid) -> Uuid {
    let hash = Sha1::new()
        .chain_update(space)
        .chain_update(first)
        .chain_update(second)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid()
}

impl SwipeId {
    /// The one swipe of `actor` on `target`: swiping again changes it, it never makes a second one.
    pub fn of(actor: PetId, target: PetId) -> Self {
        Self(derived(SWIPE_SPACE, actor.0, target.0))
    }
}

impl CardId {
    /// The one card that shows `target` in the deck of `actor`.
    pub fn of(actor: PetId, target: PetId) -> Self {
        Self(derived(CARD_SPACE, actor.0, target.0))
    }
}

impl MatchId {
    /// The match of a pair; the order of the two does not matter.
    pub fn of(one: PetId, other: PetId) -> Self {
        let (low, high) = if one <= other { (one, other) } else { (other, one) };
        Self(derived(MATCH_SPACE, low.0, high.0))
    }
}

impl PlaydateId {
    /// The `attempt`-th proposal (from 0) that came out of a match.
    pub fn of(matched: MatchId, attempt: u32) -> Self {
        Self(derived(
            PLAYDATE_SPACE,
            matched.0,
            Uuid::from_u128(u128::from(attempt)),
        ))
    }
}

impl SwitchId {
    /// The one switch that Romp makes by itself for `subject` (a child, a session) out of the `cause`-th reason: made
    /// anew, it is the same one again.
    pub fn by_romp(subject: Uuid, cause: u128) -> Self {
        Self(derived(SWITCH_SPACE, subject, Uuid::from_u128(cause)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pet(n: u128) -> PetId {
        PetId(Uuid::from_u128(n))
    }

    #[test]
    fn a_match_is_the_same_from_both_sides_and_a_swipe_is_not() {
        assert_eq!(MatchId::of(pet(1), pet(2)), MatchId::of(pet(2), pet(1)));
        assert_ne!(SwipeId::of(pet(1), pet(2)), SwipeId::of(pet(2), pet(1)));
        assert_ne!(SwipeId::of(pet(1), pet(2)).0, CardId::of(pet(1), pet(2)).0);
    }

    #[test]
    fn what_is_derived_is_the_same_in_every_version() {
        assert_eq!(
            SwipeId::of(pet(1), pet(2)).to_string(),
            "037724c5-2247-5486-aa5a-85cb2f34698f"
        );
    }
}
