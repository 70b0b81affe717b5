//! Quiet times and what else is switched off: what holds now, what comes, what is over.

use dioxus::prelude::*;
use romp_domain::{UtcMs, Weekday};

use super::rules_form::{OPERATIONS, RuleForm};
use crate::components::{Button, Empty, Entry, Glyph, Page, loaded, sample_portrait};
use crate::dom;
use crate::ipc::Request;
use crate::state::{App, use_app, use_values};
use crate::text;
use romp_domain::Species;
use romp_json::{Value, quoted};

const LEAD: &str = "Times for sleeping, lunch and homework. Children read your words for it, also without a \
connection. Signing out, hiding, calling off and deleting always work.";

/// How a switch stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It turns something off now.
    Now,
    /// It will.
    Coming,
    /// It is lifted, or its end has passed.
    Over,
}

fn standing(view: &Value, now: UtcMs) -> Standing {
    let switch = view.at("switch");
    let ended = switch.at("ends_at").number().is_some_and(|end| end <= now.0);
    match (view.at("in_force").is_true(), switch.at("on").is_true() && !ended) {
        (true, _) => Standing::Now,
        (false, true) => Standing::Coming,
        (false, false) => Standing::Over,
    }
}

/// The screen.
#[component]
pub(crate) fn RulesView() -> Element {
    let app = use_app();
    let switches = use_values(Request::of("switches", &[]));
    let mut adding = use_signal(bool::default);
    let add = Button::new("New quiet time")
        .glyph(Glyph::Plus)
        .primary()
        .testid("rule-add")
        .draw(move || adding.set(true));
    let now = app.now();
    Page::new("Quiet times", LEAD).narrow().actions(add).draw(rsx! {
        if adding() {
            RuleForm { onleave: move |()| adding.set(false) }
        }
        {loaded(switches, |all| {
            let part = |of: Standing| all.items().iter().filter(|one| standing(one, now) == of).collect::<Vec<_>>();
            let (in_force, coming, over) = (part(Standing::Now), part(Standing::Coming), part(Standing::Over));
            rsx! {
                if in_force.is_empty() && coming.is_empty() && !adding() {
                    {none_yet()}
                }
                {list("Now", &in_force, now, app)}
                {list("Planned", &coming, now, app)}
                if !over.is_empty() {
                    details { class: "hint", "data-testid": "rules-over",
                        summary { "Over ({over.len()})" }
                        {list("", &over, now, app)}
                    }
                }
            }
        })}
    })
}

fn none_yet() -> Element {
    let empty = Empty {
        title: "No quiet time is planned",
        text: "Three touches make one: which days, from when to when, and what your child reads then.",
        testid: "rules-empty",
    };
    empty.draw(sample_portrait(0x11, Species::Cat), VNode::empty())
}

fn list(title: &str, switches: &[&Value], now: UtcMs, app: App) -> Element {
    if switches.is_empty() {
        return VNode::empty();
    }
    rsx! {
        h2 { class: "section", "{title}" }
        ul { class: "entries",
            for view in switches {
                {item(view, now, app)}
            }
        }
    }
}

fn item(view: &Value, now: UtcMs, app: App) -> Element {
    let switch = view.at("switch");
    let id = view.at("id").text().to_owned();
    let state = standing(view, now);
    let call = |name: &'static str, done: &'static str| {
        let id = quoted(&id);
        move || app.act_or(Request::of(name, &[("id", id.clone())]), done, Box::new(|| {}))
    };
    let by_romp = view.at("author").at("by").text() == "romp";
    let side = if state != Standing::Over {
        Button::new("Lift")
            .testid("rule-lift")
            .draw(call("switch_lift", "Lifted"))
    } else if by_romp {
        VNode::empty()
    } else {
        Button::new("Remove")
            .quiet()
            .testid("rule-remove")
            .draw(call("switch_remove", "Removed"))
    };
    let entry = Entry {
        class: if state == Standing::Now {
            "entry now"
        } else {
            "entry"
        },
        testid: "rule-item",
        glyph: if state == Standing::Over {
            Glyph::Check
        } else {
            Glyph::Moon
        },
        title: &format!("{}: {}", whose(view), what(switch)),
        text: &when(view, now),
        hint: &format!("“{}”", switch.at("comment").text()),
    };
    entry.draw(&id, side)
}

