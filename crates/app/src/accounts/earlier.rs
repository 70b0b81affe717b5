//! Back to an earlier token, where the server does not know the one in use: it was put back to a backup.
//!
//! Only then: on a server that knows the one in use, an earlier one counts as stolen, and ends the session. A session that
//! has ended is not harmed by it: every one of its tokens is answered as this one was.

use romp_domain::{ErrorCode, Problem};
use romp_sync::Replica;

use crate::App;
use crate::link::Session;

impl App {
    /// The server does not know `lost`'s token. Goes back to the newest of the earlier ones that it knows; false where
    /// it knows none. Where it does not say, nothing has changed: the next try begins with the newest again.
    pub(crate) async fn find_earlier(&self, lost: &Session) -> Result<bool, Problem> {
        let mut tokens = lost.tokens.clone();
        while let Some(earlier) = tokens.back() {
            if !self.link.is(lost) {
                return Ok(false);
            }
            // Nothing is sent along before it is known to whom.
            let mut request = self.store.replica(Some(lost.id)).next_request()?;
            request.mutations.clear();
            match lost.server.sync(&earlier.current, &request).await {
                Err(problem) if problem.code == ErrorCode::NotSignedIn => tokens = earlier,
                Err(problem) if is_no_verdict(problem.code) => return Err(problem),
                Ok(_) | Err(_) => {
                    if self.link.is(lost) {
                        tracing::info!("an earlier token opens the session");
                        if let Err(error) = self.put_away(&earlier) {
                            // It is among what is kept already.
                            tracing::warn!(%error, "the vault cannot put the earlier token first");
                        }
                        self.link.renew(lost, earlier);
                    }
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whether an answer says nothing about the token that came with the question.
const fn is_no_verdict(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Offline
            | ErrorCode::Unavailable
            | ErrorCode::TooMany
            | ErrorCode::ServerAddress
            | ErrorCode::NotUnderstood
            | ErrorCode::Internal
    )
}

#[cfg(test)]
mod tests {
    use romp_domain::calls::{Pets, SyncNow};
    use romp_domain::time::DAY_MS;
    use romp_domain::view::Connection;
    use romp_domain::{ErrorCode, Problem, Role, SwipeId, Verdict};

    use crate::testing::{Device, code};

    /// So many days with a new token each.
    async fn days(device: &Device, days: u32) {
        for _ in 0..days {
            device.clock.advance_ms(DAY_MS);
            device.app.renew_token().await;
            device.sync().await;
        }
    }

    #[tokio::test]
    async fn row_17_a_server_that_was_put_back_by_weeks_signs_no_device_out() {
        let device = Device::registered().await;
        days(&device, 3).await;
        device.server.backs_up();
        days(&device, 20).await;
        device.server.restores();
        device.sync().await;
        assert_eq!(device.status().await.connection, Connection::Online);
        days(&device, 2).await;
        let device = device.restarted();
        device.sync().await;
        assert_eq!(device.server.reused_tokens(), 0, "no retired token was used");
        assert_eq!(device.server.sessions(), 1);
    }

    #[tokio::test]
    async fn row_17_what_a_child_chose_after_the_backup_is_sent_again() {
        let owner = Device::registered().await;
        let rex = owner.add_pet("Rex").await;
        let mia = owner.add_child("Mia").await;
        let [max, bo] = owner.deal(rex, ["Max", "Bo"]).await;
        let tablet = owner.paired(Role::Child).await;
        tablet.server.backs_up();
        days(&tablet, 2).await;
        tablet.swipe(rex, max, Verdict::Yes, Some(mia)).await.unwrap();
        tablet.sync().await;
        let told = tablet.server.applied().len();
        tablet.server.restores();
        tablet.swipe(rex, bo, Verdict::No, Some(mia)).await.unwrap();
        tablet.sync().await;
        let once_more = &tablet.server.applied()[told..];
        assert!(
            once_more
                .iter()
                .any(|mutation| mutation.id == SwipeId::of(rex, max).0)
        );
        assert_eq!(tablet.call(Pets {}).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_server_that_does_not_say_is_asked_again_from_the_newest_on() {
        let device = Device::registered().await;
        days(&device, 4).await;
        device.server.backs_up();
        days(&device, 4).await;
        device.server.restores();
        device.server.fails_after(2, Problem::new(ErrorCode::Offline));
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::Offline);
        // The newer state is back: whoever used an earlier token now would be taken for a thief.
        device.server.fails(None);
        device.server.undoes_restoring();
        device.sync().await;
        assert_eq!(device.server.reused_tokens(), 0);
    }

    #[tokio::test]
    async fn a_session_that_has_ended_stays_ended() {
        let device = Device::registered().await;
        days(&device, 5).await;
        device.server.ends_sessions();
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::NotSignedIn);
        assert_eq!(device.status().await.connection, Connection::SignedOut);
        assert_eq!(device.server.reused_tokens(), 0, "it has ended for every token");
    }
}
