//! What the server's database must say: what the model says, that whoever should have matched has matched, and that who
//! is not shown is dealt nobody.

use romp_domain::time::{DAY_MS, HOUR_MS};
use romp_domain::{Entity, Kind, MatchId, Pet, PetId, Swipe};
use romp_matching::{Candidate, FreeTime, HORIZON_DAYS, Party, eligible};
use romp_server::db::{DbExt, MatchRecord, PlaydateRecord};
use romp_sync::Registers;

use crate::oracle::{Violation, broken};
use crate::wire::hosted;
use crate::world::World;

/// What the database holds of everything in the model.
type All = (
    Vec<Option<Registers>>,
    Vec<Option<u64>>,
    Vec<Option<MatchRecord>>,
    Vec<Option<PlaydateRecord>>,
);

impl World {
    /// The database says what the model says.
    pub(crate) fn holds_what_it_committed(&self) -> Result<(), Violation> {
        let server = hosted(&self.host).server.clone();
        let keys: Vec<_> = self.model.rows.keys().copied().collect();
        let devices: Vec<_> = self.model.devices.keys().copied().collect();
        let matches: Vec<MatchId> = self.model.matches.keys().copied().collect();
        let playdates: Vec<_> = self.model.playdates.keys().copied().collect();
        let (rows, mids, matches, playdates): All = server
            .db
            .read(move |tx| {
                let rows = keys
                    .iter()
                    .map(|(home, kind, id)| tx.row(*home, *kind, *id))
                    .collect::<Result<_, _>>()?;
                let mids = devices
                    .iter()
                    .map(|id| Ok(tx.device(*id)?.map(|device| device.held.mid)))
                    .collect::<Result<_, romp_server::db::Fault>>()?;
                let matches = matches
                    .iter()
                    .map(|id| tx.matched(*id))
                    .collect::<Result<_, _>>()?;
                let playdates = playdates
                    .iter()
                    .map(|id| tx.playdate(*id))
                    .collect::<Result<_, _>>()?;
                Ok((rows, mids, matches, playdates))
            })
            .unwrap();
        let rows_hold = rows
            .iter()
            .zip(self.model.rows.values())
            .all(|(is, should)| is.as_ref() == Some(should));
        let mids_hold = mids
            .iter()
            .zip(self.model.devices.values())
            .all(|(is, should)| *is == Some(should.held.mid));
        let met = matches
            .iter()
            .zip(self.model.matches.values())
            .all(|(is, should)| is.as_ref() == Some(should))
            && playdates
                .iter()
                .zip(self.model.playdates.values())
                .all(|(is, should)| is.as_ref() == Some(should));
        if rows_hold && mids_hold && met {
            return Ok(());
        }
        broken(
            "I1 I10",
            format!(
                "the database lost what it committed: rows {rows_hold}, devices {mids_hold}, meetings {met}"
            ),
        )
    }

    /// Brute force: every two released yeses of pets that may meet have led to a match.
    pub(super) fn who_should_match_has_matched(&self) -> Result<(), Violation> {
        let all: Vec<(Party, Vec<(PetId, Pet)>)> = self
            .households
            .iter()
            .filter_map(|household| self.party(*household))
            .collect();
        let candidates: Vec<Candidate<'_>> = all
            .iter()
            .flat_map(|(party, pets)| {
                pets.iter()
                    .map(move |(id, pet)| Candidate { id: *id, pet, party })
            })
            .collect();
        for a in &candidates {
            for b in &candidates {
                let yes = |actor: PetId, target: PetId, home| {
                    let id = romp_domain::SwipeId::of(actor, target).0;
                    self.model
                        .row(home, Kind::Swipe, id)
                        .and_then(|row| Swipe::read_known(&row.fields))
                        .is_some_and(|swipe| swipe.is_released_yes())
                };
                if a.id >= b.id || !yes(a.id, b.id, a.party.household) || !yes(b.id, a.id, b.party.household)
                {
                    continue;
                }
                // On the dates of both homes: around midnight only one of them may be asked.
                let today = |party: &Party| {
                    let at = jiff::Timestamp::from_millisecond(self.now).unwrap();
                    at.to_zoned(party.zone.rules()).date()
                };
                let fit = eligible(a, b, today(a.party)).is_ok() && eligible(a, b, today(b.party)).is_ok();
                let matched = self.model.matches.get(&MatchId::of(a.id, b.id));
                if fit && matched.is_none_or(|record| record.ended) {
                    return broken(
                        "6 I9",
                        format!("{} and {} said yes, fit, and did not match", a.id, b.id),
                    );
                }
            }
        }
        Ok(())
    }

    /// No card is left for a pet that is gone, or in a family that does not take part.
    pub(super) fn who_is_not_shown_sees_nobody(&self) -> Result<(), Violation> {
        for ((household, _), card) in &self.model.cards {
            let shown = self.model.pet(*household, card.for_pet).is_some()
                && self.model.settings(*household).share_consent.is_some();
            if !shown {
                return broken(
                    "8",
                    format!("a card for a pet that is not shown itself: {card:?}"),
                );
            }
        }
        Ok(())
    }

    fn party(&self, household: romp_domain::HouseholdId) -> Option<(Party, Vec<(PetId, Pet)>)> {
        let of = |kind: Kind| {
            self.model.rows.iter().filter(move |((home, k, _), row)| {
                *home == household && *k == kind && !row.fields.is_deleted()
            })
        };
        let settings = self.model.settings(household);
        let weekly: Vec<_> = of(Kind::Slot)
            .filter_map(|(_, row)| romp_domain::WeeklySlot::read_known(&row.fields))
            .map(|slot| slot.hours)
            .collect();
        let special: Vec<_> = of(Kind::Exception)
            .filter_map(|(_, row)| romp_domain::DateException::read_known(&row.fields))
            .collect();
        let now = romp_domain::UtcMs(self.now);
        let until = now.plus_ms(HORIZON_DAYS * DAY_MS + HOUR_MS);
        let free = FreeTime::expand(&settings.zone, &weekly, &special, now, until);
        let pets = of(Kind::Pet)
            .filter_map(|((_, _, id), row)| Some((PetId(*id), Pet::read_known(&row.fields)?)))
            .collect();
        let mut party = Party::of(household, &settings, free)?;
        let others = self.households.iter().copied();
        party.blocks = others
            .filter(|other| self.model.are_apart(household, *other))
            .collect();
        Some((party, pets))
    }
}
