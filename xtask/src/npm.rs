//! Tools that come from npm, installed from the committed lock file into target/npm.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, place, steps};

/// Installs the tools, unless they are there in the locked versions.
pub(crate) fn install() -> Outcome {
    let from = place::root().join("xtask/npm");
    let to = place::target().join("npm");
    let lock = read(&from.join("package-lock.json"))?;
    let installed = to.join("installed-lock.json");
    if fs::read_to_string(&installed).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    fs::create_dir_all(&to).map_err(|error| format!("{} cannot be made: {error}", to.display()))?;
    for name in ["package.json", "package-lock.json"] {
        let text = read(&from.join(name))?;
        fs::write(to.join(name), text).map_err(|error| format!("{name} cannot be copied: {error}"))?;
    }
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    steps::run(
        npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&to),
    )?;
    fs::write(&installed, lock).map_err(|error| format!("{} cannot be written: {error}", installed.display()))
}

/// Whether npm's tools can be installed and run.
pub(crate) fn available() -> bool {
    place::on_path("node").is_some()
        && (place::on_path("npm").is_some() || place::on_path("npm.cmd").is_some())
}

/// Binaryen's optimiser, ready for its arguments.
pub(crate) fn wasm_opt() -> Command {
    let script = place::target().join("npm/node_modules/binaryen/bin/wasm-opt");
    let mut node = Command::new("node");
    node.arg(script);
    node
}

fn read(path: &PathBuf) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
