//! The trait's methods, each of which is one function in the file of its part. A table of contents, nothing else.

use romp_domain::text::Email;
use romp_domain::wire::Epoch;
use romp_domain::{
    Area, Card, DeviceId, Fields, Hlc, HouseholdId, Kind, MatchId, PetId, PlaydateId, Problem, SessionId,
    SwipeId, UserId, UtcMs,
};
use romp_sync::Registers;
use uuid::Uuid;

use super::statements::PgTx;
use super::{accounts, across, devices, erased, feed, own_rows, server_rows, swipes};
use crate::db::{
    DeckRecord, DeviceRecord, Fault, FeedEntry, HouseholdRecord, MatchRecord, PairingRecord, Period,
    PlaydateRecord, Quota, Restriction, SecretHash, SessionRecord, SwipeRecord, SwipeWrite, Tx, UserRecord,
};

impl Tx for PgTx<'_> {
    fn epoch(&mut self) -> Result<Epoch, Fault> {
        accounts::epoch(self)
    }

    fn set_epoch(&mut self, epoch: Epoch) -> Result<(), Fault> {
        accounts::set_epoch(self, epoch)
    }

    fn insert_household(&mut self, id: HouseholdId, created_at: UtcMs) -> Result<(), Fault> {
        accounts::insert_household(self, id, created_at)
    }

    fn household(&mut self, id: HouseholdId) -> Result<Option<HouseholdRecord>, Fault> {
        accounts::household(self, id)
    }

    fn insert_user(&mut self, user: &UserRecord) -> Result<bool, Fault> {
        accounts::insert_user(self, user)
    }

    fn user(&mut self, id: UserId) -> Result<Option<UserRecord>, Fault> {
        accounts::user(self, id)
    }

    fn user_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, Fault> {
        accounts::user_by_email(self, email)
    }

    fn set_password_hash(&mut self, user: UserId, hash: &str) -> Result<(), Fault> {
        accounts::set_password_hash(self, user, hash)
    }

    fn insert_invitation(&mut self, code: &SecretHash, expires_at: UtcMs) -> Result<(), Fault> {
        accounts::insert_invitation(self, code, expires_at)
    }

    fn has_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
        accounts::has_invitation(self, code, now)
    }

    fn take_invitation(&mut self, code: &SecretHash, now: UtcMs) -> Result<bool, Fault> {
        accounts::take_invitation(self, code, now)
    }

    fn insert_pairing(&mut self, pairing: &PairingRecord) -> Result<(), Fault> {
        accounts::insert_pairing(self, pairing)
    }

    fn keep_newest_pairings(&mut self, household: HouseholdId, keep: usize) -> Result<(), Fault> {
        accounts::keep_newest_pairings(self, household, keep)
    }

    fn take_pairing(&mut self, code: &SecretHash, now: UtcMs) -> Result<Option<PairingRecord>, Fault> {
        accounts::take_pairing(self, code, now)
    }

    fn erase_household(&mut self, id: HouseholdId, at: UtcMs) -> Result<(), Fault> {
        erased::erase_household(self, id, at)
    }

    fn was_erased(&mut self, token: &SecretHash) -> Result<bool, Fault> {
        erased::was_erased(self, token)
    }

    fn forget_erased(&mut self, before: UtcMs) -> Result<(), Fault> {
        erased::forget_erased(self, before)
    }

    fn device(&mut self, id: DeviceId) -> Result<Option<DeviceRecord>, Fault> {
        devices::device(self, id)
    }

    fn put_device(&mut self, device: &DeviceRecord) -> Result<(), Fault> {
        devices::put_device(self, device)
    }

    fn forget_rejects(&mut self, device: DeviceId, mid: u64) -> Result<(), Fault> {
        devices::forget_rejects(self, device, mid)
    }

    fn devices(&mut self, household: HouseholdId) -> Result<Vec<DeviceRecord>, Fault> {
        devices::devices(self, household)
    }

    fn put_reject(&mut self, device: DeviceId, mid: u64, problem: &Problem) -> Result<(), Fault> {
        devices::put_reject(self, device, mid, problem)
    }

    fn rejects(
        &mut self,
        device: DeviceId,
        first_mid: u64,
        last_mid: u64,
    ) -> Result<Vec<(u64, Problem)>, Fault> {
        devices::rejects(self, device, first_mid, last_mid)
    }

    fn insert_session(&mut self, session: &SessionRecord) -> Result<(), Fault> {
        devices::insert_session(self, session)
    }

    fn touch_session(&mut self, id: SessionId, at: UtcMs) -> Result<(), Fault> {
        devices::touch_session(self, id, at)
    }

    fn end_session(&mut self, id: SessionId, at: UtcMs) -> Result<bool, Fault> {
        devices::end_session(self, id, at)
    }

    fn begin_commit(&mut self, household: HouseholdId, clock: Hlc, swipes: u64) -> Result<u64, Fault> {
        feed::begin_commit(self, household, clock, swipes)
    }

    fn raise_clock(&mut self, household: HouseholdId, clock: Hlc) -> Result<(), Fault> {
        feed::raise_clock(self, household, clock)
    }

    fn mark_all(&mut self, household: HouseholdId, notes: &[FeedEntry]) -> Result<(), Fault> {
        feed::mark_all(self, household, notes)
    }

    fn feed(
        &mut self,
        household: HouseholdId,
        after: u64,
        forgotten: u64,
        limit: usize,
    ) -> Result<Vec<FeedEntry>, Fault> {
        feed::feed(self, household, after, forgotten, limit)
    }

    fn gone(&mut self, household: HouseholdId, up_to: u64, limit: usize) -> Result<Vec<FeedEntry>, Fault> {
        feed::gone(self, household, up_to, limit)
    }

    fn unmark(&mut self, household: HouseholdId, kind: Kind, id: Uuid) -> Result<(), Fault> {
        feed::unmark(self, household, kind, id)
    }

    fn set_collected(&mut self, household: HouseholdId, gc_floor: u64, at: UtcMs) -> Result<(), Fault> {
        feed::set_collected(self, household, gc_floor, at)
    }

    fn restriction(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
        field: &str,
    ) -> Result<Option<Restriction>, Fault> {
        feed::restriction(self, household, kind, id, field)
    }

    fn put_restriction(&mut self, household: HouseholdId, restriction: &Restriction) -> Result<(), Fault> {
        feed::put_restriction(self, household, restriction)
    }

    fn row(&mut self, household: HouseholdId, kind: Kind, id: Uuid) -> Result<Option<Registers>, Fault> {
        own_rows::row(self, household, kind, id)
    }

    fn put_row(
        &mut self,
        household: HouseholdId,
        kind: Kind,
        id: Uuid,
        row: &Registers,
    ) -> Result<(), Fault> {
        own_rows::put_row(self, household, kind, id, row)
    }

    fn rows(&mut self, household: HouseholdId, kind: Kind) -> Result<Vec<(Uuid, Fields)>, Fault> {
        own_rows::rows(self, household, kind)
    }

    fn expect(&mut self, households: &[HouseholdId]) -> Result<(), Fault> {
        own_rows::expect(self, households)
    }

    fn count_rows(&mut self, household: HouseholdId, kind: Kind) -> Result<u64, Fault> {
        own_rows::count_rows(self, household, kind)
    }

    fn swipe_rows(&mut self, household: HouseholdId, ids: &[Uuid]) -> Result<Vec<(Uuid, Registers)>, Fault> {
        swipes::swipe_rows(self, household, ids)
    }

    fn put_swipes(&mut self, household: HouseholdId, seq: u64, swipes: &[SwipeWrite]) -> Result<(), Fault> {
        swipes::put_swipes(self, household, seq, swipes)
    }

    fn expect_answers(&mut self, answers: &[(PetId, SwipeId)]) -> Result<(), Fault> {
        swipes::expect_answers(self, answers)
    }

    fn pets_of(&mut self, household: HouseholdId) -> Result<Vec<(PetId, bool)>, Fault> {
        across::pets_of(self, household)
    }

    fn swipe(&mut self, household: HouseholdId, id: SwipeId) -> Result<Option<SwipeRecord>, Fault> {
        swipes::swipe(self, household, id)
    }

    fn swipes_of(&mut self, household: HouseholdId, ids: &[SwipeId]) -> Result<Vec<SwipeRecord>, Fault> {
        swipes::swipes_of(self, household, ids)
    }

    fn swipes_by(&mut self, household: HouseholdId, actors: &[PetId]) -> Result<Vec<SwipeRecord>, Fault> {
        swipes::swipes_by(self, household, actors)
    }

    fn owner_of_pet(&mut self, pet: PetId) -> Result<Option<HouseholdId>, Fault> {
        across::owner_of_pet(self, pet)
    }

    fn households_near(
        &mut self,
        south_west: Area,
        north_east: Area,
        except: HouseholdId,
    ) -> Result<Vec<HouseholdId>, Fault> {
        across::households_near(self, south_west, north_east, except)
    }

    fn blocked_by(&mut self, household: HouseholdId) -> Result<Vec<HouseholdId>, Fault> {
        across::blocked_by(self, household)
    }

    fn reports(&mut self) -> Result<Vec<(HouseholdId, PetId, Registers)>, Fault> {
        own_rows::reports(self)
    }

    fn spend(&mut self, household: HouseholdId, quota: Quota, now: UtcMs) -> Result<bool, Fault> {
        server_rows::spend(self, household, quota, now)
    }

    fn is_used_up(&mut self, household: HouseholdId, quota: Quota, now: UtcMs) -> Result<bool, Fault> {
        server_rows::is_used_up(self, household, quota, now)
    }

    fn tally(
        &mut self,
        household: HouseholdId,
        what: &'static str,
        subject: Uuid,
        period: Period,
        by: i64,
    ) -> Result<Option<u64>, Fault> {
        server_rows::tally(self, household, what, subject, period, by)
    }

    fn forget_tallies(&mut self, household: HouseholdId, subject: Uuid) -> Result<(), Fault> {
        server_rows::forget_tallies(self, household, subject)
    }

    fn deck(&mut self, pet: PetId) -> Result<Option<DeckRecord>, Fault> {
        server_rows::deck(self, pet)
    }

    fn put_deck(&mut self, deck: &DeckRecord) -> Result<(), Fault> {
        server_rows::put_deck(self, deck)
    }

    fn decks(&mut self, household: HouseholdId) -> Result<Vec<DeckRecord>, Fault> {
        server_rows::decks(self, household)
    }

    fn card(&mut self, household: HouseholdId, id: Uuid) -> Result<Option<Card>, Fault> {
        server_rows::card(self, household, id)
    }

    fn cards_for(&mut self, pet: PetId) -> Result<Vec<Card>, Fault> {
        server_rows::cards_for(self, pet)
    }

    fn shown_to(&mut self, pet: PetId) -> Result<Vec<PetId>, Fault> {
        server_rows::shown_to(self, pet)
    }

    fn cards_showing(&mut self, pet: PetId) -> Result<Vec<(HouseholdId, Card)>, Fault> {
        server_rows::cards_showing(self, pet)
    }

    fn put_card(&mut self, household: HouseholdId, card: &Card) -> Result<(), Fault> {
        server_rows::put_card(self, household, card)
    }

    fn remove_card(&mut self, household: HouseholdId, id: Uuid) -> Result<(), Fault> {
        server_rows::remove_card(self, household, id)
    }

    fn matched(&mut self, id: MatchId) -> Result<Option<MatchRecord>, Fault> {
        server_rows::matched(self, id)
    }

    fn put_match(&mut self, record: &MatchRecord) -> Result<(), Fault> {
        server_rows::put_match(self, record)
    }

    fn remove_match(&mut self, id: MatchId) -> Result<(), Fault> {
        server_rows::remove_match(self, id)
    }

    fn matches_of(&mut self, household: HouseholdId) -> Result<Vec<MatchRecord>, Fault> {
        server_rows::matches_of(self, household)
    }

    fn playdate(&mut self, id: PlaydateId) -> Result<Option<PlaydateRecord>, Fault> {
        server_rows::playdate(self, id)
    }

    fn put_playdate(&mut self, record: &PlaydateRecord) -> Result<(), Fault> {
        server_rows::put_playdate(self, record)
    }

    fn playdates_of(&mut self, household: HouseholdId, since: UtcMs) -> Result<Vec<PlaydateRecord>, Fault> {
        server_rows::playdates_of(self, household, since)
    }

    fn playdates_of_match(&mut self, id: MatchId) -> Result<Vec<PlaydateRecord>, Fault> {
        server_rows::playdates_of_match(self, id)
    }
}
