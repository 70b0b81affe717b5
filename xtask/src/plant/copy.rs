//! The copy in which faults are planted: every file of the working tree that is not ignored.
//!
//! Kept between runs, and so is what was built from it. Only files that differ are written, so that cargo builds only
//! what depends on them; a fault that an interrupted run left behind is one of those.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fault::Edit;
use crate::{Outcome, cargo, place, steps};

/// The copy, alike to the working tree but for the fault that is planted.
pub(super) struct Copy {
    root: PathBuf,
}

impl Copy {
    /// Makes the copy, or brings it up to date.
    pub(super) fn make() -> Outcome<Self> {
        let copy = Self {
            root: place::target().join("plant").join("tree"),
        };
        let wanted = files(
            place::root(),
            &["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        )?;
        for file in &wanted {
            copy.bring(file)?;
        }
        copy.remove_all_but(&wanted, &copy.root)?;
        Ok(copy)
    }

    /// Where it is.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo in the copy, building beside it.
    pub(super) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = cargo::cargo(arguments);
        command
            .env("CARGO_TARGET_DIR", place::target().join("plant").join("target"))
            .current_dir(&self.root);
        command
    }

    /// Plants a fault's texts. `false` when one of them is stale.
    pub(super) fn plant(&self, edits: &[Edit]) -> Outcome<bool> {
        for edit in edits {
            let path = self.root.join(edit.file);
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            let Some(planted) = edit.planted(&text) else {
                return Ok(false);
            };
            fs::write(&path, planted).map_err(failed(&path))?;
        }
        Ok(true)
    }

    /// Takes a fault out again.
    pub(super) fn heal(&self, edits: &[Edit]) -> Outcome {
        edits.iter().try_for_each(|edit| self.bring(edit.file))
    }

    /// Makes a file as it is in the working tree. One that was removed there is left for [`Self::remove_all_but`].
    fn bring(&self, file: &str) -> Outcome {
        let (from, to) = (place::root().join(file), self.root.join(file));
        let wanted = match fs::read(&from) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(&from)(error)),
        };
        if fs::read(&to).is_ok_and(|there| there == wanted) {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::write(&to, wanted).map_err(failed(&to))
    }

    /// Removes the files of the copy that the working tree does not have.
    fn remove_all_but(&self, wanted: &BTreeSet<String>, folder: &Path) -> Outcome {
        for entry in fs::read_dir(folder).map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            if path.is_dir() {
                self.remove_all_but(wanted, &path)?;
                continue;
            }
            let known = path
                .strip_prefix(&self.root)
                .ok()
                .and_then(Path::to_str)
                .is_some_and(|name| {
                    wanted.contains(&name.replace('\\', "/")) && place::root().join(name).exists()
                });
            if !known {
                fs::remove_file(&path).map_err(failed(&path))?;
            }
        }
        Ok(())
    }
}

/// What git lists, from the root of the repository.
fn files(root: &Path, arguments: &[&str]) -> Outcome<BTreeSet<String>> {
    let listed = steps::output(Command::new("git").args(arguments).current_dir(root))?;
    Ok(listed
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
