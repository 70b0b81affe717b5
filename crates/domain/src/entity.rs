//! From fields to types and back: the one place where a row is judged to be valid.
//!
//! Two ways of reading. [`Entity::read`] is strict, for what devices push: an unknown field or a bad value is an
//! error that names the field. [`Entity::read_known`] is lenient, for what a newer server sends: fields this build
//! cannot read are passed over (and stay in the stored row).

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Serialize;
use serde::de::{DeserializeOwned, value::MapDeserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::availability::{DateException, ExceptionChange, WeeklyHours, WeeklySlot};
use crate::block::Block;
use crate::by_name::ByName;
use crate::card::{Card, Distance};
use crate::child::{AgeBand, Avatar, Child};
use crate::error::{Invalid, Reason};
use crate::household::{Household, Venue};
use crate::id::PetId;
use crate::pet::Pet;
use crate::playdate::{Matched, Playdate, PlaydateState};
use crate::policy::Operation;
use crate::public_pet::PublicPet;
use crate::row::{DELETED, Fields, Kind};
use crate::species::Species;
use crate::swipe::Swipe;
use crate::switch::{Switch, SwitchScope};
use crate::text::{Nickname, Note, Remark};
use crate::time::{Minute, TimeSpan, UtcMs, Weekday};
use crate::zone::ZoneName;

/// A type that is stored and synced as a row.
pub trait Entity: Serialize + DeserializeOwned {
    /// Its table.
    const KIND: Kind;

    /// Any valid value.
    fn example() -> Self;

    /// Its fields, made once. Fields are judged by putting them into it.
    fn example_fields() -> &'static Fields;

    /// The names of its fields.
    fn names() -> Vec<String> {
        match serde_json::to_value(Self::example()) {
            Ok(Value::Object(map)) => map.into_iter().map(|(name, _)| name).collect(),
            _ => unreachable!("entities are structs with text keys"),
        }
    }

    /// The rules that concern more than one field.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// All its fields.
    fn to_fields(&self) -> Fields {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => Fields(map.into_iter().collect()),
            _ => unreachable!("entities are structs with text keys"),
        }
    }

    /// Judges fields one by one, as a patch carries them, and returns them as this build writes them: trimmed, without
    /// repeats, in one notation. What is stored is what was judged.
    fn canonical(fields: &Fields) -> Result<Fields, Invalid> {
        let example = &Self::example_fields().0;
        if let Some(canonical) = canonical_together::<Self>(example, fields) {
            return Ok(canonical);
        }
        let each = fields
            .0
            .iter()
            .map(|(name, value)| Ok((name.clone(), canonical_field::<Self>(example, name, value)?)));
        each.collect::<Result<ByName<_>, _>>().map(Fields)
    }

    /// Strict reading of a complete row.
    fn read(fields: &Fields) -> Result<Self, Invalid> {
        let entity = match decode(&fields.0) {
            Ok(entity) => entity,
            Err(error) => {
                Self::canonical(fields)?;
                return Err(Invalid::new(Self::KIND.word(), incomplete(&error)));
            }
        };
        Self::check(&entity)?;
        Ok(entity)
    }

    /// Whether it has a field of this name.
    fn knows(field: &str) -> bool {
        field == DELETED || Self::example_fields().0.contains_key(field)
    }

    /// Whether [`Entity::read`] would succeed.
    fn judge(fields: &Fields) -> Result<(), Invalid> {
        Self::read(fields).map(drop)
    }

    /// Lenient reading: what this build knows of a row that may come from a newer one.
    fn read_known(fields: &Fields) -> Option<Self> {
        decode(&fields.0).ok().or_else(|| {
            let example = &Self::example_fields().0;
            let mut known = fields.0.clone();
            known.retain(|name, value| canonical_field::<Self>(example, name, value).is_ok());
            decode(&known).ok()
        })
    }

    /// This value with `fields` in the place of its own, as far as this build knows them: lenient reading of a row
    /// of which only some fields were ever set.
    #[must_use]
    fn with_known(self, fields: &Fields) -> Self {
        let own = self.to_fields().0;
        let mut all = own.clone();
        for (name, value) in &fields.0 {
            if let Ok(value) = canonical_field::<Self>(&own, name, value) {
                all.insert(name.clone(), value);
            }
        }
        decode(&all).unwrap_or(self)
    }
}

