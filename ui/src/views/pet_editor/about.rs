//! Who it is: kind of animal, name, breed, age, weight.

use dioxus::prelude::*;
use romp_domain::{Sex, Species};

use super::play::known;
use crate::components::Row::{Columns, One};
use crate::components::{Field, Opt, Row, draw_rows, group, options, sample_portrait, segments, select};
use crate::state::{Form, pet_form};
use crate::text;

const SEX: &[Row] = &[Columns(&[
    One(("sex", "Girl or boy", "", sexes)),
    One(("altered", "Neutered or spayed", "", known)),
])];

fn sexes() -> Vec<Opt> {
    options(Sex::ALL, Sex::word, text::sex)
}

/// What kind of animal, as pictures.
pub(super) fn species_choice(form: Form) -> Element {
    let chosen = pet_form::species(&form.typed());
    rsx! {
        fieldset { class: "field species",
            legend { "What kind of animal is it?" }
            div { class: "species-grid",
                for (n , species) in Species::ALL.iter().copied().enumerate() {
                    label { key: "{species.word()}", class: "species-pick",
                        input {
                            r#type: "radio",
                            name: "species",
                            "data-testid": "species-{species.word()}",
                            checked: species == chosen,
                            onchange: move |_| form.edit(|typed| pet_form::become_species(typed, species)),
                        }
                        {sample_portrait(0x70 + n as u128, species)}
                        span { {text::species(species)} }
                    }
                }
            }
        }
    }
}

/// Name, breed, sex, age, weight.
pub(super) fn about(form: Form) -> Element {
    let typed = form.typed();
    let kind = typed.get("breed_kind");
    let breed = match kind {
        "mix" => "One of the breeds",
        "described" => "How would you describe it?",
        _ => "Breed",
    };
    let months: Vec<_> = (0..=12_i8)
        .map(|month| match month {
            0 => (String::new(), "Month".to_owned()),
            month => (month.to_string(), text::month_name(month).to_owned()),
        })
        .collect();
    let size = pet_form::size(&typed).map_or_else(String::new, |size| {
        format!(
            "Others see only: {}",
            text::size_limits(size).to_ascii_lowercase()
        )
    });
    group(
        "About",
        "",
        rsx! {
            {Field::new("name", "Name").testid("pet-name").draw(form)}
            {segments(form, "breed_kind", "Breed", "The breed decides nothing here; every pet is its own.", pet_form::BREEDS)}
            if kind != "unknown" {
                div { class: "columns",
                    {Field::new("breed", breed).draw(form)}
                    if kind == "mix" {
                        {Field::new("breed_second", "Another, if you know").draw(form)}
                    }
                }
            }
            {draw_rows(form, SEX)}
            div { class: "columns three",
                {select(form, "birth_month", "Born in", &months)}
                {Field::new("birth_year", "Year").draw(form)}
                {Field::new("weight_g", "Weight").unit("kg").hint(&size).draw(form)}
            }
        },
    )
}
