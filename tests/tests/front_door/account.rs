//! The account: a mailed code proves the address, and brings back who forgot the password.

use romp_tests::drive::{Browser, Page, wait_for};
use romp_tests::server::{self, ServerProcess};
use romp_tests::tablet::Tablet;
use romp_tests::tools;

use super::{fill, wait_for_text};

const EMAIL: &str = "ann@example.org";
const FIRST: &str = "velvet anchor cinnamon orbit";
const SECOND: &str = "copper lantern meadow tulip";
const THIRD: &str = "gravel sunrise pocket walnut";

/// A server whose mail goes into a folder; none, and a word about it, where something is missing.
fn with_mail(test: &str) -> Option<ServerProcess> {
    let programs = [server::program(), tools::program("romp-bridge")];
    let ready = Browser::available(test) && tools::available(test, &[], &programs);
    ready.then(ServerProcess::start_with_mail)
}

/// The code in the `n`th mail.
fn mailed_code(server: &ServerProcess, n: usize) -> String {
    wait_for("a mail with a code", || {
        let mail = server.mails().into_iter().nth(n)?;
        let line = mail.lines().find_map(|line| line.strip_prefix("    "))?;
        Some(line.trim().to_owned())
    })
}

fn register(server: &ServerProcess) -> Tablet {
    let mut tablet = Tablet::new();
    let browser = &mut tablet.browser;
    browser.press("welcome-register");
    for (field, text) in [
        ("field-server", server.url()),
        ("field-name", "Ann"),
        ("field-email", EMAIL),
        ("field-password", FIRST),
        ("field-device", "Desk"),
    ] {
        fill(browser, field, text);
    }
    browser.press("asked-send");
    browser.wait("nav-account");
    tablet
}

fn sign_in(browser: &mut Browser, server: &ServerProcess, password: &str) {
    fill(browser, "field-server", server.url());
    fill(browser, "field-email", EMAIL);
    fill(browser, "field-password", password);
    browser.press("asked-send");
}

/// Has a code for another password mailed, on a device that nobody has used.
fn forget_password(browser: &mut Browser, server: &ServerProcess) {
    browser.press("welcome-signin");
    browser.press("join-forgot");
    fill(browser, "field-server", server.url());
    fill(browser, "field-email", EMAIL);
    browser.press("asked-send");
    browser.wait("asked-reset_password");
}

/// A second device of the same owner.
fn second(server: &ServerProcess) -> Tablet {
    let mut tablet = Tablet::new();
    tablet.browser.press("welcome-signin");
    fill(&mut tablet.browser, "field-device", "Ann's phone");
    sign_in(&mut tablet.browser, server, FIRST);
    tablet.browser.wait("nav-sync");
    tablet
}

/// Waits until the server has ended the device's session, and the device knows.
fn is_signed_out(browser: &mut Browser) {
    browser.go("nav-sync");
    wait_for("the other device to be signed out", || {
        (browser.attribute("sync-state", "data-state").as_deref() == Some("signed_out")).then_some(())
    });
}

#[test]
fn registering_mails_a_code_and_a_wrong_one_is_told() {
    let Some(server) = with_mail("registering with a mailed code") else {
        return;
    };
    let mut tablet = register(&server);
    let browser = &mut tablet.browser;
    browser.go("nav-account");
    browser.wait("account-unverified");
    fill(browser, "field-code", "ABCD2345");
    browser.press("asked-send");
    wait_for("a word about the wrong code", || {
        let told = "document.querySelector('p.error') !== null \
                    || document.querySelector('[data-testid=\"problem\"]') !== null";
        (browser.evaluate(told) == true).then_some(())
    });
    assert_eq!(browser.count("account-unverified"), 1);
    let code = mailed_code(&server, 0);
    fill(browser, "field-code", &code);
    browser.press("asked-send");
    browser.wait_gone("account-unverified");
}

#[test]
fn whoever_forgot_the_password_gets_a_code_sets_another_and_all_other_devices_are_out() {
    let Some(server) = with_mail("a forgotten password") else {
        return;
    };
    let mut desk = register(&server);
    let code = mailed_code(&server, 0);
    desk.browser.go("nav-account");
    fill(&mut desk.browser, "field-code", &code);
    desk.browser.press("asked-send");
    desk.browser.wait_gone("account-unverified");

    let mut phone = Tablet::new();
    let browser = &mut phone.browser;
    forget_password(browser, &server);
    let kept =
        "['server', 'email'].map(name => document.querySelector(`[data-testid=\"field-${name}\"]`).value)";
    assert_eq!(
        browser.evaluate(kept),
        serde_json::json!([server.url(), EMAIL]),
        "nobody types it twice"
    );
    let code = mailed_code(&server, 1);
    fill(browser, "field-code", &code);
    fill(browser, "field-password", SECOND);
    browser.press("asked-send");
    browser.wait("asked-sign_in");
    is_signed_out(&mut desk.browser);

    fill(browser, "field-password", FIRST);
    browser.press("asked-send");
    browser.wait("problem");
    fill(browser, "field-password", SECOND);
    browser.press("asked-send");
    browser.wait("nav-account");
}

/// Gives what is in the form of a call hooks of its own, where there are several forms.
fn own_hooks(browser: &mut Browser, call: &str) {
    browser.evaluate(&format!(
        "document.querySelectorAll('[data-testid=\"asked-{call}\"] [data-testid]')\
         .forEach(one => one.dataset.testid = 'own-' + one.dataset.testid)"
    ));
}

