//! What a device forgets, when the server says that it may not have it any more.

use std::io::ErrorKind;

use romp_domain::{Problem, Role};

use crate::App;
use crate::link::Session;
use crate::playdates::exports;

impl App {
    /// The account that `session` belonged to is gone: so is everything here, unless a newer session took its place.
    pub(crate) fn wipe_after(&self, session: &Session) -> Result<(), Problem> {
        if self.link.is(session) {
            self.wipe()?;
        }
        Ok(())
    }

    /// Forgets everything, for good: rows, what waits, undo, the account, the token, the calendar file. What is left is
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

    /// Removes the calendar file. Where that fails, or never came to pass, the next start does it: see
    /// [`App::remove_leftovers`].
    pub(crate) fn remove_exports(&self) {
        match std::fs::remove_dir_all(exports(self)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, "the calendar file cannot be removed");
            }
            _ => {}
        }
    }

    /// At the start: no calendar file stays on a device that belongs to no family, or to a family's child.
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
mod tests {
    use romp_domain::calls::{CalendarExport, DeleteAccount, ForgetDevice, Pets, SignOut, SyncNow};
    use romp_domain::view::Connection;
    use romp_domain::{ErrorCode, Pet, Problem, Role, Verdict};

    use crate::Vault;
    use crate::testing::{Device, PASSWORD, code, pet};

    /// Text that is nowhere else.
    const CANARY: &str = "K4N4R1";

    fn delete(password: &str) -> DeleteAccount {
        DeleteAccount {
            password: password.to_owned().try_into().unwrap(),
        }
    }

