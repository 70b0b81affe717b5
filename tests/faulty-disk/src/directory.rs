//! New and deleted files whose folder was not synced: after a power cut they may never have come or gone.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// One change of a folder.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A file was made.
    New { path: PathBuf, inode: u64 },
    /// A file was deleted; what lasted of it.
    Gone { path: PathBuf, content: Vec<u8> },
}

/// Undoes all changes but the first `kept`: a file system keeps the order of these.
pub(crate) fn undo(entries: Vec<Entry>, kept: usize) -> io::Result<()> {
    for entry in entries.into_iter().skip(kept).rev() {
        match entry {
            // One that was renamed since counts as synced with the renaming.
            Entry::New { path, inode } => match fs::metadata(&path) {
                Ok(found) if found.ino() == inode => fs::remove_file(&path)?,
                _ => {}
            },
            Entry::Gone { path, content } => fs::write(path, content)?,
        }
    }
    Ok(())
}
