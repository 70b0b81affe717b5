//! Which tests say that they prove a row: found by their names in the sources.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// Folders with sources of ours.
const FOLDERS: [&str; 7] = [
    "crates",
    "src-tauri",
    "sync-server",
    "tests",
    "ui",
    "xtask",
    "assets",
];

/// A test that proves a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Proof {
    pub(super) row: u32,
    pub(super) test: String,
    /// Its file, from the top of the project.
    pub(super) file: String,
}

/// All of them, by row.
pub(super) fn proofs(root: &Path) -> Outcome<Vec<Proof>> {
    let mut proofs = Vec::new();
    for folder in FOLDERS {
        let mut files = Vec::new();
        collect(&root.join(folder), &mut files);
        for path in files {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            let file = path.strip_prefix(root).unwrap_or(&path);
            let file = file.to_string_lossy().replace('\\', "/");
            proofs.extend(in_text(&text).map(|(row, test)| Proof {
                row,
                test: test.to_owned(),
                file: file.clone(),
            }));
        }
    }
    proofs.sort();
    Ok(proofs)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// Functions called `row_NN_…`.
fn in_text(text: &str) -> impl Iterator<Item = (u32, &str)> {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = line.strip_prefix("fn ")?;
        let end = name.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())?;
        let name = &name[..end];
        let (number, rest) = name.strip_prefix("row_")?.split_once('_')?;
        (!rest.is_empty()).then_some((number.parse().ok()?, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_by_their_names() {
        let text = "#[test]\n    fn row_07_gone() {\n async fn row_12_x() {}\n fn row_x_y() {}\n fn arrow_07_a() {}\n";
        let found: Vec<_> = in_text(text).collect();
        assert_eq!(found, [(7, "row_07_gone"), (12, "row_12_x")]);
    }
}
