//! Storage behind one trait. The rules above it are the same for every backend; SQL lives below it only.
//!
//! Terms: a [`Db`] runs jobs; a job sees a [`Tx`], one transaction. Everything a job does is committed together or
//! not at all, and the caller is told only after it is durable. A job may be run more than once (a backend may have
//! to repeat a transaction), so it must not keep anything from a run that failed.
//!
//! Deliberately absent: rules, policy, time. A `Tx` stores what it is given.

mod counted;
mod log;
mod owners;
pub mod postgres;
mod records;
mod sessions;
pub mod sqlite;
mod stored;
mod swipe_write;
mod watched;

#[cfg(test)]
pub(crate) mod contract;

use std::any::Any;
use std::sync::Arc;

use romp_domain::text::Email;
use romp_domain::wire::Epoch;
use romp_domain::{
    Area, Card, DeviceId, Fields, Hlc, HouseholdId, Kind, MatchId, PetId, PlaydateId, Problem, SessionId,
    SwipeId, UserId, UtcMs,
};
use romp_sync::Registers;
use uuid::Uuid;

use crate::pokes::Pokes;

pub(crate) use watched::Watched;

pub use counted::{Period, Quota};
pub use log::Log;
pub use owners::Owners;
pub use records::{
    AuditRecord, CallCount, DeckRecord, Detail, DeviceRecord, FeedEntry, HouseholdRecord, MailCodeRecord,
    MatchRecord, PairingRecord, PlaydateRecord, Purpose, Restriction, SessionRecord, Side, SwipeRecord,
    UserRecord,
};
pub use sessions::{Held, MOST_DEVICES, Sessions};
pub use swipe_write::{RELEASED, SwipeWrite};

/// In the place of every family whose account was deleted: what was with another family stays with that one, and
/// says no more of whom it was with. No family has this id.
pub const NOBODY: HouseholdId = HouseholdId(Uuid::nil());

/// A hash of a secret: SHA-256 of a token or code.
pub type SecretHash = [u8; 32];

/// Why a job did not commit.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The rules refused it; the transaction was rolled back.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The backend failed: busy, full, gone, damaged.
    #[error("storage: {0}")]
    Backend(String),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(problem) => problem,
            Fault::Backend(detail) => {
                tracing::error!(detail, "storage failed");
                Self::new(romp_domain::ErrorCode::Unavailable).after(5)
            }
        }
    }
}

/// A job's boxed result.
pub type Answer = Box<dyn Any + Send>;
/// A job, ready to cross to the thread that runs it.
pub type Job = Box<dyn FnMut(&mut dyn Tx) -> Result<Answer, Fault> + Send>;

/// A store of everything the server knows. Calls block until the job is done; async callers use a blocking thread.
pub trait Db: Send + Sync + 'static {
    /// Runs a job that may write. Returns after its effects are durable.
    fn run_write(&self, job: Job) -> Result<Answer, Fault>;

    /// Runs a job that only reads, on one consistent snapshot.
    fn run_read(&self, job: Job) -> Result<Answer, Fault>;

    /// Connects the listeners of this process with those of the others that use the same database. Once a process.
    /// A database that only one process serves has nothing to do here.
    fn join(&self, _: &Arc<Pokes>) {}
}

/// The typed way to run jobs.
pub trait DbExt {
    /// Runs a job that may write.
    fn write<R: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Tx) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, Fault>;

    /// Runs a job that only reads.
    fn read<R: Send + 'static>(
        &self,
        job: impl FnMut(&mut dyn Tx) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, Fault>;
}

impl<D: Db + ?Sized> DbExt for D {
    fn write<R: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Tx) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, Fault> {
        unbox(self.run_write(Box::new(move |tx| {
            job(tx).map(|answer| Box::new(answer) as Answer)
        }))?)
    }

    fn read<R: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut dyn Tx) -> Result<R, Fault> + Send + 'static,
    ) -> Result<R, Fault> {
        unbox(self.run_read(Box::new(move |tx| {
            job(tx).map(|answer| Box::new(answer) as Answer)
        }))?)
    }
}

fn unbox<R: 'static>(answer: Answer) -> Result<R, Fault> {
    answer
        .downcast()
        .map(|answer| *answer)
        .map_err(|_| Fault::Backend("a job answered with another type".into()))
}

/// One transaction. Every method is one statement or two; `Ok(None)` and `Ok(false)` mean "there is none".
pub trait Tx: Log + Sessions + Owners {
    // The database itself.

    /// Its epoch; 0 before it has one.
    fn epoch(&mut self) -> Result<Epoch, Fault>;
    /// Begins another epoch: what devices know of the one before counts no more.
    fn set_epoch(&mut self, epoch: Epoch) -> Result<(), Fault>;

