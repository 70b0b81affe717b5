//! PostgreSQL's own programs: where they are, and as whom they run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Who runs the cluster when the tests are run by root, whom PostgreSQL refuses. Debian's package makes this user.
const USER: &str = "postgres";

/// The folder with `initdb`, `pg_ctl`, `postgres` and `psql`. Debian does not put it on the path.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut debian: Vec<(u32, PathBuf)> = versions
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    debian.sort();
    let on_path = env::var_os("PATH")
        .into_iter()
        .flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let newest_first = debian.into_iter().rev().map(|(_, folder)| folder);
    newest_first
        .chain(on_path)
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

/// Whether this process is root's.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// The name that the cluster knows its owner by.
pub(crate) fn owner() -> String {
    if is_root() {
        return USER.to_owned();
    }
    let id = Command::new("id").arg("-un").output().expect("`id` can be run");
    String::from_utf8_lossy(&id.stdout).trim().to_owned()
}

/// A command as the user that the cluster belongs to.
pub(crate) fn as_owner(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", USER, "--"]).arg(program);
    // Root's own folder cannot be entered, and programs complain of that.
    command.current_dir("/");
    command
}

/// Gives a folder to the user that the cluster belongs to.
pub(crate) fn hand_over(folder: &Path) {
    if is_root() {
        run(Command::new("chown").arg(USER).arg(folder));
    }
}

/// Runs a command to its end.
///
/// # Panics
/// When it fails, with what it said.
pub(crate) fn run(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&stdout).trim().to_owned();
    assert!(
        status.success(),
        "{command:?}: {said} {}",
        String::from_utf8_lossy(&stderr)
    );
    said
}
