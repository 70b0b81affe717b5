//! Writing the agreed playdates to a calendar file.

use std::io::{self, Write};
use std::path::Path;

use romp_domain::view::ExportedFile;
use romp_domain::{ErrorCode, Problem};

use super::calendar::{belongs, calendar};
use super::list;
use crate::App;

/// Writes `exports/romp-playdates.ics` in the data folder, whole or not at all.
pub(crate) fn export(app: &App) -> Result<ExportedFile, Problem> {
    let views: Vec<_> = list(app)?.into_iter().filter(belongs).collect();
    let folder = app.data_dir.join("exports");
    let path = folder.join("romp-playdates.ics");
    write_whole(&folder, &path, &calendar(&views, app.now())).map_err(|error| {
        tracing::error!(%error, "the calendar file cannot be written");
        match error.kind() {
            io::ErrorKind::StorageFull => Problem::new(ErrorCode::StorageFull),
            _ => Problem::saying(ErrorCode::StorageBroken, "The calendar file cannot be written."),
        }
    })?;
    Ok(ExportedFile {
        path: path.display().to_string(),
        playdates: views.len() as u32,
    })
}

fn write_whole(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let new = path.with_extension("ics-new");
    let mut file = std::fs::File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}
