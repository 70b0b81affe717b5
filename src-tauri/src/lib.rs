//! The native shell: one window, one command, one event, the keyring, and the background sync. No rules.
//!
//! What the app can do is in `romp-app`; what it looks like is in `ui/`. Deliberately absent: a command for each
//! feature. The page asks through `call` only, and hears `changed` whenever something did.

mod core;
#[cfg(debug_assertions)]
mod dev_sign_in;
#[cfg(test)]
mod tests;
mod vault;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use romp_domain::Problem;
use serde_json::Value;
use tauri::{App, AppHandle, Emitter, Manager, State, Url, WebviewWindowBuilder};

use crate::core::Core;

/// Heard by the page.
const CHANGED: &str = "changed";

/// The one way from the page to the core.
#[tauri::command]
async fn call(core: State<'_, Core>, request: Value) -> Result<Value, Problem> {
    core.handle(request).await
}

/// Opens the window and stays until it is closed.
pub fn run() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let outcome = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![call])
        .setup(|app| {
            let folder = core::data_folder(app.path().app_data_dir().ok());
            let core = Core::open(folder.as_deref());
            if let Some(opened) = core.opened() {
                tauri::async_runtime::spawn(opened.clone().run_background());
                tauri::async_runtime::spawn(forward_changes(app.handle().clone(), opened.changes()));
                #[cfg(debug_assertions)]
                tauri::async_runtime::spawn(dev_sign_in::sign_in(opened.clone()));
            }
            if let (Some(folder), true) = (&folder, core.opened().is_some()) {
                forget_what_was_typed(folder);
            }
            app.manage(core);
            open_window(app, folder.as_deref())?;
            Ok(())
        })
        .run(tauri::generate_context!());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

/// What the web view keeps, with the rest of the data, so that two folders are two devices.
fn web_view(folder: &Path) -> PathBuf {
    folder.join("web-view")
}

/// The page keeps nothing from one start to the next. What a web view keeps by itself may be what a parent typed, on a
/// device that is a child's by now, or nobody's.
fn forget_what_was_typed(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(web_view(folder))
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, "what the web view kept is still there");
    }
}

/// Opens the window of tauri.conf.json. Its fields propose nothing that was typed before: that may have been a parent, and
/// this a child.
fn open_window(app: &App, folder: Option<&Path>) -> tauri::Result<()> {
    for window in &app.config().app.windows {
        // No policy for content holds a page back that goes elsewhere, and takes along what it has read.
        let mut builder = WebviewWindowBuilder::from_config(app, window)?
            .on_navigation(is_own)
            .general_autofill_enabled(false);
        if let Some(folder) = folder {
            builder = builder.data_directory(web_view(folder));
        }
        builder.build()?;
    }
    Ok(())
}

/// Whether an address is that of Romp's own page, as the systems name it.
fn is_own(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", host) => host == Some("localhost"),
        ("http" | "https", host) => host == Some("tauri.localhost"),
        _ => false,
    }
}

async fn forward_changes(app: AppHandle, mut changes: tokio::sync::watch::Receiver<u64>) {
    while changes.changed().await.is_ok() {
        let number = *changes.borrow_and_update();
        if let Err(error) = app.emit(CHANGED, number) {
            tracing::warn!(%error, "the page was not told of a change");
        }
    }
}
