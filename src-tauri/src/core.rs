//! The app core as the window has it: open, or with the sentence that says why it is not.
//!
//! A window that cannot read its data stays open and answers every call with that sentence. Closing itself would
//! tell the person nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use romp_app::{App, Config};
use romp_domain::{ErrorCode, Problem};
use serde_json::Value;

use crate::vault;

/// Overrides where the data are kept: for development and for tests.
const DATA_DIR: &str = "ROMP_DATA_DIR";

/// Where the data are: in the folder of the platform, or where the environment says.
pub(crate) fn data_folder(of_the_platform: Option<PathBuf>) -> Option<PathBuf> {
    std::env::var_os(DATA_DIR).map(PathBuf::from).or(of_the_platform)
}

/// The core, or why there is none.
pub(crate) struct Core(Result<Arc<App>, Problem>);

impl Core {
    /// Opens the data in the folder.
    pub(crate) fn open(folder: Option<&Path>) -> Self {
        let opened = folder
            .ok_or_else(|| {
                let sentence = "This system has no folder for Romp's data.";
                Problem::saying(ErrorCode::StorageBroken, sentence)
            })
            .and_then(|folder| App::open(Config::new(folder.to_owned(), vault::of_this_system(folder))));
        if let Err(problem) = &opened {
            tracing::error!(%problem, "the data could not be opened");
        }
        Self(opened)
    }

    /// A core that was opened already.
    #[cfg(test)]
    pub(crate) const fn of(app: Arc<App>) -> Self {
        Self(Ok(app))
    }

    /// The core, if its data could be opened.
    pub(crate) fn opened(&self) -> Option<&Arc<App>> {
        self.0.as_ref().ok()
    }

    /// Passes a request on.
    pub(crate) async fn handle(&self, request: Value) -> Result<Value, Problem> {
        match &self.0 {
            Ok(app) => app.handle(request).await,
            Err(problem) => Err(problem.clone()),
        }
    }
}
