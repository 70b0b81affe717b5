//! What the app shows: made by the core, drawn by the UI. Nothing here is stored or synced, and no token is in it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::block::Block;
use crate::card::Card;
use crate::child::Child;
use crate::household::Area;
use crate::id::{ChildId, DeviceId, ExceptionId, MatchId, PetId, PlaydateId, SlotId, SwipeId, SwitchId};
use crate::macros::closed_set;
use crate::pet::Pet;
use crate::playdate::{Matched, Playdate};
use crate::policy::{Operation, Role};
use crate::row::{Kind, PlaydateAct};
use crate::swipe::Verdict;
use crate::switch::Switch;
use crate::text::{DeviceName, Nickname, Remark};
use crate::time::{Minute, UtcMs, Weekday};
use crate::{DateException, WeeklyHours};

closed_set! {
    /// How the device stands with its server.
    Connection {
        /// No account yet: everything stays here.
        NotJoined = "not_joined",
        /// Everything is exchanged.
        Online = "online",
        /// An exchange is under way.
        Syncing = "syncing",
        /// The server answers; an owner of the family has yet to let in whoever signed in here.
        Waiting = "waiting",
        /// The server answers, and the two do not understand each other.
        Misunderstood = "misunderstood",
        /// The server cannot be reached.
        Offline = "offline",
        /// The session ended; a person has to sign in again.
        SignedOut = "signed_out",
    }
}

closed_set! {
    /// Where the session's token is kept.
    SecretStore {
        /// In the keyring of the operating system.
        Keyring = "keyring",
        /// In memory only: gone when the app closes.
        Memory = "memory",
    }
}

/// The account this device belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// The server's address.
    pub server: String,
    /// The owner who signed in; `None` on a paired device.
    pub email: Option<String>,
    /// What the family calls this device; `None` on a child's.
    pub device: Option<DeviceName>,
}

/// A code for another device, as a person types it and as a camera reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingView {
    /// The role that the device will have.
    pub role: Role,
    /// Eight letters and digits.
    pub code: String,
    /// Where it works: the address of the family's server.
    pub server: String,
    /// When it ends.
    pub expires_at: UtcMs,
    /// Both in one line; see [`crate::pairing`].
    pub link: String,
    /// That line as a picture; `None` where it is too long for one.
    pub picture: Option<QrView>,
}

/// A QR code, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrView {
    /// Squares from edge to edge, with the light ones around it that a camera needs.
    pub side: u32,
    /// All dark squares as one SVG path; a square is one unit.
    pub path: String,
}

/// A change that the server refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedView {
    /// The mutation's number.
    pub mid: u64,
    /// What kind of row it was about.
    pub kind: Kind,
    /// Why, as a sentence.
    pub message: String,
}

/// In whose hands the device is, and how its PIN stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateView {
    /// Whether a PIN is set.
    pub pin: bool,
    /// An owner's device is in a child's hands until it is unlocked.
    pub handed: Option<HandedView>,
    /// Wrong tries that are left before the next wait; 0 once only the account's password opens.
    pub tries_left: u32,
    /// Seconds until the PIN may be tried again; `None` where it may be tried now, and where waiting does not help.
    pub wait_s: Option<u32>,
    /// The PIN was wrong too often: only the account's password opens.
    pub spent: bool,
}

/// To whom a device was handed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedView {
    /// The only child who may choose on it; `None` is any child of the family.
    pub child: Option<ChildId>,
}

/// How the app stands: role, account, sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What this device may do now: a child's, while it is in a child's hands.
    pub role: Role,
    /// In whose hands it is, and how its PIN stands.
    pub gate: GateView,
    /// The account, once there is one.
    pub account: Option<AccountView>,
    /// How it stands with the server.
    pub connection: Connection,
    /// Changes that the server has not got yet.
    pub pending: u32,
    /// When the oldest of them was made.
    pub oldest_pending: Option<UtcMs>,
    /// The last complete exchange.
    pub last_sync: Option<UtcMs>,
    /// The last thing that went wrong, as a sentence.
    pub problem: Option<String>,
    /// The server answers, and yet changes wait, or no exchange was completed, for long.
    pub stalled: bool,
    /// Changes the server refused, newest first.
    pub refused: Vec<RefusedView>,
    /// Changes that wait here until what they are about is switched on again, and go out by themselves then.
    pub waiting: u32,
    /// What is switched off now, on this device or for the children on it.
    pub switched_off: Vec<SwitchedOffView>,
    /// Where the token is kept.
    pub secrets: SecretStore,
    /// Now, by the core's clock.
    pub now: UtcMs,
    /// By how much the family's clock, as the server put it right, is ahead of that one.
    pub clock_off_ms: i64,
    /// Version of the app.
    pub version: String,
}

/// Something that is switched off now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOffView {
    /// What.
    pub operations: BTreeSet<Operation>,
    /// Why, as its author or Romp says it.
    pub comment: Remark,
    /// When it is on again; none: when somebody lifts it.
    pub until: Option<UtcMs>,
    /// For which child; none: for everybody on this device.
    pub child: Option<ChildId>,
}

