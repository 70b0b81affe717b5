//! What is left of a family that deletes its account: nothing, on the server, its own devices and everybody else's.

use std::path::Path;

use romp_app::{App, Config, MemoryVault};
use romp_domain::view::Connection;
use romp_domain::{ErrorCode, PlaydateState, calls};

use crate::family::Device;
use crate::story::{PASSWORD, World};

/// What the first family writes into every field in which one can write. Nowhere else.
pub(crate) const CANARY: &str = "K4N4R1";

/// In how many places of a folder's files the canary is, in any case. Calendar files of others are their own.
pub(crate) fn places(folder: &Path) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let bytes = std::fs::read(path).unwrap();
        let windows = bytes.windows(CANARY.len());
        found += windows
            .filter(|window| window.eq_ignore_ascii_case(CANARY.as_bytes()))
            .count();
    }
    found
}

async fn hears_that_it_is_gone(device: &Device) {
    device.go_online();
    let refused = device.app.call(calls::SyncNow {}).await.unwrap_err();
    assert!(
        [ErrorCode::AccountGone, ErrorCode::NotJoined].contains(&refused.code),
        "{refused:?}"
    );
    let status = device.app.call(calls::Status {}).await.unwrap();
    assert_eq!(status.connection, Connection::NotJoined);
    assert_eq!(status.problem.as_deref(), Some(ErrorCode::AccountGone.sentence()));
    assert_eq!(places(device.folder.path()), 0, "at once");
    assert!(!device.folder.path().join("exports").exists());
}

impl World {
    /// After a playdate was agreed, the first family deletes its account, and everybody exchanges once more.
    pub(crate) async fn the_first_family_goes_for_good(self, server: &Path) {
        let [gone, other] = self.families;
        assert!(places(server) > 10 && places(gone.desktop.folder.path()) > 10);
        assert!(places(gone.tablet.folder.path()) > 0 && places(other.desktop.folder.path()) > 0);
        let delete = |password: &str| calls::DeleteAccount {
            password: password.to_owned().try_into().unwrap(),
        };
        gone.desktop.go_online();
        let refused = gone.desktop.app.call(delete("a guess")).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::WrongCredentials);
        gone.desktop.app.call(delete(PASSWORD)).await.unwrap();
        for device in [&gone.desktop, &gone.tablet] {
            hears_that_it_is_gone(device).await;
        }
        for device in [&other.desktop, &other.tablet] {
            device.sync().await;
            let mut playdates = device.app.call(calls::Playdates {}).await.unwrap();
            let playdate = playdates.remove(0).playdate;
            assert_eq!(playdate.state, PlaydateState::Cancelled);
            assert_eq!(playdate.other.name, None);
        }
        for device in [gone.desktop, gone.tablet, other.desktop, other.tablet] {
            let Device { app, folder, .. } = device;
            drop(app);
            // Started once more, as every app is: then the file is put in order.
            let vault = Box::new(MemoryVault::default());
            drop(App::open(Config::new(folder.path().to_owned(), vault)).unwrap());
            assert_eq!(places(folder.path()), 0, "on a device");
        }
    }
}
