//! What is asked of the server, and what the device makes of its answers.

use romp_domain::calls::{
    ChangePassword, ConfirmOwner, ForgotPassword, InviteOwner, JoinAsOwner, Me, RefuseOwner, RemoveOwner,
    Rename, ResetPassword, SendCodeAgain, SyncNow, VerifyEmail,
};
use romp_domain::policy::Endpoint;
use romp_domain::view::Connection;
use romp_domain::{ErrorCode, Problem, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::testing::{Device, code};

const WHO: UserId = UserId(Uuid::from_u128(7));

fn joining() -> JoinAsOwner {
    let like = Device::registration();
    JoinAsOwner {
        server: like.server,
        code: " abcd-2345-efgh-6789 ".into(),
        email: like.email,
        password: like.password,
        name: like.name,
        device: like.device,
    }
}

#[tokio::test]
async fn every_call_about_owners_asks_its_endpoint_with_what_was_typed() {
    let device = Device::registered().await;
    let text = |text: &str| text.to_owned();
    let typed = || text("what it was").try_into().unwrap();
    let code = text(" abcd2345 ");
    device.call(VerifyEmail { code }).await.unwrap();
    device.call(SendCodeAgain {}).await.unwrap();
    let password = || text("another one of mine").try_into().unwrap();
    let change = ChangePassword {
        current: text("correct horse").try_into().unwrap(),
        password: password(),
    };
    device.call(change).await.unwrap();
    let name = text("Anna").try_into().unwrap();
    device.call(Rename { name }).await.unwrap();
    let email = Some(text("ben@romp.example").try_into().unwrap());
    let reply = device.call(InviteOwner { email }).await.unwrap();
    assert_eq!(reply.code, "ABCD-2345-EFGH-6789");
    let confirm = ConfirmOwner {
        user: WHO,
        password: typed(),
    };
    device.call(confirm).await.unwrap();
    device.call(RefuseOwner { user: WHO }).await.unwrap();
    let remove = RemoveOwner {
        user: WHO,
        password: typed(),
    };
    device.call(remove).await.unwrap();
    assert!(device.call(Me {}).await.unwrap().owners.is_empty());
    assert_eq!(
        device.server.take_heard(),
        [
            (Endpoint::VerifyEmail, json!({"code": "abcd2345"})),
            (Endpoint::SendCodeAgain, json!(null)),
            (
                Endpoint::ChangePassword,
                json!({"current": "correct horse", "password": "another one of mine"})
            ),
            (Endpoint::Rename, json!({"name": "Anna"})),
            (Endpoint::InviteOwner, json!({"email": "ben@romp.example"})),
            (
                Endpoint::ConfirmOwner,
                json!({"user": WHO, "password": "what it was"})
            ),
            (Endpoint::RefuseOwner, json!({"user": WHO})),
            (
                Endpoint::RemoveOwner,
                json!({"user": WHO, "password": "what it was"})
            ),
            (Endpoint::Me, json!(null)),
        ]
    );
}

#[tokio::test]
async fn whoever_forgot_the_password_needs_no_session() {
    let device = Device::new();
    let like = Device::registration();
    let (server, email) = (like.server.clone(), like.email.clone());
    device.call(ForgotPassword { server, email }).await.unwrap();
    let reset = ResetPassword {
        server: like.server,
        email: like.email,
        code: "ABCD2345".into(),
        password: like.password,
    };
    device.call(reset).await.unwrap();
    let asked: Vec<_> = device.server.take_heard().iter().map(|(at, _)| *at).collect();
    assert_eq!(asked, [Endpoint::ForgotPassword, Endpoint::ResetPassword]);
    assert_eq!(code(device.call(Me {}).await), ErrorCode::NotJoined);
}

#[tokio::test]
async fn row_09_whoever_waits_to_be_confirmed_gets_nothing_and_goes_on_by_itself_afterwards() {
    let device = Device::new();
    device.add_pet("Rex").await;
    device
        .server
        .refuses_exchanges(Problem::new(ErrorCode::OwnerWaiting));
    device.call(joining()).await.unwrap();
    device.clock.advance_ms(11 * 60_000);
    drop(device.call(SyncNow {}).await);
    let status = device.status().await;
    assert_eq!(
        (status.connection, status.stalled),
        (Connection::Waiting, false),
        "the server answers, and nothing is stuck"
    );
    assert_eq!(
        status.problem.as_deref(),
        Some(ErrorCode::OwnerWaiting.sentence()),
        "a person is told why"
    );
    assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::OwnerWaiting);
    assert!(device.server.applied().is_empty());
    device.server.refuses_exchanges(None);
    device.sync().await;
    assert_eq!(device.server.applied().len(), 1, "nothing that waited is lost");
    assert_eq!(device.status().await.connection, Connection::Online);
}