/// Reads without copying: this is done for every row that is judged or shown.
fn decode<E: DeserializeOwned>(map: &ByName<Value>) -> Result<E, serde_json::Error> {
    let fields = map
        .iter()
        .filter(|(name, _)| *name != DELETED)
        .map(|(name, value)| (name.as_str(), value));
    E::deserialize(MapDeserializer::new(fields))
}

/// All fields of a patch judged at once, put into an example together. None when that fails: then it has to be found
/// out which one is at fault.
fn canonical_together<E: Entity>(example: &ByName<Value>, fields: &Fields) -> Option<Fields> {
    let mut map = example.clone();
    for (name, value) in &fields.0 {
        if name == DELETED || !example.contains_key(name) {
            return None;
        }
        map.insert(name.clone(), value.clone());
    }
    let mut written = decode::<E>(&map).ok()?.to_fields().0;
    let each = fields
        .0
        .keys()
        .map(|name| (name.clone(), written.remove(name).unwrap_or(Value::Null)));
    Some(Fields(each.collect()))
}

fn canonical_field<E: Entity>(example: &ByName<Value>, name: &str, value: &Value) -> Result<Value, Invalid> {
    let unreadable = |why: String| Invalid::new(name, Reason::Unreadable(why));
    if name == DELETED {
        return if value.is_boolean() {
            Ok(value.clone())
        } else {
            Err(unreadable("not true or false".into()))
        };
    }
    if !example.contains_key(name) {
        return Err(Invalid::new(name, Reason::Unknown));
    }
    let mut map = example.clone();
    map.insert(name, value.clone());
    let entity: E = decode(&map).map_err(|error| unreadable(short(&error)))?;
    Ok(entity.to_fields().0.remove(name).unwrap_or(Value::Null))
}

/// The error without most of what it quotes.
fn short(error: &serde_json::Error) -> String {
    const MOST_CHARS: usize = 120;
    error.to_string().chars().take(MOST_CHARS).collect()
}

fn incomplete(error: &serde_json::Error) -> Reason {
    if error.to_string().starts_with("missing field") {
        Reason::Missing
    } else {
        Reason::Unreadable(short(error))
    }
}

macro_rules! for_kind {
    ($kind:expr, $function:ident, $($argument:expr),*) => {
        match $kind {
            Kind::Household => Household::$function($($argument),*),
            Kind::Child => Child::$function($($argument),*),
            Kind::Pet => Pet::$function($($argument),*),
            Kind::Slot => WeeklySlot::$function($($argument),*),
            Kind::Exception => DateException::$function($($argument),*),
            Kind::Swipe => Swipe::$function($($argument),*),
            Kind::Card => Card::$function($($argument),*),
            Kind::Match => Matched::$function($($argument),*),
            Kind::Playdate => Playdate::$function($($argument),*),
            Kind::Switch => Switch::$function($($argument),*),
            Kind::Block => Block::$function($($argument),*),
        }
    };
}

/// Judges a patch for a row of any kind; see [`Entity::canonical`].
pub fn canonical_patch(kind: Kind, patch: &Fields) -> Result<Fields, Invalid> {
    if kind == Kind::Swipe && crate::swipe::is_as_written(patch) {
        return Ok(patch.clone());
    }
    for_kind!(kind, canonical, patch)
}

/// The names of all fields that a row can have. Made once and kept for ever.
pub(crate) fn names() -> HashSet<&'static str> {
    let all = Kind::ALL.iter().flat_map(|kind| for_kind!(kind, names,));
    all.map(|name| &*name.leak()).chain([DELETED]).collect()
}

/// Whether this build knows a field of a kind by name. What it does not know, a newer one has told.
pub fn knows(kind: Kind, field: &str) -> bool {
    for_kind!(kind, knows, field)
}

/// Judges a whole row of any kind; see [`Entity::read`].
pub fn check_row(kind: Kind, fields: &Fields) -> Result<(), Invalid> {
    for_kind!(kind, judge, fields)
}

