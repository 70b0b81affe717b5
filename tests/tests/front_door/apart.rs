//! A family is blocked from what a child chose, and the block is lifted in the family's settings; by touch and by keys.

use romp_tests::drive::deck::decide;
use romp_tests::drive::{Browser, Page, wait_for};
use romp_tests::tablet::{Tablet, neighbourhood};

use super::fill;

/// The pets on the releases that are shown.
fn waiting(browser: &mut Browser) -> Vec<String> {
    let all = "[...document.querySelectorAll('[data-testid=\"release-item\"]')].map(e => e.dataset.pet)";
    let all = browser.evaluate(all);
    let pets = all.as_array().into_iter().flatten();
    pets.filter_map(|pet| pet.as_str().map(str::to_owned)).collect()
}

/// Presses the first child among those who choose, until it is the one who does.
fn let_a_child_choose(browser: &mut Browser) {
    const CHILD: &str = "[data-testid^=\"child-pick-\"]:not([data-testid=\"child-pick-me\"])";
    let find = format!("document.querySelector('{CHILD}')?.dataset.testid");
    let child = wait_for("a child", || browser.evaluate(&find).as_str().map(str::to_owned));
    wait_for("the child to be the one who chooses", || {
        browser.press(&child);
        browser.settle();
        (browser.attribute(&child, "aria-pressed").as_deref() == Some("true")).then_some(())
    });
}

#[test]
fn a_family_is_blocked_from_a_childs_yes_and_let_back_in_from_the_settings() {
    let Some(server) = neighbourhood("blocking") else {
        return;
    };
    let mut tablet = Tablet::of_the_demo_family(&server);
    let browser = &mut tablet.browser;
    browser.go("nav-deck");
    browser.wait("deck-card");
    let_a_child_choose(browser);
    for _ in 0..2 {
        decide(browser, |browser| browser.press("deck-yes"));
    }

    browser.go("nav-releases");
    wait_for("both", || (waiting(browser).len() == 2).then_some(()));
    let blocked = waiting(browser).remove(0);
    assert_eq!(browser.count("block"), 2, "there, and out of sight");
    browser.press("apart");
    browser.press("block");
    browser.wait("block-confirm");
    assert_eq!(
        waiting(browser).len(),
        2,
        "nothing happens before it was asked twice"
    );
    // By keys, as somebody does who cannot touch.
    browser.evaluate("document.querySelector('[data-testid=\"block-confirm\"]').focus()");
    browser.press_key("Enter");
    wait_for("its pet to be gone", || {
        (waiting(browser).len() == 1).then_some(())
    });
    assert!(!waiting(browser).contains(&blocked));

    browser.go("nav-household");
    browser.wait("block-item");
    assert_eq!(browser.count("block-item"), 1);
    browser.press("report");
    let told = "They left the gate open.\nTwice.";
    fill(browser, "field-text", told);
    browser.press("asked-send");
    wait_for("the report to be told", || {
        browser.text("block-item")?.contains("Reported").then_some(())
    });
    let reads = |text: &str| server.reports().contains(text).then_some(());
    wait_for("whoever runs the server to read it", || {
        reads("“They left the gate open. Twice.”")
    });
    browser.press("unblock");
    browser.press("unblock-confirm");
    browser.wait_gone("block-item");
    browser.go("nav-sync");
    wait_for("nothing left to send", || {
        (browser.text("sync-pending").as_deref() == Some("0")).then_some(())
    });
    wait_for("what was told to be there without the block", || {
        reads("not kept away any more")
    });
    reads("“They left the gate open. Twice.”").expect("it stays");
}

#[test]
fn an_owner_saves_a_copy_of_what_is_known_of_the_family() {
    let Some(server) = neighbourhood("a copy") else {
        return;
    };
    let mut tablet = Tablet::of_the_demo_family(&server);
    let browser = &mut tablet.browser;
    browser.go("nav-sync");
    browser.press("family-export");
    let send = "document.querySelector('[data-testid=\"asked-family_export\"] [data-testid=\"asked-send\"]').dataset.testid = 'export-send'";
    browser.evaluate(send);
    browser.press("export-send");
    let path = wait_for("the file", || browser.text("saved-as"));
    let copy = std::fs::read_to_string(path).expect("a file");
    let copy: serde_json::Value = serde_json::from_str(&copy).expect("JSON");
    let some = |part: &serde_json::Value| part.as_array().is_some_and(|all| !all.is_empty());
    assert!(some(&copy["pet"]) && some(&copy["child"]) && some(&copy["account"]["devices"]));
}
