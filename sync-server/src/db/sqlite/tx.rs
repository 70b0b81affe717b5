//! The trait's methods, each of which is one function in the file of its part. A table of contents, nothing else.

use romp_domain::text::Email;
use romp_domain::wire::Epoch;
use romp_domain::{
    Area, Card, DeviceId, Fields, Hlc, HouseholdId, Kind, MatchId, PetId, PlaydateId, Problem, SessionId,
    SwipeId, UserId, UtcMs,
};
use romp_sync::Registers;
use rusqlite::Connection;
use uuid::Uuid;

use super::{accounts, across, devices, erased, feed, own_rows, server_rows, swipe_puts, swipes};
use crate::db::{
    DeckRecord, DeviceRecord, Fault, FeedEntry, HouseholdRecord, MatchRecord, PairingRecord, Period,
    PlaydateRecord, Quota, Restriction, SecretHash, SessionRecord, SwipeRecord, SwipeWrite, Tx, UserRecord,
};

/// A connection in the middle of a transaction.
pub(super) struct SqliteTx<'c>(pub(super) &'c Connection);

impl Tx for SqliteTx<'_> {
    fn epoch(&mut self) -> Result<Epoch, Fault> {
        accounts::epoch(self.0)
    }

    fn set_epoch(&mut self, epoch: Epoch) -> Result<(), Fault> {
        accounts::set_epoch(self.0, epoch)
    }

    fn insert_household(&mut self, id: HouseholdId, created_at: UtcMs) -> Result<(), Fault> {
        accounts::insert_household(self.0, id, created_at)
    }

    fn household(&mut self, id: HouseholdId) -> Result<Option<HouseholdRecord>, Fault> {
        accounts::household(self.0, id)
    }

    fn insert_user(&mut self, user: &UserRecord) -> Result<bool, Fault> {
        accounts::insert_user(self.0, user)
    }

    fn user(&mut self, id: UserId) -> Result<Option<UserRecord>, Fault> {
        accounts::user(self.0, id)
    }

    fn user_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, Fault> {
        accounts::user_by_email(self.0, email)
    }

    fn set_password_hash(&mut self, user: UserId, hash: &str) -> Result<(), Fault> {
        accounts::set_password_hash(self.0, user, hash)
    }

    fn insert_invitation(&mut self, code: &SecretHash, expires_at: UtcMs) -> Result<(), Fault> {
        accounts::insert_invitation(self.0, code, expires_at)
    }

    fn has_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
        accounts::has_invitation(self.0, code, now)
    }

    fn take_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
        accounts::take_invitation(self.0, code, now)
    }

    fn insert_pairing(&mut self, pairing: &PairingRecord) -> Result<(), Fault> {
        accounts::insert_pairing(self.0, pairing)
    }

    fn keep_newest_pairings(&mut self, household: HouseholdId, keep: usize) -> Result<(), Fault> {
        accounts::keep_newest_pairings(self.0, household, keep)
    }

    fn take_pairing(&mut self, code: &SecretHash, now: UtcMs) -> Result<Option<PairingRecord>, Fault> {
        accounts::take_pairing(self.0, code, now)
    }

    fn erase_household(&mut self, id: HouseholdId, at: UtcMs) -> Result<(), Fault> {
        erased::erase_household(self.0, id, at)
    }

    fn was_erased(&mut self, token: &SecretHash) -> Result<bool, Fault> {
        erased::was_erased(self.0, token)
    }

    fn forget_erased(&mut self, before: UtcMs) -> Result<(), Fault> {
        erased::forget_erased(self.0, before)
    }

    fn device(&mut self, id: DeviceId) -> Result<Option<DeviceRecord>, Fault> {
        devices::device(self.0, id)
    }

    fn put_device(&mut self, device: &DeviceRecord) -> Result<(), Fault> {
        devices::put_device(self.0, device)
    }

    fn forget_rejects(&mut self, device: DeviceId, mid: u64) -> Result<(), Fault> {
        devices::forget_rejects(self.0, device, mid)
    }

    fn devices(&mut self, household: HouseholdId) -> Result<Vec<DeviceRecord>, Fault> {
        devices::devices(self.0, household)
    }

    fn put_reject(&mut self, device: DeviceId, mid: u64, problem: &Problem) -> Result<(), Fault> {
        devices::put_reject(self.0, device, mid, problem)
    }

    fn rejects(
        &mut self,
        device: DeviceId,
        first_mid: u64,
        last_mid: u64,
    ) -> Result<Vec<(u64, Problem)>, Fault> {
        devices::rejects(self.0, device, first_mid, last_mid)
    }

    fn insert_session(&mut self, session: &SessionRecord) -> Result<(), Fault> {
        devices::insert_session(self.0, session)
    }

    fn touch_session(&mut self, id: SessionId, at: UtcMs) -> Result<(), Fault> {
        devices::touch_session(self.0, id, at)
    }

    fn end_session(&mut self, id: SessionId, at: UtcMs) -> Result<bool, Fault> {
        devices::end_session(self.0, id, at)
    }

    fn begin_commit(&mut self, household: HouseholdId, clock: Hlc, swipes: u64) -> Result<u64, Fault> {
        feed::begin_commit(self.0, household, clock, swipes)
    }

    fn raise_clock(&mut self, household: HouseholdId, clock: Hlc) -> Result<(), Fault> {
        feed::raise_clock(self.0, household, clock)
    }

    fn mark_all(&mut self, household: HouseholdId, notes: &[FeedEntry]) -> Result<(), Fault> {
        feed::mark_all(self.0, household, notes)
    }

    fn feed(
        &mut self,
        household: HouseholdId,
        after: u64,
        forgotten: u64,
        limit: usize,
    ) -> Result<Vec<FeedEntry>, Fault> {
        feed::feed(self.0, household, after, forgotten, limit)
    }

    fn gone(&mut self, household: HouseholdId, up_to: u64, limit: usize) -> Result<Vec<FeedEntry>, Fault> {
        feed::gone(self.0, household, up_to, limit)
    }

    fn unmark(&mut self, household: HouseholdId, kind: Kind, id: Uuid) -> Result<(), Fault> {
        feed::unmark(self.0, household, kind, id)
    }

    fn set_collected(&mut self, household: HouseholdId, gc_floor: u64, at: UtcMs) -> Result<(), Fault> {
        feed::set_collected(self.0, household, gc_floor, at)
    }

    fn restriction(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
        field: &str,
    ) -> Result<Option<Restriction>, Fault> {
        feed::restriction(self.0, household, kind, id, field)
    }

    fn put_restriction(&mut self, household: HouseholdId, restriction: &Restriction) -> Result<(), Fault> {
        feed::put_restriction(self.0, household, restriction)
    }

    fn row(&mut self, household: HouseholdId, kind: Kind, id: Uuid) -> Result<Option<Registers>, Fault> {
        match kind {
            Kind::Swipe => swipes::row(self.0, household, id),
            _ => own_rows::row(self.0, household, kind, id),
        }
    }

    fn put_row(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
        row: &Registers,
    ) -> Result<(), Fault> {
        match kind {
            Kind::Swipe => swipe_puts::put_row(self.0, household, id, row),
            _ => own_rows::put_row(self.0, household, kind, id, row),
        }
    }

    fn rows(&mut self, household: HouseholdId, kind: Kind) -> Result<Vec<(Uuid, Fields)>, Fault> {
        match kind {
            Kind::Swipe => swipes::rows(self.0, household),
            _ => own_rows::rows(self.0, household, kind),
        }
    }

    fn count_rows(&mut self, household: HouseholdId, kind: Kind) -> Result<u64, Fault> {
        own_rows::count_rows(self.0, household, kind)
    }

    fn swipe_rows(&mut self, household: HouseholdId, ids: &[Uuid]) -> Result<Vec<(Uuid, Registers)>, Fault> {
        swipes::swipe_rows(self.0, household, ids)
    }

    fn put_swipes(&mut self, household: HouseholdId, seq: u64, swipes: &[SwipeWrite]) -> Result<(), Fault> {
        swipe_puts::put_swipes(self.0, household, seq, swipes)
    }

    fn pets_of(&mut self, household: HouseholdId) -> Result<Vec<(PetId, bool)>, Fault> {
        across::pets_of(self.0, household)
    }

    fn swipe(&mut self, household: HouseholdId, id: SwipeId) -> Result<Option<SwipeRecord>, Fault> {
        swipes::swipe(self.0, household, id)
    }

    fn swipes_of(&mut self, household: HouseholdId, ids: &[SwipeId]) -> Result<Vec<SwipeRecord>, Fault> {
        swipes::swipes_of(self.0, household, ids)
    }

    fn swipes_by(&mut self, household: HouseholdId, actors: &[PetId]) -> Result<Vec<SwipeRecord>, Fault> {
        swipes::swipes_by(self.0, household, actors)
    }

    fn answer(&mut self, pet: PetId, id: SwipeId) -> Result<Option<SwipeRecord>, Fault> {
        swipes::answer(self.0, pet, id)
    }

    fn owner_of_pet(&mut self, pet: PetId) -> Result<Option<HouseholdId>, Fault> {
        across::owner_of_pet(self.0, pet)
    }

    fn households_near(
        &mut self,
        south_west: Area,
        north_east: Area,
        except: HouseholdId,
    ) -> Result<Vec<HouseholdId>, Fault> {
        across::households_near(self.0, south_west, north_east, except)
    }

    fn blocked_by(&mut self, household: HouseholdId) -> Result<Vec<HouseholdId>, Fault> {
        across::blocked_by(self.0, household)
    }

    fn reports(&mut self) -> Result<Vec<(HouseholdId, PetId, Registers)>, Fault> {
        own_rows::reports(self.0)
    }

    fn spend(&mut self, household: HouseholdId, quota: Quota, now: UtcMs) -> Result<bool, Fault> {
        server_rows::spend(self.0, household, quota, now)
    }

    fn is_used_up(&mut self, household: HouseholdId, quota: Quota, now: UtcMs) -> Result<bool, Fault> {
        server_rows::is_used_up(self.0, household, quota, now)
    }

    fn tally(
        &mut self,
        household: HouseholdId,
        what: &'static str,
        subject: Uuid,
        period: Period,
        by: i64,
    ) -> Result<Option<u64>, Fault> {
        server_rows::tally(self.0, household, what, subject, period, by)
    }

    fn forget_tallies(&mut self, household: HouseholdId, subject: Uuid) -> Result<(), Fault> {
        server_rows::forget_tallies(self.0, household, subject)
    }

    fn deck(&mut self, pet: PetId) -> Result<Option<DeckRecord>, Fault> {
        server_rows::deck(self.0, pet)
    }

    fn put_deck(&mut self, deck: &DeckRecord) -> Result<(), Fault> {
        server_rows::put_deck(self.0, deck)
    }

    fn decks(&mut self, household: HouseholdId) -> Result<Vec<DeckRecord>, Fault> {
        server_rows::decks(self.0, household)
    }

    fn card(&mut self, household: HouseholdId, id: Uuid) -> Result<Option<Card>, Fault> {
        server_rows::card(self.0, household, id)
    }

    fn cards_for(&mut self, pet: PetId) -> Result<Vec<Card>, Fault> {
        server_rows::cards_for(self.0, pet)
    }

    fn shown_to(&mut self, pet: PetId) -> Result<Vec<PetId>, Fault> {
        server_rows::shown_to(self.0, pet)
    }

    fn cards_showing(&mut self, pet: PetId) -> Result<Vec<(HouseholdId, Card)>, Fault> {
        server_rows::cards_showing(self.0, pet)
    }

    fn put_card(&mut self, household: HouseholdId, card: &Card) -> Result<(), Fault> {
        server_rows::put_card(self.0, household, card)
    }

    fn remove_card(&mut self, household: HouseholdId, id: Uuid) -> Result<(), Fault> {
        server_rows::remove_card(self.0, household, id)
    }

    fn matched(&mut self, id: MatchId) -> Result<Option<MatchRecord>, Fault> {
        server_rows::matched(self.0, id)
    }

    fn put_match(&mut self, record: &MatchRecord) -> Result<(), Fault> {
        server_rows::put_match(self.0, record)
    }

    fn remove_match(&mut self, id: MatchId) -> Result<(), Fault> {
        server_rows::remove_match(self.0, id)
    }

    fn matches_of(&mut self, household: HouseholdId) -> Result<Vec<MatchRecord>, Fault> {
        server_rows::matches_of(self.0, household)
    }

    fn playdate(&mut self, id: PlaydateId) -> Result<Option<PlaydateRecord>, Fault> {
        server_rows::playdate(self.0, id)
    }

    fn put_playdate(&mut self, record: &PlaydateRecord) -> Result<(), Fault> {
        server_rows::put_playdate(self.0, record)
    }

    fn playdates_of(&mut self, household: HouseholdId, since: UtcMs) -> Result<Vec<PlaydateRecord>, Fault> {
        server_rows::playdates_of(self.0, household, since)
    }

    fn playdates_of_match(&mut self, id: MatchId) -> Result<Vec<PlaydateRecord>, Fault> {
        server_rows::playdates_of_match(self.0, id)
    }
}
