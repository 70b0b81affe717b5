//! Child profiles: a nickname, a picture, an age band. There is room for nothing else.

use dioxus::prelude::*;
use romp_domain::calls::{ChildRemove, Children};
use romp_domain::text::Nickname;
use romp_domain::view::ChildView;
use romp_domain::{AgeBand, Avatar, Child, ChildId, DailyCards, InvalidReason};

use crate::components::{
    Asking, Button, Empty, Field, Glyph, Page, Twice, avatar_face, loaded, look_again, options, segments,
    switch,
};
use crate::ipc::Request;
use crate::state::typed::{Errors, Typed};
use crate::state::{App, use_app, use_form, use_query};
use crate::text;
use romp_json::written;

/// What the form was filled with, kept with what is typed.
const SEEN: &str = "seen";

const LEAD: &str =
    "A nickname, a picture and an age band. Romp asks for nothing else and has no place to keep it.";

/// The profile being edited: none, a new one, or one that exists.
type Editing = Signal<Option<Option<ChildView>>>;

/// All profiles, and the one being edited.
#[component]
pub(crate) fn ChildrenView() -> Element {
    let children = use_query(Children {});
    let mut editing: Editing = use_signal(Option::default);
    let add = Button::new("Add a child")
        .glyph(Glyph::Plus)
        .primary()
        .testid("child-add");
    let add = add.draw(move || editing.set(Some(None)));
    Page::new("Children", LEAD).narrow().actions(add).draw(rsx! {
        if let Some(child) = editing() {
            ChildForm { key: "{form_key(child.as_ref())}", child, editing }
        }
        {loaded(children, |all| {
            if all.is_empty() && editing.read().is_none() {
                return none_yet();
            }
            rsx! {
                ul { class: "child-list",
                    for child in &all {
                        {item(child, editing)}
                    }
                }
            }
        })}
    })
}

fn none_yet() -> Element {
    let empty = Empty {
        title: "No child yet",
        text: "Each child finds itself by its picture, so reading is not needed.",
        testid: "children-empty",
    };
    empty.draw(avatar_face(Avatar::Otter), VNode::empty())
}

fn item(child: &ChildView, mut editing: Editing) -> Element {
    let about = &child.child;
    let open = child.clone();
    rsx! {
        li { key: "{child.id}",
            button { class: "child-item", r#type: "button", "data-testid": "child-item", onclick: move |_| editing.set(Some(Some(open.clone()))),
                {avatar_face(about.avatar)}
                span { class: "child-words",
                    strong { "{about.nickname}" }
                    span { class: "hint", "{text::age_band(about.age_band)} years" }
                }
            }
        }
    }
}

fn form_key(child: Option<&ChildView>) -> String {
    child.map_or_else(|| "new".to_owned(), |child| child.id.to_string())
}

fn fill(child: Option<&Child>) -> Typed {
    let avatar = child.map_or(Avatar::Fox, |child| child.avatar);
    let age_band = child.map_or(AgeBand::SevenToNine, |child| child.age_band);
    Typed::default()
        .with_some(SEEN, child.map(written))
        .with_some("nickname", child.map(|child| child.nickname.to_string()))
        .with("avatar", avatar.word())
        .with("age_band", age_band.word())
        .with_some(
            "daily_cards",
            child.and_then(|child| Some(child.daily_cards?.get().to_string())),
        )
        .with_switch(
            "pause_when_done",
            child.is_some_and(|child| child.pause_when_done),
        )
}

fn finish(typed: &Typed) -> Result<Child, Errors> {
    let mut errors = Errors::default();
    let nickname = errors.keep("nickname", Nickname::new(typed.get("nickname")));
    let daily_cards = errors.keep_filled("daily_cards", typed, |typed| {
        let unreadable = |_| InvalidReason::Unreadable("a number of cards".to_owned());
        typed.parse().map_err(unreadable).and_then(DailyCards::new)
    });
    match nickname {
        Some(nickname) if errors.is_empty() => Ok(Child {
            daily_cards,
            pause_when_done: typed.is_on("pause_when_done"),
            ..Child::new(
                nickname,
                Avatar::from_word(typed.get("avatar")).unwrap_or(Avatar::Fox),
                AgeBand::from_word(typed.get("age_band")).unwrap_or(AgeBand::SevenToNine),
            )
        }),
        _ => Err(errors),
    }
}

