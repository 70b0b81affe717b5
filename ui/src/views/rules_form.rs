//! Making a switch: quiet hours of every week, or something off until a time. Filled so that saving it as it is makes
//! sense: three touches are enough.

use dioxus::prelude::*;
use romp_domain::calls::Children;
use romp_domain::policy::Operation;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::{InvalidReason, UtcMs};

use crate::components::{Button, Field, Glyph, Opt, look_again, segments, select, several, steps};
use crate::dom;
use crate::ipc::Request;
use crate::state::typed::{Errors, Typed};
use crate::state::{Form, use_app, use_form, use_query, use_values};
use crate::text;
use romp_json::quoted;

const KINDS: &[Opt] = &[("week", "Every week"), ("once", "Once, until a time")];

const DAYS: &[Opt] = &[
    ("mon", "Mon"),
    ("tue", "Tue"),
    ("wed", "Wed"),
    ("thu", "Thu"),
    ("fri", "Fri"),
    ("sat", "Sat"),
    ("sun", "Sun"),
];

const UNTIL: &[Opt] = &[
    ("hour", "For an hour"),
    ("evening", "Until midnight"),
    ("morning", "Until 7:00 tomorrow"),
    ("lifted", "Until I lift it"),
];

/// Ready-made comments. The first is there at once for what is every week, the second for what is once.
const COMMENTS: &[&str] = &[
    "Time to sleep. See you tomorrow!",
    "Time for a break. See you later!",
    "Lunch time! The pets eat, too.",
    "Homework first, then pets.",
    "Time to play outside!",
];

/// What can be switched off, as owners call it: all of the policy table.
pub(super) const OPERATIONS: [Opt; Operation::ALL.len()] = {
    let mut all = [("", ""); Operation::ALL.len()];
    let mut n = 0;
    while n < all.len() {
        let operation = Operation::ALL[n];
        all[n] = (operation.word(), text::operation(operation));
        n += 1;
    }
    all
};

fn begin() -> Typed {
    Typed::default()
        .with("kind", "week")
        .with("suits", "week")
        .with("weekdays", "sun mon tue wed thu")
        .with("start", 20 * 60)
        .with("end", 7 * 60)
        .with("until", "hour")
        .with("scope", "children")
        .with("operations", Operation::Choose.word())
        .with("comment", COMMENTS[0])
}

/// A comment that was not touched goes with the kind: once, when that has become another one.
fn suit_comment(typed: &mut Typed) {
    let kind = typed.get("kind").to_owned();
    if typed.get("suits") == kind {
        return;
    }
    let (before, after) = if kind == "week" { (1, 0) } else { (0, 1) };
    if typed.get("comment") == COMMENTS[before] {
        typed.set("comment", COMMENTS[after].to_owned());
    }
    typed.set("suits", kind);
}

/// The form.
#[component]
pub(crate) fn RuleForm(onleave: EventHandler<()>) -> Element {
    let app = use_app();
    let form = use_form(begin);
    let children = use_query(Children {});
    let sessions = use_values(Request::of("sessions", &[]));
    let mut whom: Vec<(String, String)> = Vec::new();
    let mut may = |key: String, label: String| whom.push((key, label));
    may("children".to_owned(), "All children".to_owned());
    for one in children.known().unwrap_or_default() {
        may(format!("child:{}", one.id), one.child.nickname.to_string());
    }
    if let Some(all) = sessions.known() {
        for one in all.items().iter().filter(|one| !one.at("this").is_true()) {
            // A device stays what it is when it is signed in anew. An earlier server does not say which it is.
            let (of, id) = match one.at("device_id").text() {
                "" => ("session", one.at("id").text()),
                id => ("device", id),
            };
            may(format!("{of}:{id}"), one.at("device").text().to_owned());
        }
    }
    may("household".to_owned(), "Everybody, grown-ups too".to_owned());
    let save = move |event: FormEvent| {
        event.prevent_default();
        let made = made(&form.typed(), app.now(), dom::local_ms);
        form.submit(made, "Saved", Box::new(move |_| onleave.call(())));
    };
    let weekly = form.get("kind") == "week";
    rsx! {
        form {
            class: "panel",
            onsubmit: save,
            onchange: move |_| form.edit(suit_comment),
            novalidate: true,
            "data-testid": "rule-form",
            {segments(form, "kind", "When?", "", KINDS)}
            if weekly {
                {several(form, "weekdays", "On these days", "", DAYS)}
                div { class: "columns",
                    {select(form, "start", "From", &steps(0, 1410))}
                    {select(form, "end", "Until", &steps(0, 1410))}
                }
            } else {
                {segments(form, "until", "How long?", "", UNTIL)}
            }
            {select(form, "scope", "For whom?", &whom)}
            {several(form, "operations", "What is off", "", &OPERATIONS)}
            {Field::new("comment", "What they read then").draw(form)}
            {suggestions(form)}
            {look_again(form)}
            div { class: "actions",
                {Button::new("Save").primary().glyph(Glyph::Check).testid("rule-save").draw_submit(form.is_busy())}
                {Button::new("Not now").draw(move || onleave.call(()))}
            }
        }
    }
}

