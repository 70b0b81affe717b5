//! Every screen, light and dark, as somebody meets it who does not see well, does not point well, or uses no pointer:
//! axe-core finds nothing serious, targets are large enough, and the focus is seen.

use std::fs;

use romp_tests::drive::{Browser, Page, Theme, View};
use romp_tests::tablet::{Tablet, neighbourhood};
use romp_tests::tools;

use super::{PIN, code_for, keypad, owners_and_childs_tablets, rest_for_an_hour, with_password};

/// What is serious, one line each: rule, element, reason.
const AXE: &str = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations \
    .filter(one => ['serious', 'critical'].includes(one.impact)) \
    .flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))";

/// What is smaller than 44 by 44 CSS pixels (WCAG 2.2, 2.5.5) and can be touched, one line each.
const SMALL: &str = "[...document.querySelectorAll('button, summary, select, input, textarea, a[href]')] \
    .map(one => [one, (one.closest('label') ?? one).getBoundingClientRect()]) \
    .filter(([one, at]) => at.width && at.height && (at.width < 43.5 || at.height < 43.5)) \
    .map(([one, at]) => `${Math.round(at.width)} by ${Math.round(at.height)}: ${one.outerHTML.slice(0, 160)}`)";

/// What can have the focus and does not show it, one line each.
const UNSEEN_FOCUS: &str = "(() => { const lost = []; \
    const marked = one => one && ((s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)(getComputedStyle(one))); \
    document.activeElement?.blur(); \
    for (const one of document.querySelectorAll('button, summary, select, input, textarea, a[href]')) { \
      if (!one.getClientRects().length || one.disabled) continue; \
      one.focus({focusVisible: true, preventScroll: true}); \
      if (document.activeElement === one && ![one, one.nextElementSibling, one.parentElement].some(marked)) \
        lost.push(one.outerHTML.slice(0, 160)); \
    } document.activeElement?.blur(); return lost; })()";

/// What is wrong with the page as it is, light and dark, each with the screen's name.
fn look_at(browser: &mut Browser, axe: &str, screen: &str, wrong: &mut Vec<String>) {
    browser.settle();
    if browser.evaluate("typeof axe") == "undefined" {
        browser.evaluate(&format!("{axe}; 0"));
    }
    for theme in [Theme::Light, Theme::Dark] {
        browser.show_as(View {
            theme,
            ..View::TABLET
        });
        browser.settle();
        let mut found = vec![(AXE, "axe")];
        if theme == Theme::Light {
            found.extend([(SMALL, "small"), (UNSEEN_FOCUS, "focus")]);
        }
        for (question, name) in found {
            let answer = browser.evaluate(question);
            let lines = answer.as_array().expect("the answer is a list");
            let lines = lines.iter().filter_map(|line| line.as_str());
            wrong.extend(lines.map(|line| format!("{screen} {theme:?} {name}: {line}")));
        }
    }
    browser.show_as(View::TABLET);
}

/// axe-core; none, and a word about it, where it is missing.
fn axe(test: &str) -> Option<String> {
    let script = tools::target().join("npm/node_modules/axe-core/axe.min.js");
    let there = tools::available(test, &[], std::slice::from_ref(&script));
    there.then(|| fs::read_to_string(script).expect("it can be read"))
}

fn nothing(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} things:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn whoever_comes_for_the_first_time_can_read_touch_and_tab_through_everything() {
    let (true, Some(axe)) = (Browser::available("reading"), axe("reading")) else {
        return;
    };
    let mut wrong = Vec::new();
    let mut tablet = Tablet::new();
    let browser = &mut tablet.browser;
    browser.wait("welcome-start");
    look_at(browser, &axe, "welcome", &mut wrong);
    for way in ["welcome-signin", "welcome-register", "welcome-pair"] {
        browser.press(way);
        browser.press("asked-send");
        look_at(browser, &axe, way, &mut wrong);
        browser.press("welcome-back");
    }
    browser.press("welcome-start");
    browser.go("nav-hand");
    browser.wait("keypad");
    look_at(browser, &axe, "keypad", &mut wrong);
    nothing(&wrong);
}

