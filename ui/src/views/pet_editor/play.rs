//! How it plays, and with whom.

use dioxus::prelude::*;
use romp_domain::{Guard, Known, PlayStyle, Size, Sociability, Species};

use crate::components::{Field, Opt, checks, group, options, segments, switch};
use crate::state::Form;
use crate::text;

const ENERGY: &[Opt] = &[
    ("1", "Very calm"),
    ("2", "Calm"),
    ("3", "In between"),
    ("4", "Lively"),
    ("5", "Always running"),
];

const RECALL: &[Opt] = &[
    ("1", "Hardly ever"),
    ("2", "Sometimes"),
    ("3", "Mostly"),
    ("4", "Nearly always"),
    ("5", "Always"),
];

/// Three groups: how it plays, who it gets on with, who it would like to meet.
pub(super) fn play(form: Form) -> Element {
    rsx! {
        {group("How it plays", "This is what matches are made of.", how(form))}
        {group("Who it gets on with", "“Not sure” is never taken for yes.", with_whom(form))}
        {group("Who it would like to meet", "", seeks(form))}
    }
}

fn how(form: Form) -> Element {
    let styles = options(PlayStyle::ALL, PlayStyle::word, text::play_style);
    let strangers = options(Sociability::ALL, Sociability::word, text::sociability);
    rsx! {
        {segments(form, "energy", "How lively is it?", "", ENERGY)}
        {checks(form, "play_styles", "What does it love?", "", &styles)}
        {segments(form, "sociability", "With strangers of its kind", "", &strangers)}
        {segments(form, "recall", "Comes when called", "", RECALL)}
        {switch(form, "lead_only", "Stays on the lead", "")}
    }
}

fn with_whom(form: Form) -> Element {
    let known = options(Known::ALL, Known::word, text::known);
    let guards = options(Guard::ALL, Guard::word, text::guard);
    rsx! {
        div { class: "columns",
            {segments(form, "good_with_dogs", "Good with dogs", "", &known)}
            {segments(form, "good_with_cats", "Good with cats", "", &known)}
            {segments(form, "good_with_small_animals", "Good with small animals", "", &known)}
            {segments(form, "good_with_children", "Good with children", "", &known)}
        }
        {checks(form, "guards", "Does it guard anything?", "", &guards)}
        {Field::new("triggers", "What upsets it?").hint("Bicycles, thunder, being picked up …").draw_long(form)}
    }
}

fn seeks(form: Form) -> Element {
    let species = options(Species::ALL, Species::word, text::species_many);
    let sizes = options(Size::ALL, Size::word, text::size_limits);
    rsx! {
        {checks(form, "seeks_species", "Which animals?", "Nearly always its own kind.", &species)}
        {checks(form, "seeks_sizes", "Which sizes?", "None chosen means any that is safe.", &sizes)}
    }
}
