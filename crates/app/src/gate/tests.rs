//! The gate as a family meets it.

use std::sync::Arc;

use romp_domain::calls::{HandOver, PetSave, Pets, PinForgotten, PinSet, SignOut, Unlock};
use romp_domain::view::HandedView;
use romp_domain::{ErrorCode, Pin, Problem, Role, TypedPin};

use crate::testing::{Device, PASSWORD, code, pet};

pub(super) const PIN: &str = "4829";
const MINUTE: u64 = 60_000;

fn set(current: Option<&str>, pin: &str) -> PinSet {
    PinSet {
        current: current.map(typed),
        pin: Pin::new(pin.to_owned()).unwrap(),
    }
}

/// The first PIN.
pub(super) fn first(pin: &str) -> PinSet {
    set(None, pin)
}

fn typed(text: &str) -> TypedPin {
    TypedPin::new(text.to_owned()).unwrap()
}

pub(super) fn unlock(text: &str) -> Unlock {
    Unlock { pin: typed(text) }
}

fn forgotten(password: &str) -> PinForgotten {
    PinForgotten {
        email: None,
        password: password.to_owned().try_into().unwrap(),
        device: "desk".to_owned().try_into().unwrap(),
    }
}

/// An owner's device in a child's hands.
pub(super) async fn handed(device: Device) -> Device {
    device.call(set(None, PIN)).await.unwrap();
    device.agrees_to_children(true).await;
    device.call(HandOver { child: None }).await.unwrap();
    device
}

async fn wrong(device: &Device) -> Problem {
    device.call(unlock("7777")).await.unwrap_err()
}

#[tokio::test]
async fn a_device_is_handed_over_and_taken_back_by_the_pin() {
    let device = Device::new();
    device.add_pet("Rex").await;
    assert_eq!(
        code(device.call(HandOver { child: None }).await),
        ErrorCode::PinMissing,
        "nobody could take it back"
    );
    assert_eq!(code(device.call(unlock(PIN)).await), ErrorCode::PinMissing);
    let device = handed(device).await;
    let status = device.status().await;
    assert_eq!(
        (status.role, status.gate.handed),
        (Role::Child, Some(HandedView { child: None }))
    );
    let save = || PetSave {
        id: None,
        seen: None,
        pet: pet("Max"),
    };
    assert_eq!(code(device.call(save()).await), ErrorCode::Forbidden);
    let device = device.restarted();
    assert_eq!(
        code(device.call(save()).await),
        ErrorCode::Forbidden,
        "a crash opens nothing"
    );
    assert_eq!(device.call(Pets {}).await.unwrap().len(), 1);

    assert_eq!(wrong(&device).await.code, ErrorCode::PinWrong);
    assert_eq!(code(device.call(save()).await), ErrorCode::Forbidden);
    device.call(unlock(PIN)).await.unwrap();
    let status = device.status().await;
    assert_eq!((status.role, status.gate.handed), (Role::Owner, None));
    device.call(save()).await.unwrap();
}

#[tokio::test]
async fn row_78_a_new_pin_needs_the_one_until_now() {
    let device = Device::new();
    device.call(set(Some("1111"), PIN)).await.unwrap();
    assert_eq!(
        code(device.call(set(None, "7391")).await),
        ErrorCode::InvalidField
    );
    assert_eq!(
        code(device.call(set(Some("1111"), "7391")).await),
        ErrorCode::PinWrong
    );
    device.call(unlock(PIN)).await.unwrap();
    device.call(set(Some(PIN), "7391")).await.unwrap();
    assert_eq!(code(device.call(unlock(PIN)).await), ErrorCode::PinWrong);
    device.call(unlock("7391")).await.unwrap();
    for _ in 0..5 {
        assert_eq!(
            code(device.call(set(Some("1111"), PIN)).await),
            ErrorCode::PinWrong
        );
    }
    assert_eq!(
        code(device.call(set(Some("7391"), PIN)).await),
        ErrorCode::PinLocked,
        "guessed here or there, a guess is a guess"
    );
}

#[tokio::test]
async fn row_78_five_wrong_tries_lock_and_the_waits_grow() {
    let device = handed(Device::new()).await;
    for left in [4, 3, 2, 1] {
        let problem = wrong(&device).await;
        assert_eq!((problem.code, problem.retry_after_s), (ErrorCode::PinWrong, None));
        assert_eq!(device.status().await.gate.tries_left, left);
    }
    for minutes in [1, 5, 15, 60, 60] {
        let problem = wrong(&device).await;
        assert_eq!(problem.code, ErrorCode::PinWrong);
        assert_eq!(problem.retry_after_s, Some(minutes * 60));
        device.stopwatch.advance_ms(u64::from(minutes) * MINUTE - 1);
        let refused = device.call(unlock(PIN)).await.unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::PinLocked, Some(1))
        );
        assert_eq!(device.status().await.gate.wait_s, Some(1));
        device.stopwatch.advance_ms(1);
        assert_eq!(device.status().await.gate.wait_s, None);
    }
    device.call(unlock(PIN)).await.unwrap();
    assert_eq!(
        device.status().await.gate.tries_left,
        5,
        "and everything is forgiven"
    );
}

