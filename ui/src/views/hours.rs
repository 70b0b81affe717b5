//! Free hours: what holds every week, and dates that differ.

use dioxus::prelude::*;
use romp_domain::calls::{ExceptionRemove, ExceptionSave, Hours, SlotRemove, SlotSave};
use romp_domain::view::HoursView;
use romp_domain::{DateException, ExceptionChange, InvalidReason, Minute, Weekday, WeeklyHours};

use crate::components::{
    Button, Field, Glyph, Opt, Page, group, icon, loaded, pressed, segments, select, steps,
};
use crate::ipc::Ask;
use crate::state::typed::{Errors, Typed, day};
use crate::state::{App, Form, use_app, use_form, use_query};
use crate::text;

const LEAD: &str = "Playdates are proposed only inside these hours. The other family never sees them, only where \
both overlap.";
const KINDS: &[Opt] = &[("closed", "No time that day"), ("open", "Extra time")];

/// The screen.
#[component]
pub(crate) fn HoursScreen() -> Element {
    let app = use_app();
    let hours = use_query(Hours {});
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

fn weekly(hours: &HoursView, app: App, form: Form) -> Element {
    let add = move |event: FormEvent| {
        event.prevent_default();
        let made = weekly_hours(&form.typed()).map(|hours| SlotSave { id: None, hours }.ask());
        form.submit(made, "Added", Box::new(|| {}));
    };
    let days: Vec<_> = Weekday::ALL
        .iter()
        .map(|day| (day.word().to_owned(), text::weekday(*day).to_owned()))
        .collect();
    rsx! {
        if hours.weekly.is_empty() {
            p { class: "hint", "data-testid": "hours-empty", "No free hours yet. Add some below." }
        }
        ul { class: "week",
            for day in Weekday::ALL.iter().copied() {
                if hours.weekly.iter().any(|slot| slot.hours.weekday() == day) {
                    li { key: "{day.word()}",
                        strong { {text::weekday(day)} }
                        div { class: "slots",
                            for slot in hours.weekly.iter().filter(|slot| slot.hours.weekday() == day) {
                                {span(&text::span(slot.hours.start(), slot.hours.end()), "slot-item", pressed({
                                    let id = slot.id;
                                    move || app.act(SlotRemove { id }, "Removed")
                                }))}
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

fn dates(hours: &HoursView, app: App, form: Form) -> Element {
    let add = move |event: FormEvent| {
        event.prevent_default();
        let made = date_exception(&form.typed()).map(|exception| ExceptionSave { id: None, exception }.ask());
        let clear = move || form.edit(|typed| typed.set("day", String::new()));
        form.submit(made, "Added", Box::new(clear));
    };
    rsx! {
        ul { class: "week",
            for one in &hours.exceptions {
                li { key: "{one.id}",
                    strong { {text::day(one.exception.day)} }
                    div { class: "slots",
                        {span(&what_holds(&one.exception), "exception-item", pressed({
                            let id = one.id;
                            move || app.act(ExceptionRemove { id }, "Removed")
                        }))}
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

fn what_holds(exception: &DateException) -> String {
    match exception.change {
        ExceptionChange::Closed => "No time".to_owned(),
        ExceptionChange::Open { start, end } => format!("Also {}", text::span(start, end)),
    }
}

/// A stretch of time with a way to remove it.
fn span(label: &str, hook: &'static str, onremove: EventHandler<()>) -> Element {
    rsx! {
        span { key: "{label}", class: "slot", "data-testid": hook,
            "{label}"
            button { class: "slot-remove", r#type: "button", "aria-label": "Remove {label}", onclick: move |_| onremove.call(()),
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

fn minute(typed: &Typed, field: &str) -> Result<Minute, InvalidReason> {
    Minute::new(typed.get(field).parse().unwrap_or(-1))
}

fn weekly_hours(typed: &Typed) -> Result<WeeklyHours, Errors> {
    let mut errors = Errors::default();
    let weekday = Weekday::from_word(typed.get("weekday")).unwrap_or(Weekday::Saturday);
    let made =
        minute(typed, "start").and_then(|start| WeeklyHours::new(weekday, start, minute(typed, "end")?));
    errors.keep("end", made).ok_or(errors)
}

fn date_exception(typed: &Typed) -> Result<DateException, Errors> {
    let mut errors = Errors::default();
    let day = errors.keep("day", day(typed.get("day")));
    let change = if typed.get("kind") == "open" {
        let open = minute(typed, "start").and_then(|start| match minute(typed, "end")? {
            end if end > start => Ok(ExceptionChange::Open { start, end }),
            _ => Err(InvalidReason::EndsBeforeStart),
        });
        errors.keep("end", open)
    } else {
        Some(ExceptionChange::Closed)
    };
    match (day, change) {
        (Some(day), Some(change)) => Ok(DateException { day, change }),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_end_after_they_start_and_may_end_at_midnight() {
        let typed = Typed::default()
            .with("weekday", "wed")
            .with("start", 1410)
            .with("end", 1440);
        assert_eq!(weekly_hours(&typed).unwrap().end().get(), 1440);
        assert!(
            weekly_hours(&typed.with("start", 1440))
                .unwrap_err()
                .of("end")
                .is_some()
        );
    }

    #[test]
    fn a_date_says_everything_that_is_wrong_with_it() {
        let typed = Typed::default()
            .with("kind", "open")
            .with("start", 600)
            .with("end", 540);
        let errors = date_exception(&typed).unwrap_err();
        assert!(errors.of("day").is_some() && errors.of("end").is_some());
        let closed = typed.with("kind", "closed").with("day", "2026-12-24");
        assert_eq!(date_exception(&closed).unwrap().change, ExceptionChange::Closed);
    }
}