/// A switch, as owners see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchView {
    /// Which.
    pub id: SwitchId,
    /// All of it.
    pub switch: Switch,
    /// Who made it.
    pub author: SwitchAuthor,
    /// Whether it turns something off now.
    pub in_force: bool,
    /// While it does: when that ends; none: when somebody lifts it.
    pub until: Option<UtcMs>,
    /// The nickname of the child it is for, if it is for one that is there.
    pub child: Option<Nickname>,
}

/// Who made a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum SwitchAuthor {
    /// An owner, here.
    Here,
    /// An owner, on another device.
    Device {
        /// Which.
        device: DeviceId,
    },
    /// Romp, by itself.
    Romp,
}

/// A pet of the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PetView {
    /// Which.
    pub id: PetId,
    /// All of it; on a child's device only what a child may see.
    pub pet: Pet,
}

/// A child of the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildView {
    /// Which.
    pub id: ChildId,
    /// The profile.
    pub child: Child,
}

/// Free hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursView {
    /// The weekly hours, by weekday and start.
    pub weekly: Vec<SlotView>,
    /// Dates that differ, by date.
    pub exceptions: Vec<ExceptionView>,
}

/// One row of weekly hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotView {
    /// Which.
    pub id: SlotId,
    /// When.
    pub hours: WeeklyHours,
}

/// One date that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionView {
    /// Which.
    pub id: ExceptionId,
    /// What holds.
    pub exception: DateException,
}

closed_set! {
    /// Why a deck has no card.
    EmptyDeck {
        /// All cards have a verdict.
        AllDone = "all_done",
        /// Only cards marked "later" are left.
        OnlyLater = "only_later",
        /// The family has not agreed to be shown to others, so it sees none either.
        NoConsent = "no_consent",
        /// This pet is hidden.
        PetHidden = "pet_hidden",
        /// This pet rests.
        PetRests = "pet_rests",
        /// A dog whose weight is not known: whom it could play with safely cannot be judged.
        NoWeight = "no_weight",
        /// The family agrees to no kind of place at which such a pet meets others.
        NoVenue = "no_venue",
        /// The family has not said where it lives.
        NoArea = "no_area",
        /// The family has no free hours.
        NoHours = "no_hours",
        /// Nothing was received from the server yet.
        NotSynced = "not_synced",
        /// Nobody near fits.
        NobodyNear = "nobody_near",
    }
}

/// The deck of one pet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeckView {
    /// Whose deck.
    pub pet: PetId,
    /// Cards without a verdict, top first.
    pub cards: Vec<Card>,
    /// Cards of this deck that have a verdict (for "3 of 20").
    pub decided: u32,
    /// Cards marked "later".
    pub later: u32,
    /// Whether there is a swipe to take back.
    pub can_undo: bool,
    /// Example pets on paper: this device has no account yet.
    pub practice: bool,
    /// Why there is no card, if there is none.
    pub empty: Option<EmptyDeck>,
}

/// A child's yes that waits for an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    /// The swipe.
    pub swipe: SwipeId,
    /// Who swiped; `None` when the profile is gone.
    pub child: Option<Child>,
    /// The family's pet.
    pub pet: PetView,
    /// The card.
    pub card: Card,
}

/// A local date and time of day, in the zone of the household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalSpan {
    /// The day.
    pub day: Date,
    /// Its weekday.
    pub weekday: Weekday,
    /// First minute.
    pub start: Minute,
    /// First minute after; 1440 when it ends at midnight or on the next day.
    pub end: Minute,
}

/// A playdate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaydateView {
    /// Which.
    pub id: PlaydateId,
    /// The match that it came of.
    pub matched: MatchId,
    /// The family's pet.
    pub pet: PetView,
    /// Everything the family may know.
    pub playdate: Playdate,
    /// When, as the family reads a clock.
    pub local: LocalSpan,
    /// An answer given here that the server has not confirmed yet.
    pub waiting: Option<PlaydateAct>,
    /// Whether it is over.
    pub past: bool,
}

/// A match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchView {
    /// Which.
    pub id: MatchId,
    /// What.
    pub matched: Matched,
}

/// A family that is kept away, by the pet by which it is known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockView {
    /// Which pet.
    pub pet: PetId,
    /// What it is, and its name as it was last seen.
    pub block: Block,
}

/// What an undo took back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneView {
    /// The pet whose card is back.
    pub target: PetId,
    /// The verdict that was taken back.
    pub verdict: Verdict,
}

/// A place to choose the family's area from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceView {
    /// "98115 Seattle".
    pub label: String,
    /// The grid cell.
    pub area: Area,
}

/// A file the core wrote for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFile {
    /// Where it is.
    pub path: String,
    /// Whether what only the server knows is in it.
    pub whole: bool,
}

/// A file the core wrote for the person: the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Where it is.
    pub path: String,
    /// How many playdates are in it.
    pub playdates: u32,
}