#[tokio::test]
async fn row_78_neither_the_clock_nor_a_restart_shortens_a_wait() {
    let device = handed(Device::new()).await;
    for _ in 0..5 {
        wrong(&device).await;
    }
    for ms in [400 * 86_400_000, -800 * 86_400_000] {
        device.clock.advance_ms(ms);
        assert_eq!(code(device.call(unlock(PIN)).await), ErrorCode::PinLocked);
    }
    device.stopwatch.advance_ms(59_000);
    let device = device.restarted();
    let refused = device.call(unlock(PIN)).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.retry_after_s),
        (ErrorCode::PinLocked, Some(60))
    );
    device.stopwatch.advance_ms(MINUTE);
    assert_eq!(
        wrong(&device).await.retry_after_s,
        Some(5 * 60),
        "the count went on"
    );
}

#[tokio::test]
async fn row_78_a_try_is_on_the_disk_before_it_is_judged() {
    let device = handed(Device::new()).await;
    // A hash that cannot be read ends the judging half-way, as a killed process does.
    let spoil = |hash: &str| {
        let hash = hash.to_owned();
        device.app.store.write(|writer| {
            let pin = writer.pin()?.unwrap();
            writer.set_pin(Some(&romp_store::StoredPin { hash, ..pin }))
        })
    };
    let kept = device.app.store.read(|reader| reader.pin()).unwrap().unwrap();
    spoil("").unwrap();
    for _ in 0..5 {
        assert_eq!(wrong(&device).await.code, ErrorCode::Internal);
    }
    spoil(&kept.hash).unwrap();
    let device = device.restarted();
    assert_eq!(code(device.call(unlock(PIN)).await), ErrorCode::PinLocked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn row_78_a_thousand_tries_at_once_are_judged_five_times() {
    let device = handed(Device::registered().await).await;
    let tries = (0..1_000).map(|n| {
        let app = Arc::clone(&device.app);
        let pin = typed(&format!("{:04}", n + 3_000));
        tokio::spawn(async move { app.call(Unlock { pin }).await.unwrap_err().code })
    });
    let mut judged = 0;
    for answer in tries.collect::<Vec<_>>() {
        match answer.await.unwrap() {
            ErrorCode::PinWrong => judged += 1,
            other => assert_eq!(other, ErrorCode::PinLocked),
        }
    }
    assert_eq!(judged, 5);
    assert_eq!(device.status().await.role, Role::Child);
}

#[tokio::test]
async fn row_78_after_a_hundred_wrong_tries_only_the_accounts_password_opens() {
    let device = handed(Device::registered().await).await;
    for _ in 0..100 {
        assert_eq!(wrong(&device).await.code, ErrorCode::PinWrong);
        device.stopwatch.advance_ms(60 * MINUTE);
    }
    assert_eq!(code(device.call(unlock(PIN)).await), ErrorCode::PinSpent);
    let gate = device.status().await.gate;
    assert_eq!((gate.spent, gate.tries_left, gate.wait_s), (true, 0, None));
    let device = device.restarted();
    assert_eq!(code(device.call(unlock(PIN)).await), ErrorCode::PinSpent);

    assert_eq!(
        code(device.call(forgotten("a guess")).await),
        ErrorCode::WrongCredentials
    );
    assert_eq!(device.status().await.role, Role::Child);
    device.call(forgotten(PASSWORD)).await.unwrap();
    let status = device.status().await;
    assert_eq!((status.role, status.gate.pin), (Role::Owner, false));
    device.sync().await;
    device.call(set(None, "7391")).await.unwrap();
}

#[tokio::test]
async fn a_forgotten_pin_needs_an_account_and_a_connection() {
    let device = handed(Device::new()).await;
    let problem = device.call(forgotten(PASSWORD)).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::NotJoined);
    assert!(problem.message.contains("remove Romp"), "{problem}");

    let device = handed(Device::registered().await).await;
    device.server.fails(Problem::new(ErrorCode::Offline));
    assert_eq!(code(device.call(forgotten(PASSWORD)).await), ErrorCode::Offline);
    assert_eq!(device.status().await.role, Role::Child);
    device.server.fails(None);
    device.server.ends_sessions();
    drop(device.app.sync().await);
    device.call(forgotten(PASSWORD)).await.unwrap();
    device.sync().await;
}

#[tokio::test]
async fn another_familys_password_opens_nothing() {
    let device = handed(Device::registered().await).await;
    device.server.moves_to_another_household();
    assert_eq!(
        code(device.call(forgotten(PASSWORD)).await),
        ErrorCode::WrongCredentials
    );
    assert_eq!(device.status().await.role, Role::Child);
    let tablet = Device::registered().await.paired(Role::Child).await;
    assert_eq!(
        code(tablet.call(forgotten(PASSWORD)).await),
        ErrorCode::PinMissing
    );
    assert_eq!(code(tablet.call(unlock(PIN)).await), ErrorCode::PinMissing);
    assert_eq!(code(tablet.call(SignOut {}).await), ErrorCode::Forbidden);
}

#[tokio::test]
async fn row_79_whoever_only_waits_to_belong_to_the_family_opens_nothing() {
    let device = handed(Device::registered().await).await;
    device
        .server
        .refuses_exchanges(Problem::new(ErrorCode::OwnerWaiting));
    assert_eq!(
        code(device.call(forgotten(PASSWORD)).await),
        ErrorCode::OwnerWaiting
    );
    device.server.refuses_exchanges(None);
    let status = device.status().await;
    assert_eq!((status.role, status.gate.pin), (Role::Child, true));
    device.sync().await;
    assert_eq!(
        device.server.sessions(),
        1,
        "and the device keeps its own session"
    );
}
