//! What a device forgets, when the server says that it may not have it any more.

use std::io::ErrorKind;

use romp_domain::{Problem, Role};

use crate::link::Session;
use crate::{App, exports};

impl App {
    /// The account that `session` belonged to is gone: so is everything here, unless a newer session took its place.
    pub(crate) fn wipe_after(&self, session: &Session) -> Result<(), Problem> {
        if self.link.is(session) {
            self.wipe()?;
        }
        Ok(())
    }

    /// Forgets everything, for good: rows, what waits, undo, the account, the token, files for the person. What is left is
    /// a new device. The file first, then the rows: where that fails, the session is still there, and the next exchange
    /// tries again.
    pub(crate) fn wipe(&self) -> Result<(), Problem> {
        self.remove_exports();
        self.store.erase(self.ids.as_ref())?;
        self.forget_beside_rows();
        tracing::info!("the account is gone, and so is everything here");
        Ok(())
    }

    /// The same, because the device's owner wants it; the account stays.
    pub(crate) fn forget_everything(&self) -> Result<(), Problem> {
        self.remove_exports();
        self.store.forget_everything(self.ids.as_ref())?;
        self.forget_beside_rows();
        tracing::info!("everything here was removed");
        Ok(())
    }

    fn forget_beside_rows(&self) {
        self.link.close();
        self.clear_vault();
        self.tell_changed();
    }

    /// Removes the files that the app wrote for a person. Where that fails, or never came to pass, the next start does it: see
    /// [`App::remove_leftovers`].
    pub(crate) fn remove_exports(&self) {
        match std::fs::remove_dir_all(exports::folder(self)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, "files for the person cannot be removed");
            }
            _ => {}
        }
    }

    /// At the start: no such file stays on a device that belongs to no family, or to a family's child.
    pub(crate) fn remove_leftovers(&self) -> Result<(), Problem> {
        if self
            .store
            .account()?
            .is_none_or(|account| account.role == Role::Child)
        {
            self.remove_exports();
        }
        Ok(())
    }

    /// A child's device whose session has ended, or whose family has taken back that children may use Romp, keeps
    /// nothing of what it was sent: only choices that were not sent yet. An owner's keeps everything.
    pub(crate) fn forget_as_child(&self) -> Result<(), Problem> {
        if self.store.device_role()? == Role::Child {
            self.store.purge_pulled()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
