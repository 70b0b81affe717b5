//! How it plays, and with whom.

use romp_domain::{Guard, Known, PlayStyle, Size, Sociability, Species};

use crate::components::Row::{Columns, Long, One, Several, Switch};
use crate::components::{Asked, Field, Opt, Row, options};
use crate::text;

/// Three groups: how it plays, who it gets on with, who it would like to meet.
pub(super) const PLAY: &[Asked] = &[
    ("How it plays", "This is what matches are made of.", HOW),
    (
        "Who it gets on with",
        "“Not sure” is never taken for yes.",
        WITH_WHOM,
    ),
    ("Who it would like to meet", "", SEEKS),
];

const HOW: &[Row] = &[
    One(("energy", "How lively is it?", "", energy)),
    Several(("play_styles", "What does it love?", "", styles)),
    One(("sociability", "With strangers of its kind", "", strangers)),
    One(("recall", "Comes when called", "", recall)),
    Switch("lead_only", "Stays on the lead", ""),
];

const WITH_WHOM: &[Row] = &[
    Columns(&[
        One(("good_with_dogs", "Good with dogs", "", known)),
        One(("good_with_cats", "Good with cats", "", known)),
        One(("good_with_small_animals", "Good with small animals", "", known)),
        One(("good_with_children", "Good with children", "", known)),
    ]),
    Several(("guards", "Does it guard anything?", "", guards)),
    Long(Field::new("triggers", "What upsets it?").hint("Bicycles, thunder, being picked up …")),
];

const SEEKS: &[Row] = &[
    Several((
        "seeks_species",
        "Which animals?",
        "Nearly always its own kind.",
        species,
    )),
    Several((
        "seeks_sizes",
        "Which sizes?",
        "None chosen means any that is safe.",
        sizes,
    )),
];

fn energy() -> Vec<Opt> {
    levels(text::energy)
}

fn recall() -> Vec<Opt> {
    levels(text::recall)
}

fn levels(label: fn(u8) -> &'static str) -> Vec<Opt> {
    let keys = ["1", "2", "3", "4", "5"];
    keys.into_iter().zip((1..).map(label)).collect()
}

fn styles() -> Vec<Opt> {
    options(PlayStyle::ALL, PlayStyle::word, text::play_style)
}

fn strangers() -> Vec<Opt> {
    options(Sociability::ALL, Sociability::word, text::sociability)
}

/// Yes, no, not sure.
pub(super) fn known() -> Vec<Opt> {
    options(Known::ALL, Known::word, text::known)
}

fn guards() -> Vec<Opt> {
    options(Guard::ALL, Guard::word, text::guard)
}

fn species() -> Vec<Opt> {
    options(Species::ALL, Species::word, text::species_many)
}

fn sizes() -> Vec<Opt> {
    options(Size::ALL, Size::word, text::size_limits)
}
