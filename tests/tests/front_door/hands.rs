//! A device in a child's hands, and the keypad that takes it back.

use romp_tests::drive::deck::{decide, top};
use romp_tests::drive::{Browser, Page};
use romp_tests::server::DEMO_PASSWORD;
use romp_tests::tablet::{Tablet, neighbourhood};

use super::{PIN, fill, hand_over, keypad, take_back, wait_for_text};

#[test]
fn a_child_swipes_on_a_device_that_only_the_pin_takes_back() {
    let Some(server) = neighbourhood("the keypad") else {
        return;
    };
    let mut tablet = Tablet::of_the_demo_family(&server);
    let browser = &mut tablet.browser;
    hand_over(browser);
    assert_eq!(browser.count("nav-deck"), 0, "nothing of the owners' is there");
    let first = top(browser);
    decide(browser, |browser| browser.press("deck-yes"));
    assert_ne!(top(browser), first);

    browser.press("child-lock");
    keypad(browser, "7777");
    wait_for_text(browser, "keypad-says", "4 more tries");
    browser.press("gate-leave");
    browser.wait("deck-card");
    browser.evaluate("location.reload()");
    browser.wait("child-lock");
    assert_eq!(browser.count("nav-deck"), 0, "and it stays so");
    take_back(browser);
    browser.go("nav-releases");
    browser.wait("release-item");
}

#[test]
fn five_wrong_pins_rest_the_keypad_and_are_told_kindly() {
    if !Browser::available("the keypad") {
        return;
    }
    let mut tablet = Tablet::new();
    let browser = &mut tablet.browser;
    browser.press("welcome-start");
    browser.go("nav-hand");
    keypad(browser, PIN);
    wait_for_text(browser, "keypad", "once more");
    keypad(browser, "4820");
    wait_for_text(browser, "keypad-says", "not the same");
    keypad(browser, PIN);
    wait_for_text(browser, "keypad", "once more");
    keypad(browser, PIN);
    browser.press("hand-all");
    browser.press("child-lock");
    for left in ["4 more", "3 more", "2 more", "One more", "rest a little"] {
        keypad(browser, "7777");
        wait_for_text(browser, "keypad-says", left);
    }
    assert!(browser.attribute("key-1", "disabled").is_some());
}

#[test]
fn a_device_is_taken_back_although_the_family_has_withdrawn_its_consent() {
    let Some(server) = neighbourhood("the keypad without consent") else {
        return;
    };
    let mut tablet = Tablet::of_the_demo_family(&server);
    hand_over(&mut tablet.browser);
    let mut phone = Tablet::of_the_demo_family(&server);
    let browser = &mut phone.browser;
    browser.go("nav-household");
    browser.press("field-child_consent");
    browser.press("household-save");
    let browser = &mut tablet.browser;
    wait_for_text(browser, "child-waits", "A grown-up has to allow Romp again");
    browser.evaluate("location.reload()");
    browser.wait("child-waits");
    take_back(browser);
}

#[test]
fn whoever_forgot_the_pin_sets_another_with_the_password_in_the_owners_hands_too() {
    let Some(server) = neighbourhood("the forgotten PIN") else {
        return;
    };
    let mut tablet = Tablet::of_the_demo_family(&server);
    let browser = &mut tablet.browser;
    hand_over(browser);
    take_back(browser);
    browser.go("nav-hand");
    browser.press("pin-change");
    browser.press("pin-forgotten");
    fill(browser, "field-password", DEMO_PASSWORD);
    fill(browser, "field-device", "Kitchen tablet");
    browser.press("asked-send");
    wait_for_text(browser, "keypad", "Choose a PIN");
}
