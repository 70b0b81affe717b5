//! What the tests need on the machine and in the target folder, and what they do when it is missing.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Set by `cargo xtask test`, which installs everything first: then a missing tool fails its test.
const SKIP_NOTHING: &str = "ROMP_TESTS_SKIP_NOTHING";

/// Whether these programs and files are there. When not, says so and the test is to return; where nothing may be
/// skipped, panics.
#[must_use]
pub fn available(test: &str, programs: &[&str], files: &[PathBuf]) -> bool {
    let programs = programs
        .iter()
        .filter(|name| on_path(name).is_none())
        .map(ToString::to_string);
    let files = files
        .iter()
        .filter(|file| !file.exists())
        .map(|file| file.display().to_string());
    let missing: Vec<_> = programs.chain(files).collect();
    if missing.is_empty() {
        return true;
    }
    let missing = missing.join(", ");
    assert!(env::var_os(SKIP_NOTHING).is_none(), "{test} needs {missing}");
    // Past the test runner's capture, because a test that did not run must not look like one that passed.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED {test}: no {missing}. `cargo xtask test` installs and builds it."
    );
    false
}

/// A program of the workspace, built for development.
pub fn program(name: &str) -> PathBuf {
    target()
        .join("debug")
        .join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// The built user interface.
pub fn built_ui() -> PathBuf {
    root().join("target/ui")
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests is a folder of the repository")
        .to_owned()
}

/// Everything that is built.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where the logs and the last pictures of failed tests are.
pub fn logs() -> PathBuf {
    let logs = target().join("test-logs");
    std::fs::create_dir_all(&logs).expect("the folder for logs can be made");
    logs
}

fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
