//! The session's token is replaced when it is older than a day: see `tokens`.

use romp_domain::Problem;
use romp_domain::policy::Endpoint;
use romp_domain::time::{HOUR_MS, MINUTE_MS};
use romp_domain::view::SecretStore;
use romp_domain::wire::RotateReply;

use crate::link::Session;
use crate::server::ask;
use crate::tokens::Tokens;
use crate::{App, Token, VaultError};

/// How often it is tried, where it does not work.
const TRY_EVERY_MS: i64 = HOUR_MS;
/// How often a keyring is looked for that was not there.
const KEEP_EVERY_MS: i64 = MINUTE_MS;

impl App {
    /// Replaces the session's token if it is old. Where that does not work, the one in use stays, and it is tried again
    /// later.
    pub(crate) async fn renew_token(&self) {
        let Some(session) = self.link.session() else {
            return;
        };
        let now = self.now();
        if !session.tokens.is_old(now) || !self.link.may_try_renewing(now, TRY_EVERY_MS) {
            return;
        }
        if let Err(problem) = self.replace_token(&session).await {
            tracing::info!(code = problem.code.word(), "the token was not replaced");
        }
    }

    /// Keeps the tokens of the live session. Without a vault it lives in memory: it works until the app closes, and the
    /// person is told so until it is kept.
    pub(crate) fn keep(&self, tokens: &Tokens) {
        let kept = self.put_away(tokens);
        if let Err(error) = &kept {
            tracing::warn!(%error, "the vault cannot keep the session");
            self.note_vaulted(false);
        }
        self.link.set_unkept(kept.is_err());
    }

    /// Puts tokens into the vault, and notes whether they will still be there when the app is started again.
    pub(crate) fn put_away(&self, tokens: &Tokens) -> Result<(), VaultError> {
        self.vault.save(&tokens.to_text())?;
        self.note_vaulted(self.vault.kind() == SecretStore::Keyring);
        Ok(())
    }

    fn note_vaulted(&self, vaulted: bool) {
        if self.store.vaulted().ok() == Some(Some(vaulted)) {
            return;
        }
        if let Err(error) = self.store.write(|writer| writer.set_vaulted(vaulted)) {
            tracing::warn!(%error, "where the token is kept was not noted");
        }
    }

    /// Tries once more to keep a session that lives in memory.
    pub(crate) fn keep_at_last(&self, session: &Session) {
        let in_memory = || {
            self.vault.kind() == SecretStore::Memory && self.link.may_try_keeping(self.now(), KEEP_EVERY_MS)
        };
        if (self.link.is_unkept() || in_memory()) && self.link.is(session) {
            self.keep(&session.tokens);
        }
    }

