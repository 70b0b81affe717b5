//! Loads a family as matching sees it: settings, free time, pets, whom it blocks. And whether two may meet at an
//! instant.

use std::sync::Arc;

use jiff::civil::Date;
use romp_domain::time::{DAY_MS, HOUR_MS};
use romp_domain::{Area, DateException, HouseholdId, Pet, PetId, UtcMs, WeeklyHours, WeeklySlot};
use romp_matching::{Candidate, Exclusion, FreeTime, HORIZON_DAYS, Party, eligible};

use super::work::{Work, date_in};
use crate::db::Fault;

/// A family that takes part, with its pets.
pub(crate) struct Family {
    pub(super) party: Party,
    pub(super) pets: Vec<(PetId, Pet)>,
}

impl Family {
    /// One of its pets as a candidate.
    pub(super) fn candidate(&self, id: PetId) -> Option<Candidate<'_>> {
        self.candidates().find(|candidate| candidate.id == id)
    }

    /// All its pets as candidates.
    pub(super) fn candidates(&self) -> impl Iterator<Item = Candidate<'_>> {
        self.pets.iter().map(|(id, pet)| Candidate {
            id: *id,
            pet,
            party: &self.party,
        })
    }
}

/// Loads a family, unless it does not take part (no consent, no area). See [`Work::family`].
pub(super) fn load(work: &mut Work<'_>, household: HouseholdId) -> Result<Option<Family>, Fault> {
    let settings = work.settings(household)?;
    if settings.share_consent.is_none() || settings.area.is_none() {
        return Ok(None);
    }
    let weekly: Vec<WeeklyHours> = work
        .all::<WeeklySlot>(household)?
        .into_iter()
        .map(|(_, slot)| slot.hours)
        .collect();
    let exceptions: Vec<DateException> = work
        .all::<DateException>(household)?
        .into_iter()
        .map(|(_, exception)| exception)
        .collect();
    let until = work.now.plus_ms(HORIZON_DAYS * DAY_MS + HOUR_MS);
    let free = FreeTime::expand(&settings.zone, &weekly, &exceptions, work.now, until);
    let pets: Vec<(PetId, Pet)> = work
        .all::<Pet>(household)?
        .into_iter()
        .map(|(id, pet)| (PetId(id), pet))
        .collect();
    let Some(mut party) = Party::of(household, &settings, free) else {
        return Ok(None);
    };
    party.blocks.clone_from(&*work.blocks(household)?);
    Ok(Some(Family { party, pets }))
}

/// The day that it is at an instant for each of two families. Around midnight, or far apart, these differ.
pub(super) fn days(a: &Candidate<'_>, b: &Candidate<'_>, at: UtcMs) -> [Date; 2] {
    [a, b].map(|one| date_in(&one.party.zone, at))
}

/// Why two may not meet at an instant, if they may not: neither on the one family's day nor on the other's. Of several
/// reasons one that protects.
pub(super) fn forbidden(a: &Candidate<'_>, b: &Candidate<'_>, at: UtcMs) -> Option<Exclusion> {
    let [one, other] = days(a, b, at);
    let first = eligible(a, b, one).err();
    if one == other {
        return first;
    }
    first.into_iter().chain(eligible(a, b, other).err()).min()
}

/// The families in reach of a party.
pub(super) fn families_near(work: &mut Work<'_>, party: &Party) -> Result<Vec<Arc<Family>>, Fault> {
    let (south_west, north_east) = reach(party.area, f64::from(party.travel_km.get()));
    let households = work.households_near(south_west, north_east, party.household)?;
    work.tx.expect(&households)?;
    let mut near = Vec::new();
    for household in households {
        near.extend(work.family(household)?);
    }
    Ok(near)
}

/// Corners of a box that holds everything within `km` of a cell. Near the date line the box ends at it: families
/// on its two sides do not find each other.
pub(super) fn reach(area: Area, km: f64) -> (Area, Area) {
    const KM_PER_DEGREE: f64 = 111.2;
    let (lat, lon) = (f64::from(area.lat_c()) / 100.0, f64::from(area.lon_c()) / 100.0);
    // One cell more on every side, because areas are the middles of cells.
    let up = km / KM_PER_DEGREE + 0.01;
    let side = km / (KM_PER_DEGREE * lat.to_radians().cos().max(0.01)) + 0.01;
    let corner =
        |lat: f64, lon: f64| Area::around(lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 180.0)).unwrap_or(area);
    (corner(lat - up, lon - side), corner(lat + up, lon + side))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn everything_in_reach_is_in_the_box(lat in -80.0f64..80.0, lon in -170.0f64..170.0, km in 1.0f64..100.0,
                                             dlat in -1.0f64..1.0, dlon in -6.0f64..6.0) {
            let here = Area::around(lat, lon).unwrap();
            let there = Area::around(lat + dlat, lon + dlon).unwrap();
            let (sw, ne) = reach(here, km);
            if here.km_to(there) <= km {
                prop_assert!((sw.lat_c()..=ne.lat_c()).contains(&there.lat_c()));
                prop_assert!((sw.lon_c()..=ne.lon_c()).contains(&there.lon_c()));
            }
        }
    }
}
