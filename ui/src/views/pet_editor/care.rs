//! Health and care. Only the family's own devices see this; others learn at most that a pet rests.

use dioxus::prelude::*;
use romp_domain::pet::Evidence;

use crate::components::Row::{Columns, Line, Long};
use crate::components::{Asked, Button, Field, Glyph, Row, select};
use crate::state::{Form, pet_form};
use crate::text;

const REST: &str =
    "While a pet rests it meets nobody, and its playdates are called off without a word about why.";

/// Two groups: rest and health, what is good to know.
pub(super) const CARE: &[Asked] = &[("Rest and health", REST, HEALTH), ("Good to know", "", NOTES)];

const HEALTH: &[Row] = &[Columns(&[
    Line(Field::day("hold_until", "Ill or resting until")),
    Line(Field::day("heat_until", "In heat until")),
    Line(Field::day("parasites_until", "Protected against parasites until")),
])];

const NOTES: &[Row] = &[
    Long(Field::new("needs", "What it needs").hint("Water, a slow start, a ramp …")),
    Long(Field::new("owner_notes", "Notes for yourself").hint("Only the grown-ups of your family see them.")),
];

/// One row for each vaccination.
pub(super) fn vaccinations(form: Form) -> Element {
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
