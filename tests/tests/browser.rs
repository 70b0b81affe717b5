//! Chromium as a tablet, with a finger, on the bridge to a real core and a real server with a neighbourhood.

use romp_tests::drive::deck::{decide, top, wait_for_top};
use romp_tests::drive::{Browser, Page, Rect, View, wait_for};
use romp_tests::server::ServerProcess;
use romp_tests::tablet::{Tablet, neighbourhood};

/// Smallest edge of a target for a child's finger: 2 cm in CSS pixels.
const TWO_CENTIMETRES: f64 = 2.0 / 2.54 * 96.0;

/// The demo family's device, at its deck.
fn tablet() -> Option<(Tablet, ServerProcess)> {
    let server = neighbourhood("the tablet")?;
    let mut tablet = Tablet::of_the_demo_family(&server);
    tablet.browser.go("nav-deck");
    tablet.browser.wait("deck-card");
    Some((tablet, server))
}

/// Chooses the first child of the family as the one who swipes.
fn pick_a_child(browser: &mut Browser) {
    let expression = "[...document.querySelectorAll('[data-testid^=\"child-pick-\"]')] \
                      .map(e => e.dataset.testid).find(id => id !== 'child-pick-me') ?? null";
    let id = wait_for("a child", || {
        browser.evaluate(expression).as_str().map(str::to_owned)
    });
    browser.press(&id);
    wait_for("the child to be chosen", || {
        (browser.attribute(&id, "aria-pressed").as_deref() == Some("true")).then_some(())
    });
}

/// A finger from the middle of a card by a share of its width to the side.
fn across(card: Rect, share: f64) -> ((f64, f64), (f64, f64)) {
    let (x, y) = card.centre();
    ((x, y), (x + card.width * share, y))
}

fn swipe(browser: &mut Browser, share: f64) {
    let (from, to) = across(browser.rect("deck-card"), share);
    browser.swipe(from, to);
}

#[test]
fn the_deck_answers_to_a_finger_and_to_buttons_alike() {
    let Some((mut tablet, _server)) = tablet() else {
        return;
    };
    let browser = &mut tablet.browser;
    pick_a_child(browser);
    let first = top(browser);

    swipe(browser, 0.1);
    browser.rect("deck-card");
    assert_eq!(top(browser), first, "a short swipe springs back");

    decide(browser, |browser| swipe(browser, 0.6));
    let second = top(browser);
    decide(browser, |browser| browser.press("deck-no"));
    let third = top(browser);
    decide(browser, |browser| browser.press("deck-later"));
    let fourth = top(browser);
    decide(browser, |browser| swipe(browser, -0.6));

    for undone in [fourth, third, second, first] {
        browser.press("deck-undo");
        wait_for_top(browser, &undone);
    }
}

#[test]
fn yes_and_no_are_equally_large_and_equally_easy_to_reach() {
    let Some((mut tablet, _server)) = tablet() else {
        return;
    };
    let browser = &mut tablet.browser;
    let no = browser.rect("deck-no");
    let later = browser.rect("deck-later");
    let yes = browser.rect("deck-yes");
    let same = |a: f64, b: f64| (a - b).abs() < 0.5;
    for other in [later, no] {
        assert!(
            same(yes.width, other.width) && same(yes.height, other.height),
            "{yes:?} {other:?}"
        );
    }
    assert!(same(yes.y, no.y), "neither is higher: {yes:?} {no:?}");
    let gap = |left: Rect, right: Rect| right.x - (left.x + left.width);
    assert!(
        same(gap(no, later), gap(later, yes)),
        "neither is nearer to the middle: {no:?} {yes:?}"
    );
    assert!(
        yes.width >= TWO_CENTIMETRES && yes.height >= TWO_CENTIMETRES,
        "{yes:?}"
    );
    let bottom = f64::from(View::TABLET.height) * 0.92;
    assert!(
        yes.y + yes.height <= bottom,
        "nothing to touch where wrists rest: {yes:?}"
    );
}

#[test]
fn what_a_child_likes_is_let_out_by_an_owner_and_becomes_an_accepted_playdate() {
    let Some((mut tablet, _server)) = tablet() else {
        return;
    };
    let browser = &mut tablet.browser;
    pick_a_child(browser);
    // Everybody near is liked: among them are families whose pets liked this one before.
    while browser.count("deck-card") > 0 {
        decide(browser, |browser| browser.press("deck-yes"));
    }
    browser.wait("deck-empty");

    browser.go("nav-releases");
    browser.wait("release-item");
    let waiting = browser.count("release-item");
    browser.press("release-keep");
    wait_for("one to be kept", || {
        (browser.count("release-item") == waiting - 1).then_some(())
    });
    while browser.count("release-out") > 0 {
        let before = browser.count("release-item");
        browser.press("release-out");
        wait_for("one to be let out", || {
            (browser.count("release-item") < before).then_some(())
        });
    }

    browser.go("nav-proposals");
    browser.wait("proposal-card");
    browser.press("proposal-accept");
    browser.go("nav-playdates");
    browser.wait("playdate-item");
    browser.go("nav-sync");
    wait_for("nothing left to send", || {
        (browser.text("sync-pending").as_deref() == Some("0")).then_some(())
    });
}

/// The page's widest line, beyond its window, in CSS pixels.
fn overhang(browser: &mut Browser) -> i64 {
    let expression = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    browser.evaluate(expression).as_i64().unwrap_or(i64::MAX)
}

#[test]
fn row_76_names_made_of_markup_reversing_marks_and_floods_are_text_and_the_layout_holds() {
    let Some((mut tablet, _server)) = tablet() else {
        return;
    };
    let browser = &mut tablet.browser;
    let flood = "🐶".repeat(50);
    let long = "W".repeat(50);
    let names = [
        (
            "<img src=x onerror=\"document.title='gone'\">",
            "<img src=x onerror=\"document.title='gone'\">",
        ),
        (
            "<b>Rex</b>&amp;<script>1</script>",
            "<b>Rex</b>&amp;<script>1</script>",
        ),
        ("Rex\u{202E}xeR\u{200B}", "RexxeR"),
        (&flood, &flood),
        (&long, &long),
    ];
    for (typed, shown) in names {
        browser.go("nav-pets");
        browser.press("pet-add");
        browser.press("species-dog");
        browser.press("pet-name");
        browser.type_text(typed);
        browser.press("pet-save");
        let seen = "[...document.querySelectorAll('[data-testid=\"pet-item\"]')].map(e => e.textContent)";
        wait_for(shown, || {
            let texts = browser.evaluate(seen);
            let all = texts.as_array().into_iter().flatten();
            all.filter_map(|text| text.as_str())
                .any(|text| text.contains(shown))
                .then_some(())
        });
        let small = View {
            width: 360,
            height: 640,
            ..View::TABLET
        };
        for view in [small, View::TABLET] {
            browser.show_as(view);
            assert!(overhang(browser) <= 0, "{typed} is wider than the page");
        }
    }
    let made = "document.querySelectorAll('img[src=\"x\"], [data-testid=\"pet-item\"] b, \
                [data-testid=\"pet-item\"] script').length";
    assert_eq!(browser.evaluate(made), 0);
    assert_ne!(browser.evaluate("document.title"), "gone");
}
