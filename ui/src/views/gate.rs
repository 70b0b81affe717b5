//! The gate between a child's hands and a grown-up's: handing the device over, and taking it back by the PIN.

use dioxus::prelude::*;
use romp_domain::ErrorCode;
use romp_domain::calls::Children;
use romp_domain::view::GateView;

use super::asked::{Asked, Fixed, ask};
use super::join::PASSWORD;
use crate::components::{Button, Field, Glyph, Keypad, Page, child_pick, icon, loaded, pressed};
use crate::ipc::Request;
use crate::state::{Notice, Screen, use_app, use_looks, use_query};
use crate::text;
use romp_json::quoted;

/// How often a locked page looks whether the wait is over, in milliseconds.
const LOOK_AGAIN_MS: i32 = 5_000;
/// In the place of what is said: the PIN was wrong, and the core knows how many tries are left.
const WRONG: &str = "!";

const LEAD: &str = "The cards and the playdates stay, everything else is locked until you type your PIN.";

const FORGOTTEN: Asked = Asked {
    call: "pin_forgotten",
    fields: &[
        Field::new("email", "E-mail address")
            .kind("email", "username")
            .hint("Leave it empty if it is the one that is signed in here.")
            .optional(),
        PASSWORD,
        Field::new("device", "Name of this device"),
    ],
    send: "Open",
    done: "Open again. The PIN is gone; set a new one before you hand the device over.",
    danger: false,
};

/// An owner's screen: to whom the device goes, and the PIN before.
#[component]
pub(crate) fn HandOverView(gate: GateView) -> Element {
    let app = use_app();
    let children = use_query(Children {});
    let mut changing = use_signal(bool::default);
    if !gate.pin || changing() {
        return rsx! {
            SetPin { known: gate.pin, onleave: move |()| changing.set(false) }
        };
    }
    let give = move |child: Option<String>| {
        let child = child.map_or_else(|| "null".to_owned(), |id| quoted(&id));
        pressed(move || {
            let request = Request::of("hand_over", &[("child", child.clone())]);
            app.act_or(request, "Have fun!", Box::new(|| {}));
        })
    };
    let change = Button::new("Change the PIN")
        .glyph(Glyph::Lock)
        .testid("pin-change");
    Page::new("Who gets the device?", LEAD)
        .narrow()
        .actions(change.draw(move || changing.set(true)))
        .draw(loaded(children, |all| {
            rsx! {
                div { class: "child-grid hand-grid",
                    for one in &all {
                        {child_pick(one, false, false, give(Some(one.id.to_string())))}
                    }
                }
                if all.len() != 1 {
                    div { class: "actions hand-any",
                        {Button::new("All children").glyph(Glyph::People).testid("hand-all").draw({
                            let give = give(None);
                            move || give.call(())
                        })}
                    }
                }
            }
        }))
}

/// Choosing a PIN: the one until now where there is one, the new one, and that once more.
#[component]
fn SetPin(known: bool, onleave: EventHandler<()>) -> Element {
    let app = use_app();
    let mut current = use_signal(String::new);
    let mut first = use_signal(String::new);
    let mut wrong = use_signal(String::new);
    let forgot = use_signal(bool::default);
    let (title, says) = if known && current.read().is_empty() {
        ("Your PIN until now", "")
    } else if first.read().is_empty() {
        ("Choose a PIN", "4 to 8 digits that a child does not guess.")
    } else {
        ("The same once more", "")
    };
    let mut begin_anew = move |sentence: String| {
        current.set(String::new());
        first.set(String::new());
        wrong.set(sentence);
    };
    let done = move |pin: String| {
        wrong.set(String::new());
        if known && current.peek().is_empty() {
            return current.set(pin);
        }
        if first.peek().is_empty() {
            return first.set(pin);
        }
        if *first.peek() != pin {
            return begin_anew("That was not the same. Please begin again.".to_owned());
        }
        let was = current.peek().clone();
        let was = if was.is_empty() {
            "null".to_owned()
        } else {
            quoted(&was)
        };
        let request = Request::of("pin_set", &[("current", was), ("pin", quoted(&pin))]);
        spawn(async move {
            match app.order(request).await {
                Ok(_) => {
                    app.done("The PIN is set");
                    onleave.call(());
                }
                Err(problem) => begin_anew(text::sentence_of(&problem)),
            }
        });
    };
    let leave = move || {
        onleave.call(());
        app.go(if known { Screen::HandOver } else { Screen::Pets });
    };
    rsx! {
        main { class: "page narrow gate",
            if known && forgot() {
                {forgotten()}
            } else {
                Keypad {
                    title,
                    says: if wrong.read().is_empty() { says.to_owned() } else { wrong() },
                    wrong: !wrong.read().is_empty(),
                    rests: false,
                    ondone: done,
                    onleave: move |()| leave(),
                }
                if known {
                    {forgot_button(forgot)}
                }
            }
            {Button::new("Not now").quiet().testid("pin-leave").draw(leave)}
        }
    }
}

