//! What matching knows of a household and of one of its pets.

use std::collections::BTreeSet;

use romp_domain::{Area, Household, HouseholdId, Km, Pet, PetId, Species, Venue, ZoneName};

use crate::week::FreeTime;

/// A household as matching sees it, shared by all its pets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Whose.
    pub household: HouseholdId,
    /// The coarse place.
    pub area: Area,
    /// How far the family travels.
    pub travel_km: Km,
    /// Species that nobody of the family may meet.
    pub allergies: BTreeSet<Species>,
    /// Venues the family agrees to.
    pub venues: BTreeSet<Venue>,
    /// The zone in which the family reads its clock.
    pub zone: ZoneName,
    /// The households from which it wants to be apart. Nobody is told.
    pub blocks: BTreeSet<HouseholdId>,
    /// When the family is free during the next [`crate::HORIZON_DAYS`].
    pub free: FreeTime,
}

impl Party {
    /// The household as matching sees it, with its free time. `None` for a household that cannot take part: one
    /// that has not agreed to show its pets to others (R3), or has not said where it lives. Whom it blocks, the caller
    /// adds.
    pub fn of(id: HouseholdId, household: &Household, free: FreeTime) -> Option<Self> {
        household.share_consent?;
        Some(Self {
            household: id,
            area: household.area?,
            travel_km: household.travel_km,
            allergies: household.allergies.clone(),
            venues: household.venues.clone(),
            zone: household.zone.clone(),
            blocks: BTreeSet::new(),
            free,
        })
    }
}

/// A pet that could meet others, with the household it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Which pet.
    pub id: PetId,
    /// What its owner says about it.
    pub pet: &'a Pet,
    /// Its household.
    pub party: &'a Party,
}

impl Candidate<'_> {
    /// Kilometres between the middles of the two households' areas; never finer than the grid of [`Area`].
    pub fn km_to(&self, other: &Candidate<'_>) -> f64 {
        self.party.area.km_to(other.party.area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::{Consent, UtcMs};
    use uuid::Uuid;

    #[test]
    fn a_household_without_consent_or_place_takes_no_part() {
        let id = HouseholdId(Uuid::nil());
        let mut household = Household::new(ZoneName::utc());
        assert_eq!(Party::of(id, &household, FreeTime::none()), None);
        household.area = Area::around(47.6, -122.3).ok();
        assert_eq!(
            Party::of(id, &household, FreeTime::none()),
            None,
            "shown without consent"
        );
        household.share_consent = Some(Consent {
            notice: Consent::NOTICE,
            given_at: UtcMs(0),
        });
        assert!(Party::of(id, &household, FreeTime::none()).is_some());
        household.area = None;
        assert_eq!(Party::of(id, &household, FreeTime::none()), None);
    }
}
