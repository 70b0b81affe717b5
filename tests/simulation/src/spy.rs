//! The server's database as the oracle sees it: every write of every committed transaction, in order; and as fate
//! has it: the process dies before or after a commit, the disk fails in the middle of a transaction.
//!
//! What is written is passed on unchanged. Nothing is told of a transaction that was rolled back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::text::{Email, PersonName};
use romp_domain::wire::Epoch;
use romp_domain::{
    Area, Card, DeviceId, ErrorCode, Fields, Hlc, HouseholdId, Kind, MatchId, PetId, PlaydateId, Problem,
    SessionId, SwipeId, UserId, UtcMs,
};
use romp_server::db::sqlite::SqliteDb;
use romp_server::db::{
    Answer, AuditRecord, CallCount, Db, DeckRecord, DeviceRecord, Fault, FeedEntry, Held, HouseholdRecord,
    Job, Log, MailCodeRecord, MatchRecord, Owners, PairingRecord, Period, PlaydateRecord, Purpose, Quota,
    Restriction, SecretHash, SessionRecord, Sessions, SwipeRecord, SwipeWrite, Tx, UserRecord,
};
use romp_sync::Registers;
use uuid::Uuid;

/// One write that matters to the oracle.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    Household(HouseholdId),
    Row(HouseholdId, Kind, Uuid, Registers),
    /// Which mutation of which device was refused, and why.
    Reject(DeviceId, u64, ErrorCode),
    Device(DeviceRecord),
    Seq(HouseholdId, u64),
    Mark(HouseholdId, FeedEntry),
    Unmark(HouseholdId, Kind, Uuid),
    Epoch(Epoch),
    Card(HouseholdId, Card),
    CardGone(HouseholdId, Uuid),
    Match(MatchRecord),
    MatchGone(MatchId),
    Playdate(PlaydateRecord),
    Erased(HouseholdId),
}

/// How the server or its disk will fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doom {
    /// The process dies before this many more commits are done.
    DiesBefore(u32),
    /// The process dies when this many more commits are done, and tells nobody.
    DiesAfter(u32),
    /// The disk fails at the n-th write from now, once.
    DiskFails(u32),
}

#[derive(Debug, Default)]
struct State {
    committed: Vec<Vec<Write>>,
    doom: Option<Doom>,
    dead: bool,
    commits: u64,
    /// What struck, by name.
    struck: Vec<&'static str>,
}

/// What the spy has seen, and what it will do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handler(Arc<Mutex<State>>);

impl Handler {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writes of each transaction committed since the last call.
    pub(crate) fn take(&self) -> Vec<Vec<Write>> {
        std::mem::take(&mut self.state().committed)
    }

    pub(crate) fn doom(&self, doom: Option<Doom>) {
        self.state().doom = doom;
    }

    /// Whether the process has died.
    pub(crate) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// The faults that struck since the last call.
    pub(crate) fn struck(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().struck)
    }

    pub(crate) fn commits(&self) -> u64 {
        self.state().commits
    }
}

/// The database with the spy in it.
pub(crate) struct SpyDb {
    inner: SqliteDb,
    handler: Handler,
}

fn gone() -> Fault {
    Fault::Backend("the server was killed".into())
}

impl SpyDb {
    pub(crate) const fn new(inner: SqliteDb, handler: Handler) -> Self {
        Self { inner, handler }
    }
}

