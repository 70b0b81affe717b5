//! The family's settings being edited: from the settings to what is typed, and back. Pure.
//!
//! What cannot be typed (the place, the consents) is kept beside the form and passed in.

use romp_domain::text::{HouseholdName, PlaceLabel};
use romp_domain::{Area, Consent, Household, InvalidReason, Km, Species, UtcMs, Venue, ZoneName};

use super::pet_form::set;
use super::typed::{Errors, Typed};

/// The form of the settings. Fields are named as in [`Household`].
pub(crate) fn fill(household: &Household) -> Typed {
    Typed::default()
        .with_some("name", household.name.as_ref().map(ToString::to_string))
        .with_some("place", household.place.as_ref().map(ToString::to_string))
        .with("zone", household.zone.as_str())
        .with("travel_km", household.travel_km.get())
        .with_words(
            "allergies",
            household.allergies.iter().map(|species| species.word()),
        )
        .with_words("venues", household.venues.iter().map(|venue| venue.word()))
        .with_switch("child_consent", household.child_consent.is_some())
        .with_switch("share_consent", household.share_consent.is_some())
}

/// The settings, or what is wrong. A consent that was there when the form was filled keeps its date: it is not given
/// anew, even if somebody has withdrawn it since.
pub(crate) fn finish(
    typed: &Typed,
    seen: &Household,
    area: Option<Area>,
    now: UtcMs,
) -> Result<Household, Errors> {
    let mut errors = Errors::default();
    let e = &mut errors;
    let zone = e.keep("zone", ZoneName::new(typed.get("zone").trim()));
    let travel = e.keep("travel_km", read_km(typed.get("travel_km")));
    let venues = set(typed, "venues", Venue::from_word);
    if venues.is_empty() {
        e.note("venues", &InvalidReason::Empty);
    }
    let name = e.keep_filled("name", typed, HouseholdName::new);
    let place = e.keep_filled("place", typed, PlaceLabel::new);
    let agreed = |field, given: Option<Consent>| {
        let new = Consent {
            notice: Consent::NOTICE,
            given_at: now,
        };
        typed.is_on(field).then(|| given.unwrap_or(new))
    };
    match (zone, travel) {
        (Some(zone), Some(travel_km)) if errors.is_empty() => Ok(Household {
            name,
            area,
            place,
            zone,
            travel_km,
            allergies: set(typed, "allergies", Species::from_word),
            venues,
            child_consent: agreed("child_consent", seen.child_consent),
            share_consent: agreed("share_consent", seen.share_consent),
        }),
        _ => Err(errors),
    }
}

fn read_km(typed: &str) -> Result<Km, InvalidReason> {
    let unreadable = |_| InvalidReason::Unreadable("whole kilometres".to_owned());
    typed.trim().parse::<i64>().map_err(unreadable).and_then(Km::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn household() -> Household {
        Household::new(ZoneName::utc())
    }

    #[test]
    fn settings_survive_their_form_and_agree_to_nothing_by_themselves() {
        let before = household();
        assert_eq!(finish(&fill(&before), &before, None, UtcMs(5)).unwrap(), before);
    }

    #[test]
    fn a_consent_is_dated_when_it_is_given_and_keeps_its_date() {
        let before = household();
        let typed = fill(&before).with_switch("share_consent", true);
        let given = finish(&typed, &before, None, UtcMs(5)).unwrap();
        let at = |household: &Household| household.share_consent.map(|consent| consent.given_at);
        assert_eq!((at(&given), given.child_consent), (Some(UtcMs(5)), None));
        let again = finish(&fill(&given), &given, None, UtcMs(9)).unwrap();
        assert_eq!(at(&again), Some(UtcMs(5)));
        let taken_back = fill(&given).with_switch("share_consent", false);
        assert_eq!(at(&finish(&taken_back, &given, None, UtcMs(9)).unwrap()), None);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let typed = fill(&household())
            .with("travel_km", 0)
            .with("zone", "on the moon")
            .with("venues", "");
        let errors = finish(&typed, &household(), None, UtcMs(0)).unwrap_err();
        for field in ["travel_km", "zone", "venues"] {
            assert!(errors.of(field).is_some(), "{field}");
        }
    }
}
