//! The pictures in docs/screens: the real window, and a tablet's view in a browser, light and dark.

#![expect(clippy::print_stdout, reason = "it says which picture it makes")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use romp_tests::drive::deck::decide;
use romp_tests::drive::{Browser, Page, Theme, View, Window, WindowOptions, wait_for};
use romp_tests::process::Process;
use romp_tests::server::{DEMO_EMAIL, DEMO_PASSWORD, ServerProcess};
use romp_tests::tools;
use tempfile::TempDir;

/// Screens of an owner's device: file name, and the place in the navigation.
const SCREENS: [(&str, &str); 12] = [
    ("deck", "nav-deck"),
    ("releases", "nav-releases"),
    ("proposals", "nav-proposals"),
    ("playdates", "nav-playdates"),
    ("pets", "nav-pets"),
    ("family", "nav-household"),
    ("hours", "nav-hours"),
    ("rules", "nav-rules"),
    ("devices", "nav-devices"),
    ("account", "nav-account"),
    ("hand-over", "nav-hand"),
    ("sync", "nav-sync"),
];

/// Most pictures of one screen: a caret that blinks never stands still.
const TRIES: usize = 5;

/// Makes the pictures in docs/screens.
#[derive(Parser)]
struct Options {
    /// Where they go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() {
    let out = Options::parse().out;
    fs::create_dir_all(&out).expect("the folder for the pictures can be made");
    let server = ServerProcess::start_with_demo(60, 7);
    live_a_little(&server);
    for theme in [Theme::Light, Theme::Dark] {
        of_the_window(&out, &server, theme);
        of_a_tablet(&out, &server, theme);
    }
}

/// A child says yes to two pets, which then wait for an owner; the owner says yes to the next two, and the family of
/// every third pet has said so before. So there is something on every screen.
fn live_a_little(server: &ServerProcess) {
    let (mut browser, _device) = tablet(server, Theme::Light);
    let children =
        "[...document.querySelectorAll('[data-testid^=\"child-pick-\"]')][1]?.dataset.testid ?? null";
    let child = wait_for("a child", || {
        browser.evaluate(children).as_str().map(str::to_owned)
    });
    for who in [child.as_str(), "child-pick-me"] {
        browser.press(who);
        for _ in 0..2 {
            decide(&mut browser, |browser| browser.press("deck-yes"));
        }
    }
    browser.wait("nav-proposals-count");
}

fn of_the_window(out: &Path, server: &ServerProcess, theme: Theme) {
    let device = folder();
    let options = |environment| WindowOptions {
        dark: theme == Theme::Dark,
        environment,
    };
    let mut window = Window::open(device.path(), &options(Vec::new()));
    window.rect("welcome-start");
    still(&window, &named(out, "window", "welcome", theme));
    window.close();

    let mut window = Window::open(device.path(), &options(demo_family(server)));
    window.wait("nav-deck");
    for (name, place) in SCREENS {
        window.go(place);
        window.settle();
        still(&window, &named(out, "window", name, theme));
    }
    window.close();
}

/// A picture of the window once it stands still: its last change may be on its way to the screen.
fn still(window: &Window, to: &Path) {
    let mut last = Vec::new();
    for _ in 0..TRIES {
        window.picture(to);
        let now = fs::read(to).expect("a picture can be read");
        if now == last {
            return;
        }
        last = now;
    }
}

fn of_a_tablet(out: &Path, server: &ServerProcess, theme: Theme) {
    let (mut browser, _device) = tablet(server, theme);
    for (name, place) in SCREENS.iter().take(5).chain(&SCREENS[7..11]) {
        browser.go(place);
        browser.settle();
        browser.picture(&named(out, "tablet", name, theme));
    }
    browser.go("nav-releases");
    for press in ["apart", "block"] {
        browser.press(press);
    }
    browser.wait("block-confirm");
    browser.settle();
    browser.picture(&named(out, "tablet", "block", theme));
    browser.go("nav-rules");
    browser.press("rule-add");
    browser.settle();
    browser.picture(&named(out, "tablet", "rule-form", theme));
    a_childs_own(&mut browser, out, theme);
    in_a_childs_hands(&mut browser, out, theme);
}

