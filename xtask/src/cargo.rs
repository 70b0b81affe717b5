//! Calls of cargo, clean of what `cargo run` has put into this process's environment.

use std::ffi::OsString;
use std::process::Command;

use crate::place;

/// Cargo with arguments, in the root of the repository, building into `target`.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = clean(Command::new(program));
    command.env("CARGO_TARGET_DIR", place::target()).args(arguments);
    command
}

/// A command without the variables that describe the package xtask. Build scripts look at some of them, and would
/// run again on every change between a call from here and one by hand.
pub(crate) fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|start| text.starts_with(start))
        {
            command.env_remove(&name);
        }
    }
    command.current_dir(place::root());
    command
}