impl Db for SpyDb {
    fn run_write(&self, mut job: Job) -> Result<Answer, Fault> {
        let mut dies_after = false;
        let mut fails_at = None;
        {
            let mut state = self.handler.state();
            if state.dead {
                return Err(gone());
            }
            match state.doom {
                Some(Doom::DiesBefore(0)) => {
                    state.dead = true;
                    state.struck.push("server died before a commit");
                    return Err(gone());
                }
                Some(Doom::DiesBefore(n)) => state.doom = Some(Doom::DiesBefore(n - 1)),
                Some(Doom::DiesAfter(0)) => dies_after = true,
                Some(Doom::DiesAfter(n)) => state.doom = Some(Doom::DiesAfter(n - 1)),
                Some(Doom::DiskFails(n)) => fails_at = Some(n),
                None => {}
            }
        }
        let log = Arc::new(Mutex::new((Vec::new(), fails_at)));
        let shared = log.clone();
        let result = self.inner.run_write(Box::new(move |tx| {
            let mut log = shared.lock().unwrap_or_else(PoisonError::into_inner);
            *log = (Vec::new(), fails_at);
            let (writes, left) = &mut *log;
            job(&mut SpyTx { tx, writes, left })
        }));
        let (writes, left) = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
        let mut state = self.handler.state();
        if fails_at.is_some() {
            state.doom = left.map(Doom::DiskFails);
            if left.is_none() {
                state.struck.push("disk of the server failed at a write");
            }
        }
        if result.is_ok() {
            state.commits += 1;
            if !writes.is_empty() {
                state.committed.push(writes);
            }
            if dies_after {
                state.dead = true;
                state.struck.push("server died after a commit");
                return Err(gone());
            }
        }
        result
    }

    fn run_read(&self, job: Job) -> Result<Answer, Fault> {
        if self.handler.state().dead {
            return Err(gone());
        }
        self.inner.run_read(job)
    }
}

struct SpyTx<'a> {
    tx: &'a mut dyn Tx,
    writes: &'a mut Vec<Write>,
    /// Writes until the disk fails; none when it does not.
    left: &'a mut Option<u32>,
}

impl SpyTx<'_> {
    fn disk(&mut self) -> Result<(), Fault> {
        match *self.left {
            Some(0) => {
                *self.left = None;
                Err(Fault::Backend("the disk failed".into()))
            }
            Some(n) => {
                *self.left = Some(n - 1);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

macro_rules! passed_on {
    ($(fn $name:ident($($arg:ident: $type:ty),*) -> $reply:ty;)+) => {
        $(fn $name(&mut self, $($arg: $type),*) -> Result<$reply, Fault> { self.tx.$name($($arg),*) })+
    };
}

macro_rules! watched {
    ($(fn $name:ident($($arg:ident: $type:ty),*) -> $reply:ty $(=> $write:expr)?;)+) => {
        $(fn $name(&mut self, $($arg: $type),*) -> Result<$reply, Fault> {
            self.disk()?;
            let reply = self.tx.$name($($arg),*)?;
            $(self.writes.push($write);)?
            Ok(reply)
        })+
    };
}

impl Log for SpyTx<'_> {
    watched! {
        fn append_audit(household: HouseholdId, record: &AuditRecord) -> ();
        fn forget_audit(before: UtcMs, limit: usize) -> u64;
        fn add_calls(counts: &[CallCount]) -> ();
        fn forget_calls(before: UtcMs, limit: usize) -> u64;
    }

    passed_on! {
        fn calls_of(household: HouseholdId, session: Option<SessionId>, limit: usize) -> Vec<CallCount>;
        fn is_any_older(entries: UtcMs, counts: UtcMs) -> bool;
        fn audit_of(household: HouseholdId, before: Option<u64>, limit: usize) -> Vec<(u64, AuditRecord)>;
    }
}

impl Sessions for SpyTx<'_> {
    passed_on! {
        fn sessions_of(household: HouseholdId) -> Vec<SessionRecord>;
        fn held(token: &SecretHash) -> Option<(SessionRecord, Held)>;
        fn token_taken_at(session: SessionId) -> Option<UtcMs>;
    }

    watched! {
        fn offer_token(session: SessionId, next: &SecretHash) -> ();
        fn replace_tokens(session: SessionId, token: &SecretHash) -> ();
        fn take_token(session: &SessionRecord, at: UtcMs) -> ();
        fn forget_session(session: SessionId) -> ();
    }
}

impl Owners for SpyTx<'_> {
    watched! {
        fn rename_user(user: UserId, name: &PersonName) -> ();
        fn set_email(user: UserId, email: &Email) -> bool;
        fn verify_user(user: UserId, at: UtcMs) -> ();
        fn confirm_user(user: UserId, at: UtcMs) -> bool;
        fn remove_user(user: UserId, at: UtcMs) -> ();
        fn end_user_sessions(user: UserId, except: Option<SessionId>, at: UtcMs) -> ();
        fn set_unverified(household: HouseholdId, since: UtcMs) -> ();
        fn unset_unverified(household: HouseholdId) -> bool;
        fn insert_mail_code(code: &MailCodeRecord, now: UtcMs) -> ();
        fn forget_mail_codes(user: UserId, purpose: Purpose) -> ();
        fn insert_owner_invitation(code: &SecretHash, household: HouseholdId, expires_at: UtcMs, keep: usize) -> ();
        fn take_owner_invitation(code: &SecretHash, now: UtcMs) -> Option<HouseholdId>;
    }

    passed_on! {
        fn users_of(household: HouseholdId) -> Vec<UserRecord>;
        fn is_unverified(household: HouseholdId) -> bool;
        fn any_unverified() -> Option<HouseholdId>;
        fn has_mail_code(user: UserId, purpose: Purpose, code: &SecretHash, now: UtcMs) -> bool;
        fn has_owner_invitation(code: &SecretHash, now: UtcMs) -> bool;
    }
}

