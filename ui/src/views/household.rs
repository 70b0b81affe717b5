//! The family's settings: where, how far, what it cannot have near, and the two agreements.

use dioxus::prelude::*;
use romp_domain::calls::{HouseholdGet, Places};
use romp_domain::view::PlaceView;
use romp_domain::{Area, Household, Species, Venue};

use super::apart::kept_away;
use crate::components::Row::{Line, Several, Switch};
use crate::components::{
    Asked, Button, Field, Glyph, Opt, Page, group, groups, icon, loaded, look_again, options,
};
use crate::ipc::{self, Ask, Request};
use crate::state::{Form, household_form, use_app, use_form, use_query, use_question, use_values};
use crate::{dom, text};
use romp_json::written;

/// Fewest letters of a place worth asking for.
const PLACE_LETTERS: usize = 2;
/// Most places offered at once.
const PLACES_SHOWN: usize = 8;
/// The field of the search for a place; never sent.
const SEARCH: &str = "search";

const LEAD: &str = "Other families never see your name or where you live, only roughly how far away you are.";
const AGREE: &str = "Both are off until you say yes, and you can take either back at any time.";
const CHILD: &str = "Kept about a child: a nickname, a picture of an animal, an age band, and the cards chosen. \
Nothing else, and nobody outside the family learns that there is a child.";
const SHARE: &str = "They see a pet's name, breed, age in years, size and how it plays, and roughly how far away. \
Never your address. You see theirs in the same way.";

const AGREEMENTS: Asked = (
    "Agreements",
    AGREE,
    &[
        Switch("child_consent", "Our children may use Romp", CHILD),
        Switch("share_consent", "Our pets may be shown to families nearby", SHARE),
    ],
);

const MEETING: &[Asked] = &[
    (
        "How you meet",
        "",
        &[
            Several((
                "venues",
                "Where would you meet?",
                "First meetings go to neutral ground wherever both families agree to it.",
                venues,
            )),
            Several((
                "allergies",
                "Is anybody allergic?",
                "These animals are never proposed to you.",
                species,
            )),
        ],
    ),
    (
        "Your family",
        "",
        &[Line(
            Field::new("name", "What do you call yourselves?").hint("Only your own devices show it."),
        )],
    ),
];

fn venues() -> Vec<Opt> {
    options(Venue::ALL, Venue::word, text::venue)
}

fn species() -> Vec<Opt> {
    options(Species::ALL, Species::word, text::species_many)
}

/// The settings.
#[component]
pub(crate) fn HouseholdScreen() -> Element {
    let app = use_app();
    let household = use_query(HouseholdGet {});
    let blocks = use_values(Request::of("blocks", &[]));
    let asking = use_signal(String::new);
    Page::new("Family", LEAD)
        .narrow()
        .draw(loaded(household, |household| {
            rsx! {
                Settings { household }
                {blocks.known().map(|all| kept_away(app, asking, &all))}
            }
        }))
}

#[component]
fn Settings(household: Household) -> Element {
    let app = use_app();
    let form = use_form(|| household_form::fill(&household));
    // As the form was filled, whatever is changed elsewhere since.
    let mut seen = use_signal(|| written(&household));
    let area = use_signal(|| household.area);
    let save = move |event: FormEvent| {
        event.prevent_default();
        let Ok(before) = ipc::read(&seen()) else { return };
        let made = household_form::finish(&form.typed(), &before, area(), app.now());
        let typed = made.as_ref().map(written).unwrap_or_default();
        let fields = [("seen", seen()), ("household", typed.clone())];
        let request = made.map(|_| Request::of("household_save", &fields));
        form.submit(request, "Saved", Box::new(move |_| seen.set(typed)));
    };
    rsx! {
        form { class: "editor", onsubmit: save, novalidate: true,
            {groups(form, &[AGREEMENTS])}
            {group("Where you are", "", rsx! {
                PlaceField { form, area }
                div { class: "columns",
                    {Field::new("travel_km", "How far would you travel?").unit("km").draw(form)}
                    {Field::new("zone", "Time zone").hint("Your free hours are read in it.").draw(form)}
                }
                {device_zone(form)}
            })}
            {groups(form, MEETING)}
            div { class: "save-bar",
                {look_again(form)}
                div { class: "actions",
                    {Button::new("Save").primary().glyph(Glyph::Check).testid("household-save").draw_submit(form.is_busy())}
                }
            }
        }
    }
}

/// Offers the zone of the device, where it is another.
fn device_zone(form: Form) -> Element {
    let Some(zone) = dom::device_zone().filter(|zone| *zone != form.get("zone")) else {
        return VNode::empty();
    };
    let label = format!("Use this device's zone, {zone}");
    let button = Button::new(&label).quiet().glyph(Glyph::Clock);
    rsx! {
        div {
            {button.draw(move || form.edit(|typed| typed.set("zone", zone.clone())))}
        }
    }
}

/// The place chosen, and the search for another.
#[component]
fn PlaceField(form: Form, area: Signal<Option<Area>>) -> Element {
    let found = use_question::<Vec<PlaceView>>(move || {
        let query = form.get(SEARCH);
        let long_enough = query.trim().chars().count() >= PLACE_LETTERS;
        long_enough.then(|| Places { query }.ask())
    });
    let place = form.get("place");
    let label = if area().is_some() {
        "Somewhere else?"
    } else {
        "Town or postal code"
    };
    rsx! {
        if area().is_some() {
            div { class: "place", "data-testid": "place-chosen",
                {icon(Glyph::Pin)}
                span { if place.is_empty() { "A place is chosen" } else { "{place}" } }
            }
        }
        {Field::new(SEARCH, label).hint("Romp keeps a square of about one kilometre, never an address.").testid("field-place").draw(form)}
        match found.get() {
            Some(Ok(places)) => offered(&places, form, area),
            Some(Err(problem)) => rsx! {
                p { class: "error", "{problem.message}" }
            },
            None => VNode::empty(),
        }
    }
}

fn offered(places: &[PlaceView], form: Form, mut area: Signal<Option<Area>>) -> Element {
    if places.is_empty() {
        return rsx! {
            p { class: "hint", "No such place was found." }
        };
    }
    rsx! {
        ul { class: "places",
            for choice in places.iter().take(PLACES_SHOWN).cloned() {
                li { key: "{choice.label}",
                    button {
                        class: "place-choice",
                        r#type: "button",
                        "data-testid": "place-choice",
                        onclick: {
                            let label = choice.label.clone();
                            move |_| {
                                area.set(Some(choice.area));
                                form.edit(|typed| {
                                    typed.set("place", label.clone());
                                    typed.set(SEARCH, String::new());
                                });
                            }
                        },
                        {icon(Glyph::Pin)}
                        "{choice.label}"
                    }
                }
            }
        }
    }
}
