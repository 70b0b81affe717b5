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

use std::path::Path;
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

/// Opens the window of tauri.conf.json. What the web view keeps lies with the rest of the data, so that two folders
/// are two devices. Its fields propose nothing that was typed before: that may have been a parent, and this a child.
fn open_window(app: &App, folder: Option<&Path>) -> tauri::Result<()> {
    for window in &app.config().app.windows {
        // No policy for content holds a page back that goes elsewhere, and takes along what it has read.
        let mut builder = WebviewWindowBuilder::from_config(app, window)?
            .on_navigation(is_own)
            .general_autofill_enabled(false);
        if let Some(folder) = folder {
            builder = builder.data_directory(folder.join("web-view"));
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
