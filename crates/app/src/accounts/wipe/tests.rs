//! Leaving: by hand, because the account is gone, because a session or a consent has ended.

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
async fn row_71_a_keyring_that_was_locked_is_asked_again_when_somebody_wants_to_exchange() {
    let (_owner, tablet) = tablet().await;
    tablet.vault.locks(true);
    let tablet = tablet.restarted();
    assert_eq!(code(tablet.call(SyncNow {}).await), ErrorCode::NotSignedIn);
    tablet.vault.locks(false);
    tablet.sync().await;
    assert_eq!(tablet.status().await.connection, Connection::Online);
}

#[tokio::test]
async fn row_71_a_keyring_that_is_late_costs_a_childs_device_nothing() {
    let (_owner, tablet) = tablet().await;
    tablet.vault.is_late(true);
    let tablet = tablet.restarted();
    tablet.app.resume_late();
    assert!(places(&tablet) > 0, "it may still come");
    assert_eq!(tablet.status().await.connection, Connection::SignedOut);
    tablet.vault.is_late(false);
    let tablet = tablet.restarted();
    tablet.sync().await;
    assert_eq!(tablet.status().await.pending, 0);
    assert_eq!(tablet.server.sessions(), 2, "its session, and its owner's");
}

#[tokio::test(start_paused = true)]
async fn row_71_a_keyring_that_comes_while_the_app_runs_is_found() {
    let (_owner, tablet) = tablet().await;
    tablet.vault.is_late(true);
    let tablet = tablet.restarted();
    tablet.vault.comes();
    let running = tokio::spawn(tablet.app.clone().run_background());
    let mut changes = tablet.app.changes();
    while tablet.status().await.pending > 0 {
        changes.changed().await.unwrap();
    }
    running.abort();
}

#[tokio::test]
async fn row_71_a_token_of_an_earlier_session_that_a_late_keyring_holds_opens_nothing() {
    let (_owner, tablet) = tablet().await;
    let earlier = tablet.vault.load().unwrap().unwrap();
    tablet.vault.is_late(true);
    tablet
        .app
        .put_away(&tablet.app.session().unwrap().tokens)
        .unwrap();
    tablet.vault.is_late(false);
    tablet.vault.save(&earlier).unwrap();
    let tablet = tablet.restarted();
    assert_eq!(tablet.status().await.connection, Connection::SignedOut);
    assert_eq!((places(&tablet), tablet.vault.load().unwrap()), (0, None));
}

#[tokio::test]
async fn row_71_a_token_that_was_in_memory_is_gone_with_the_app() {
    let (_owner, tablet) = tablet().await;
    tablet.vault.is_late(true);
    tablet
        .app
        .put_away(&tablet.app.session().unwrap().tokens)
        .unwrap();
    let tablet = tablet.restarted();
    assert_eq!(places(&tablet), 0);
    assert_eq!(tablet.status().await.connection, Connection::SignedOut);
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
