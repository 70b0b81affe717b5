//! The one command is the page's in the main window, and nobody else's.
//!
//! Tauri judges by the window's label and by the address of the page that asks. On Linux and Android it cannot tell a
//! frame inside the page from the page itself; that there never is one is the content security policy's.

use romp_app::{App, Config, MemoryVault};
use serde_json::{Value, json};
use tauri::WebviewWindowBuilder;
use tauri::ipc::CallbackFn;
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;

use super::*;

fn app(folder: &Path) -> tauri::App<MockRuntime> {
    let config = Config::new(folder.to_owned(), Box::new(MemoryVault::default()));
    let core = Core::of(App::open(config).expect("an empty folder can be opened"));
    mock_builder()
        .invoke_handler(tauri::generate_handler![call])
        .manage(core)
        .build(tauri::generate_context!())
        .expect("the app can be built without a display")
}

/// What a window with this label is answered when a page at this address asks.
fn ask(app: &tauri::App<MockRuntime>, label: &str, url: &str, command: &str) -> Result<Value, Value> {
    let window = app.get_webview_window(label).unwrap_or_else(|| {
        WebviewWindowBuilder::new(app, label, tauri::WebviewUrl::default())
            .build()
            .expect("a window without a display can be built")
    });
    let request = InvokeRequest {
        cmd: command.into(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: url.parse().expect("an address"),
        body: json!({"request": {"call": "status", "with": {}}}).into(),
        headers: tauri::http::HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_string(),
    };
    get_ipc_response(&window, request).map(|body| body.deserialize().expect("an answer is JSON"))
}

#[cfg(any(windows, target_os = "android"))]
const OWN_PAGE: &str = "http://tauri.localhost";
#[cfg(not(any(windows, target_os = "android")))]
const OWN_PAGE: &str = "tauri://localhost";

#[test]
fn row_72_only_the_main_windows_own_page_can_ask() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let app = app(folder.path());
    let status = ask(&app, "main", OWN_PAGE, "call").expect("the page is answered");
    assert_eq!(status["connection"], "not_joined");

    for (label, url) in [
        ("child", OWN_PAGE),
        ("main2", OWN_PAGE),
        ("MAIN", OWN_PAGE),
        ("main", "https://evil.example/"),
        ("main", "http://localhost:8080/"),
        ("main", "file:///tmp/page.html"),
        ("main", "data:text/html,hello"),
        ("main", "about:blank"),
        ("main", "tauri://evil.example/"),
        ("child", "https://evil.example/"),
    ] {
        let refused = ask(&app, label, url, "call").expect_err(url);
        let text = refused.to_string();
        assert!(text.contains("not allowed"), "{label} at {url}: {text}");
        assert!(!text.contains("connection"), "{label} at {url}: {text}");
    }
}

#[test]
fn row_72_what_tauri_brings_along_is_denied_to_everybody() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let app = app(folder.path());
    for command in [
        "plugin:window|create",
        "plugin:webview|create_webview_window",
        "plugin:event|emit",
        "plugin:event|emit_to",
        "plugin:path|resolve_directory",
        "plugin:app|version",
        "plugin:shell|open",
        "plugin:fs|read_file",
        "plugin:opener|open_url",
        "open",
        "eval",
    ] {
        assert!(ask(&app, "main", OWN_PAGE, command).is_err(), "{command}");
    }
}
