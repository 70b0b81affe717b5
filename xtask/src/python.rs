//! Programs that come from `PyPI`, each in a virtual environment of its own below target/.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, place, steps};

/// A mail server for the tests of outgoing mail.
const MAIL_SERVER: &str = "aiosmtpd==1.4.6";

/// Installs what `tests/mail` starts.
pub(crate) fn install_mail_server() -> Outcome {
    environment("mail-server", MAIL_SERVER).map(drop)
}

/// An environment in `target/<name>/venv` with one package in one version, and returns the folder of its programs.
pub(crate) fn environment(name: &str, package: &str) -> Outcome<PathBuf> {
    let folder = place::target().join(name).join("venv");
    let (programs, installed) = (folder.join("bin"), folder.join("installed"));
    if fs::read_to_string(&installed).is_ok_and(|what| what == package) {
        println!("It is there already: {package}");
        return Ok(programs);
    }
    steps::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    steps::run(Command::new(programs.join("pip")).args(["install", "--quiet", package]))?;
    fs::write(&installed, package)
        .map_err(|error| format!("{} cannot be written: {error}", installed.display()))?;
    Ok(programs)
}
