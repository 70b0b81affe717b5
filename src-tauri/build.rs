//! Embeds the window's configuration and makes the permission that guards the one command.

use tauri_build::{AppManifest, Attributes};

fn main() {
    // The window embeds this folder. Before the first `cargo xtask ui` there is none, and the lints have to run
    // all the same; an empty one embeds nothing.
    std::fs::create_dir_all("target/ui").expect("the folder target can be written");

    let attributes = Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(&["call"]));
    tauri_build::try_build(attributes).expect("tauri.conf.json and src-tauri/capabilities fit together");
}
