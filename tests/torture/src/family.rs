//! Made-up families that all fit each other, so that swipes have consequences.

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::{Nickname, PetName};
use romp_domain::time::{Minute, Weekday};
use romp_domain::{
    AgeBand, Area, Avatar, Child, Consent, DeviceId, Entity, Household, HouseholdId, Kind, Km, Pet, PetId,
    SessionId, Species, UtcMs, WeeklyHours, WeeklySlot, Weight, ZoneName,
};
use romp_store::{Store, StoreError};
use uuid::Uuid;

use crate::work::Rows;

/// Sunday, 22 November 2026, noon in UTC.
pub const START: UtcMs = UtcMs(1_795_348_800_000);

/// Pets of each family.
const PETS: u128 = 2;

/// A family with one device.
#[derive(Debug, Clone)]
pub struct Family {
    /// Which.
    pub household: HouseholdId,
    /// Its device, as it calls itself once it was started.
    pub device: DeviceId,
    /// The device's session.
    pub session: SessionId,
    /// Its pets.
    pub pets: Vec<PetId>,
}

impl Family {
    /// The family with a number.
    pub fn new(number: u128) -> Self {
        let id = |n: u128| Uuid::from_u128(number * 1_000_000 + n);
        Self {
            household: HouseholdId(id(0)),
            device: DeviceId(id(1)),
            session: SessionId(id(2)),
            pets: (0..PETS).map(|n| PetId(id(10 + n))).collect(),
        }
    }

    /// A dog that fits every other.
    pub fn dog(&self, name: &str) -> Pet {
        let mut pet = Pet::new(Species::Dog);
        pet.name = Some(PetName::new(name).expect("a name"));
        pet.weight_g = Some(Weight::new(12_000).expect("a weight"));
        pet.birth_month = Some(jiff::civil::date(2021, 3, 1));
        pet.visible = true;
        pet
    }

    /// A child of this name.
    pub fn kid(&self, name: &str) -> Child {
        Child::new(
            Nickname::new(name).expect("a name"),
            Avatar::Fox,
            AgeBand::SevenToNine,
        )
    }

    /// Everything a family needs to take part, in mutations of its device.
    pub fn settle(&self, store: &Store, rows: &mut Rows) -> Result<(), StoreError> {
        let settings = settings();
        put(store, rows, HOUSEHOLD_ROW, &settings)?;
        for (n, weekday) in Weekday::ALL.iter().enumerate() {
            let minute = |hour: i64| Minute::new(hour * 60).expect("an hour of a day");
            let hours = WeeklyHours::new(*weekday, minute(9), minute(18)).expect("hours");
            let id = Uuid::from_u128(self.household.0.as_u128() + 50 + n as u128);
            put(store, rows, id, &WeeklySlot { hours })?;
        }
        for pet in &self.pets {
            put(store, rows, pet.0, &self.dog("Rex"))?;
        }
        Ok(())
    }
}

fn put<E: Entity>(store: &Store, rows: &mut Rows, id: Uuid, entity: &E) -> Result<(), StoreError> {
    store.write(|writer| writer.put(id, entity))?;
    rows.set(E::KIND, id, Some(&entity.to_fields()));
    Ok(())
}

/// The kinds of rows that a family writes.
pub const OWN: [Kind; 8] = [
    Kind::Child,
    Kind::Household,
    Kind::Slot,
    Kind::Pet,
    Kind::Exception,
    Kind::Swipe,
    Kind::Switch,
    Kind::Block,
];

fn settings() -> Household {
    let mut household = Household::new(ZoneName::new("America/Los_Angeles").expect("a zone"));
    household.area = Some(Area::around(47.6, -122.3).expect("a place"));
    household.travel_km = Km::new(10).expect("a distance");
    household.share_consent = Some(Consent {
        notice: Consent::NOTICE,
        given_at: START,
    });
    household.child_consent = household.share_consent;
    household
}