    // Accounts.

    /// A new, empty household.
    fn insert_household(&mut self, id: HouseholdId, created_at: UtcMs) -> Result<(), Fault>;
    /// A household. None for [`NOBODY`].
    fn household(&mut self, id: HouseholdId) -> Result<Option<HouseholdRecord>, Fault>;
    /// A new user. `Ok(false)` when the address is taken.
    fn insert_user(&mut self, user: &UserRecord) -> Result<bool, Fault>;
    /// A user.
    fn user(&mut self, id: UserId) -> Result<Option<UserRecord>, Fault>;
    /// The user with an address.
    fn user_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, Fault>;
    /// Replaces the password's hash (after a sign-in, when its parameters have become too weak).
    fn set_password_hash(&mut self, user: UserId, hash: &str) -> Result<(), Fault>;
    /// A new invitation.
    fn insert_invitation(&mut self, code: &SecretHash, expires_at: UtcMs) -> Result<(), Fault>;
    /// Whether an invitation exists, was not used and has not ended by `now`.
    fn has_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault>;
    /// Uses an invitation up; `false` when it does not exist, was used or has ended by `now`.
    fn take_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault>;
    /// A new pairing code.
    fn insert_pairing(&mut self, pairing: &PairingRecord) -> Result<(), Fault>;
    /// Removes the pairing codes of a household but those that end last, at most `keep`.
    fn keep_newest_pairings(&mut self, household: HouseholdId, keep: usize) -> Result<(), Fault>;
    /// Uses a pairing code up.
    fn take_pairing(&mut self, code: &SecretHash, now: UtcMs) -> Result<Option<PairingRecord>, Fault>;

    // Accounts that are gone.

    /// Deletes a household with everything in it. What stays: the hashes of its sessions' tokens, so that its devices
    /// can be told, and the ids of its pets, so that nobody takes them for pets of their own. Matches and playdates
    /// have two owners and are not touched: none may name the household any more.
    fn erase_household(&mut self, id: HouseholdId, at: UtcMs) -> Result<(), Fault>;
    /// Whether a token was of a household that was deleted.
    fn was_erased(&mut self, token: &SecretHash) -> Result<bool, Fault>;
    /// Forgets the tokens of households that were deleted before `before`.
    fn forget_erased(&mut self, before: UtcMs) -> Result<(), Fault>;

    // Devices and sessions.

    /// A device.
    fn device(&mut self, id: DeviceId) -> Result<Option<DeviceRecord>, Fault>;
    /// Adds or replaces a device.
    fn put_device(&mut self, device: &DeviceRecord) -> Result<(), Fault>;
    /// The devices of a household.
    fn devices(&mut self, household: HouseholdId) -> Result<Vec<DeviceRecord>, Fault>;
    /// Keeps the refusal of a mutation, for when the device asks again.
    fn put_reject(&mut self, device: DeviceId, mid: u64, problem: &Problem) -> Result<(), Fault>;
    /// The refusals of a device for mutations from `first_mid` to `last_mid`.
    fn rejects(
        &mut self,
        device: DeviceId,
        first_mid: u64,
        last_mid: u64,
    ) -> Result<Vec<(u64, Problem)>, Fault>;
    /// Forgets the refusals of a device for mutations before `mid`: it has them.
    fn forget_rejects(&mut self, device: DeviceId, mid: u64) -> Result<(), Fault>;
    /// A new session.
    fn insert_session(&mut self, session: &SessionRecord) -> Result<(), Fault>;
    /// The session that has or had a token, ended or not: [`Sessions::held`] says which of the two.
    fn session_by_token(&mut self, token: &SecretHash) -> Result<Option<SessionRecord>, Fault> {
        Ok(self.held(token)?.map(|(session, _)| session))
    }
    /// Notes that a session was used.
    fn touch_session(&mut self, id: SessionId, at: UtcMs) -> Result<(), Fault>;
    /// Ends a session; `false` when it had ended before.
    fn end_session(&mut self, id: SessionId, at: UtcMs) -> Result<bool, Fault>;

    // The feed: which row of a household changed at which commit.