/// "Mia", "All children".
fn whose(view: &Value) -> String {
    match view.at("switch").at("scope").at("of").text() {
        "household" => "Everybody".to_owned(),
        "children" => "All children".to_owned(),
        "child" => match view.at("child").text() {
            "" => "A child".to_owned(),
            name => name.to_owned(),
        },
        _ => "One device".to_owned(),
    }
}

/// "choosing rests", or several things.
fn what(switch: &Value) -> String {
    let off = switch.at("operations");
    let names: Vec<_> = OPERATIONS
        .iter()
        .filter(|(key, _)| off.has(key))
        .map(|(_, label)| label.to_ascii_lowercase())
        .collect();
    names.join(", ")
}

/// When it holds.
fn when(view: &Value, now: UtcMs) -> String {
    let switch = view.at("switch");
    let said = |say: fn(i64, i64) -> String, at: i64| say(dom::local_ms(now), dom::local_ms(UtcMs(at)));
    let hours = switch.at("hours");
    let mut parts = Vec::new();
    if !hours.is_null() {
        parts.push(format!("{}, {}", days(hours), clock_span(hours)));
    }
    match standing(view, now) {
        Standing::Now => match view.at("until").number() {
            Some(end) => parts.push(format!("now, until {}", said(text::end, end))),
            None => parts.push("now, until you lift it".to_owned()),
        },
        Standing::Coming => {
            if let Some(start) = switch.at("starts_at").number().filter(|start| *start > now.0) {
                parts.push(format!("from {}", said(text::moment, start)));
            }
            if let Some(end) = switch.at("ends_at").number() {
                parts.push(format!("until {}", said(text::end, end)));
            }
        }
        Standing::Over => match switch.at("ends_at").number().filter(|end| *end <= now.0) {
            Some(end) => parts.push(format!("ended {}", said(text::end, end))),
            None => parts.push("lifted".to_owned()),
        },
    }
    parts.join(" · ")
}

/// "Every day", "Mon, Tue".
fn days(hours: &Value) -> String {
    let all = hours.at("weekdays");
    let chosen: Vec<_> = Weekday::ALL.iter().filter(|day| all.has(day.word())).collect();
    if chosen.len() == Weekday::ALL.len() {
        return "Every day".to_owned();
    }
    let names: Vec<_> = chosen.iter().map(|day| &text::weekday(**day)[..3]).collect();
    names.join(", ")
}

fn clock_span(hours: &Value) -> String {
    let at = |name| hours.at(name).number().unwrap_or_default();
    let clock = |minute: i64| format!("{}:{:02}", minute / 60, minute % 60);
    format!("{} to {}", clock(at("start")), clock(at("end")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_json::Reply;

    fn view(switch: &str, more: &str) -> Value {
        Value::read(&format!(r#"{{"switch":{{{switch}}},{more}}}"#)).unwrap()
    }

    #[test]
    fn a_switch_stands_as_its_clock_and_its_owner_say() {
        let now = UtcMs(50);
        let stands = |switch, more| standing(&view(switch, more), now) as u8;
        assert_eq!(stands(r#""on":true"#, r#""in_force":true"#), Standing::Now as u8);
        assert_eq!(
            stands(r#""on":true"#, r#""in_force":false"#),
            Standing::Coming as u8
        );
        assert_eq!(
            stands(r#""on":false"#, r#""in_force":false"#),
            Standing::Over as u8
        );
        assert_eq!(
            stands(r#""on":true,"ends_at":50"#, r#""in_force":false"#),
            Standing::Over as u8
        );
    }

    #[test]
    fn quiet_hours_are_told_as_people_tell_them() {
        let hours = Value::read(r#"{"weekdays":["mon","sun"],"start":1200,"end":425}"#).unwrap();
        assert_eq!(
            (days(&hours).as_str(), clock_span(&hours).as_str()),
            ("Mon, Sun", "20:00 to 7:05")
        );
        let scope = view(
            r#""scope":{"of":"child"},"operations":["choose","pets"]"#,
            r#""child":"Mia""#,
        );
        assert_eq!(whose(&scope), "Mia");
        assert_eq!(what(scope.at("switch")), "choosing cards, changing pets");
    }
}
