//! Free hours: what holds every week, and dates that differ.

use dioxus::prelude::*;
use romp_domain::{InvalidReason, Minute, Weekday};

use crate::components::{
    Button, Field, Glyph, Opt, Page, group, icon, loaded, pressed, segments, select, steps,
};
use crate::ipc::Request;
use crate::state::typed::{Errors, Typed, day};
use crate::state::{App, Form, use_app, use_form, use_values};
use crate::text;
use romp_json::{Value, quoted};

const LEAD: &str = "Playdates are proposed only inside these hours. The other family never sees them, only where \
both overlap.";
const KINDS: &[Opt] = &[("closed", "No time that day"), ("open", "Extra time")];

/// The screen.
#[component]
pub(crate) fn HoursScreen() -> Element {
    let app = use_app();
    let hours = use_values(Request::of("hours", &[]));
    let times = || Typed::default().with("start", 10 * 60).with("end", 12 * 60);
    let week = use_form(|| times().with("weekday", Weekday::Saturday.word()));
    let date = use_form(|| times().with("kind", "closed"));
    Page::new("Free hours", LEAD)
        .narrow()
        .draw(loaded(hours, |hours| {
            rsx! {
                {group("Every week", "", weekly(&hours, app, week))}
                {group("Dates that differ", "Holidays, visits, a free afternoon.", dates(&hours, app, date))}
            }
        }))
}

fn weekly(hours: &Value, app: App, form: Form) -> Element {
    let slots = hours.at("weekly").items();
    let of = |day: Weekday| {
        let is_of = move |slot: &&Value| slot.at("hours").at("weekday").text() == day.word();
        slots.iter().filter(is_of).collect::<Vec<_>>()
    };
    let add = move |event: FormEvent| {
        event.prevent_default();
        form.submit(slot_save(&form.typed()), "Added", Box::new(|_| {}));
    };
    let days: Vec<_> = Weekday::ALL
        .iter()
        .map(|day| (day.word().to_owned(), text::weekday(*day).to_owned()))
        .collect();
    rsx! {
        if slots.is_empty() {
            p { class: "hint", "data-testid": "hours-empty", "No free hours yet. Add some below." }
        }
        ul { class: "week",
            for day in Weekday::ALL.iter().copied() {
                if !of(day).is_empty() {
                    li { key: "{day.word()}",
                        strong { {text::weekday(day)} }
                        div { class: "slots",
                            for slot in of(day) {
                                {stretch(&span(slot.at("hours")), "slot-item", slot, "slot_remove", app)}
                            }
                        }
                    }
                }
            }
        }
        form { class: "row", onsubmit: add, novalidate: true,
            {select(form, "weekday", "Day", &days)}
            {times(form)}
            {Button::new("Add").primary().glyph(Glyph::Plus).testid("slot-add").draw_submit(form.is_busy())}
        }
    }
}

fn dates(hours: &Value, app: App, form: Form) -> Element {
    let add = move |event: FormEvent| {
        event.prevent_default();
        let clear = move || form.edit(|typed| typed.set("day", String::new()));
        form.submit(exception_save(&form.typed()), "Added", Box::new(move |_| clear()));
    };
    rsx! {
        ul { class: "week",
            for one in hours.at("exceptions").items() {
                li { key: "{one.at(\"id\").text()}",
                    strong { {day(one.at("exception").at("day").text()).map(text::day).unwrap_or_default()} }
                    div { class: "slots",
                        {stretch(&what_holds(one.at("exception").at("change")), "exception-item", one, "exception_remove", app)}
                    }
                }
            }
        }
        form { class: "stacked", onsubmit: add, novalidate: true,
            {segments(form, "kind", "What is different?", "", KINDS)}
            div { class: "row",
                {Field::day("day", "Date").draw(form)}
                if form.get("kind") == "open" {
                    {times(form)}
                }
                {Button::new("Add").primary().glyph(Glyph::Plus).testid("exception-add").draw_submit(form.is_busy())}
            }
        }
    }
}

fn what_holds(change: &Value) -> String {
    if change.at("start").is_null() {
        "No time".to_owned()
    } else {
        ["Also ", &span(change)].concat()
    }
}

/// "10:00 to 11:30".
fn span(hours: &Value) -> String {
    let at = |field| Minute::new(hours.at(field).number().unwrap_or(-1));
    match (at("start"), at("end")) {
        (Ok(start), Ok(end)) => text::span(start, end),
        _ => String::new(),
    }
}

/// A stretch of time with a way to remove it.
fn stretch(label: &str, hook: &'static str, row: &Value, call: &'static str, app: App) -> Element {
    let id = quoted(row.at("id").text());
    let remove = pressed(move || {
        app.act_or(
            Request::of(call, &[("id", id.clone())]),
            "Removed",
            Box::new(|| {}),
        );
    });
    rsx! {
        span { key: "{label}", class: "slot", "data-testid": hook,
            "{label}"
            button { class: "slot-remove", r#type: "button", "aria-label": "Remove {label}", onclick: move |_| remove.call(()),
                {icon(Glyph::Cross)}
            }
        }
    }
}

