//! The front door as a family uses it: a device in a child's hands, quiet times, and the list of devices.

use romp_tests::drive::deck::{decide, top};
use romp_tests::drive::{Browser, Page, wait_for};
use romp_tests::tablet::{Tablet, neighbourhood};

const PIN: &str = "4829";

/// Types digits on the keypad, and that they are all.
fn keypad(browser: &mut Browser, digits: &str) {
    browser.wait("keypad");
    for digit in digits.chars() {
        browser.press(&format!("key-{digit}"));
    }
    browser.press("key-=");
}

/// Fills a field.
fn fill(browser: &mut Browser, field: &str, text: &str) {
    browser.press(field);
    browser.type_text(text);
}

/// Sets a PIN and gives the device to the first child.
fn hand_over(browser: &mut Browser) {
    browser.go("nav-hand");
    keypad(browser, PIN);
    wait_for_text(browser, "keypad", "once more");
    keypad(browser, PIN);
    let child = browser.first_id("child-pick-");
    browser.press(&child);
    browser.wait("child-lock");
}

/// Takes the device back.
fn take_back(browser: &mut Browser) {
    browser.press("child-lock");
    keypad(browser, PIN);
    browser.wait("nav-deck");
}

fn wait_for_text(browser: &mut Browser, id: &str, text: &str) {
    wait_for(text, || {
        browser
            .text(id)
            .is_some_and(|found| found.contains(text))
            .then_some(())
    });
}

/// Chooses the first child, once the family is there and its pictures stand still.
fn choose_a_child(browser: &mut Browser, then: &str) {
    let who = browser.first_id("child-pick-");
    let mut looks = 0;
    wait_for(then, || {
        // A picture that was just about to move was not hit.
        if looks % 40 == 0 && browser.count(&who) > 0 {
            browser.press(&who);
        }
        looks += 1;
        (browser.count(then) > 0).then_some(())
    });
}

/// Makes choosing rest for an hour, with the comment that is ready.
fn rest_for_an_hour(browser: &mut Browser) {
    browser.go("nav-rules");
    browser.press("rule-add");
    browser.press("kind-once");
    browser.press("until-hour");
    browser.press("rule-save");
    browser.wait("rule-lift");
}

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
fn a_childs_tablet_rests_online_and_offline_and_goes_on_afterwards() {
    let Some(server) = neighbourhood("quiet times") else {
        return;
    };
    let mut owner = Tablet::of_the_demo_family(&server);
    let owner = &mut owner.browser;
    owner.go("nav-devices");
    owner.press("pairing-child");
    owner.wait("pairing-code");
    let code = owner
        .attribute("pairing-code", "data-code")
        .expect("there is a code");
    let mut child = Tablet::new();
    let child = &mut child.browser;
    child.press("welcome-pair");
    fill(child, "field-server", server.url());
    fill(child, "field-code", &code);
    child.press("asked-send");
    choose_a_child(child, "deck-card");

    rest_for_an_hour(owner);
    wait_for_text(child, "resting-comment", "Time to sleep");
    wait_for_text(child, "resting-until", "Again");
    owner.press("rule-lift");
    child.wait("deck-card");
    decide(child, |child| child.press("deck-later"));

    rest_for_an_hour(owner);
    child.wait("resting");
    drop(server);
    child.evaluate("location.reload()");
    choose_a_child(child, "resting");
    wait_for_text(child, "resting-comment", "Time to sleep");
    assert_eq!(child.count("deck-card"), 0, "also without the server");
}

#[test]
fn an_owner_lists_the_devices_and_signs_one_out() {
    let Some(server) = neighbourhood("the list of devices") else {
        return;
    };
    let mut desk = Tablet::of_the_demo_family(&server);
    let desk = &mut desk.browser;
    let mut lost = Tablet::of_the_demo_family(&server);
    lost.browser.wait("nav-deck");
    desk.go("nav-devices");
    desk.wait("session-this");
    let others = wait_for("the other device", || {
        let count = desk.count("session-item");
        if count == 0 {
            desk.evaluate("location.reload()");
            desk.wait("nav-deck");
            desk.go("nav-devices");
            desk.wait("session-this");
        }
        (count > 0).then_some(count)
    });
    desk.press("session-end");
    desk.press("session-end-confirm");
    wait_for("one less", || {
        (desk.count("session-item") == others - 1).then_some(())
    });
    lost.browser.go("nav-sync");
    lost.browser.press("sync-now");
    wait_for("the lost device to be signed out", || {
        (lost.browser.attribute("sync-state", "data-state").as_deref() == Some("signed_out")).then_some(())
    });
    desk.press("activity-open");
    wait_for_text(desk, "security-log", "signed out from afar");
}