/// The way back for a grown-up, on a device in a child's hands.
#[component]
pub(crate) fn Unlock(gate: GateView, name: Option<String>, onleave: EventHandler<()>) -> Element {
    let app = use_app();
    let mut refused = use_signal(String::new);
    let forgot = use_signal(bool::default);
    let wait_s = gate.wait_s.unwrap_or(0);
    use_looks(LOOK_AGAIN_MS);
    let rests = wait_s > 0 || gate.spent;
    let says = if gate.spent {
        "The PIN was wrong too often. The password of your account opens the device.".to_owned()
    } else if rests {
        format!("Let us rest a little. Try again in {}.", text::lasting(wait_s))
    } else if refused.read().as_str() != WRONG {
        refused()
    } else if gate.tries_left == 1 {
        "That was not it. One more try before a break.".to_owned()
    } else {
        format!("That was not it. {} more tries before a break.", gate.tries_left)
    };
    let done = move |pin: String| {
        let request = Request::of("unlock", &[("pin", quoted(&pin))]);
        spawn(async move {
            match app.order(request).await {
                Ok(_) => app.tell(Some(Notice::Done("Welcome back".to_owned()))),
                Err(problem) => {
                    refused.set(match problem.code {
                        ErrorCode::PinWrong => WRONG.to_owned(),
                        _ => text::sentence_of(&problem),
                    });
                    // How many tries are left is the core's to say.
                    app.changed();
                }
            }
        });
    };
    let back = name.map_or_else(|| "Back".to_owned(), |name| format!("Back to {name}"));
    rsx! {
        main { class: "gate",
            if forgot() || gate.spent {
                {forgotten()}
            } else {
                Keypad { title: "For grown-ups", says, wrong: rests || !refused.read().is_empty(), rests, ondone: done, onleave }
                {forgot_button(forgot)}
            }
            {Button::new(&back).glyph(Glyph::Back).testid("gate-leave").draw(move || onleave.call(()))}
        }
    }
}

fn forgot_button(mut forgot: Signal<bool>) -> Element {
    let button = Button::new("Forgot the PIN?").quiet().testid("pin-forgotten");
    button.draw(move || forgot.set(true))
}

/// The way in without the PIN, wherever it is asked for.
fn forgotten() -> Element {
    rsx! {
        section { class: "keypad",
            div { class: "gate-mark", {icon(Glyph::Key)} }
            h1 { "Forgot the PIN?" }
            p { "The password of your account opens the device. It needs a connection for that." }
            {ask(&FORGOTTEN, Fixed::new())}
        }
    }
}

/// The small lock in a child's view.
pub(super) fn lock(mut open: Signal<bool>) -> Element {
    rsx! {
        button {
            class: "lock",
            r#type: "button",
            "data-testid": "child-lock",
            "aria-label": "For grown-ups",
            onclick: move |_| open.set(true),
            {icon(Glyph::Lock)}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::asked::{Fixed, tests::read};
    use super::*;
    use crate::state::typed::Typed;
    use romp_domain::calls;

    #[test]
    fn what_the_gate_asks_is_what_the_core_knows() {
        let id = quoted("00000000-0000-0000-0000-000000000007");
        for (name, fields) in [
            ("hand_over", vec![("child", "null".to_owned())]),
            ("hand_over", vec![("child", id)]),
            (
                "pin_set",
                vec![("current", "null".to_owned()), ("pin", quoted("4829"))],
            ),
            ("unlock", vec![("pin", quoted("4829"))]),
        ] {
            let request = Request::of(name, &fields);
            assert!(
                serde_json::from_str::<calls::Request>(request.as_json()).is_ok(),
                "{name}"
            );
        }
        let typed = Typed::default()
            .with("password", "a few words")
            .with("device", "Desk");
        assert_eq!(
            read(&FORGOTTEN, &typed, &Fixed::new()).name().word(),
            "pin_forgotten"
        );
    }
}
