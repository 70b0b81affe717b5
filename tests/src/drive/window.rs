//! The real window, on a screen that exists in memory only, driven through WebKit's own driver.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::page::{Page, wait_for};
use super::webdriver::{self, WebDriver};
use crate::process::Process;
use crate::tools;

/// WebKit's driver serves one window at a time.
static ONE_WINDOW: Mutex<()> = Mutex::new(());

/// How a window is opened.
#[derive(Debug, Clone, Default)]
pub struct WindowOptions {
    /// Whether the desktop prefers dark colours.
    pub dark: bool,
    /// More environment for the app.
    pub environment: Vec<(String, String)>,
}

/// The app's window.
pub struct Window {
    page: WebDriver,
    // Dropped in this order: the app and its driver, then their screen.
    driver: Process,
    _screen: Process,
    display: String,
    _run_time_folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Window {
    /// Whether everything is there; says so if not.
    #[must_use]
    pub fn available(test: &str) -> bool {
        let programs = ["Xvfb", "WebKitWebDriver", "import"];
        tools::available(
            test,
            &programs,
            &[program(), tools::built_ui().join("index.html")],
        )
    }

    /// Opens the window on the data in `data`.
    pub fn open(data: &Path, options: &WindowOptions) -> Self {
        let turn = ONE_WINDOW.lock().unwrap_or_else(PoisonError::into_inner);
        let mut xvfb = Command::new("Xvfb");
        xvfb.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
        ]);
        let (screen, number) = Process::start_and_await("xvfb", &mut xvfb, "");
        let display = format!(":{number}");
        let run_time_folder = TempDir::new().expect("a temporary folder can be made");

        let address = webdriver::free_address();
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg(format!("--port={}", address.port()))
            .arg("--host=127.0.0.1")
            .env("DISPLAY", &display)
            .env("GDK_BACKEND", "x11")
            .env("GTK_THEME", if options.dark { "Adwaita:dark" } else { "Adwaita" })
            .env("NO_AT_BRIDGE", "1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("ROMP_DATA_DIR", data)
            // No keyring of the person who runs the tests.
            .env("XDG_RUNTIME_DIR", run_time_folder.path())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("WAYLAND_DISPLAY")
            .envs(options.environment.iter().cloned());
        let driver = Process::start("window", &mut command);
        wait_for("WebKit's driver", || webdriver::is_ready(address).then_some(()));
        let page = WebDriver::begin(
            address,
            &json!({"webkitgtk:browserOptions": {"binary": program(), "args": []}}),
        );
        Self {
            page,
            driver,
            _screen: screen,
            display,
            _run_time_folder: run_time_folder,
            _turn: turn,
        }
    }

    /// Closes the window as its own button would, and waits until the app is gone.
    pub fn close(mut self) {
        self.page.call("DELETE", "", &Value::Null);
        self.driver.kill();
    }

    /// A picture of the whole screen.
    pub fn picture(&self, to: &Path) {
        let status = import(&self.display, to).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "no picture at {}",
            to.display()
        );
    }

    fn act(&self, kind: &str, more: &Value, actions: &Value) {
        let mut source = json!({"type": kind, "id": kind, "actions": actions});
        if let (Some(source), Some(more)) = (source.as_object_mut(), more.as_object()) {
            source.extend(more.clone());
        }
        self.page.call("POST", "/actions", &json!({"actions": [source]}));
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let picture = tools::logs().join(format!("window-{}.png", self.driver.id()));
            let _ = import(&self.display, &picture).status();
            let _ = writeln!(std::io::stderr(), "The last picture: {}", picture.display());
        }
    }
}

/// The command that takes a picture of a screen.
fn import(display: &str, to: &Path) -> Command {
    let mut command = Command::new("import");
    command
        .args(["-display", display, "-window", "root", "-strip"])
        .arg(to);
    command
}

impl Page for Window {
    fn evaluate(&mut self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.page
            .call("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    fn press_at(&mut self, x: f64, y: f64) {
        self.act(
            "pointer",
            &json!({"parameters": {"pointerType": "mouse"}}),
            &json!([
                {"type": "pointerMove", "duration": 0, "origin": "viewport", "x": x.round(), "y": y.round()},
                {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0},
            ]),
        );
    }

    fn type_text(&mut self, text: &str) {
        let keys: Vec<_> = text
            .chars()
            .flat_map(|c| {
                [
                    json!({"type": "keyDown", "value": c}),
                    json!({"type": "keyUp", "value": c}),
                ]
            })
            .collect();
        self.act("key", &Value::Null, &json!(keys));
    }

    fn press_key(&mut self, key: &str) {
        // WebDriver names keys without a character by code points of its own (W3C WebDriver, "Keyboard actions").
        let character = match key {
            "Enter" => "\u{E007}",
            "ArrowLeft" => "\u{E012}",
            "ArrowUp" => "\u{E013}",
            "ArrowRight" => "\u{E014}",
            "ArrowDown" => "\u{E015}",
            other => other,
        };
        self.type_text(character);
    }
}

fn program() -> PathBuf {
    tools::program("romp")
}
