//! The own password: another one, also for somebody who forgot it.

use romp_domain::Problem;
use romp_domain::calls::{ChangePassword, ForgotPassword, ResetPassword};
use romp_domain::policy::Endpoint;
use romp_domain::wire::{ChangePasswordRequest, ForgotPasswordRequest, ResetPasswordRequest, RotateReply};

use crate::server::ask;
use crate::tokens::Tokens;
use crate::{App, Token};

/// Changes it. This device stays signed in, with the new token that the answer brings: the server knows none of those
/// before any more. Where the answer is lost, the person signs in with the new password.
pub(crate) async fn change_password(app: &App, call: ChangePassword) -> Result<(), Problem> {
    let _alone = app.joining.lock().await;
    // An exchange that came with a token from before would be told that the session has ended.
    let _one = app.exchanging.lock().await;
    let session = app.session()?;
    let request = ChangePasswordRequest {
        current: call.current,
        password: call.password,
    };
    let (server, token) = (&*session.server, Some(&session.token));
    // An earlier server says nothing, and leaves the token as it is.
    let answer: Option<RotateReply> = ask(server, Endpoint::ChangePassword, token, &request).await?;
    if let Some(reply) = answer {
        let tokens = Tokens::first(Token::new(reply.token), app.now());
        app.keep(&tokens);
        app.link.renew(&session, tokens);
    }
    Ok(())
}

/// Has a code mailed. Needs no session: whoever forgot the password may have none.
pub(crate) async fn forgot_password(app: &App, call: ForgotPassword) -> Result<(), Problem> {
    let server = (app.connect)(call.server.trim())?;
    let request = ForgotPasswordRequest { email: call.email };
    ask(&*server, Endpoint::ForgotPassword, None, &request).await
}

/// Sets another one with that code. Every session of the owner ends, this device's too if it has one.
pub(crate) async fn reset_password(app: &App, call: ResetPassword) -> Result<(), Problem> {
    let server = (app.connect)(call.server.trim())?;
    let request = ResetPasswordRequest {
        email: call.email,
        code: call.code.trim().to_owned(),
        password: call.password,
    };
    let () = ask(&*server, Endpoint::ResetPassword, None, &request).await?;
    // If it was this device's owner, the next exchange finds out.
    app.wake.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use romp_domain::calls::{ChangePassword, SignOut, SyncNow};
    use romp_domain::time::DAY_MS;
    use romp_domain::view::Connection;
    use romp_domain::{ErrorCode, Problem};

    use crate::Vault;
    use crate::sync::Waited;
    use crate::testing::{Device, PASSWORD, code};

    fn change(current: &str) -> ChangePassword {
        ChangePassword {
            current: current.to_owned().try_into().unwrap(),
            password: "quiet otters sing".to_owned().try_into().unwrap(),
        }
    }

    /// A device that has had several tokens.
    async fn used() -> Device {
        let device = Device::registered().await;
        for _ in 0..3 {
            device.clock.advance_ms(DAY_MS);
            device.app.renew_token().await;
            device.sync().await;
        }
        device
    }

    fn kept(device: &Device) -> String {
        device.vault.load().unwrap().unwrap()
    }

    #[tokio::test]
    async fn who_changes_the_password_stays_signed_in_with_another_token() {
        let device = used().await;
        let before = kept(&device);
        assert_eq!(
            code(device.call(change("a guess")).await),
            ErrorCode::WrongCredentials
        );
        assert_eq!(kept(&device), before);
        device.call(change(PASSWORD)).await.unwrap();
        assert_eq!(kept(&device).split(' ').count(), 2, "those before open nothing");
        device.sync().await;
        let device = device.restarted();
        device.sync().await;
        assert_eq!((device.server.sessions(), device.server.reused_tokens()), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_with_the_token_before_signs_nobody_out() {
        let device = used().await;
        device.server.holds_answers(true);
        let wait = async { device.app.wait_for_news().await };
        let change = async { device.call(change(PASSWORD)).await };
        let sync = async {
            tokio::task::yield_now().await;
            device.call(SyncNow {}).await
        };
        let renew = async {
            device.clock.advance_ms(DAY_MS);
            device.app.renew_token().await;
        };
        let answers = async {
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            device.server.holds_answers(false);
        };
        let (waited, changed, synced, ..) = tokio::join!(wait, change, sync, renew, answers);
        changed.unwrap();
        synced.unwrap();
        assert_eq!(waited.unwrap(), Waited::More);
        device.sync().await;
        assert_eq!(device.status().await.connection, Connection::Online);
        device.restarted().sync().await;
    }

    #[tokio::test]
    async fn a_lost_answer_costs_signing_in_once_more_and_nothing_else() {
        let device = used().await;
        let rex = device.add_pet("Rex").await;
        device.server.loses_answers(true);
        assert_eq!(code(device.call(change(PASSWORD)).await), ErrorCode::Offline);
        device.server.loses_answers(false);
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::NotSignedIn);
        assert_eq!(device.status().await.connection, Connection::SignedOut);
        device.call(super::super::tests::sign_in()).await.unwrap();
        assert!(device.server.applied().iter().any(|made| made.id == rex.0));
        assert_eq!(device.server.reused_tokens(), 0, "nobody is taken for a thief");
    }

    #[tokio::test]
    async fn a_token_that_the_keyring_does_not_take_is_used_all_the_same_and_told() {
        let device = used().await;
        device.vault.refuses(true);
        device.call(change(PASSWORD)).await.unwrap();
        device.sync().await;
        assert!(device.status().await.problem.unwrap().contains("sign in again"));
        device.vault.refuses(false);
        device.sync().await;
        device.restarted().sync().await;
    }

    #[tokio::test]
    async fn without_a_session_there_is_no_password_to_change() {
        let device = Device::registered().await;
        device.call(SignOut {}).await.unwrap();
        let refused: Result<(), Problem> = device.call(change(PASSWORD)).await;
        assert_eq!(code(refused), ErrorCode::NotSignedIn);
    }
}