/// From and until.
fn times(form: Form) -> Element {
    rsx! {
        {select(form, "start", "From", &steps(0, 1410))}
        {select(form, "end", "Until", &steps(30, 1440))}
    }
}

/// `"start":600,"end":720`, or what is wrong with it.
fn start_and_end(typed: &Typed, errors: &mut Errors) -> String {
    let minute = |field: &str| typed.get(field).parse::<u16>().unwrap_or(0);
    let (start, end) = (minute("start"), minute("end"));
    if start >= end {
        errors.note("end", &InvalidReason::EndsBeforeStart);
    }
    format!("\"start\":{start},\"end\":{end}")
}

/// The call with a new row, unless something is wrong.
fn save(call: &str, field: &str, row: &[&str], errors: Errors) -> Result<Request, Errors> {
    let fields = [("id", "null".to_owned()), (field, row.concat())];
    if errors.is_empty() {
        Ok(Request::of(call, &fields))
    } else {
        Err(errors)
    }
}

fn slot_save(typed: &Typed) -> Result<Request, Errors> {
    let mut errors = Errors::default();
    let times = start_and_end(typed, &mut errors);
    let weekday = quoted(typed.get("weekday"));
    save(
        "slot_save",
        "hours",
        &["{\"weekday\":", &weekday, ",", &times, "}"],
        errors,
    )
}

fn exception_save(typed: &Typed) -> Result<Request, Errors> {
    let mut errors = Errors::default();
    let date = errors.keep("day", day(typed.get("day")));
    let date = date.map_or_else(String::new, |date| date.to_string());
    let change = if typed.get("kind") == "open" {
        ["{\"change\":\"open\",", &start_and_end(typed, &mut errors), "}"].concat()
    } else {
        "{\"change\":\"closed\"}".to_owned()
    };
    save(
        "exception_save",
        "exception",
        &["{\"day\":", &quoted(&date), ",\"change\":", &change, "}"],
        errors,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_domain::{ExceptionChange, calls};
    use romp_json::Reply;

    fn read(request: &Request) -> calls::Request {
        serde_json::from_str(request.as_json()).unwrap()
    }

    #[test]
    fn hours_end_after_they_start_and_may_end_at_midnight() {
        let typed = Typed::default()
            .with("weekday", "wed")
            .with("start", 1410)
            .with("end", 1440);
        let calls::Request::SlotSave(call) = read(&slot_save(&typed).unwrap()) else {
            panic!("another call");
        };
        assert_eq!(
            (call.hours.weekday(), call.hours.end().get()),
            (Weekday::Wednesday, 1440)
        );
        let errors = slot_save(&typed.with("start", 1440)).unwrap_err();
        assert!(errors.of("end").is_some());
    }

    #[test]
    fn a_date_says_everything_that_is_wrong_with_it() {
        let typed = Typed::default()
            .with("kind", "open")
            .with("start", 600)
            .with("end", 540);
        let errors = exception_save(&typed).unwrap_err();
        assert!(errors.of("day").is_some() && errors.of("end").is_some());
        let change = |typed: &Typed| match read(&exception_save(typed).unwrap()) {
            calls::Request::ExceptionSave(call) => (call.exception.day.to_string(), call.exception.change),
            _ => panic!("another call"),
        };
        let typed = typed.with("day", "2026-12-24").with("end", 720);
        let (start, end) = (Minute::new(600).unwrap(), Minute::new(720).unwrap());
        let day = "2026-12-24".to_owned();
        assert_eq!(
            change(&typed),
            (day.clone(), ExceptionChange::Open { start, end })
        );
        let closed = typed.with("kind", "closed");
        assert_eq!(change(&closed), (day, ExceptionChange::Closed));
    }

    #[test]
    fn what_holds_is_said_as_people_say_it() {
        let holds = |change: &str| what_holds(&Value::read(change).unwrap());
        assert_eq!(holds(r#"{"change":"closed"}"#), "No time");
        assert_eq!(
            holds(r#"{"change":"open","start":600,"end":1440}"#),
            "Also 10:00 to 24:00"
        );
    }

    #[test]
    fn what_is_asked_is_what_the_core_knows() {
        let id = quoted("00000000-0000-0000-0000-000000000007");
        for (call, fields) in [
            ("hours", vec![]),
            ("slot_remove", vec![("id", id.clone())]),
            ("exception_remove", vec![("id", id)]),
        ] {
            assert_eq!(read(&Request::of(call, &fields)).name().word(), call);
        }
    }
}
