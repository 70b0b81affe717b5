//! What the tables hold, as types. One record is one row; none of them crosses the network.

use romp_domain::card::Reason;
use romp_domain::playdate::CancelReason;
use romp_domain::text::{DeviceName, Email, PersonName};
use romp_domain::wire::Link;
use romp_domain::{
    Area, AuditEvent, DeviceId, Hlc, HouseholdId, Kind, MatchId, PetId, PlaydateId, PlaydateState, PublicPet,
    Role, SessionId, Swipe, TimeSpan, UserId, UtcMs, Venue,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SecretHash;

/// A family account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdRecord {
    /// Which.
    pub id: HouseholdId,
    /// The number of its last commit.
    pub head_seq: u64,
    /// The highest clock value in its rows.
    pub clock: Hlc,
    /// Notes of removals up to this commit may be forgotten: a cursor before it cannot be continued.
    pub gc_floor: u64,
    /// When old notes were last looked for.
    pub collected_at: UtcMs,
    /// How many swipes it ever made.
    pub swipes: u64,
    /// Since when.
    pub created_at: UtcMs,
}

/// An adult who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Which.
    pub id: UserId,
    /// Of which family.
    pub household: HouseholdId,
    /// Signs in with.
    pub email: Email,
    /// Called.
    pub name: PersonName,
    /// Argon2id, in the PHC string format.
    pub password_hash: String,
    /// Since when.
    pub created_at: UtcMs,
    /// When a code proved that the address is theirs.
    pub verified_at: Option<UtcMs>,
    /// Since when they belong to the family: the first one from the beginning, others since one of it confirmed it.
    pub confirmed_at: Option<UtcMs>,
}

/// What a mailed code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proves an address.
    Verify,
    /// Sets another password.
    Reset,
    /// Nobody's to type: keeps an address that was freed from the user who had it, for a day.
    Freed,
}

impl Purpose {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Freed => "freed",
        }
    }
}

/// A mailed code that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailCodeRecord {
    /// Hash of the code, of whose it is, and of what it is for.
    pub code: SecretHash,
    /// Of which family.
    pub household: HouseholdId,
    /// Whose.
    pub user: UserId,
    /// What it is for.
    pub purpose: Purpose,
    /// When it ends.
    pub expires_at: UtcMs,
}

/// A pairing code that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingRecord {
    /// Hash of the code.
    pub code: SecretHash,
    /// The family that the device will join.
    pub household: HouseholdId,
    /// The role that it will have.
    pub role: Role,
    /// When the code ends.
    pub expires_at: UtcMs,
    /// The owner who answers for the device: who made the code, or who answers for the device that made it. None for a
    /// code from before this was noted.
    pub made_by: Option<UserId>,
    /// The session that made the code; likewise.
    pub made_in: Option<SessionId>,
}

/// An installation of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Which.
    pub id: DeviceId,
    /// Of which family.
    pub household: HouseholdId,
    /// The session that speaks as it. Another session that uses the id is somebody else.
    pub session: Option<SessionId>,
    /// Called.
    pub name: DeviceName,
    /// The place in its chain up to which its mutations are held.
    pub held: Link,
    /// The last stamp stored.
    pub last_hlc: Hlc,
    /// The last cursor it sent.
    pub cursor: u64,
    /// When it was last here, to the day.
    pub seen_at: UtcMs,
}

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Which.
    pub id: SessionId,
    /// Of which family.
    pub household: HouseholdId,
    /// The owner who signed in; none on a paired device.
    pub user: Option<UserId>,
    /// On a paired device, the owner who answers for it ([`PairingRecord::made_by`]).
    pub by_user: Option<UserId>,
    /// On which device.
    pub device: DeviceId,
    /// What it may do.
    pub role: Role,
    /// No owner has confirmed yet that whoever signed in belongs to the family. Follows from the user, and is not
    /// stored with the session.
    pub waiting: bool,
    /// SHA-256 of the token.
    pub token: SecretHash,
    /// Since when.
    pub created_at: UtcMs,
    /// Last used.
    pub used_at: UtcMs,
    /// Ended at.
    pub ended_at: Option<UtcMs>,
}

/// An entry of a household's security log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// When.
    pub at: UtcMs,
    /// What.
    pub event: AuditEvent,
    /// By which session, or about which one.
    pub session: Option<SessionId>,
    /// By which owner, or about which one.
    pub user: Option<UserId>,
    /// What more there is to say.
    pub detail: Detail,
}

