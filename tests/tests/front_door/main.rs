//! The front door as a family uses it: a device in a child's hands, quiet times, pairing, the list of devices, emptying
//! one, the account.

mod account;
mod apart;
mod devices;
mod hands;
mod quiet;
mod readable;
mod removing;

use romp_tests::drive::{Browser, Page, wait_for};
use romp_tests::server::{DEMO_PASSWORD, ServerProcess};
use romp_tests::tablet::Tablet;

const PIN: &str = "4829";

/// Types digits on the keypad, and that they are all.
fn keypad(browser: &mut Browser, digits: &str) {
    browser.wait("keypad");
    for digit in digits.chars() {
        browser.press(&format!("key-{digit}"));
    }
    browser.press("key-=");
}

/// Fills a field, whatever was in it.
fn fill(browser: &mut Browser, field: &str, text: &str) {
    browser.press(field);
    browser.evaluate("document.activeElement.select()");
    browser.type_text(text);
}

/// Presses a button that asks for the password, and types that of the demo family.
fn with_password(browser: &mut Browser, button: &str) {
    browser.press(button);
    fill(browser, "field-password", DEMO_PASSWORD);
    browser.press("asked-send");
}

/// Chooses in a list by the name of the choice: the system draws such a list, and no finger of a test reaches it.
fn choose(browser: &mut Browser, field: &str, choice: &str) {
    browser.rect(field);
    browser.evaluate(&format!(
        "(() => {{ const list = document.querySelector('[data-testid=\"{field}\"]'); \
         list.value = [...list.options].find(one => one.text === '{choice}').value; \
         list.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
    ));
}

/// A code that an owner's device makes, on the page with all devices: `pairing-child` or `pairing-owner`.
fn code_for(owner: &mut Browser, pairing: &str) -> String {
    with_password(owner, pairing);
    owner.wait("pairing-code");
    owner
        .attribute("pairing-code", "data-code")
        .expect("there is a code")
}

/// A new device that joins with a code which an owner's made.
fn joined(server: &ServerProcess, owner: &mut Browser, pairing: &str) -> Tablet {
    owner.go("nav-devices");
    let code = code_for(owner, pairing);
    let mut device = Tablet::new();
    device.browser.press("welcome-pair");
    fill(&mut device.browser, "field-server", server.url());
    fill(&mut device.browser, "field-code", &code);
    device.browser.press("asked-send");
    device
}

/// A new tablet of the family's children, with nobody chosen yet.
fn childs_tablet(server: &ServerProcess, owner: &mut Browser) -> Tablet {
    let mut child = joined(server, owner, "pairing-child");
    child.browser.first_id("child-pick-");
    child
}

/// A tablet of the demo family's owners, and a new one of its children, with nobody chosen yet.
fn owners_and_childs_tablets(server: &ServerProcess) -> (Tablet, Tablet) {
    let mut owner = Tablet::of_the_demo_family(server);
    let child = childs_tablet(server, &mut owner.browser);
    (owner, child)
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
