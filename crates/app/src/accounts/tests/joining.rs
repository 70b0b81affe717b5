//! Into a family and out of it: by registering, signing in and by a code.

use romp_domain::calls::{Pair, PairingCreate, SignOut};
use romp_domain::pairing::PairingLink;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::TypedPassword;
use romp_domain::view::Connection;
use romp_domain::{ErrorCode, Op, Pet, Problem, Role};

use super::sign_in;
use crate::testing::{Device, code, pet};
use crate::{Token, Vault};

#[tokio::test]
async fn a_device_that_worked_alone_joins_without_losing_a_row() {
    let device = Device::new();
    let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
    device.deck(rex).await;
    device.call(Device::registration()).await.unwrap();

    let status = device.status().await;
    assert_eq!(
        (status.role, status.connection, status.pending),
        (Role::Owner, Connection::Online, 0)
    );
    let account = status.account.unwrap();
    assert_eq!(
        (account.server.as_str(), account.email.as_deref()),
        ("https://romp.example", Some("ann@romp.example"))
    );
    let sent: Vec<_> = device
        .server
        .applied()
        .iter()
        .map(|mutation| mutation.id)
        .collect();
    assert_eq!(sent, [rex.0, mia.0, HOUSEHOLD_ROW]);
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Rex")));
    assert_eq!(
        device.server.registrations()[0].invitation.as_deref(),
        Some("CODE"),
        "without the spaces"
    );
}

#[tokio::test]
async fn a_session_outlives_the_app_where_the_vault_keeps_it() {
    let device = Device::registered().await.restarted();
    device.sync().await;
    assert_eq!(device.status().await.connection, Connection::Online);
    device.vault.clear().unwrap();
    let device = device.restarted();
    assert_eq!(device.status().await.connection, Connection::SignedOut);
}

#[tokio::test]
async fn being_offline_right_after_joining_is_no_failure() {
    let device = Device::new();
    device.add_pet("Rex").await;
    device.server.loses_answers(true);
    device.call(Device::registration()).await.unwrap();
    let status = device.status().await;
    let pet_and_zone = 2;
    assert_eq!(
        (status.connection, status.pending),
        (Connection::Offline, pet_and_zone)
    );
}

#[tokio::test]
async fn a_refused_registration_leaves_the_device_as_it_was() {
    let device = Device::new();
    device.add_pet("Rex").await;
    device.server.fails(Problem::new(ErrorCode::InvitationInvalid));
    assert_eq!(
        code(device.call(Device::registration()).await),
        ErrorCode::InvitationInvalid
    );
    let status = device.status().await;
    assert_eq!(
        (status.connection, status.pending, status.account),
        (Connection::NotJoined, 1, None)
    );
}

#[tokio::test]
async fn a_device_in_a_family_joins_no_other() {
    let device = Device::registered().await;
    assert_eq!(
        code(device.call(Device::registration()).await),
        ErrorCode::AlreadyJoined
    );
    assert_eq!(code(device.call(sign_in()).await), ErrorCode::AlreadyJoined);
    assert_eq!(
        code(device.call(Device::pairing()).await),
        ErrorCode::AlreadyJoined
    );

    device.call(SignOut {}).await.unwrap();
    assert_eq!(
        code(device.call(Device::registration()).await),
        ErrorCode::AlreadyJoined
    );
    device.server.moves_to_another_household();
    assert_eq!(code(device.call(sign_in()).await), ErrorCode::AlreadyJoined);
    assert_eq!(device.server.sessions(), 0, "the session it cannot use is ended");
    assert_eq!(device.status().await.connection, Connection::SignedOut);
}

#[tokio::test]
async fn signing_out_keeps_the_data_and_signing_in_again_goes_on() {
    let device = Device::registered().await;
    let rex = device.add_pet("Rex").await;
    device.server.fails(Problem::new(ErrorCode::Offline));
    device.call(SignOut {}).await.unwrap();
    assert_eq!(device.vault.load().unwrap(), None);
    device.server.fails(None);
    let device = device.restarted();
    assert_eq!(device.row::<Pet>(rex.0), Some(pet("Rex")));
    assert_eq!(device.status().await.pending, 1);
    device.call(sign_in()).await.unwrap();
    assert_eq!(
        (device.status().await.pending, device.server.applied().len()),
        (0, 2)
    );
}

#[tokio::test]
async fn a_code_for_another_device_needs_a_session() {
    let device = Device::new();
    let ask = PairingCreate {
        role: Role::Child,
        password: TypedPassword::new("correct horse".into()).unwrap(),
    };
    assert_eq!(code(device.call(ask.clone()).await), ErrorCode::NotJoined);
    device.call(Device::registration()).await.unwrap();
    let made = device.call(ask).await.unwrap();
    assert_eq!((made.code.as_str(), made.role), ("ABCD2345", Role::Child));
    // What a camera reads is the code, and where this very family's server is.
    let server = device.status().await.account.unwrap().server;
    assert_eq!(made.server, server);
    let code = made.code;
    assert_eq!(PairingLink::read(&made.link), Some(PairingLink { code, server }));
    assert!(
        made.picture
            .is_some_and(|picture| picture.path.starts_with("M4 4h7v1h-7z"))
    );
}

#[tokio::test]
async fn row_77_what_cannot_be_a_code_is_told_at_its_field_and_sent_nowhere() {
    let device = Device::new();
    for wrong in [
        "",
        "https://evil.example",
        "romp:pair?code=ABCD2345&server=https://evil.example",
    ] {
        let call = Pair {
            code: wrong.to_owned(),
            ..Device::pairing()
        };
        let problem = device.call(call).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::CodeInvalid, "{wrong}");
        assert_eq!(problem.field.as_deref(), Some("code"));
    }
    assert_eq!(device.status().await.account, None);
}

#[tokio::test]
async fn the_token_is_in_the_vault_and_nowhere_else() {
    let device = Device::registered().await;
    let token = device.vault.load().unwrap().unwrap();
    assert!(token.starts_with("secret-token"));
    let status = serde_json::to_string(&device.status().await).unwrap();
    let printed = format!(
        "{:?} {:?} {:?} {status}",
        device.app,
        device.vault,
        Token::new(&*token)
    );
    assert!(!printed.contains("secret-token"), "{printed}");
    let op_text = |op: &Op| serde_json::to_string(op).unwrap();
    assert!(
        device
            .server
            .applied()
            .iter()
            .all(|mutation| !op_text(&mutation.op).contains("secret"))
    );
    for file in std::fs::read_dir(device.dir.path().join("data")).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(
            !bytes.windows(12).any(|window| window == b"secret-token"),
            "{}",
            path.display()
        );
    }
}

#[tokio::test]
async fn a_session_that_no_keyring_keeps_is_told_until_one_does() {
    let device = Device::new();
    device.vault.refuses(true);
    device.call(Device::registration()).await.unwrap();
    for _ in 0..2 {
        let status = device.status().await;
        assert_eq!(status.connection, Connection::Online);
        let told = status.problem.unwrap();
        assert!(told.contains("sign in again"), "{told}");
        device.sync().await;
    }
    device.vault.refuses(false);
    device.sync().await;
    assert_eq!(device.status().await.problem, None);
    let device = device.restarted();
    device.sync().await;
}
