//! Chromium as a tablet: its viewport, and a finger instead of a mouse.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::cdp::Cdp;
use super::page::{Page, wait_for};
use crate::process::Process;
use crate::tools;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What a device shows the page on.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// CSS pixels from left to right.
    pub width: u32,
    /// CSS pixels from top to bottom.
    pub height: u32,
    /// Light or dark.
    pub theme: Theme,
}

impl View {
    /// A tablet of ten inches, upright.
    pub const TABLET: Self = Self {
        width: 800,
        height: 1180,
        theme: Theme::Light,
    };
}

/// A finger moves in steps, as fast as a screen reports them.
const STEPS: u32 = 12;

/// Notes where the page hears clicks, before anything on the page hears them; and keeps what goes wrong in it.
const NOTE_CLICKS: &str = "window.clicksHeard = []; \
                            addEventListener('click', e => window.clicksHeard.push([e.clientX, e.clientY]), true); \
                            window.faults = []; addEventListener('error', e => window.faults.push(e.message)); \
                            addEventListener('unhandledrejection', e => window.faults.push(String(e.reason)));";
const FAULTS: &str = "(window.faults ?? []).join('; ')";
/// A tap that is only late must not be followed by another one.
const LOOKS_BETWEEN_TAPS: usize = 75;

/// A browser with one page.
pub struct Browser {
    cdp: Cdp,
    process: Process,
    _profile: TempDir,
}

impl Browser {
    /// Whether there is a browser; says so if not.
    #[must_use]
    pub fn available(test: &str) -> bool {
        tools::available(test, &["chromium", "sh"], &[tools::built_ui().join("index.html")])
    }

    /// Opens an address.
    pub fn open(url: &str, view: View) -> Self {
        let profile = TempDir::new().expect("a temporary folder can be made");
        // The browser speaks on descriptors 3 and 4; the shell puts our pipes there.
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                "sh",
                "chromium",
            ])
            .args([
                "--remote-debugging-pipe",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
            ])
            .args([
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args(["--disable-sync", "--disable-dev-shm-usage"])
            // A page that nobody looks at must not come after everything else on a busy machine: it draws, and hears taps,
            // as if somebody did.
            .args([
                "--disable-renderer-backgrounding",
                "--disable-backgrounding-occluded-windows",
                "--disable-background-timer-throttling",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = Process::start("chromium", &mut command);
        let mut cdp = Cdp::new(process.stdin(), process.stdout());
        cdp.open_page();
        let mut browser = Self {
            cdp,
            process,
            _profile: profile,
        };
        browser.show_as(view);
        browser.cdp.call("Page.enable", &json!({}));
        let counting = json!({"source": NOTE_CLICKS});
        browser
            .cdp
            .call("Page.addScriptToEvaluateOnNewDocument", &counting);
        browser.cdp.call(
            "Emulation.setTouchEmulationEnabled",
            &json!({"enabled": true, "maxTouchPoints": 5}),
        );
        browser.cdp.call("Page.navigate", &json!({"url": url}));
        wait_for("the page", || {
            let ready =
                browser.evaluate("location.href !== 'about:blank' && document.readyState === 'complete'");
            (ready == true).then_some(())
        });
        browser
    }

    /// Changes the view of the open page.
    pub fn show_as(&mut self, view: View) {
        let size =
            json!({"width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": true});
        self.cdp.call("Emulation.setDeviceMetricsOverride", &size);
        let scheme = if view.theme == Theme::Dark {
            "dark"
        } else {
            "light"
        };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.cdp.call("Emulation.setEmulatedMedia", &features);
    }

    /// Sets the clock on the wall to that of a zone.
    pub fn live_in(&mut self, zone: &str) {
        let zone = json!({"timezoneId": zone});
        self.cdp.call("Emulation.setTimezoneOverride", &zone);
    }

    /// Puts a finger on one point, moves it to another and lifts it.
    pub fn swipe(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.touch("touchStart", Some(from));
        for step in 1..=STEPS {
            let part = f64::from(step) / f64::from(STEPS);
            let between = |from: f64, to: f64| from + (to - from) * part;
            self.touch("touchMove", Some((between(from.0, to.0), between(from.1, to.1))));
        }
        self.touch("touchEnd", None);
        // Chromium without a screen believes that the page still glides (also where a page forbids it), and takes
        // the next tap as the hand that stops it. So that this is not a tap of the test, one goes to the corner.
        self.tap(0.0, 0.0);
    }

    /// A picture of the page.
    pub fn picture(&mut self, to: &Path) {
        let answer = self.cdp.call("Page.captureScreenshot", &json!({"format": "png"}));
        let bytes = STANDARD
            .decode(answer["data"].as_str().unwrap_or_default())
            .expect("the picture is base64");
        std::fs::write(to, bytes).unwrap_or_else(|error| panic!("no picture at {}: {error}", to.display()));
    }

    fn tap(&mut self, x: f64, y: f64) {
        self.touch("touchStart", Some((x, y)));
        self.touch("touchEnd", None);
    }

    fn touch(&mut self, kind: &str, at: Option<(f64, f64)>) {
        let points: Vec<_> = at.into_iter().map(|(x, y)| json!({"x": x, "y": y})).collect();
        self.cdp.call(
            "Input.dispatchTouchEvent",
            &json!({"type": kind, "touchPoints": points}),
        );
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let picture = tools::logs().join(format!("chromium-{}.png", self.process.id()));
            // The browser itself may be what failed, and a second panic would end all tests.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.picture(&picture)));
            let faults = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.evaluate(FAULTS)));
            let faults = faults.unwrap_or_default();
            let _ = writeln!(
                std::io::stderr(),
                "The last picture: {}; errors of the page: {faults}",
                picture.display()
            );
            return;
        }
        let faults = self.evaluate(FAULTS);
        assert_eq!(faults, "", "the page met an error that nobody saw");
    }
}

impl Page for Browser {
    fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.cdp.call("Runtime.evaluate", &parameters);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].take()
    }

    fn press_at(&mut self, x: f64, y: f64) {
        // On a busy machine Chromium takes a tap for a long press now and then, and the page hears no click.
        let near = format!("window.clicksHeard.filter(([x, y]) => Math.hypot(x - {x}, y - {y}) < 2).length");
        let before = self.evaluate(&near);
        let mut looks = 0;
        wait_for("a click", || {
            if looks % LOOKS_BETWEEN_TAPS == 0 {
                self.tap(x, y);
            }
            looks += 1;
            (self.evaluate(&near) != before).then_some(())
        });
    }

    fn type_text(&mut self, text: &str) {
        self.cdp.call("Input.insertText", &json!({"text": text}));
    }

    fn press_key(&mut self, key: &str) {
        // A key presses what has the focus only when it also writes something.
        let (text, code) = if key == "Enter" { ("\r", 13) } else { ("", 0) };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code});
            self.cdp.call("Input.dispatchKeyEvent", &event);
        }
    }
}
