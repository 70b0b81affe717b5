//! Files that the app writes for a person: the folder of them, and writing one whole or not at all. The calendar is
//! `playdates`'.

mod family;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use romp_domain::{ErrorCode, Problem};
use romp_store::private;

use crate::App;

pub(crate) use family::family;

/// Where files are that the app wrote for a person.
pub(crate) fn folder(app: &App) -> PathBuf {
    app.data_dir.join("exports")
}

/// Writes a file there, whole or not at all, and says where it is. Nobody else on this computer can read it.
pub(crate) fn write(app: &App, name: &str, bytes: &[u8]) -> Result<String, Problem> {
    let folder = folder(app);
    let path = folder.join(name);
    write_whole(&folder, &path, bytes).map_err(|error| {
        tracing::error!(%error, name, "a file for the person cannot be written");
        match error.kind() {
            io::ErrorKind::StorageFull => Problem::new(ErrorCode::StorageFull),
            _ => Problem::saying(ErrorCode::StorageBroken, "The file cannot be written."),
        }
    })?;
    Ok(path.display().to_string())
}

fn write_whole(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    private::folder(folder)?;
    let new = path.with_extension("new");
    let mut file = private::file(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}
