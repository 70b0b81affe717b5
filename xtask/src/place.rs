//! Where things are: every path that more than one command uses.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the repository")
}

/// Everything that is built or downloaded.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// The user interface, as the window and the bridge serve it. `tauri.conf.json` names the same folder.
pub(crate) fn ui() -> PathBuf {
    target().join("ui")
}

/// A program of the workspace, built for development.
pub(crate) fn program(name: &str) -> PathBuf {
    target()
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A program on the search path.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}
