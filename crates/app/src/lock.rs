//! One app on one data folder: two would use each other's tokens up, which looks like theft to the server, and let a PIN
//! be tried twice as often.
//!
//! The lock is the operating system's, on a file of its own: it ends with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use romp_domain::{ErrorCode, Problem};
use romp_store::StoreError;

/// Name of the file in the data folder. There is nothing in it.
const FILE: &str = "romp.lock";
const TAKEN: &str = "Romp is open already. Use the window that is there, or close it and start Romp again.";

/// A data folder that nobody else uses while this is there.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the folder, or says that it is taken.
    pub(crate) fn take(folder: &Path) -> Result<Self, Problem> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(folder.join(FILE)).map_err(StoreError::from)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Problem::saying(ErrorCode::StorageBroken, TAKEN)),
            // Where the system has no such locks (Android), it starts an app only once.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(StoreError::from(error).into()),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Device;
    use crate::{App, Config, MemoryVault};
    use romp_domain::calls::{ForgetDevice, Pets};

    #[tokio::test]
    async fn two_apps_do_not_use_one_folder_and_the_next_one_may() {
        let device = Device::new();
        let folder = device.dir.path().join("data");
        let open = || App::open(Config::new(folder.clone(), Box::new(MemoryVault::default())));
        let told = open().unwrap_err();
        assert!(told.message.contains("open already"), "{told}");
        device.add_pet("Rex").await;
        // A wipe takes nothing of it away.
        let sure = ForgetDevice {
            sure: true,
            pin: None,
        };
        device.call(sure).await.unwrap();
        assert!(open().is_err());
        let device = device.restarted();
        assert!(device.call(Pets {}).await.unwrap().is_empty());
    }
}
