//! How things stand: on the way, nothing there, gone wrong, done.

use dioxus::prelude::*;
use romp_domain::Problem;

use super::{Button, Glyph, icon};
use crate::state::{Notice, Query, use_app};
use romp_json::{Reply, Value};

/// Shows what a view asked for, or how that stands. What was known is still shown where it cannot be asked again now.
pub(crate) fn loaded<T: Reply>(query: Query<T>, show: impl FnOnce(T) -> Element) -> Element {
    match query.get() {
        None => loading(),
        Some(Ok(value)) => below_trouble(query.trouble(), show(value)),
        Some(Err(problem)) => failed(&problem),
    }
}

#[inline(never)]
fn below_trouble(trouble: Option<Problem>, content: Element) -> Element {
    rsx! {
        if let Some(problem) = trouble {
            {warning(&problem.message, "not-new")}
        }
        {content}
    }
}

/// Something is on the way. Invisible for a moment, because most answers are quicker than that.
pub(crate) fn loading() -> Element {
    rsx! {
        div { class: "loading", role: "status",
            span { class: "dots", "aria-hidden": "true", i {} i {} i {} }
            span { class: "unseen", "One moment" }
        }
    }
}

/// A view could not get what it shows.
pub(crate) fn failed(problem: &Problem) -> Element {
    rsx! {
        Failed { message: problem.message.clone() }
    }
}

#[component]
fn Failed(message: String) -> Element {
    let app = use_app();
    rsx! {
        div { class: "empty", role: "alert",
            div { class: "empty-mark bad", {icon(Glyph::Alert)} }
            h2 { "That did not work" }
            p { "{message}" }
            {Button::new("Try again").glyph(Glyph::Sync).draw(move || app.changed())}
        }
    }
}

/// There is nothing here yet: a picture, words, and what to do about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Empty<'a> {
    /// What is the matter.
    pub(crate) title: &'a str,
    /// More about it.
    pub(crate) text: &'a str,
    /// Hook for tests.
    pub(crate) testid: &'static str,
}

impl Empty<'_> {
    /// Draws it.
    pub(crate) fn draw(self, picture: Element, content: Element) -> Element {
        rsx! {
            div { class: "empty", "data-testid": self.testid, role: "status",
                div { class: "empty-picture", {picture} }
                h2 { "{self.title}" }
                p { "{self.text}" }
                {content}
            }
        }
    }
}

/// Where a file is that the core wrote for the person, and what there is to say about it; nothing before that.
pub(crate) fn saved_as(file: &Value, about: &str) -> Element {
    if file.is_null() {
        return VNode::empty();
    }
    hint(
        Glyph::Save,
        rsx! {
            p { "aria-live": "polite",
                "{about}"
                br {}
                code { "data-testid": "saved-as", {file.at("path").text()} }
            }
        },
    )
}

/// A calm sentence with an icon.
pub(crate) fn hint(glyph: Glyph, content: Element) -> Element {
    rsx! {
        div { class: "note",
            {icon(glyph)}
            div { {content} }
        }
    }
}

/// A sentence that must not be missed.
pub(crate) fn warning(text: &str, testid: &'static str) -> Element {
    rsx! {
        div { class: "note warn", role: "alert", "data-testid": testid,
            {icon(Glyph::Alert)}
            div { "{text}" }
        }
    }
}

/// What the app has to tell: goes away by itself when it is good news.
#[component]
pub(crate) fn NoticeBar() -> Element {
    let app = use_app();
    rsx! {
        div { class: "notices", "aria-live": "polite",
            match app.notice() {
                None => rsx! {},
                Some(Notice::Done(text)) => rsx! {
                    div { class: "notice good", key: "{text}", "data-testid": "notice",
                        onanimationend: move |_| app.tell(None),
                        {icon(Glyph::Check)}
                        span { "{text}" }
                    }
                },
                Some(Notice::Failed(problem)) => rsx! {
                    div { class: "notice bad", role: "alert", "data-testid": "problem", "data-code": problem.code.word(),
                        {icon(Glyph::Alert)}
                        span { "{problem.message}" }
                        {Button::new("OK").quiet().draw(move || app.tell(None))}
                    }
                },
            }
        }
    }
}
