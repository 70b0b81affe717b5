//! Tools that come from npm, installed from the committed lock file into target/npm.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

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
        npm.args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
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
    script("binaryen/bin/wasm-opt")
}

/// The bundler of scripts and styles, ready for its arguments.
pub(crate) fn esbuild() -> Command {
    script("esbuild/bin/esbuild")
}

fn script(path: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(place::target().join("npm/node_modules").join(path));
    node
}

/// A style sheet made small.
pub(crate) fn minify_css(css: &[u8]) -> Outcome<Vec<u8>> {
    install()?;
    let failed = |error| format!("The styles could not be made small: {error}");
    let mut child = esbuild()
        .args(["--minify", "--loader=css"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(css).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err("There is a mistake in assets/styles; see above.".to_owned())
    }
}

fn read(path: &PathBuf) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