#[component]
fn ChildForm(child: Option<ChildView>, editing: Editing) -> Element {
    let app = use_app();
    let id = child.as_ref().map(|view| view.id);
    let form = use_form(|| fill(child.as_ref().map(|view| &view.child)));
    let asking = use_signal(String::new);
    let save = move |event: FormEvent| {
        event.prevent_default();
        let made = finish(&form.typed()).map(|child| {
            // As it was when the form was filled, whatever has become of it since.
            let over = id.map(|id| (id.to_string(), form.get(SEEN)));
            Request::save("child", over, written(&child))
        });
        let close = move |_| {
            if let Ok(mut editing) = editing.try_write() {
                *editing = None;
            }
        };
        form.submit(made, "Saved", Box::new(close));
    };
    let avatar = form.get("avatar");
    let ages = options(AgeBand::ALL, AgeBand::word, text::age_band);
    rsx! {
        form { class: "panel", onsubmit: save, novalidate: true,
            fieldset { class: "field",
                legend { "Which picture?" }
                div { class: "avatar-grid",
                    for one in Avatar::ALL.iter().copied() {
                        label { key: "{one.word()}", class: "avatar-pick",
                            input {
                                r#type: "radio",
                                name: "avatar",
                                "data-testid": "avatar-{one.word()}",
                                "aria-label": text::avatar(one),
                                checked: avatar == one.word(),
                                onchange: move |_| form.edit(|typed| typed.set("avatar", one.word().to_owned())),
                            }
                            {avatar_face(one)}
                        }
                    }
                }
            }
            {Field::new("nickname", "Nickname").hint("What the child is called at home. Not the full name.").testid("child-nickname").draw(form)}
            {segments(form, "age_band", "Age", "", &ages)}
            {Field::new("daily_cards", "Cards a day").unit("cards").hint("Left empty: as many as there are.").draw(form)}
            {switch(form, "pause_when_done", "Rest until tomorrow when all are seen", "")}
            {look_again(form)}
            div { class: "actions",
                {Button::new("Save").primary().glyph(Glyph::Check).testid("child-save").draw_submit(form.is_busy())}
                {Button::new("Not now").draw(move || editing.set(None))}
                if let Some(id) = id {
                    {remove(app, id, asking, editing)}
                }
            }
        }
    }
}

/// Removing, asked twice.
fn remove(app: App, id: ChildId, asking: Asking, mut editing: Editing) -> Element {
    let twice = Twice {
        id: "child",
        first: ("Remove", "child-remove"),
        question: "Remove the profile and what was chosen with it? Matches stay.",
        keep: "Keep",
        sure: ("Remove", "child-remove-confirm"),
    };
    twice.draw(asking, move || {
        app.act(ChildRemove { id }, "Removed");
        editing.set(None);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_survives_its_form_and_needs_a_nickname() {
        assert!(finish(&fill(None)).unwrap_err().of("nickname").is_some());
        let typed = fill(None)
            .with("nickname", "Mia")
            .with("avatar", "owl")
            .with("daily_cards", "12")
            .with_switch("pause_when_done", true);
        let child = finish(&typed).unwrap();
        assert_eq!(
            (child.avatar, child.daily_cards.unwrap().get()),
            (Avatar::Owl, 12)
        );
        assert_eq!(finish(&fill(Some(&child))).unwrap(), child);
        for bad in ["0", "many", "501"] {
            let errors = finish(&typed.clone().with("daily_cards", bad)).unwrap_err();
            assert!(errors.of("daily_cards").is_some(), "{bad}");
        }
    }
}