    /// The number of this transaction's commit for a household: rises by one per household and transaction, and
    /// holds the household's lock, so commit order is number order. Callers ask once per transaction.
    fn next_seq(&mut self, household: HouseholdId) -> Result<u64, Fault> {
        self.begin_commit(household, Hlc::default(), 0)
    }
    /// The same, raises the household's clock as [`Tx::raise_clock`] does, and adds to the number of swipes that it ever
    /// made, [`HouseholdRecord::swipes`].
    fn begin_commit(&mut self, household: HouseholdId, clock: Hlc, swipes: u64) -> Result<u64, Fault>;
    /// Records the highest clock value in a household's rows.
    fn raise_clock(&mut self, household: HouseholdId, clock: Hlc) -> Result<(), Fault>;
    /// Notes that a household's view of a row changed. Replaces the row's earlier note.
    fn mark(&mut self, household: HouseholdId, note: FeedEntry) -> Result<(), Fault> {
        self.mark_all(household, &[note])
    }
    /// The same for many rows, none of which is in there twice.
    fn mark_all(&mut self, household: HouseholdId, notes: &[FeedEntry]) -> Result<(), Fault>;
    /// Notes after commit `after`, in order, at most `limit`; but never only a part of one commit's. Without those of
    /// removals up to commit `forgotten`.
    fn feed(
        &mut self,
        household: HouseholdId,
        after: u64,
        forgotten: u64,
        limit: usize,
    ) -> Result<Vec<FeedEntry>, Fault>;
    /// Notes of removals up to commit `up_to`, oldest first, at most `limit`.
    fn gone(&mut self, household: HouseholdId, up_to: u64, limit: usize) -> Result<Vec<FeedEntry>, Fault>;
    /// Forgets the note of a row.
    fn unmark(&mut self, household: HouseholdId, kind: Kind, id: Uuid) -> Result<(), Fault>;
    /// Records that old notes were looked for, and up to which commit they may be forgotten.
    fn set_collected(&mut self, household: HouseholdId, gc_floor: u64, at: UtcMs) -> Result<(), Fault>;
    /// The last restriction of a field.
    fn restriction(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
        field: &str,
    ) -> Result<Option<Restriction>, Fault>;
    /// Adds a restriction, or replaces the field's last one.
    fn put_restriction(&mut self, household: HouseholdId, restriction: &Restriction) -> Result<(), Fault>;

    // The family's own rows: household, child, pet, slot, exception, swipe, switch, block.

    /// A row.
    fn row(&mut self, household: HouseholdId, kind: Kind, id: Uuid) -> Result<Option<Registers>, Fault>;
    /// Adds or replaces a row. Keeps the columns that are searched by (owner of a pet, the pair of a swipe, …).
    fn put_row(&mut self, household: HouseholdId, kind: Kind, id: Uuid, row: &Registers)
    -> Result<(), Fault>;
    /// The rows of a kind that are not removed.
    fn rows(&mut self, household: HouseholdId, kind: Kind) -> Result<Vec<(Uuid, Fields)>, Fault>;
    /// Says that the terms of these households (settings, hours, pets, blocks) are about to be read. Changes nothing; a backend
    /// that is a network away may fetch them together.
    fn expect(&mut self, _: &[HouseholdId]) -> Result<(), Fault> {
        Ok(())
    }
    /// The swipes of a household that have these ids, in any order.
    fn swipe_rows(&mut self, household: HouseholdId, ids: &[Uuid]) -> Result<Vec<(Uuid, Registers)>, Fault>;
    /// Adds or replaces many swipes, none of which is in there twice, with their notes in the feed and the restrictions
    /// of their release: what [`Tx::put_row`], [`Tx::mark`] and [`Tx::put_restriction`] do, in few statements.
    fn put_swipes(&mut self, household: HouseholdId, seq: u64, swipes: &[SwipeWrite]) -> Result<(), Fault>;
    /// Says that the owners of these pets, and of each the swipe with the id beside it, are about to be read. Changes
    /// nothing; see [`Tx::expect`].
    fn expect_answers(&mut self, _: &[(PetId, SwipeId)]) -> Result<(), Fault> {
        Ok(())
    }
    /// How many rows of a kind a household has, removed ones included. Not for swipes: they are many, and counted by
    /// [`Tx::begin_commit`].
    fn count_rows(&mut self, household: HouseholdId, kind: Kind) -> Result<u64, Fault>;

    /// The pets of a household, and whether each was removed.
    fn pets_of(&mut self, household: HouseholdId) -> Result<Vec<(PetId, bool)>, Fault>;
    /// A swipe of a household. None when it is not complete.
    fn swipe(&mut self, household: HouseholdId, id: SwipeId) -> Result<Option<SwipeRecord>, Fault>;
    /// The swipes of a household that have these ids and are complete, in any order.
    fn swipes_of(&mut self, household: HouseholdId, ids: &[SwipeId]) -> Result<Vec<SwipeRecord>, Fault>;
    /// The swipes of these pets of a household, in the order of their ids. All of the household's are looked through, once.
    fn swipes_by(&mut self, household: HouseholdId, actors: &[PetId]) -> Result<Vec<SwipeRecord>, Fault>;

    // Across households.