macro_rules! entities {
    ($($type:ty, $kind:ident, $example:expr $(, $check:path)?;)+) => {$(
        impl Entity for $type {
            const KIND: Kind = Kind::$kind;
            fn example() -> Self { $example }
            fn example_fields() -> &'static Fields {
                static FIELDS: LazyLock<Fields> = LazyLock::new(|| <$type>::example().to_fields());
                &FIELDS
            }
            $(fn check(&self) -> Result<(), Invalid> { $check(self) })?
        }
    )+};
}

entities! {
    Household, Household, Household::new(ZoneName::utc()), Household::check;
    Child, Child, Child::new(Nickname::example(), Avatar::Fox, AgeBand::SevenToNine);
    Pet, Pet, Pet::new(Species::Dog), Pet::check;
    WeeklySlot, Slot, WeeklySlot { hours: an_hour() };
    DateException, Exception, DateException { day: jiff::civil::Date::constant(2026, 1, 1), change: ExceptionChange::Closed }, DateException::check;
    Swipe, Swipe, Swipe { actor_pet: a_pet(1), target_pet: a_pet(2), verdict: None, by_child: None, released: None }, Swipe::check;
    Card, Card, Card { for_pet: a_pet(1), pet: a_public_pet(), distance: Distance::Further, reasons: Vec::new(), rank: 0 };
    Matched, Match, Matched { pet: a_pet(1), other: a_public_pet(), reasons: Vec::new(), since: UtcMs(0) };
    Playdate, Playdate, a_playdate();
    Switch, Switch, a_switch(), Switch::check;
    Block, Block, Block { report: Note::new("So it was.").ok(), ..Block::of(&a_public_pet()) };
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

fn a_switch() -> Switch {
    Switch {
        scope: SwitchScope::Household,
        operations: [Operation::Choose].into(),
        comment: Remark::new("Good night!").unwrap_or_else(|_| unreachable!("short")),
        author: None,
        starts_at: UtcMs(0),
        ends_at: None,
        hours: None,
        on: true,
        zone: None,
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
        let wrong = |value| canonical_patch(Kind::Pet, &fields(value)).unwrap_err();
        assert_eq!(wrong(json!({"name": "x".repeat(51)})).field, "name");
        assert_eq!(wrong(json!({"weight_g": 1.5})).field, "weight_g");
        assert_eq!(wrong(json!({"energy": 6})).field, "energy");
        assert_eq!(wrong(json!({"household_id": "x"})).reason, Reason::Unknown);
        assert_eq!(wrong(json!({"deleted": "yes"})).field, "deleted");
    }

    #[test]
    fn what_is_stored_is_what_was_judged() {
        let written = |kind, value| canonical_patch(kind, &fields(value)).unwrap();
        assert_eq!(
            written(Kind::Household, json!({"area": [4760, -12230]})),
            fields(json!({"area": {"lat_c": 4760, "lon_c": -12230}}))
        );
        let padded = format!(" Rex{} ", "\u{200B}".repeat(1_000));
        assert_eq!(
            written(Kind::Pet, json!({ "name": padded })),
            fields(json!({"name": "Rex"}))
        );
        assert_eq!(
            written(Kind::Pet, json!({"play_styles": ["chaser", "chaser"]})),
            fields(json!({"play_styles": ["chaser"]}))
        );
        assert_eq!(
            written(Kind::Pet, json!({"name": null, "deleted": true})),
            fields(json!({"name": null, "deleted": true}))
        );
    }

    #[test]
    fn a_row_without_a_needed_field_is_missing_it() {
        let error = Child::read(&fields(json!({"nickname": "Mia", "avatar": "fox"}))).unwrap_err();
        assert_eq!(error.reason, Reason::Missing);
    }

    #[test]
    fn a_row_of_which_little_is_set_is_read_over_what_stands_for_the_rest() {
        let unset = Household::new(ZoneName::utc());
        let set = fields(json!({
            "travel_km": 40, "venues": ["walk", "moon"], "allergies": ["cat"], "from_a_newer_version": true,
            "deleted": false
        }));
        assert_eq!(Household::read_known(&set), None);
        let mut expected = unset.clone();
        expected.travel_km = crate::unit::Km::new(40).unwrap();
        expected.allergies.insert(Species::Cat);
        assert_eq!(
            unset.clone().with_known(&set),
            expected,
            "what cannot be read is as if unset"
        );
        assert_eq!(unset.clone().with_known(&Fields::default()), unset);
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
        round::<Switch>();
        round::<Block>();
    }
}