/// A tablet of the children's: the code with which it joins, who is here, and what it says when it was signed out.
fn a_childs_own(owner: &mut Browser, out: &Path, theme: Theme) {
    owner.go("nav-devices");
    owner.press("pairing-child");
    owner.press("field-password");
    owner.type_text(DEMO_PASSWORD);
    owner.settle();
    owner.picture(&named(out, "tablet", "pairing-asks", theme));
    owner.press("asked-send");
    owner.wait("pairing-picture");
    owner.settle();
    owner.picture(&named(out, "tablet", "pairing", theme));
    let line = "document.querySelector('[data-testid=\"pairing-link\"]').textContent";
    let line = owner.evaluate(line);
    let (mut child, _device) = open(&[], theme);
    child.press("welcome-pair");
    child.press("field-code");
    child.type_text(line.as_str().expect("there is a line"));
    child.settle();
    child.picture(&named(out, "tablet", "join", theme));
    child.press("asked-send");
    child.first_id("child-pick-");
    child.settle();
    child.picture(&named(out, "tablet", "who", theme));
    let who = child.first_id("child-pick-");
    child.press(&who);
    child.wait("deck-card");
    child.settle();
    child.picture(&named(out, "tablet", "child", theme));
    owner.press("pairing-done");
    owner.press("session-end-others");
    owner.press("field-password");
    owner.type_text(DEMO_PASSWORD);
    owner.settle();
    owner.picture(&named(out, "tablet", "end-others", theme));
    owner.press("asked-send");
    child.wait("child-out");
    child.settle();
    child.picture(&named(out, "tablet", "signed-out", theme));
}

/// The deck in quiet times, and the keypad that takes the device back.
fn in_a_childs_hands(browser: &mut Browser, out: &Path, theme: Theme) {
    browser.go("nav-rules");
    for press in ["rule-add", "kind-once", "until-hour", "rule-save"] {
        browser.press(press);
    }
    browser.wait("rule-lift");
    browser.go("nav-hand");
    for _ in 0..2 {
        for key in ["key-4", "key-8", "key-2", "key-9", "key-="] {
            browser.press(key);
        }
    }
    let child = browser.first_id("child-pick-");
    browser.press(&child);
    browser.wait("resting");
    browser.settle();
    browser.picture(&named(out, "tablet", "resting", theme));
    browser.press("child-lock");
    browser.wait("keypad");
    browser.settle();
    browser.picture(&named(out, "tablet", "keypad", theme));
    for key in ["key-4", "key-8", "key-2", "key-9", "key-="] {
        browser.press(key);
    }
    browser.go("nav-rules");
    browser.press("rule-lift");
    browser.wait_gone("rule-lift");
    // The next one of the family's devices is not to find it still there.
    browser.go("nav-sync");
    wait_for("everything to be sent", || {
        (browser.text("sync-pending").as_deref() == Some("0")).then_some(())
    });
}

/// A browser on a new device of the demo family, at its deck; and what it stands on.
fn tablet(server: &ServerProcess, theme: Theme) -> (Browser, (Process, TempDir)) {
    let (mut browser, below) = open(&demo_family(server), theme);
    browser.go("nav-deck");
    (browser, below)
}

/// A browser on a new device, and what it stands on.
fn open(environment: &[(String, String)], theme: Theme) -> (Browser, (Process, TempDir)) {
    let device = folder();
    let mut command = Command::new(tools::program("romp-bridge"));
    command
        .arg("--data")
        .arg(device.path())
        .envs(environment.iter().cloned());
    let (bridge, url) = Process::start_and_await("romp-bridge", &mut command, "open ");
    let view = View {
        theme,
        ..View::TABLET
    };
    (Browser::open(&url, view), (bridge, device))
}

fn named(out: &Path, device: &str, screen: &str, theme: Theme) -> PathBuf {
    let theme = if theme == Theme::Dark { "dark" } else { "light" };
    let path = out.join(format!("{device}-{screen}-{theme}.png"));
    println!("{}", path.display());
    path
}

fn demo_family(server: &ServerProcess) -> Vec<(String, String)> {
    let values = [
        ("ROMP_DEV_SERVER", server.url()),
        ("ROMP_DEV_EMAIL", DEMO_EMAIL),
        ("ROMP_DEV_PASSWORD", DEMO_PASSWORD),
    ];
    values
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder can be made")
}