    /// The household that has a pet with this id, removed or not; [`NOBODY`] where it was deleted with its household.
    fn owner_of_pet(&mut self, pet: PetId) -> Result<Option<HouseholdId>, Fault>;
    /// The swipe with this id of the household that has this pet. None when it is not complete.
    fn answer(&mut self, pet: PetId, id: SwipeId) -> Result<Option<SwipeRecord>, Fault> {
        match self.owner_of_pet(pet)? {
            Some(owner) => self.swipe(owner, id),
            None => Ok(None),
        }
    }
    /// Households other than `except` with at least one shown pet, whose area lies in a box of grid cells (corners
    /// included). Only households that consented to be shown, and of which an address is proved where that is asked.
    fn households_near(
        &mut self,
        south_west: Area,
        north_east: Area,
        except: HouseholdId,
    ) -> Result<Vec<HouseholdId>, Fault>;

    /// The households that a household's blocks keep away, each once: those that have, or had, a pet that one of them
    /// names. Found by the household that blocks; who blocks a household is not asked.
    fn blocked_by(&mut self, household: HouseholdId) -> Result<Vec<HouseholdId>, Fault>;
    /// All blocks with a report, of all households; for whoever runs the server.
    fn reports(&mut self) -> Result<Vec<(HouseholdId, PetId, Registers)>, Fault>;

    // What the server writes.

    /// Uses a quota once; `false` when it is used up.
    fn spend(&mut self, household: HouseholdId, quota: Quota, now: UtcMs) -> Result<bool, Fault>;
    /// Whether a quota is used up.
    fn is_used_up(&mut self, household: HouseholdId, quota: Quota, now: UtcMs) -> Result<bool, Fault>;
    /// Counts `by` more (or fewer, but never below 0) of something that `subject` does within a period, and returns how
    /// many it is then. A later period begins at 0, and so does one after a period that has not come yet; of an earlier one
    /// nothing is known any more, and `None` comes back.
    fn tally(
        &mut self,
        household: HouseholdId,
        what: &'static str,
        subject: Uuid,
        period: Period,
        by: i64,
    ) -> Result<Option<u64>, Fault>;
    /// Forgets everything that is counted of a subject.
    fn forget_tallies(&mut self, household: HouseholdId, subject: Uuid) -> Result<(), Fault>;
    /// How fresh a pet's deck is.
    fn deck(&mut self, pet: PetId) -> Result<Option<DeckRecord>, Fault>;
    /// Notes how fresh a pet's deck is.
    fn put_deck(&mut self, deck: &DeckRecord) -> Result<(), Fault>;
    /// The decks of a household.
    fn decks(&mut self, household: HouseholdId) -> Result<Vec<DeckRecord>, Fault>;
    /// A card. `None` when it left the deck.
    fn card(&mut self, household: HouseholdId, id: Uuid) -> Result<Option<Card>, Fault>;
    /// The cards in a pet's deck.
    fn cards_for(&mut self, pet: PetId) -> Result<Vec<Card>, Fault>;
    /// The pets on the cards in a pet's deck, in the same order.
    fn shown_to(&mut self, pet: PetId) -> Result<Vec<PetId>, Fault>;
    /// The cards that show a pet, with the households they are in.
    fn cards_showing(&mut self, pet: PetId) -> Result<Vec<(HouseholdId, Card)>, Fault>;
    /// Adds or replaces a card.
    fn put_card(&mut self, household: HouseholdId, card: &Card) -> Result<(), Fault>;
    /// Takes a card out.
    fn remove_card(&mut self, household: HouseholdId, id: Uuid) -> Result<(), Fault>;
    /// A match.
    fn matched(&mut self, id: MatchId) -> Result<Option<MatchRecord>, Fault>;
    /// Adds or replaces a match.
    fn put_match(&mut self, record: &MatchRecord) -> Result<(), Fault>;
    /// Removes a match and all its playdates.
    fn remove_match(&mut self, id: MatchId) -> Result<(), Fault>;
    /// The matches of a household.
    fn matches_of(&mut self, household: HouseholdId) -> Result<Vec<MatchRecord>, Fault>;
    /// A playdate.
    fn playdate(&mut self, id: PlaydateId) -> Result<Option<PlaydateRecord>, Fault>;
    /// Adds or replaces a playdate.
    fn put_playdate(&mut self, record: &PlaydateRecord) -> Result<(), Fault>;
    /// The playdates of a household that end after `since`.
    fn playdates_of(&mut self, household: HouseholdId, since: UtcMs) -> Result<Vec<PlaydateRecord>, Fault>;
    /// All playdates that came out of a match, first attempt first.
    fn playdates_of_match(&mut self, id: MatchId) -> Result<Vec<PlaydateRecord>, Fault>;
}
