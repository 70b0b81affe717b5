//! The frame of a screen, and groups in it.

use dioxus::prelude::*;

/// A screen: a heading, a sentence about it, actions, content.
#[derive(Debug, Clone)]
pub(crate) struct Page<'a> {
    title: &'a str,
    lead: &'a str,
    class: &'static str,
    actions: Element,
}

impl<'a> Page<'a> {
    /// A wide one.
    pub(crate) fn new(title: &'a str, lead: &'a str) -> Self {
        Self {
            title,
            lead,
            class: "page",
            actions: VNode::empty(),
        }
    }

    /// A column that is easy to read.
    pub(crate) fn narrow(mut self) -> Self {
        self.class = "page narrow";
        self
    }

    /// With something to do beside the heading.
    pub(crate) fn actions(mut self, actions: Element) -> Self {
        self.actions = actions;
        self
    }

    /// Draws it around its content.
    pub(crate) fn draw(self, content: Element) -> Element {
        rsx! {
            main { class: self.class,
                header { class: "page-head",
                    div {
                        h1 { "{self.title}" }
                        p { class: "lead", "{self.lead}" }
                    }
                    div { class: "actions", {self.actions} }
                }
                {content}
            }
        }
    }
}

/// A group of things that belong together.
pub(crate) fn group(title: &str, hint: &str, content: Element) -> Element {
    rsx! {
        section { class: "group",
            header { class: "group-head",
                h2 { "{title}" }
                p { class: "hint", "{hint}" }
            }
            div { class: "group-body", {content} }
        }
    }
}
