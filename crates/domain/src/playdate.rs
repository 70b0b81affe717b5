//! Matches and playdates as one household sees them. Written by the server; owners act on them by commands.
//!
//! States: `proposed` → `confirmed` (both accepted) or `declined`; `proposed` or `confirmed` → `cancelled`.
//! `declined` and `cancelled` are final. `rev` names what is proposed; an answer names the `rev` it has seen. The
//! other family's acceptance does not change it.

use serde::{Deserialize, Serialize};

use crate::card::Reason;
use crate::household::{Area, Venue};
use crate::id::PetId;
use crate::macros::closed_set;
use crate::public_pet::PublicPet;
use crate::time::{TimeSpan, UtcMs};
use crate::zone::ZoneName;

closed_set! {
    /// Where a playdate stands.
    PlaydateState {
        /// Suggested by the server; at least one owner has not answered.
        Proposed = "proposed",
        /// Both owners accepted.
        Confirmed = "confirmed",
        /// One owner said no.
        Declined = "declined",
        /// Called off: by an owner, or because a pet rests.
        Cancelled = "cancelled",
    }
}

impl PlaydateState {
    /// Whether nothing can follow.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Cancelled)
    }
}

closed_set! {
    /// Why a playdate was called off. Only the family whose own pet rests is told that it is a rest.
    CancelReason {
        /// An owner of this or the other family.
        ByOwner = "by_owner",
        /// The family's own pet rests.
        PetRests = "pet_rests",
        /// Something changed, and the two do not fit any more. All that the other family is told of a rest.
        Changed = "changed",
        /// One of the pets is not shown any more.
        PetGone = "pet_gone",
        /// The time passed before both had answered.
        TooLate = "too_late",
    }
}

/// Two released yeses, as one of the two households sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The family's own pet.
    pub pet: PetId,
    /// The other one.
    pub other: PublicPet,
    /// Why they fit.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// Since when.
    pub since: UtcMs,
}

/// A proposed or agreed meeting, as one of the two households sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playdate {
    /// The family's own pet.
    pub pet: PetId,
    /// The other one.
    pub other: PublicPet,
    /// When.
    pub slot: TimeSpan,
    /// The zone in which the family reads the time.
    pub zone: ZoneName,
    /// What kind of place.
    pub venue: Venue,
    /// Roughly where; see [`Area::between`]. Withheld from children's devices.
    #[serde(default)]
    pub area: Option<Area>,
    /// Where it stands.
    pub state: PlaydateState,
    /// Why it was called off, if it was.
    #[serde(default)]
    pub cancelled: Option<CancelReason>,
    /// Whether this household accepted.
    pub accepted: bool,
    /// Whether the other household accepted.
    pub other_accepted: bool,
    /// The first meeting of the two: neutral ground, checklist.
    pub first_meeting: bool,
    /// Why they fit.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// Names what is proposed; an answer names the one it has seen.
    pub rev: u32,
    /// When it was confirmed, if it ever was. Children see only playdates that were.
    #[serde(default)]
    pub confirmed_at: Option<UtcMs>,
}