    /// In how many places of the device's folder the canary is.
    fn places(device: &Device) -> usize {
        let mut folders = vec![device.dir.path().to_owned()];
        let mut found = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = std::fs::read(path).unwrap();
                let windows = bytes.windows(CANARY.len());
                found += windows.filter(|window| *window == CANARY.as_bytes()).count();
            }
        }
        found
    }

    /// A device of a family, with rows on both sides, changes that wait, and a calendar file.
    async fn lived_with() -> Device {
        let device = Device::registered().await;
        let rex = device.add_pet(&format!("{CANARY} Rex")).await;
        device.add_child(CANARY).await;
        let [max] = device.deal(rex, [CANARY]).await;
        device.swipe(rex, max, Verdict::Yes, None).await.unwrap();
        device.add_pet(&format!("{CANARY} Bo")).await;
        let path = device.call(CalendarExport {}).await.unwrap().path;
        std::fs::write(path, CANARY).unwrap();
        assert!(places(&device) > 5, "the scan finds what is there");
        device
    }

    async fn assert_like_new(device: &Device) {
        assert_eq!(places(device), 0);
        let status = device.status().await;
        assert_eq!(
            (status.connection, status.account, status.role, status.pending),
            (Connection::NotJoined, None, Role::Owner, 0)
        );
        assert_eq!(
            status.problem.as_deref(),
            Some(ErrorCode::AccountGone.sentence()),
            "a person is told why"
        );
        assert_eq!(device.vault.load().unwrap(), None);
        assert!(device.call(Pets {}).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn row_71_a_device_whose_account_is_gone_is_like_new_and_says_so() {
        let device = lived_with().await;
        let before = device.app.store.device().unwrap();
        device.server.deletes_account();
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::AccountGone);
        assert_like_new(&device).await;
        assert_ne!(device.app.store.device().unwrap(), before);

        let device = device.restarted();
        assert_like_new(&device).await;
        let rex = device.add_pet("Rex").await;
        assert!(!device.deck(rex).await.cards.is_empty(), "it can be tried again");
        device.call(Device::registration()).await.unwrap();
        assert_eq!(device.status().await.problem, None);
        assert_eq!(device.row::<Pet>(rex.0), Some(pet("Rex")));
    }

    #[tokio::test]
    async fn an_owner_who_knows_the_password_deletes_the_account_from_here() {
        let device = lived_with().await;
        let tablet = device.paired(Role::Child).await;
        let refused = device.call(delete("a guess")).await;
        assert_eq!(code(refused), ErrorCode::WrongCredentials);
        device.server.fails(Problem::new(ErrorCode::Offline));
        assert_eq!(code(device.call(delete(PASSWORD)).await), ErrorCode::Offline);
        device.server.fails(None);
        assert!(device.status().await.account.is_some() && places(&device) > 0);

        device.call(delete(PASSWORD)).await.unwrap();
        assert_like_new(&device).await;
        assert_eq!(code(device.call(delete(PASSWORD)).await), ErrorCode::NotJoined);
        assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::AccountGone);
        assert_like_new(&tablet).await;
    }

    #[tokio::test]
    async fn a_childs_device_cannot_delete_anything() {
        let device = Device::registered().await;
        let tablet = device.paired(Role::Child).await;
        assert_eq!(code(tablet.call(delete(PASSWORD)).await), ErrorCode::Forbidden);
        device.sync().await;
    }

    #[tokio::test]
    async fn who_signs_out_of_an_account_that_is_gone_keeps_nothing_either() {
        let device = lived_with().await;
        device.server.deletes_account();
        device.call(SignOut {}).await.unwrap();
        assert_like_new(&device).await;
    }

    #[tokio::test]
    async fn row_71_a_token_that_the_keyring_did_not_let_go_is_told_and_taken_out_at_the_next_start() {
        for leaves in [false, true] {
            let device = Device::registered().await;
            device.server.fails(Problem::new(ErrorCode::Offline));
            device.vault.keeps_once();
            if leaves {
                device.call(SignOut {}).await.unwrap();
            } else {
                let forget = ForgetDevice {
                    sure: true,
                    pin: None,
                };
                device.call(forget).await.unwrap();
            }
            assert!(device.vault.load().unwrap().is_some(), "the keyring was locked");
            let told = device.status().await.problem.unwrap();
            assert!(told.contains("keyring"), "{told}");

            let device = device.restarted();
            assert_eq!(device.vault.load().unwrap(), None);
            let told = device.status().await.problem;
            assert!(told.is_none_or(|told| !told.contains("keyring")));
        }
    }

    #[tokio::test]
    async fn row_71_a_calendar_file_that_a_wipe_left_behind_goes_with_the_next_start() {
        let device = lived_with().await;
        let path = device.call(CalendarExport {}).await.unwrap().path;
        for deleted in [true, false] {
            if deleted {
                device.server.deletes_account();
                drop(device.call(SyncNow {}).await);
            } else {
                let forget = ForgetDevice {
                    sure: true,
                    pin: None,
                };
                device.call(forget).await.unwrap();
            }
            // Cut short before the file went.
            std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
            std::fs::write(&path, CANARY).unwrap();
        }
        let device = device.restarted();
        assert_eq!(places(&device), 0);
    }

    #[tokio::test]
    async fn row_71_an_owners_calendar_file_stays_with_an_owner_and_not_with_a_child() {
        let device = Device::registered().await;
        let path = device.call(CalendarExport {}).await.unwrap().path;
        let device = device.restarted();
        device.call(SignOut {}).await.unwrap();
        assert!(std::fs::exists(&path).unwrap());
        device.server.pairs_as(Role::Child);
        device.call(Device::pairing()).await.unwrap();
        assert!(!std::fs::exists(&path).unwrap());
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, CANARY).unwrap();
        let device = device.restarted();
        assert_eq!(places(&device), 0, "nor does one that was left behind");
    }

    /// A child's device with what it was sent, a choice that was sent, and one that was not.
    async fn tablet() -> (Device, Device) {
        let device = Device::registered().await;
        let rex = device.add_pet(&format!("{CANARY} Rex")).await;
        let mia = device.add_child(CANARY).await;
        let [max, bo] = device.deal(rex, [CANARY, CANARY]).await;
        let tablet = device.paired(Role::Child).await;
        tablet.swipe(rex, max, Verdict::Yes, Some(mia)).await.unwrap();
        tablet.sync().await;
        tablet.swipe(rex, bo, Verdict::No, Some(mia)).await.unwrap();
        assert!(places(&tablet) > 0);
        (device, tablet)
    }

    #[tokio::test]
    async fn row_71_a_childs_device_whose_session_ended_keeps_only_what_it_has_not_sent() {
        let (_owner, tablet) = tablet().await;
        tablet.server.ends_sessions();
        assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);
        assert_eq!(places(&tablet), 0);
        let status = tablet.status().await;
        assert_eq!(
            (status.connection, status.pending, status.role),
            (Connection::SignedOut, 1, Role::Child),
            "it is still a child's device"
        );
        tablet.call(Device::pairing()).await.unwrap();
        assert_eq!(tablet.status().await.pending, 0);
        assert_eq!(tablet.call(Pets {}).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn row_71_a_childs_device_is_emptied_once_it_was_signed_out_and_not_before() {
        let (_owner, tablet) = tablet().await;
        let forget = || ForgetDevice {
            sure: true,
            pin: None,
        };
        assert_eq!(code(tablet.call(forget()).await), ErrorCode::Forbidden);
        assert_eq!(tablet.status().await.pending, 1);
        tablet.server.ends_sessions();
        drop(tablet.call(SyncNow {}).await);
        tablet.call(forget()).await.unwrap();
        let status = tablet.status().await;
        assert_eq!(
            (status.connection, status.pending, status.role),
            (Connection::NotJoined, 0, Role::Owner),
            "it is nobody's, and can go to another family"
        );
    }

    #[tokio::test]
    async fn row_71_a_childs_device_that_comes_up_without_its_token_keeps_only_what_it_has_not_sent() {
        let (_owner, tablet) = tablet().await;
        tablet.vault.locks(true);
        let tablet = tablet.restarted();
        assert!(places(&tablet) > 0, "a locked keyring says nothing");
        tablet.vault.locks(false);
        tablet.vault.clear().unwrap();
        let tablet = tablet.restarted();
        assert_eq!(places(&tablet), 0);
        let status = tablet.status().await;
        assert_eq!(
            (status.connection, status.pending, status.role),
            (Connection::SignedOut, 1, Role::Child)
        );
        tablet.call(Device::pairing()).await.unwrap();
        assert_eq!(tablet.status().await.pending, 0);
        assert_eq!(tablet.call(Pets {}).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn row_71_an_owners_device_that_comes_up_without_its_token_keeps_everything() {
        let device = lived_with().await;
        device.vault.clear().unwrap();
        let device = device.restarted();
        assert!(places(&device) > 0);
        assert_eq!(device.call(Pets {}).await.unwrap().len(), 2);
        assert_eq!(device.status().await.connection, Connection::SignedOut);
    }

    #[tokio::test]
    async fn row_71_a_consent_that_is_taken_back_empties_the_childs_device_until_it_returns() {
        let (owner, tablet) = tablet().await;
        let missing = Problem::new(ErrorCode::ConsentMissing);
        tablet.server.fails(missing.clone());
        for _ in 0..2 {
            assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::ConsentMissing);
            assert_eq!(places(&tablet), 0);
        }
        let status = tablet.status().await;
        assert_eq!((status.pending, status.problem), (1, Some(missing.message)));
        drop(owner.call(SyncNow {}).await);
        assert_eq!(
            owner.call(Pets {}).await.unwrap().len(),
            1,
            "an owner's keeps everything"
        );
        tablet.server.fails(None);
        tablet.sync().await;
        assert_eq!(tablet.call(Pets {}).await.unwrap().len(), 1);
        assert_eq!(tablet.status().await.pending, 0);
    }
}
