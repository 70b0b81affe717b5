//! Health and care. Only the family's own devices see this; others learn at most that a pet rests.

use dioxus::prelude::*;
use romp_domain::pet::Evidence;

use crate::components::{Button, Field, Glyph, group, select};
use crate::state::{Form, pet_form};
use crate::text;

const REST: &str = "While a pet rests it meets nobody, and its playdates are called off without a word about why.";

/// Three groups: rest and health, vaccinations, what is good to know.
pub(super) fn care(form: Form) -> Element {
    rsx! {
        {group("Rest and health", REST, rsx! {
            div { class: "columns",
                {Field::day("hold_until", "Ill or resting until").draw(form)}
                {Field::day("heat_until", "In heat until").draw(form)}
                {Field::day("parasites_until", "Protected against parasites until").draw(form)}
            }
        })}
        {group("Vaccinations", "", vaccinations(form))}
        {group("Good to know", "", rsx! {
            {Field::new("needs", "What it needs").hint("Water, a slow start, a ramp …").draw_long(form)}
            {Field::new("owner_notes", "Notes for yourself").hint("Only the grown-ups of your family see them.").draw_long(form)}
        })}
    }
}

fn vaccinations(form: Form) -> Element {
    let error = form.error("vaccinations").unwrap_or_default();
    let known_by: Vec<_> = Evidence::ALL
        .iter()
        .map(|evidence| (evidence.word().to_owned(), text::evidence(*evidence).to_owned()))
        .collect();
    rsx! {
        for i in 0..pet_form::rows(&form.typed()) {
            div { class: "row", key: "{i}",
                {Field::new(&pet_form::row(i, "against"), "Against").draw(form)}
                {Field::day(&pet_form::row(i, "valid_until"), "Good until").draw(form)}
                {select(form, &pet_form::row(i, "evidence"), "Known by", &known_by)}
                {Button::new("Remove").quiet().draw(move || form.edit(|typed| pet_form::remove_row(typed, i)))}
            }
        }
        p { class: "error", "{error}" }
        div {
            {Button::new("Add a vaccination").glyph(Glyph::Plus).testid("vaccination-add").draw(move || form.edit(pet_form::add_row))}
        }
    }
}
