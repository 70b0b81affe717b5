//! Forms as tables: what is asked, in which order; one piece of code draws them all.

use dioxus::prelude::*;

use super::choices::{checks, segments, switch};
use super::fields::Field;
use super::{Opt, group};
use crate::state::Form;

/// Something to choose: field, label, what is meant, and from what.
pub(crate) type Choice = (&'static str, &'static str, &'static str, fn() -> Vec<Opt>);

/// One thing that is asked.
pub(crate) enum Row {
    /// A line of text.
    Line(Field<'static>),
    /// Several lines.
    Long(Field<'static>),
    /// One of few.
    One(Choice),
    /// Several.
    Several(Choice),
    /// On or off: field, label, what it means.
    Switch(&'static str, &'static str, &'static str),
    /// Side by side, where there is room.
    Columns(&'static [Row]),
}

/// A group of things that are asked: title, hint, rows.
pub(crate) type Asked = (&'static str, &'static str, &'static [Row]);

/// Draws groups.
pub(crate) fn groups(form: Form, asked: &[Asked]) -> Element {
    rsx! {
        for (title , hint , rows) in asked.iter().copied() {
            {group(title, hint, draw_rows(form, rows))}
        }
    }
}

/// Draws rows.
pub(crate) fn draw_rows(form: Form, rows: &'static [Row]) -> Element {
    rsx! {
        for row in rows {
            {draw(form, row)}
        }
    }
}

fn draw(form: Form, row: &'static Row) -> Element {
    match row {
        Row::Line(field) => field.draw(form),
        Row::Long(field) => field.draw_long(form),
        Row::One((name, label, hint, options)) => segments(form, name, label, hint, &options()),
        Row::Several((name, label, hint, options)) => checks(form, name, label, hint, &options()),
        Row::Switch(name, label, hint) => switch(form, name, label, hint),
        Row::Columns(rows) => rsx! {
            div { class: "columns", {draw_rows(form, rows)} }
        },
    }
}