    async fn replace_token(&self, session: &Session) -> Result<(), Problem> {
        let token = Some(&session.token);
        let reply: RotateReply = ask(&*session.server, Endpoint::RotateToken, token, &()).await?;
        let _alone = self.joining.lock().await;
        if !self.link.is(session) {
            return Ok(());
        }
        let tokens = session.tokens.followed_by(Token::new(reply.token), self.now());
        // Kept first. A token that is not kept must not be used: the next start would have a retired one.
        match self.put_away(&tokens) {
            Ok(()) => {
                self.link.renew(session, tokens);
                self.link.set_unkept(false);
            }
            Err(error) => tracing::warn!(%error, "the vault cannot keep the next token"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use romp_domain::calls::{Me, SyncNow};
    use romp_domain::time::DAY_MS;
    use romp_domain::view::Connection;
    use romp_domain::wire::MAX_MUTATIONS;
    use romp_domain::{ErrorCode, Problem};

    use crate::Vault;
    use crate::testing::{Device, code};

    /// A device whose token is due to be replaced.
    async fn with_an_old_token() -> Device {
        let device = Device::registered().await;
        device.clock.advance_ms(DAY_MS);
        device
    }

    fn kept(device: &Device) -> String {
        device.vault.load().unwrap().unwrap()
    }

    async fn works(device: &Device) {
        device.sync().await;
        assert_eq!(device.status().await.connection, Connection::Online);
        assert_eq!(device.server.reused_tokens(), 0, "no retired token was used");
    }

    #[tokio::test]
    async fn a_token_is_replaced_after_a_day_and_not_before() {
        let device = Device::registered().await;
        let first = kept(&device);
        device.clock.advance_ms(DAY_MS - 1);
        device.app.renew_token().await;
        assert_eq!(kept(&device), first);
        device.clock.advance_ms(1);
        device.app.renew_token().await;
        works(&device).await;
        assert_ne!(kept(&device), first);
        assert!(
            kept(&device).ends_with(first.split(' ').next().unwrap()),
            "the one before is kept"
        );
        assert_eq!(device.server.sessions(), 1);
    }

    #[tokio::test]
    async fn row_17_whenever_the_app_is_killed_it_is_signed_in_afterwards() {
        // After the server's answer, before the next token is kept.
        let device = with_an_old_token().await;
        let first = kept(&device);
        device.app.renew_token().await;
        device.vault.save(&first).unwrap();
        works(&device.restarted()).await;
        // After it is kept, before it is used.
        let device = with_an_old_token().await;
        device.app.renew_token().await;
        works(&device.restarted()).await;
        // After it was used, before that is noted.
        let device = with_an_old_token().await;
        device.app.renew_token().await;
        let both = kept(&device);
        device.server.loses_answers(true);
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::Offline);
        device.server.loses_answers(false);
        assert_eq!(kept(&device), both);
        works(&device.restarted()).await;
    }

    #[tokio::test]
    async fn row_17_a_lost_answer_costs_another_try_an_hour_later() {
        let device = with_an_old_token().await;
        let first = kept(&device);
        device.server.fails(Problem::new(ErrorCode::Offline));
        device.app.renew_token().await;
        device.server.fails(None);
        device.app.renew_token().await;
        assert_eq!(kept(&device), first, "not again at once");
        device.clock.advance_ms(super::TRY_EVERY_MS);
        device.app.renew_token().await;
        assert_ne!(kept(&device), first);
        works(&device).await;
    }

    #[tokio::test]
    async fn row_17_a_next_token_that_the_server_lost_is_no_reason_to_sign_in_again() {
        let device = with_an_old_token().await;
        device.app.renew_token().await;
        device.server.forgets_next_tokens();
        works(&device).await;
        device.clock.advance_ms(DAY_MS);
        device.app.renew_token().await;
        works(&device.restarted()).await;
    }

    #[tokio::test]
    async fn a_long_exchange_goes_on_with_the_token_that_came_meanwhile() {
        let device = with_an_old_token().await;
        for n in 0..MAX_MUTATIONS + 50 {
            device.add_pet(&format!("Rex {n}")).await;
        }
        device.server.holds_answers(true);
        let renew = async {
            device.app.renew_token().await;
            device.call(Me {}).await.unwrap();
            device.server.holds_answers(false);
        };
        let (synced, ()) = tokio::join!(device.call(SyncNow {}), renew);
        synced.unwrap();
        works(&device).await;
        assert_eq!(device.status().await.pending, 0);
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_kept_is_not_used() {
        let device = with_an_old_token().await;
        let first = kept(&device);
        device.vault.refuses(true);
        device.app.renew_token().await;
        device.sync().await;
        device.vault.refuses(false);
        assert_eq!(kept(&device), first);
        works(&device.restarted()).await;
    }

    #[tokio::test]
    async fn the_background_replaces_old_tokens() {
        let device = with_an_old_token().await;
        let first = kept(&device);
        let mut changes = device.app.changes();
        let running = tokio::spawn(device.app.clone().run_background());
        while kept(&device) == first || device.server.used_next_tokens() == 0 {
            changes.changed().await.unwrap();
        }
        running.abort();
        works(&device).await;
    }
}
