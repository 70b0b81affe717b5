//! Adding devices: a code that another device types in.

use dioxus::prelude::*;
use romp_domain::calls::{Call, PairingCreate};
use romp_domain::time::MINUTE_MS;
use romp_domain::view::Status;
use romp_domain::wire::PairingReply;
use romp_domain::{Role, UtcMs};

use super::welcome::{join_ways, way};
use crate::components::{Button, Glyph, Page, hint, pressed};
use crate::state::{Notice, use_app};
use crate::{dom, ipc, text};

/// The screen.
#[component]
pub(crate) fn DevicesView(status: Status) -> Element {
    let app = use_app();
    let mut code = use_signal(Option::<(Role, PairingReply)>::default);
    let create = move |role: Role| {
        pressed(move || {
            spawn(async move {
                match app.order(PairingCreate { role }.into_request()).await {
                    Ok(reply) => code.set(ipc::read(&reply).ok().map(|reply| (role, reply))),
                    Err(problem) => app.tell(Some(Notice::Failed(problem))),
                }
            });
        })
    };
    Page::new("Devices", "Add a tablet for the children, or another grown-up's device.").narrow().draw(rsx! {
        if status.account.is_none() {
            {hint(Glyph::Key, rsx! {
                p { "Other devices find this family through an account." }
                {join_ways(app)}
            })}
        } else {
            div { class: "device-ways",
                {way(Glyph::Ball, "pairing-child", text::role(Role::Child), "Shows the cards and the playdates, nothing else.", create(Role::Child))}
                {way(Glyph::Device, "pairing-owner", text::role(Role::Owner), "Shows everything and may change everything.", create(Role::Owner))}
            }
            if let Some((role, reply)) = code() {
                section { class: "code-panel", "aria-live": "polite",
                    h2 { "Code for {text::role(role).to_lowercase()}" }
                    p { class: "code", "data-testid": "pairing-code", "data-code": "{reply.code}",
                        for (i , part) in halves(&reply.code).into_iter().enumerate() {
                            span { key: "{i}", "{part}" }
                        }
                    }
                    p { "On the new device choose “I have a code” and type it in." }
                    p { class: "hint", "data-testid": "pairing-expiry", "{expiry(&reply)}" }
                    {Button::new("Done").quiet().draw(move || code.set(None))}
                }
            }
        }
    })
}

/// Two halves are easier to type than eight characters in a row.
fn halves(code: &str) -> Vec<String> {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|part| part.iter().collect()).collect()
}

fn expiry(reply: &PairingReply) -> String {
    let left_ms = reply.expires_at.since_ms(UtcMs(dom::now_ms() as i64));
    match left_ms.max(0) / MINUTE_MS {
        0 => "It works for less than a minute, and once.".to_owned(),
        1 => "It works for one minute, and once.".to_owned(),
        minutes => format!("It works for {minutes} minutes, and once."),
    }
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