fn suggestions(form: Form) -> Element {
    let typed = form.get("comment");
    rsx! {
        div { class: "pills suggestions",
            for comment in COMMENTS.iter().copied() {
                button {
                    key: "{comment}",
                    class: "suggestion",
                    r#type: "button",
                    "aria-pressed": typed == comment,
                    onclick: move |_| form.edit(|typed| typed.set("comment", comment.to_owned())),
                    "{comment}"
                }
            }
        }
    }
}

/// The call, or what is missing. `local` gives the hands of the clock at an instant.
fn made(typed: &Typed, now: UtcMs, local: impl Fn(UtcMs) -> i64) -> Result<Request, Errors> {
    let mut errors = Errors::default();
    let words = |field: &str| {
        let words: Vec<_> = typed.words(field).map(quoted).collect();
        format!("[{}]", words.join(","))
    };
    for field in ["operations", "comment"] {
        if typed.get(field).trim().is_empty() {
            errors.note(field, &InvalidReason::Empty);
        }
    }
    let (mut hours, mut ends_at) = ("null".to_owned(), "null".to_owned());
    if typed.get("kind") == "week" {
        if typed.words("weekdays").next().is_none() {
            errors.note("weekdays", &InvalidReason::Empty);
        }
        let (start, end) = (typed.get("start"), typed.get("end"));
        if start == end {
            errors.note("end", &InvalidReason::EndsBeforeStart);
        }
        hours = format!(
            "{{\"weekdays\":{},\"start\":{start},\"end\":{end}}}",
            words("weekdays")
        );
    } else if let Some(end) = end_of(typed.get("until"), now, local) {
        ends_at = end.0.to_string();
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let null = || "null".to_owned();
    Ok(Request::of(
        "switch_save",
        &[
            ("id", null()),
            ("scope", scope(typed.get("scope"))),
            ("operations", words("operations")),
            ("comment", quoted(typed.get("comment").trim())),
            ("starts_at", null()),
            ("ends_at", ends_at),
            ("hours", hours),
        ],
    ))
}

/// The instant of an end; none is "until I lift it".
fn end_of(until: &str, now: UtcMs, local: impl Fn(UtcMs) -> i64) -> Option<UtcMs> {
    let to_midnight = DAY_MS - local(now).rem_euclid(DAY_MS);
    let (ms, by_the_hands) = match until {
        "hour" => (HOUR_MS, false),
        "evening" => (to_midnight, true),
        "morning" => (to_midnight + 7 * HOUR_MS, true),
        _ => return None,
    };
    let mut end = now.plus_ms(ms);
    if by_the_hands {
        // A night in which the clocks change is longer or shorter.
        end = end.plus_ms(local(now) + ms - local(end));
    }
    // A whole minute reads better.
    Some(end.plus_ms(-end.0.rem_euclid(MINUTE_MS)))
}

/// `child:…` as the domain writes it.
fn scope(chosen: &str) -> String {
    match chosen.split_once(':') {
        Some((of, id)) => format!("{{\"of\":\"{of}\",\"{of}\":{}}}", quoted(id)),
        None => format!("{{\"of\":{}}}", quoted(chosen)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::SwitchScope;
    use romp_domain::calls;

    fn saved(typed: &Typed) -> calls::SwitchSave {
        // 20:15 by a clock that is an hour ahead.
        let now = UtcMs(20 * DAY_MS + 19 * HOUR_MS + 15 * MINUTE_MS + 7);
        let request = made(typed, now, |at| at.0 + HOUR_MS).unwrap();
        match serde_json::from_str(request.as_json()).unwrap() {
            calls::Request::SwitchSave(call) => call,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_form_that_is_saved_as_it_is_lets_children_sleep_on_school_nights() {
        let call = saved(&begin());
        let hours = call.hours.unwrap();
        assert_eq!(
            (hours.weekdays().len(), hours.start().get(), hours.end().get()),
            (5, 1200, 420)
        );
        assert_eq!(call.scope, SwitchScope::Children);
        assert!(call.operations.contains(&Operation::Choose) && call.ends_at.is_none());
    }

    #[test]
    fn a_ready_comment_goes_with_the_kind_and_a_chosen_one_stays() {
        let mut typed = begin();
        let mut after = |field: &str, value: &str| {
            typed.set(field, value.to_owned());
            suit_comment(&mut typed);
            typed.get("comment").to_owned()
        };
        assert_eq!(after("kind", "once"), COMMENTS[1], "nobody sleeps for an hour");
        assert_eq!(after("comment", COMMENTS[0]), COMMENTS[0], "but who says so does");
        assert_eq!(after("until", "evening"), COMMENTS[0]);
        after("comment", COMMENTS[1]);
        assert_eq!(after("kind", "week"), COMMENTS[0]);
        after("comment", "Grandma is here");
        assert_eq!(after("kind", "once"), "Grandma is here");
    }

    #[test]
    fn an_end_is_that_of_the_clock_on_the_wall() {
        let ends = |until: &str| saved(&begin().with("kind", "once").with("until", until)).ends_at;
        let at = |hours: i64| Some(UtcMs(20 * DAY_MS + hours * HOUR_MS));
        assert_eq!(ends("hour"), at(20).map(|at| at.plus_ms(15 * MINUTE_MS)));
        assert_eq!(ends("evening"), at(23));
        assert_eq!(ends("morning"), at(30));
        assert_eq!(ends("lifted"), None);
    }

    #[test]
    fn a_night_in_which_the_clocks_change_ends_at_the_same_hour() {
        // 20:15 by a clock that is an hour ahead, and from 01:00 UTC on another one, or none.
        let now = UtcMs(20 * DAY_MS + 19 * HOUR_MS + 15 * MINUTE_MS);
        for (ahead_then, hour) in [(2, 29), (0, 31)] {
            let local = |at: UtcMs| {
                let changed = at.0 >= 21 * DAY_MS + HOUR_MS;
                at.0 + HOUR_MS * if changed { ahead_then } else { 1 }
            };
            let end = end_of("morning", now, local).unwrap();
            assert_eq!(end, UtcMs(20 * DAY_MS + hour * HOUR_MS));
            assert_eq!(local(end).rem_euclid(DAY_MS), 7 * HOUR_MS);
        }
    }

    #[test]
    fn one_child_or_one_device_can_be_chosen_and_nothing_cannot() {
        let id = "00000000-0000-0000-0000-000000000007";
        let scope = |chosen: String| saved(&begin().with("scope", chosen)).scope;
        assert!(matches!(scope(format!("child:{id}")), SwitchScope::Child { .. }));
        assert!(matches!(
            scope(format!("session:{id}")),
            SwitchScope::Session { .. }
        ));
        let empty = begin()
            .with("operations", "")
            .with("comment", " ")
            .with("weekdays", "");
        let errors = made(&empty, UtcMs(0), |at| at.0).unwrap_err();
        for field in ["operations", "comment", "weekdays"] {
            assert!(errors.of(field).is_some(), "{field}");
        }
    }
}