#[test]
fn an_owner_can_read_touch_and_tab_through_every_screen() {
    let (Some(axe), Some(server)) = (axe("an owner's reading"), neighbourhood("an owner's reading")) else {
        return;
    };
    let mut wrong = Vec::new();
    let mut tablet = Tablet::of_the_demo_family(&server);
    let browser = &mut tablet.browser;
    for (place, more) in [
        ("nav-deck", "deck-card"),
        ("nav-releases", ""),
        ("nav-proposals", ""),
        ("nav-playdates", ""),
        ("nav-pets", "pet-add"),
        ("nav-household", ""),
        ("nav-children", ""),
        ("nav-hours", ""),
        ("nav-rules", "rule-add"),
        ("nav-devices", "session-this"),
        ("nav-account", "change-password"),
        ("nav-sync", "sync-now"),
    ] {
        browser.go(place);
        if !more.is_empty() {
            browser.wait(more);
        }
        look_at(browser, &axe, place, &mut wrong);
        let opens = match place {
            "nav-rules" => "rule-add",
            "nav-devices" => "pairing-child",
            "nav-account" => "change-password",
            "nav-pets" => "pet-add",
            _ => continue,
        };
        browser.press(opens);
        look_at(browser, &axe, opens, &mut wrong);
        if place == "nav-devices" {
            code_for(browser, opens);
            look_at(browser, &axe, "a code", &mut wrong);
        }
    }
    browser.go("nav-devices");
    browser.press("activity-open");
    browser.wait("security-log");
    look_at(browser, &axe, "activity", &mut wrong);
    nothing(&wrong);
}

#[test]
fn a_child_can_read_and_touch_everything() {
    let (Some(axe), Some(server)) = (axe("a child's reading"), neighbourhood("a child's reading")) else {
        return;
    };
    let mut wrong = Vec::new();
    let (mut owner, mut child) = owners_and_childs_tablets(&server);
    let (owner, child) = (&mut owner.browser, &mut child.browser);
    look_at(child, &axe, "who is here", &mut wrong);
    let who = child.first_id("child-pick-");
    child.press(&who);
    child.wait("deck-card");
    look_at(child, &axe, "deck", &mut wrong);
    rest_for_an_hour(owner);
    child.wait("resting");
    look_at(child, &axe, "resting", &mut wrong);
    owner.go("nav-devices");
    with_password(owner, "session-end-others");
    child.wait("child-out");
    look_at(child, &axe, "signed out", &mut wrong);

    owner.go("nav-hand");
    keypad(owner, PIN);
    keypad(owner, PIN);
    let first = owner.first_id("child-pick-");
    look_at(owner, &axe, "handing over", &mut wrong);
    owner.press(&first);
    owner.press("child-lock");
    owner.wait("keypad");
    look_at(owner, &axe, "unlocking", &mut wrong);
    nothing(&wrong);
}

#[test]
fn what_is_broken_on_purpose_is_found() {
    let (true, Some(axe)) = (Browser::available("reading"), axe("reading")) else {
        return;
    };
    let mut tablet = Tablet::new();
    let browser = &mut tablet.browser;
    browser.wait("welcome-start");
    browser.evaluate(
        "(() => { const make = (kind, text, style) => { const one = document.createElement(kind); \
         one.textContent = text; Object.assign(one.style, style); \
         document.querySelector('.welcome-ways').append(one); }; \
         make('p', 'Hardly to be seen', {color: '#eee6da', background: '#fbf4e8'}); \
         make('input', '', {}); \
         make('button', 'x', {width: '20px', height: '20px', outline: 'none'}); })()",
    );
    let mut wrong = Vec::new();
    look_at(browser, &axe, "broken", &mut wrong);
    for (name, what) in [
        ("axe", "color-contrast"),
        ("axe", "label"),
        ("small", "20 by 20"),
        ("focus", "outline: none"),
    ] {
        let found = |line: &&String| line.contains(&format!(" {name}: ")) && line.contains(what);
        assert!(wrong.iter().any(|line| found(&line)), "{what} in {wrong:#?}");
    }
}
