//! Quiet times: what an owner makes, and what a child then reads, online and offline.

use jiff::civil::Weekday;
use romp_tests::drive::deck::decide;
use romp_tests::drive::{Browser, Page};
use romp_tests::tablet::neighbourhood;

use super::{choose, choose_a_child, fill, owners_and_childs_tablets, rest_for_an_hour, wait_for_text};

/// Where the demo family lives.
const HOME: &str = "America/Los_Angeles";

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

/// Half an hour less than a day, over midnight, that began in the last half hour where the demo family lives: the day
/// on which it began, and its two hands in minutes.
fn begun_just_now() -> (Weekday, i64, i64) {
    let now = jiff::Timestamp::now().in_tz(HOME).expect("the zone is known");
    let minute = i64::from(now.hour()) * 60 + i64::from(now.minute());
    match minute - minute % 30 {
        // Since yesterday, so that midnight is in it, and not its end.
        0 | 30 => (now.weekday().wrapping_sub(1), 23 * 60 + 30, 23 * 60),
        start => (now.weekday(), start, start - 30),
    }
}

/// Makes a weekly quiet time in the screen: on these days, for one child, with a comment.
fn every_week(owner: &mut Browser, on: &[&str], hours: (i64, i64), child: &str, comment: &str) {
    owner.go("nav-rules");
    owner.press("rule-add");
    owner.wait("rule-form");
    for (_, day) in DAYS {
        let chosen = format!("document.querySelector('[data-testid=\"weekdays-{day}\"]').checked");
        if owner.evaluate(&chosen) != on.contains(&day) {
            owner.press(&format!("weekdays-{day}"));
        }
    }
    for (field, at) in [("field-start", hours.0), ("field-end", hours.1)] {
        choose(owner, field, &format!("{:02}:{:02}", at / 60, at % 60));
    }
    choose(owner, "field-scope", child);
    fill(owner, "field-comment", comment);
    owner.press("rule-save");
    owner.wait_gone("rule-form");
}

/// Puts the tablet into the hands of the child of that name.
fn pick(child: &mut Browser, name: &str, then: &str) {
    child.settle();
    child.press(&format!("child-pick-{name}"));
    child.wait(then);
}

#[test]
fn a_weekly_quiet_time_over_midnight_rests_one_child_inside_its_hours_and_not_outside() {
    let Some(server) = neighbourhood("weekly quiet times") else {
        return;
    };
    let (mut owner, mut child) = owners_and_childs_tablets(&server);
    let (owner, child) = (&mut owner.browser, &mut child.browser);
    child.live_in(HOME);
    let names =
        "[...document.querySelectorAll('[data-testid^=\"child-pick-\"]')].map(e => e.innerText.trim())";
    let names = child.evaluate(names);
    let [sleepy, awake] = [0, 1].map(|n| names[n].as_str().expect("two children").to_owned());

    let (day, start, end) = begun_just_now();
    let hours = (start, end);
    let (tonight, others): (Vec<_>, Vec<_>) = DAYS.into_iter().partition(|(one, _)| *one == day);
    let words = |days: &[(Weekday, &'static str)]| days.iter().map(|(_, word)| *word).collect::<Vec<_>>();

    // The same hours on all other days: nothing rests today.
    every_week(owner, &words(&others), hours, &sleepy, "Not today");
    owner.wait("rule-item");
    pick(child, &sleepy, "deck-card");
    decide(child, |child| child.press("deck-later"));

    every_week(
        owner,
        &words(&tonight),
        hours,
        &sleepy,
        "The foxes sleep now, and so do you",
    );
    wait_for_text(child, "resting-comment", "The foxes sleep now");
    wait_for_text(
        child,
        "resting-until",
        &format!("at {}:{:02}", end / 60, end % 60),
    );
    child.press("child-leave");
    pick(child, &awake, "deck-card");

    drop(server);
    child.evaluate("location.reload()");
    pick(child, &sleepy, "resting");
    wait_for_text(child, "resting-comment", "The foxes sleep now");
    assert_eq!(child.count("deck-card"), 0);
    child.press("child-leave");
    pick(child, &awake, "deck-card");
    decide(child, |child| child.press("deck-later"));
}

#[test]
fn a_childs_tablet_rests_online_and_offline_and_goes_on_afterwards() {
    let Some(server) = neighbourhood("quiet times") else {
        return;
    };
    let (mut owner, mut child) = owners_and_childs_tablets(&server);
    let (owner, child) = (&mut owner.browser, &mut child.browser);
    choose_a_child(child, "deck-card");

    rest_for_an_hour(owner);
    wait_for_text(child, "resting-comment", "Time for a break");
    wait_for_text(child, "resting-until", "Again");
    owner.press("rule-lift");
    child.wait("deck-card");
    decide(child, |child| child.press("deck-later"));

    rest_for_an_hour(owner);
    child.wait("resting");
    drop(server);
    child.evaluate("location.reload()");
    choose_a_child(child, "resting");
    wait_for_text(child, "resting-comment", "Time for a break");
    assert_eq!(child.count("deck-card"), 0, "also without the server");
}
