//! From fields to types and back: the one place where a row is judged to be valid.
//!
//! Two ways of reading. [`Entity::read`] is strict, for what devices push: an unknown field or a bad value is an
//! error that names the field. [`Entity::read_known`] is lenient, for what a newer server sends: fields this build
//! cannot read are passed over (and stay in the stored row).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::availability::{DateException, ExceptionChange, WeeklyHours, WeeklySlot};
use crate::card::{Card, Distance};
use crate::child::{AgeBand, Avatar, Child};
use crate::error::{Invalid, Reason};
use crate::household::{Household, Venue};
use crate::id::PetId;
use crate::pet::Pet;
use crate::playdate::{Matched, Playdate, PlaydateState};
use crate::public_pet::PublicPet;
use crate::row::{DELETED, Fields, Kind};
use crate::species::Species;
use crate::swipe::Swipe;
use crate::text::Nickname;
use crate::time::{Minute, TimeSpan, UtcMs, Weekday};
use crate::zone::ZoneName;

/// A type that is stored and synced as a row.
pub trait Entity: Serialize + DeserializeOwned {
    /// Its table.
    const KIND: Kind;

    /// Any valid value. Fields are judged one at a time by putting them into it.
    fn example() -> Self;

    /// The rules that concern more than one field.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// All its fields.
    fn to_fields(&self) -> Fields {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => Fields(map),
            _ => unreachable!("entities are structs with text keys"),
        }
    }

    /// Judges fields one by one, as a patch carries them.
    fn check_fields(fields: &Fields) -> Result<(), Invalid> {
        let example = Self::example().to_fields().0;
        fields
            .0
            .iter()
            .try_for_each(|(name, value)| check_field::<Self>(&example, name, value))
    }

    /// Strict reading of a complete row.
    fn read(fields: &Fields) -> Result<Self, Invalid> {
        let entity = match decode(fields.0.clone()) {
            Ok(entity) => entity,
            Err(error) => {
                Self::check_fields(fields)?;
                return Err(Invalid::new(Self::KIND.word(), incomplete(&error)));
            }
        };
        Self::check(&entity)?;
        Ok(entity)
    }

    /// Lenient reading: what this build knows of a row that may come from a newer one.
    fn read_known(fields: &Fields) -> Option<Self> {
        decode(fields.0.clone()).ok().or_else(|| {
            let example = Self::example().to_fields().0;
            let mut known = fields.0.clone();
            known.retain(|name, value| check_field::<Self>(&example, name, value).is_ok());
            decode(known).ok()
        })
    }
}

fn decode<E: DeserializeOwned>(mut map: Map<String, Value>) -> Result<E, serde_json::Error> {
    map.remove(DELETED);
    serde_json::from_value(Value::Object(map))
}

fn check_field<E: Entity>(example: &Map<String, Value>, name: &str, value: &Value) -> Result<(), Invalid> {
    if name == DELETED {
        return if value.is_boolean() {
            Ok(())
        } else {
            Err(Invalid::new(name, Reason::Unreadable("not true or false".into())))
        };
    }
    if !example.contains_key(name) {
        return Err(Invalid::new(name, Reason::Unknown));
    }
    let mut map = example.clone();
    map.insert(name.to_owned(), value.clone());
    decode::<E>(map)
        .map(drop)
        .map_err(|error| Invalid::new(name, Reason::Unreadable(error.to_string())))
}

fn incomplete(error: &serde_json::Error) -> Reason {
    if error.to_string().starts_with("missing field") {
        Reason::Missing
    } else {
        Reason::Unreadable(error.to_string())
    }
}

/// Judges a patch for a row of any kind, and, when `complete` is given, the whole row that would result.
pub fn check_patch(kind: Kind, patch: &Fields, complete: Option<&Fields>) -> Result<(), Invalid> {
    fn both<E: Entity>(patch: &Fields, complete: Option<&Fields>) -> Result<(), Invalid> {
        E::check_fields(patch)?;
        complete.map_or(Ok(()), |fields| E::read(fields).map(drop))
    }
    match kind {
        Kind::Household => both::<Household>(patch, complete),
        Kind::Child => both::<Child>(patch, complete),
        Kind::Pet => both::<Pet>(patch, complete),
        Kind::Slot => both::<WeeklySlot>(patch, complete),
        Kind::Exception => both::<DateException>(patch, complete),
        Kind::Swipe => both::<Swipe>(patch, complete),
        Kind::Card => both::<Card>(patch, complete),
        Kind::Match => both::<Matched>(patch, complete),
        Kind::Playdate => both::<Playdate>(patch, complete),
    }
}

