//! Pairing by the picture's line, and the list of devices.

use romp_tests::drive::{Page, Theme, View, wait_for};
use romp_tests::tablet::{Tablet, neighbourhood};

use super::{
    choose_a_child, code_for, fill, joined, owners_and_childs_tablets, wait_for_text, with_password,
};

/// Smallest edge of a picture that a camera reads from an arm's length, in CSS pixels: about 5 cm.
const READABLE: f64 = 190.0;

#[test]
fn a_device_joins_by_the_line_that_is_in_the_picture_and_by_no_other() {
    let Some(server) = neighbourhood("pairing by a picture") else {
        return;
    };
    let mut owner = Tablet::of_the_demo_family(&server);
    let owner = &mut owner.browser;
    owner.go("nav-devices");
    with_password(owner, "pairing-child");
    let picture = owner.rect("pairing-picture");
    assert!(
        picture.width >= READABLE && picture.height >= READABLE,
        "{picture:?}"
    );
    for theme in [Theme::Dark, Theme::Light] {
        owner.show_as(View {
            theme,
            ..View::TABLET
        });
        let colours = "(() => { const s = getComputedStyle(document.querySelector('.qr')); \
                       return [s.backgroundColor, s.fill]; })()";
        let colours = owner.evaluate(colours);
        assert_eq!(
            colours,
            serde_json::json!(["rgb(255, 255, 255)", "rgb(0, 0, 0)"]),
            "{theme:?}"
        );
    }
    assert!(
        owner
            .attribute("pairing-picture", "aria-label")
            .is_some_and(|words| words.contains("QR code"))
    );
    let shown = "document.querySelector('[data-testid=\"pairing-link\"]').textContent";
    let line = owner
        .evaluate(shown)
        .as_str()
        .expect("there is a line")
        .to_owned();
    assert!(
        line.starts_with("romp:pair?code=") && line.ends_with(server.url()),
        "{line}"
    );

    let mut child = Tablet::new();
    let child = &mut child.browser;
    child.press("welcome-pair");
    fill(child, "field-code", "https://evil.example/?code=ABCD2345");
    child.press("asked-send");
    let said = "document.querySelector('p.error')?.textContent ?? ''";
    wait_for("a sentence at the field", || {
        (child.evaluate(said) == "This cannot be read.").then_some(())
    });
    fill(child, "field-code", &line);
    let filled = "document.querySelector('[data-testid=\"field-server\"]').value";
    wait_for("the address to be filled in", || {
        (child.evaluate(filled) == server.url()).then_some(())
    });
    assert_eq!(child.count("child-pick-me"), 0, "and nobody has joined yet");
    child.press("asked-send");
    choose_a_child(child, "deck-card");
}

#[test]
fn a_code_that_has_run_out_pales_and_a_new_one_is_made() {
    let Some(server) = neighbourhood("a code that runs out") else {
        return;
    };
    let mut owner = Tablet::of_the_demo_family(&server);
    let owner = &mut owner.browser;
    owner.go("nav-devices");
    with_password(owner, "pairing-owner");
    owner.wait("pairing-expiry");
    let first = owner.attribute("pairing-code", "data-code");
    owner.evaluate(
        "{ const now = Date.now; window.later = 10 * 60 * 1000; Date.now = () => now() + window.later; }",
    );
    owner.wait("pairing-over");
    let pale = "Number(getComputedStyle(document.querySelector('.qr')).opacity) < 0.5";
    assert_eq!(owner.evaluate(pale), true);
    owner.evaluate("window.later = 0");
    with_password(owner, "pairing-again");
    wait_for("another code", || {
        (owner.attribute("pairing-code", "data-code") != first && owner.count("pairing-expiry") == 1)
            .then_some(())
    });
    owner.press("pairing-done");
    owner.wait_gone("pairing");
}

#[test]
fn a_tablet_that_was_signed_out_says_so_kindly_and_is_let_in_again() {
    let Some(server) = neighbourhood("a tablet that is signed out") else {
        return;
    };
    let (mut owner, mut child) = owners_and_childs_tablets(&server);
    let (owner, child) = (&mut owner.browser, &mut child.browser);
    choose_a_child(child, "deck-card");
    with_password(owner, "session-end-others");
    child.wait("child-out");
    wait_for_text(child, "child-out", "not your fault");
    assert_eq!(child.count("deck-card"), 0);

    owner.press("pairing-done");
    owner.wait_gone("pairing");
    let code = code_for(owner, "pairing-child");
    child.press("child-pair");
    fill(child, "field-code", &code);
    child.press("asked-send");
    choose_a_child(child, "deck-card");
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
    with_password(desk, "session-end");
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

#[test]
fn a_device_that_joined_with_a_code_is_asked_twice_and_ends_only_its_like() {
    let Some(server) = neighbourhood("devices that joined with a code") else {
        return;
    };
    let (mut owner, mut child) = owners_and_childs_tablets(&server);
    let owner = &mut owner.browser;
    owner.press("pairing-done");
    let mut phone = joined(&server, owner, "pairing-owner");
    let phone = &mut phone.browser;
    phone.wait("nav-devices");
    phone.go("nav-devices");
    phone.wait("session-this");
    phone.press("session-end-others");
    phone.press("session-end-confirm");
    child.browser.wait("child-out");
    wait_for("one to be left that signed in", || {
        (phone.count("session-item") == 1).then_some(())
    });
}
