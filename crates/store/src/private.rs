//! Folders and files that nobody else on this computer can read: what is in them is a family's.
//!
//! Where the system knows owners and their rights (Unix), folders are 0700 and files 0600; what an earlier version made
//! with more is tightened. Elsewhere the rights are those of the folder above.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder, with what is missing above it, or takes others' rights to the one that is there.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    tighten(path);
    Ok(())
}

/// An empty file in the place of whatever is there.
pub fn file(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Takes others' rights to what is there. Some file systems know no rights: then it stays as it is, and the log says so.
pub(crate) fn tighten(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let Ok(found) = fs::metadata(path) else {
            return;
        };
        let mode = found.permissions().mode();
        if mode & 0o077 != 0
            && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7700))
        {
            tracing::warn!(%error, "others may be able to read Romp's data");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}