macro_rules! entities {
    ($($type:ty, $kind:ident, $example:expr $(, $check:path)?;)+) => {$(
        impl Entity for $type {
            const KIND: Kind = Kind::$kind;
            fn example() -> Self { $example }
            $(fn check(&self) -> Result<(), Invalid> { $check(self) })?
        }
    )+};
}

entities! {
    Household, Household, Household::new(ZoneName::utc()), Household::check;
    Child, Child, Child { nickname: Nickname::example(), avatar: Avatar::Fox, age_band: AgeBand::SevenToNine };
    Pet, Pet, Pet::new(Species::Dog), Pet::check;
    WeeklySlot, Slot, WeeklySlot { hours: an_hour() };
    DateException, Exception, DateException { day: jiff::civil::Date::constant(2026, 1, 1), change: ExceptionChange::Closed }, DateException::check;
    Swipe, Swipe, Swipe { actor_pet: a_pet(1), target_pet: a_pet(2), verdict: None, by_child: None, released: None }, Swipe::check;
    Card, Card, Card { for_pet: a_pet(1), pet: a_public_pet(), distance: Distance::Further, reasons: Vec::new(), rank: 0 };
    Matched, Match, Matched { pet: a_pet(1), other: a_public_pet(), reasons: Vec::new(), since: UtcMs(0) };
    Playdate, Playdate, a_playdate();
}

fn a_pet(n: u128) -> PetId {
    PetId(Uuid::from_u128(n))
}

fn a_public_pet() -> PublicPet {
    PublicPet::of(
        a_pet(2),
        &Pet::new(Species::Dog),
        jiff::civil::Date::constant(2026, 1, 1),
    )
}

fn an_hour() -> WeeklyHours {
    let minute = |m| Minute::new(m).unwrap_or_else(|_| unreachable!("within a day"));
    WeeklyHours::new(Weekday::Monday, minute(0), minute(60))
        .unwrap_or_else(|_| unreachable!("ends after it starts"))
}

fn a_playdate() -> Playdate {
    Playdate {
        pet: a_pet(1),
        other: a_public_pet(),
        slot: TimeSpan::new(UtcMs(0), UtcMs(1)).unwrap_or_else(|_| unreachable!("ends after it starts")),
        zone: ZoneName::utc(),
        venue: Venue::Walk,
        area: None,
        state: PlaydateState::Proposed,
        cancelled: None,
        accepted: false,
        other_accepted: false,
        first_meeting: true,
        reasons: Vec::new(),
        rev: 0,
        confirmed_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_error_names_the_field_that_is_wrong() {
        let wrong = |value| check_patch(Kind::Pet, &fields(value), None).unwrap_err();
        assert_eq!(wrong(json!({"name": "x".repeat(51)})).field, "name");
        assert_eq!(wrong(json!({"weight_g": 1.5})).field, "weight_g");
        assert_eq!(wrong(json!({"energy": 6})).field, "energy");
        assert_eq!(wrong(json!({"household_id": "x"})).reason, Reason::Unknown);
        assert_eq!(wrong(json!({"deleted": "yes"})).field, "deleted");
    }

    #[test]
    fn a_row_without_a_needed_field_is_missing_it() {
        let error = Child::read(&fields(json!({"nickname": "Mia", "avatar": "fox"}))).unwrap_err();
        assert_eq!(error.reason, Reason::Missing);
    }

    #[test]
    fn a_newer_row_is_read_as_far_as_this_build_knows_it() {
        let newer = json!({"species": "dog", "name": "Rex", "moon_phase": 3, "sociability": "telepathic"});
        assert!(Pet::read(&fields(newer.clone())).is_err());
        let pet = Pet::read_known(&fields(newer)).unwrap();
        assert_eq!((pet.name.unwrap().as_str(), pet.sociability), ("Rex", None));
    }

    #[test]
    fn every_example_is_a_valid_row() {
        fn round<E: Entity + PartialEq + std::fmt::Debug>() {
            assert_eq!(E::read(&E::example().to_fields()).unwrap(), E::example());
        }
        round::<Household>();
        round::<Child>();
        round::<Pet>();
        round::<WeeklySlot>();
        round::<DateException>();
        round::<Swipe>();
        round::<Card>();
        round::<Matched>();
        round::<Playdate>();
    }
}
