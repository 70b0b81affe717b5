//! The family: where (coarsely), how far it travels, what it cannot have near, and what it has agreed to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Invalid, Reason};
use crate::macros::closed_set;
use crate::species::Species;
use crate::text::{HouseholdName, PlaceLabel};
use crate::time::UtcMs;
use crate::unit::Km;
use crate::zone::ZoneName;

closed_set! {
    /// Where a playdate can take place.
    Venue {
        /// A park that is nobody's home ground.
        NeutralPark = "neutral_park",
        /// A fenced field for hire.
        FencedHire = "fenced_hire",
        /// A walk side by side.
        Walk = "walk",
        /// A garden or yard.
        Yard = "yard",
        /// Indoors.
        Indoor = "indoor",
    }
}

/// A cell of a grid of 0.01 degrees (about 1.1 km north to south): the only place that is ever stored or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "RawArea", into = "RawArea")]
pub struct Area {
    lat_c: i16,
    lon_c: i16,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArea {
    lat_c: i64,
    lon_c: i64,
}

impl Area {
    /// The cell around a point given in degrees. The exact point is forgotten.
    pub fn around(lat: f64, lon: f64) -> Result<Self, Reason> {
        if !(lat.is_finite() && lat.abs() <= 90.0) {
            return Err(Reason::OutOfRange { min: -90, max: 90 });
        }
        if !(lon.is_finite() && lon.abs() <= 180.0) {
            return Err(Reason::OutOfRange { min: -180, max: 180 });
        }
        Ok(Self {
            lat_c: (lat * 100.0).round() as i16,
            lon_c: (lon * 100.0).round() as i16,
        })
    }

    /// The cell's row, in hundredths of a degree north.
    pub const fn lat_c(self) -> i16 {
        self.lat_c
    }

    /// The cell's column, in hundredths of a degree east.
    pub const fn lon_c(self) -> i16 {
        self.lon_c
    }

    /// Kilometres between the middles of two cells (equirectangular; within 1 % below 200 km).
    pub fn km_to(self, other: Self) -> f64 {
        const KM_PER_HUNDREDTH: f64 = 1.112; // 40,030 km / 36,000
        let mid = (f64::from(self.lat_c) + f64::from(other.lat_c)) / 200.0;
        let mut lon = (f64::from(self.lon_c) - f64::from(other.lon_c)).abs();
        if lon > 18_000.0 {
            lon = 36_000.0 - lon;
        }
        let north = f64::from(self.lat_c) - f64::from(other.lat_c);
        (lon * mid.to_radians().cos()).hypot(north) * KM_PER_HUNDREDTH
    }
}

impl Area {
    /// Steps of the grid of meeting places, in hundredths of a degree (about 5.5 km): so wide that knowing one's
    /// own cell and the meeting place does not give the other family's cell.
    const MEETING_STEP: i32 = 5;

    /// The coarse place half way between two families.
    #[must_use]
    pub fn between(self, other: Self) -> Self {
        let middle = |a: i16, b: i16| {
            let mid = (i32::from(a) + i32::from(b)).div_euclid(2);
            ((mid + Self::MEETING_STEP / 2).div_euclid(Self::MEETING_STEP) * Self::MEETING_STEP) as i16
        };
        Self {
            lat_c: middle(self.lat_c, other.lat_c),
            lon_c: middle(self.lon_c, other.lon_c),
        }
    }
}

impl TryFrom<RawArea> for Area {
    type Error = Reason;
    fn try_from(raw: RawArea) -> Result<Self, Reason> {
        let part = |value: i64, max: i16| {
            i16::try_from(value)
                .ok()
                .filter(|v| (-max..=max).contains(v))
                .ok_or(Reason::OutOfRange {
                    min: -i64::from(max),
                    max: i64::from(max),
                })
        };
        Ok(Self {
            lat_c: part(raw.lat_c, 9_000)?,
            lon_c: part(raw.lon_c, 18_000)?,
        })
    }
}

impl From<Area> for RawArea {
    fn from(area: Area) -> Self {
        Self {
            lat_c: area.lat_c.into(),
            lon_c: area.lon_c.into(),
        }
    }
}

/// An agreement: to which version of the notice, and when. Its absence is the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Version of the notice that was shown.
    pub notice: u32,
    /// When an owner agreed.
    pub given_at: UtcMs,
}

impl Consent {
    /// The version of the notices that this build shows.
    pub const NOTICE: u32 = 1;
}

/// The family's own settings. One per household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Household {
    /// What the family is called.
    #[serde(default)]
    pub name: Option<HouseholdName>,
    /// The coarse place.
    #[serde(default)]
    pub area: Option<Area>,
    /// The place in the family's words.
    #[serde(default)]
    pub place: Option<PlaceLabel>,
    /// The zone of the weekly hours.
    pub zone: ZoneName,
    /// How far the family travels.
    pub travel_km: Km,
    /// Species that nobody of the family may meet.
    #[serde(default)]
    pub allergies: BTreeSet<Species>,
    /// Venues the family agrees to.
    pub venues: BTreeSet<Venue>,
    /// Consent to children using the app (R2).
    #[serde(default)]
    pub child_consent: Option<Consent>,
    /// Consent to show the pets to other households (R3).
    #[serde(default)]
    pub share_consent: Option<Consent>,
}

impl Household {
    /// A household of which nothing is known yet: agrees to nothing.
    pub fn new(zone: ZoneName) -> Self {
        Self {
            name: None,
            area: None,
            place: None,
            zone,
            travel_km: Km::new(5).unwrap_or_else(|_| unreachable!("5 is within 1 to 100")),
            allergies: BTreeSet::new(),
            venues: BTreeSet::from([Venue::NeutralPark, Venue::Walk]),
            child_consent: None,
            share_consent: None,
        }
    }

    /// The rules that no single field can break.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.venues.is_empty() {
            return Err(Invalid::new("venues", Reason::Empty));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_forgotten_to_the_grid() {
        let here = Area::around(47.608_013, -122.335_167).unwrap();
        assert_eq!((here.lat_c(), here.lon_c()), (4761, -12_234));
        assert_eq!(here, Area::around(47.6061, -122.3389).unwrap());
        assert!(Area::around(f64::NAN, 0.0).is_err());
        assert!(Area::around(91.0, 0.0).is_err());
    }

    #[test]
    fn distances_are_right_across_the_date_line_and_near_home() {
        let a = Area::around(0.0, 179.99).unwrap();
        let b = Area::around(0.0, -179.99).unwrap();
        assert!((a.km_to(b) - 2.2).abs() < 0.1);
        let seattle = Area::around(47.61, -122.33).unwrap();
        let bellevue = Area::around(47.61, -122.20).unwrap();
        assert!((seattle.km_to(bellevue) - 9.75).abs() < 0.1);
    }
}