impl Tx for SpyTx<'_> {
    watched! {
        fn insert_household(id: HouseholdId, created_at: UtcMs) -> () => Write::Household(id);
        fn insert_user(user: &UserRecord) -> bool;
        fn set_password_hash(user: UserId, hash: &str) -> ();
        fn insert_invitation(code: &SecretHash, expires_at: UtcMs) -> ();
        fn take_invitation(code: &SecretHash, now: UtcMs) -> bool;
        fn insert_pairing(pairing: &PairingRecord) -> ();
        fn keep_newest_pairings(household: HouseholdId, keep: usize) -> ();
        fn take_pairing(code: &SecretHash, now: UtcMs) -> Option<PairingRecord>;
        fn erase_household(id: HouseholdId, at: UtcMs) -> () => Write::Erased(id);
        fn forget_erased(before: UtcMs) -> ();
        fn put_device(device: &DeviceRecord) -> () => Write::Device(device.clone());
        fn put_reject(device: DeviceId, mid: u64, problem: &Problem) -> () => Write::Reject(device, mid, problem.code);
        fn forget_rejects(device: DeviceId, mid: u64) -> ();
        fn insert_session(session: &SessionRecord) -> ();
        fn touch_session(id: SessionId, at: UtcMs) -> ();
        fn end_session(id: SessionId, at: UtcMs) -> bool;
        fn raise_clock(household: HouseholdId, clock: Hlc) -> ();
        fn unmark(household: HouseholdId, kind: Kind, id: Uuid) -> () => Write::Unmark(household, kind, id);
        fn set_collected(household: HouseholdId, gc_floor: u64, at: UtcMs) -> ();
        fn put_restriction(household: HouseholdId, restriction: &Restriction) -> ();
        fn set_epoch(epoch: Epoch) -> () => Write::Epoch(epoch);
        fn put_row(household: HouseholdId, kind: Kind, id: Uuid, row: &Registers) -> () => Write::Row(household, kind, id, row.clone());
        fn spend(household: HouseholdId, quota: Quota, now: UtcMs) -> bool;
        fn tally(household: HouseholdId, what: &'static str, subject: Uuid, period: Period, by: i64) -> Option<u64>;
        fn forget_tallies(household: HouseholdId, subject: Uuid) -> ();
        fn put_deck(deck: &DeckRecord) -> ();
        fn put_card(household: HouseholdId, card: &Card) -> () => Write::Card(household, card.clone());
        fn remove_card(household: HouseholdId, id: Uuid) -> () => Write::CardGone(household, id);
        fn remove_match(id: MatchId) -> () => Write::MatchGone(id);
        fn put_match(record: &MatchRecord) -> () => Write::Match(record.clone());
        fn put_playdate(record: &PlaydateRecord) -> () => Write::Playdate(record.clone());
    }

    fn mark_all(&mut self, household: HouseholdId, notes: &[FeedEntry]) -> Result<(), Fault> {
        self.disk()?;
        self.tx.mark_all(household, notes)?;
        let marks = notes.iter().map(|note| Write::Mark(household, *note));
        self.writes.extend(marks);
        Ok(())
    }

    fn put_swipes(&mut self, household: HouseholdId, seq: u64, swipes: &[SwipeWrite]) -> Result<(), Fault> {
        self.disk()?;
        self.tx.put_swipes(household, seq, swipes)?;
        for swipe in swipes {
            let row = Registers::clone(&swipe.row);
            self.writes
                .push(Write::Row(household, Kind::Swipe, swipe.id, row));
            self.writes.push(Write::Mark(household, swipe.note(seq)));
        }
        Ok(())
    }

    fn begin_commit(&mut self, household: HouseholdId, clock: Hlc, swipes: u64) -> Result<u64, Fault> {
        self.disk()?;
        let seq = self.tx.begin_commit(household, clock, swipes)?;
        self.writes.push(Write::Seq(household, seq));
        Ok(seq)
    }

    passed_on! {
        fn household(id: HouseholdId) -> Option<HouseholdRecord>;
        fn user(id: UserId) -> Option<UserRecord>;
        fn was_erased(token: &SecretHash) -> bool;
        fn user_by_email(email: &Email) -> Option<UserRecord>;
        fn has_invitation(code: &SecretHash, now: UtcMs) -> bool;
        fn device(id: DeviceId) -> Option<DeviceRecord>;
        fn rejects(device: DeviceId, first_mid: u64, last_mid: u64) -> Vec<(u64, Problem)>;
        fn epoch() -> Epoch;
        fn devices(household: HouseholdId) -> Vec<DeviceRecord>;
        fn feed(household: HouseholdId, after: u64, forgotten: u64, limit: usize) -> Vec<FeedEntry>;
        fn gone(household: HouseholdId, up_to: u64, limit: usize) -> Vec<FeedEntry>;
        fn restriction(household: HouseholdId, kind: Kind, id: Uuid, field: &str) -> Option<Restriction>;
        fn row(household: HouseholdId, kind: Kind, id: Uuid) -> Option<Registers>;
        fn rows(household: HouseholdId, kind: Kind) -> Vec<(Uuid, Fields)>;
        fn count_rows(household: HouseholdId, kind: Kind) -> u64;
        fn swipe_rows(household: HouseholdId, ids: &[Uuid]) -> Vec<(Uuid, Registers)>;
        fn expect_answers(answers: &[(PetId, SwipeId)]) -> ();
        fn owner_of_pet(pet: PetId) -> Option<HouseholdId>;
        fn answer(pet: PetId, id: SwipeId) -> Option<SwipeRecord>;
        fn households_near(south_west: Area, north_east: Area, except: HouseholdId) -> Vec<HouseholdId>;
        fn blocked_by(household: HouseholdId) -> Vec<HouseholdId>;
        fn reports() -> Vec<(HouseholdId, PetId, Registers)>;
        fn pets_of(household: HouseholdId) -> Vec<(PetId, bool)>;
        fn swipe(household: HouseholdId, id: SwipeId) -> Option<SwipeRecord>;
        fn swipes_of(household: HouseholdId, ids: &[SwipeId]) -> Vec<SwipeRecord>;
        fn swipes_by(household: HouseholdId, actors: &[PetId]) -> Vec<SwipeRecord>;
        fn is_used_up(household: HouseholdId, quota: Quota, now: UtcMs) -> bool;
        fn deck(pet: PetId) -> Option<DeckRecord>;
        fn decks(household: HouseholdId) -> Vec<DeckRecord>;
        fn card(household: HouseholdId, id: Uuid) -> Option<Card>;
        fn cards_for(pet: PetId) -> Vec<Card>;
        fn shown_to(pet: PetId) -> Vec<PetId>;
        fn cards_showing(pet: PetId) -> Vec<(HouseholdId, Card)>;
        fn matched(id: MatchId) -> Option<MatchRecord>;
        fn matches_of(household: HouseholdId) -> Vec<MatchRecord>;
        fn playdate(id: PlaydateId) -> Option<PlaydateRecord>;
        fn playdates_of(household: HouseholdId, since: UtcMs) -> Vec<PlaydateRecord>;
        fn playdates_of_match(id: MatchId) -> Vec<PlaydateRecord>;
    }
}
