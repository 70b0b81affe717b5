//! A code with which another device joins: as a picture for its camera, and in letters for its owner.

use dioxus::prelude::*;
use romp_domain::{Role, UtcMs};

use super::asked::{Asked, ask_then};
use super::join::PASSWORD;
use crate::components::Button;
use crate::state::App;
use crate::text;
use romp_json::{Reply, Value, quoted};

/// Having a code made.
pub(super) const NEW_CODE: Asked = Asked {
    call: "pairing_create",
    fields: &[PASSWORD],
    send: "Show the code",
    done: "It works for ten minutes, and once.",
    danger: false,
};

/// The password for a code that is wanted, for a device with this role.
fn asks(mut code: Signal<String>, mut wanted: Signal<String>) -> Element {
    let role = wanted.read();
    let fixed = vec![("role", quoted(&role))];
    let sent = EventHandler::new(move |reply| {
        wanted.set(String::new());
        code.set(reply);
    });
    rsx! {
        section { key: "{role}", class: "code-panel", "data-testid": "pairing-asks", div { class: "code-words",
            h2 { "Code for {whose(&role)}" }
            p { "Your password, so that nobody adds a device who only has this one in hand." }
            {ask_then(&NEW_CODE, fixed, Vec::new(), sent)}
            div { class: "actions",
                {Button::new("Not now").quiet().draw(move || wanted.set(String::new()))}
            }
        } }
    }
}

fn whose(role: &str) -> String {
    let child = role == Role::Child.word();
    text::role(if child { Role::Child } else { Role::Owner }).to_ascii_lowercase()
}

/// The code, if one was made or is wanted; `looks` is told whether one may still be used.
pub(super) fn code_panel(
    app: App,
    mut code: Signal<String>,
    mut wanted: Signal<String>,
    mut looks: Signal<bool>,
) -> Element {
    if !wanted.read().is_empty() {
        return asks(code, wanted);
    }
    let now = app.now();
    let reply = Value::read(&code.read()).unwrap_or(Value::Null);
    let ends = UtcMs(reply.at("expires_at").number().unwrap_or_default());
    let over = ends <= now;
    looks.set(!over);
    if reply.is_null() {
        return VNode::empty();
    }
    let role = reply.at("role").text().to_owned();
    let whose = whose(&role);
    let letters = reply.at("code").text();
    let picture = reply.at("picture");
    let side = picture.at("side").number().unwrap_or_default();
    let again = Button::new("Make a new one")
        .testid("pairing-again")
        .draw(move || wanted.set(role.clone()));
    rsx! {
        section { class: if over { "code-panel over" } else { "code-panel" }, "data-testid": "pairing",
            if side > 0 {
                svg { class: "qr", view_box: "0 0 {side} {side}", role: "img", "data-testid": "pairing-picture",
                    "aria-label": "QR code with the address and the code beside it",
                    path { d: picture.at("path").text() }
                }
            }
            div { class: "code-words", "aria-live": "polite",
                h2 { "Code for {whose}" }
                p { class: "code", "data-testid": "pairing-code", "data-code": "{letters}",
                    for (i , part) in halves(letters).into_iter().enumerate() {
                        span { key: "{i}", "{part}" }
                    }
                }
                if over {
                    p { "data-testid": "pairing-over", "This code has run out. It works for ten minutes." }
                } else {
                    p { "On the new device choose “I have a code”, and type the code and this address:" }
                    p { class: "link", {reply.at("server").text()} }
                    details { class: "hint",
                        summary { "Or paste both in one line" }
                        p { class: "link", "data-testid": "pairing-link", {reply.at("link").text()} }
                        p { "That line is what a camera reads in the picture." }
                    }
                    p { class: "hint", "data-testid": "pairing-expiry", "{expiry(now, ends)}" }
                }
                div { class: "actions",
                    if over {
                        {again}
                    }
                    {Button::new("Done").testid("pairing-done").draw(move || code.set(String::new()))}
                }
            }
        }
    }
}

/// Two halves are easier to type than eight characters in a row.
fn halves(code: &str) -> Vec<String> {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|part| part.iter().collect()).collect()
}

/// How long a code works.
pub(super) fn expiry(now: UtcMs, end: UtcMs) -> String {
    let left_ms = end.since_ms(now).max(0);
    let left = text::lasting((left_ms / 1_000) as u32);
    format!("It works for {left}, and once.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_in_halves() {
        assert_eq!(halves("ABCD2345"), ["ABCD", "2345"]);
        assert_eq!(halves("ABC"), ["ABC"]);
    }
}
