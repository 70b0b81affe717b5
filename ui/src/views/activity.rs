//! What happened to the account, and what its devices did: the last thirty days, in plain words.

use dioxus::prelude::*;
use romp_domain::time::DAY_MS;
use romp_domain::{SessionId, UtcMs};

use crate::components::{Button, Entry, Glyph, Page, aside, group, loaded};
use crate::dom;
use crate::ipc::Request;
use crate::state::{Screen, use_app, use_question};
use crate::text;
use romp_json::{Value, quoted};

/// Rows of what was called that are shown at first, and more each time.
const ROWS: usize = 40;

/// The screen, of one device or of all.
#[component]
pub(crate) fn ActivityView(session: Option<SessionId>) -> Element {
    let app = use_app();
    let mut before = use_signal(String::new);
    let mut shown = use_signal(|| ROWS);
    let which = session
        .as_ref()
        .map_or_else(|| "null".to_owned(), |id| quoted(&id.to_string()));
    let asked = use_question::<Value>(move || {
        let before = match before() {
            number if number.is_empty() => "null".to_owned(),
            number => number,
        };
        Some(Request::of(
            "activity",
            &[("session", which.clone()), ("before", before)],
        ))
    });
    let title = if session.is_some() {
        "What this device did"
    } else {
        "What happened"
    };
    let back = Button::new("Back").glyph(Glyph::Back).testid("activity-back");
    let back = back.draw(move || app.go(Screen::Devices));
    let lead = "Kept for 30 days, security for a year. Nothing that your family wrote is in it.";
    Page::new(title, lead)
        .narrow()
        .actions(back)
        .draw(loaded(asked, |reply| {
            let now = app.now();
            let older = reply.at("before").number().map_or_else(String::new, |number| number.to_string());
            let calls = reply.at("calls").items();
            rsx! {
                if session.is_none() {
                    {group("Security", "", rsx! {
                        ul { class: "entries log", "data-testid": "security-log",
                            for entry in reply.at("log").items() {
                                {security(entry, now)}
                            }
                        }
                        div { class: "actions",
                            if !before.read().is_empty() {
                                {Button::new("Newer").testid("log-newer").draw(move || before.set(String::new()))}
                            }
                            if !older.is_empty() {
                                {Button::new("Older").testid("log-older").draw(move || before.set(older.clone()))}
                            }
                        }
                    })}
                }
                {group("What devices did", &counted_by(now), rsx! {
                    if calls.is_empty() {
                        p { class: "hint", "data-testid": "calls-none", "Nothing in these 30 days." }
                    }
                    ul { class: "entries log", "data-testid": "calls",
                        for count in calls.iter().take(shown()) {
                            {called(count, now, session.is_none())}
                        }
                    }
                    if calls.len() > shown() {
                        div { class: "actions",
                            {Button::new("More").testid("calls-more").draw(move || shown += ROWS)}
                        }
                    }
                })}
            }
        }))
}

fn security(entry: &Value, now: UtcMs) -> Element {
    let (what, look) = text::event(entry.at("event").text());
    let who = ["device", "owner"]
        .into_iter()
        .map(|field| entry.at(field).text())
        .filter(|name| !name.is_empty());
    let told: Vec<_> = who.chain(text::about(entry.at("detail").text())).collect();
    let at = UtcMs(entry.at("at").number().unwrap_or_default());
    row(
        look,
        "log-entry",
        &what,
        &told.join(" · "),
        &text::moment(dom::local_ms(now), dom::local_ms(at)),
    )
}

fn row(look: bool, testid: &'static str, title: &str, hint: &str, side: &str) -> Element {
    let entry = Entry {
        class: if look { "entry look" } else { "entry" },
        testid,
        glyph: if look { Glyph::Alert } else { Glyph::Check },
        title,
        text: "",
        hint,
    };
    // Entries are never put in order anew, so that equal keys do no harm.
    entry.draw(&[title, side, hint].concat(), aside("hint", side))
}

fn called(count: &Value, now: UtcMs, with_device: bool) -> Element {
    let outcome = count.at("outcome").text();
    let refused = outcome != "ok";
    let times = count.at("count").number().unwrap_or_default();
    let begins = UtcMs(count.at("day").number().unwrap_or_default());
    let day = text::moment(dom::local_ms(now), dom::local_ms(begins));
    let device = if with_device {
        count.at("device").text()
    } else {
        ""
    };
    let hint = if refused {
        [device, " refused: ", refusal(outcome)].concat()
    } else {
        device.to_owned()
    };
    row(
        refused,
        "call-count",
        &text::called(count.at("what").text()),
        &hint,
        &format!("from {day} · {times}×"),
    )
}

/// The server counts by days of its own, which begin at midnight in UTC.
fn counted_by(now: UtcMs) -> String {
    let day = now.plus_ms(-now.0.rem_euclid(DAY_MS));
    let begins = text::moment(dom::local_ms(day), dom::local_ms(day));
    [
        "Counted by the day. Here, each begins ",
        begins.trim_start_matches("today "),
        ".",
    ]
    .concat()
}

fn refusal(outcome: &str) -> &str {
    match outcome {
        "switched_off" => "switched off",
        "too_many" => "too often",
        "forbidden" => "only for grown-ups",
        "not_signed_in" => "signed out",
        other => other,
    }
}