impl AuditRecord {
    /// Something that no session did.
    pub fn new(event: AuditEvent, at: UtcMs) -> Self {
        Self {
            at,
            event,
            session: None,
            user: None,
            detail: Detail::default(),
        }
    }

    /// Something that a session did, or that was done to it.
    pub fn of(session: &SessionRecord, event: AuditEvent, at: UtcMs) -> Self {
        Self {
            session: Some(session.id),
            user: session.user,
            ..Self::new(event, at)
        }
    }

    /// The same, saying more.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// The same, about this owner.
    #[must_use]
    pub fn user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }
}

/// How often a session called something on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCount {
    /// Which session.
    pub session: SessionId,
    /// The beginning of the day, in UTC.
    pub day: UtcMs,
    /// The endpoint's word; or `change:` and a kind.
    pub what: String,
    /// `ok`, or the code of the refusal.
    pub outcome: String,
    /// How often.
    pub count: u64,
}

/// A detail in the security log: words of the code, numbers and ids, with spaces between. There is no way to put a
/// name, an address or anything else that somebody typed into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    /// A word of the code.
    pub fn word(word: &'static str) -> Self {
        Self(word.to_owned())
    }

    /// An id.
    pub fn id(id: Uuid) -> Self {
        Self(id.to_string())
    }

    /// A number.
    pub fn number(number: u64) -> Self {
        Self(number.to_string())
    }

    /// Both, one after the other.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        if !self.0.is_empty() && !other.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(&other.0);
        self
    }

    /// As it is shown.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What a backend has stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }
}

/// A note in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedEntry {
    /// Which table.
    pub kind: Kind,
    /// Which row.
    pub id: Uuid,
    /// Changed at this commit.
    pub seq: u64,
    /// The row was removed.
    pub gone: bool,
}

/// The last time that a field was set to its careful value: somebody hid a pet, withdrew a consent, chose anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Which table.
    pub kind: Kind,
    /// Which row.
    pub id: Uuid,
    /// Which field.
    pub field: String,
    /// At this commit.
    pub seq: u64,
    /// On which device.
    pub device: DeviceId,
}

/// A swipe with its household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwipeRecord {
    /// Of which family.
    pub household: HouseholdId,
    /// The swipe.
    pub swipe: Swipe,
    /// When the verdict was given.
    pub verdict_at: Hlc,
}

/// How fresh a pet's deck is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeckRecord {
    /// Whose deck.
    pub pet: PetId,
    /// Of which family.
    pub household: HouseholdId,
    /// When it was last built.
    pub built_at: UtcMs,
    /// Something it depends on has changed since.
    pub stale: bool,
    /// Counts those changes: a deck is fresh only if none came while it was dealt.
    pub generation: u64,
    /// The family's own terms have changed since cards were last chosen: whoever deals now answers a new question.
    pub asks: bool,
    /// How many of its cards waited for a verdict when it was built; not counted to the end.
    pub dealt: u64,
}

/// One of the two parties of a match or playdate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The family.
    pub household: HouseholdId,
    /// Its pet.
    pub pet: PetId,
    /// The pet as the other family saw it when they matched.
    pub face: PublicPet,
    /// Whether the family accepted the playdate.
    pub accepted: bool,
}

/// Two released yeses. The sides are ordered by pet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRecord {
    /// Which.
    pub id: MatchId,
    /// The two.
    pub sides: [Side; 2],
    /// Why they fit.
    pub reasons: Vec<Reason>,
    /// Since when.
    pub since: UtcMs,
    /// Ended, because a pet is gone.
    pub ended: bool,
}

/// A proposed or agreed meeting. The sides are ordered as in its match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaydateRecord {
    /// Which.
    pub id: PlaydateId,
    /// Out of which match.
    pub matched: MatchId,
    /// The how-manieth proposal of that match, from 0.
    pub attempt: u32,
    /// The two.
    pub sides: [Side; 2],
    /// When.
    pub slot: TimeSpan,
    /// What kind of place.
    pub venue: Venue,
    /// Roughly where.
    pub area: Area,
    /// Where it stands.
    pub state: PlaydateState,
    /// Why it was called off.
    pub cancelled: Option<CancelReason>,
    /// The family whose change called it off. The other one is told less.
    pub cancelled_by: Option<HouseholdId>,
    /// The first meeting of the two.
    pub first_meeting: bool,
    /// Why they fit.
    pub reasons: Vec<Reason>,
    /// Names what is proposed.
    pub rev: u32,
    /// When it was confirmed.
    pub confirmed_at: Option<UtcMs>,
}
