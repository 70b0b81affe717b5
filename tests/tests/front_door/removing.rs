//! Emptying a device, and what keeps a second tap from doing more than the first one asked for.

use romp_tests::drive::{Page, wait_for};
use romp_tests::tablet::{Tablet, neighbourhood};

use super::{PIN, choose_a_child, fill, hand_over, owners_and_childs_tablets, take_back, with_password};

#[test]
fn an_owner_empties_a_device_after_its_pin_and_it_is_like_new() {
    let Some(server) = neighbourhood("emptying a device") else {
        return;
    };
    let mut tablet = Tablet::of_the_demo_family(&server);
    let browser = &mut tablet.browser;
    hand_over(browser);
    take_back(browser);
    browser.go("nav-sync");
    browser.press("forget-device");
    fill(browser, "field-pin", "7777");
    let send = "document.querySelector('[data-testid=\"asked-forget_device\"] [data-testid=\"asked-send\"]').dataset.testid = 'forget-send'";
    browser.evaluate(send);
    browser.press("forget-send");
    browser.wait("problem");
    assert_eq!(browser.count("welcome-start"), 0, "a guess removes nothing");
    fill(browser, "field-pin", PIN);
    browser.press("forget-send");
    browser.wait("welcome-start");
    browser.evaluate("location.reload()");
    browser.wait("welcome-start");
}

#[test]
fn a_device_without_an_account_is_emptied_too_and_begins_anew() {
    let Some(_server) = neighbourhood("emptying a device without an account") else {
        return;
    };
    let mut tablet = Tablet::new();
    let browser = &mut tablet.browser;
    browser.press("welcome-start");
    browser.go("nav-pets");
    browser.press("pet-add");
    browser.press("species-cat");
    fill(browser, "pet-name", "Minka");
    browser.press("pet-save");
    browser.wait("pet-item");
    browser.go("nav-sync");
    browser.press("forget-device");
    browser.press("forget");
    browser.press("forget-confirm");
    browser.wait("welcome-start");
    browser.press("welcome-start");
    browser.go("nav-pets");
    assert_eq!(browser.count("pet-item"), 0);
}

#[test]
fn a_childs_tablet_that_was_signed_out_can_go_to_another_family() {
    let Some(server) = neighbourhood("emptying a child's tablet") else {
        return;
    };
    let (mut owner, mut child) = owners_and_childs_tablets(&server);
    let (owner, child) = (&mut owner.browser, &mut child.browser);
    choose_a_child(child, "deck-card");
    with_password(owner, "session-end-others");
    child.wait("child-out");
    child.press("child-pair");
    child.press("forget-device");
    child.press("forget");
    child.press("forget-confirm");
    child.wait("welcome-start");
}

#[test]
fn a_second_tap_or_key_in_the_same_place_keeps_everything() {
    let Some(server) = neighbourhood("a second tap") else {
        return;
    };
    let (mut owner, _child) = owners_and_childs_tablets(&server);
    let browser = &mut owner.browser;
    browser.press("pairing-done");
    for button in ["session-end", "session-end-others"] {
        browser.go("nav-sync");
        browser.go("nav-devices");
        let (x, y) = browser.rect(button).centre();
        browser.press_at(x, y);
        browser.wait("asked-send");
        let asked = browser.evaluate("document.querySelector('.ask').textContent");
        assert!(
            asked
                .as_str()
                .is_some_and(|asked| asked.starts_with("Sign out ") && asked.len() > 11),
            "{asked}"
        );
        let focus = "document.activeElement?.textContent";
        wait_for("the focus to be on what keeps it", || {
            (browser.evaluate(focus) == "Keep").then_some(())
        });
        let under =
            format!("document.elementFromPoint({x}, {y})?.closest('[data-testid=\"asked-send\"]') === null");
        assert_eq!(browser.evaluate(&under), true, "{button}");
    }
}