#[test]
fn an_address_that_nobody_proved_is_freed_by_whoever_has_it_and_its_family_gives_another() {
    let Some(server) = with_mail("an address that was mistyped") else {
        return;
    };
    let mut desk = register(&server);
    mailed_code(&server, 0);
    let mut stranger = Tablet::new();
    let browser = &mut stranger.browser;
    forget_password(browser, &server);
    let code = mailed_code(&server, 1);
    fill(browser, "field-code", &code);
    fill(browser, "field-password", SECOND);
    browser.press("asked-send");
    wait_for_text(browser, "problem", "It is free now");

    let browser = &mut desk.browser;
    browser.go("nav-account");
    browser.wait("address-freed");
    own_hooks(browser, "set_address");
    fill(browser, "own-field-email", "right@example.org");
    fill(browser, "own-field-password", FIRST);
    browser.press("own-asked-send");
    browser.wait_gone("address-freed");
    let code = mailed_code(&server, 2);
    fill(browser, "field-code", &code);
    browser.press("asked-send");
    browser.wait_gone("account-unverified");
}

#[test]
fn a_changed_password_signs_the_other_devices_out_and_not_this_one() {
    let Some(server) = with_mail("a changed password") else {
        return;
    };
    let mut desk = register(&server);
    let mut phone = second(&server);
    let browser = &mut desk.browser;
    browser.go("nav-account");
    browser.press("change-password");
    own_hooks(browser, "change_password");
    fill(browser, "own-field-current", "not the password");
    fill(browser, "own-field-password", THIRD);
    browser.press("own-asked-send");
    wait_for("a word about the wrong password", || {
        (browser.count("problem") > 0 || browser.evaluate("document.querySelectorAll('p.error').length") != 0)
            .then_some(())
    });
    fill(browser, "own-field-current", FIRST);
    browser.press("own-asked-send");
    wait_for_text(browser, "notice", "Changed");
    is_signed_out(&mut phone.browser);
    browser.go("nav-sync");
    browser.press("sync-now");
    wait_for("this device to be in", || {
        (browser.attribute("sync-state", "data-state").as_deref() == Some("online")).then_some(())
    });
    phone.browser.press("sign-in-again");
    phone.browser.wait("field-device");
    let device = "document.querySelector('[data-testid=\"field-device\"]').value";
    assert_eq!(
        phone.browser.evaluate(device),
        "Ann's phone",
        "it need not be named again"
    );
    sign_in(&mut phone.browser, &server, THIRD);
    phone.browser.go("nav-account");
    phone.browser.wait("change-password");
}

/// Ids that more than one element has.
const TWICE: &str = "(() => { const ids = [...document.querySelectorAll('[id]')].map(one => one.id); \
    return ids.filter((id, n) => ids.indexOf(id) !== n); })()";

#[test]
fn what_was_typed_stays_when_the_connection_goes_and_no_two_fields_share_an_id() {
    let Some(server) = with_mail("typing while the connection goes") else {
        return;
    };
    let mut tablet = register(&server);
    let browser = &mut tablet.browser;
    browser.go("nav-account");
    browser.press("change-password");
    for place in ["nav-hours", "nav-account"] {
        browser.go(place);
        browser.wait(if place == "nav-hours" {
            "slot-add"
        } else {
            "change-password"
        });
        assert_eq!(browser.evaluate(TWICE), serde_json::json!([]), "{place}");
    }
    fill(browser, "field-name", "Ann with a new name");
    drop(server);
    browser.wait("not-new");
    let typed = "document.querySelector('[data-testid=\"field-name\"]').value";
    assert_eq!(browser.evaluate(typed), "Ann with a new name");
}

#[test]
fn a_second_grown_up_waits_without_a_way_to_fail_until_the_first_lets_them_in() {
    let Some(server) = with_mail("a second grown-up") else {
        return;
    };
    let mut desk = register(&server);
    let desk = &mut desk.browser;
    desk.go("nav-account");
    desk.press("owner-invite");
    desk.wait("invitation-code");
    let code = desk.text("invitation-code").expect("there is a code");

    let mut phone = Tablet::new();
    let phone = &mut phone.browser;
    phone.press("welcome-register");
    phone.press("join-family");
    for (field, text) in [
        ("field-server", server.url()),
        ("field-code", &code),
        ("field-name", "Ben"),
        ("field-email", "ben@example.org"),
        ("field-password", SECOND),
    ] {
        fill(phone, field, text);
    }
    phone.press("asked-send");
    phone.go("nav-account");
    phone.wait("account-waits");
    let buttons = "document.querySelectorAll('main button').length";
    assert_eq!(phone.evaluate(buttons), 1, "to leave, and nothing else");
    phone.go("nav-sync");
    wait_for("the server to be no lack of a connection", || {
        (phone.attribute("sync-state", "data-state").as_deref() == Some("waiting")).then_some(())
    });

    desk.go("nav-hours");
    desk.go("nav-account");
    desk.wait("owner-waits");
    let own = "document.querySelectorAll('[data-testid=\"owner-waits\"] [data-testid]') \
               .forEach(one => one.dataset.testid = 'let-in-' + one.dataset.testid)";
    desk.evaluate(own);
    fill(desk, "let-in-field-password", FIRST);
    desk.press("let-in-asked-send");
    desk.wait_gone("owner-waits");
    phone.press("sync-now");
    phone.go("nav-account");
    phone.wait("change-password");
}
