//! One exchange with the server: now, or when it has something new.

mod way;

use std::sync::{Mutex, PoisonError};

use romp_domain::wire::MAX_WAIT_S;
use romp_domain::{ErrorCode, Problem};
use romp_sync::exchange::Next;
use romp_sync::{Replica, Transport, exchange};

use self::way::Way;
use crate::App;
use crate::link::Session;

/// Whether the server does not know the token.
fn is_unknown(problem: &Problem) -> bool {
    problem.code == ErrorCode::NotSignedIn
}

/// What came of an exchange that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    /// There is more to exchange.
    More,
    /// Something came, and this device has everything.
    News,
    /// Nothing came.
    Nothing,
}

impl App {
    /// Exchanges until both sides have everything. One exchange at a time; a second caller waits and does its own.
    ///
    /// A session that the server does not know any more is dropped; what waits to be sent stays. When the account is
    /// gone, so is everything here. Answers that come after the device has left the session are not taken in.
    pub(crate) async fn sync(&self) -> Result<(), Problem> {
        let _one = self.exchanging.lock().await;
        // Somebody asks for it: the keyring that was locked at the start may be open by now.
        self.resume_now()?;
        let mut session = self.session()?;
        let before = self.store.version();
        let running = self.link.exchanging();
        self.tell_changed();
        let mut result = self.exchange_all(&mut session).await;
        while result.as_ref().is_err_and(is_unknown) {
            match self.find_earlier(&session).await {
                Ok(true) => {
                    session = self.session()?;
                    result = self.exchange_all(&mut session).await;
                }
                Ok(false) => break,
                Err(problem) => result = Err(problem),
            }
        }
        drop(running);
        self.note(&session, result.as_ref().err())?;
        tracing::debug!(
            ok = result.is_ok(),
            changed = self.store.version() != before,
            "exchanged"
        );
        self.tell_changed();
        result
    }

    /// Exchanges until there is nothing left. Afterwards, `session` is as it was used last.
    async fn exchange_all(&self, session: &mut Session) -> Result<(), Problem> {
        let replica = self.store.replica(Some(session.id));
        let used = Mutex::new(session.clone());
        let way = Way {
            app: self,
            session: &used,
        };
        let result = async {
            self.unpark_now()?;
            exchange(&replica, &way).await?;
            // What was lifted meanwhile lets go what it held up.
            if self.unpark_now()? {
                exchange(&replica, &way).await?;
            }
            Ok(())
        }
        .await;
        *session = used.into_inner().unwrap_or_else(PoisonError::into_inner);
        result
    }

    /// Asks the server for what is new and lets it wait until there is something.
    ///
    /// Holds up nobody: other exchanges may take place in the meantime, and an answer that is late by then changes
    /// nothing that is newer. What is dropped while it waits has done nothing.
    pub(crate) async fn wait_for_news(&self) -> Result<Waited, Problem> {
        let session = self.session()?;
        let replica = self.store.replica(Some(session.id));
        let mut request = replica.next_request()?;
        if !request.mutations.is_empty() {
            return Ok(Waited::More);
        }
        request.wait_s = MAX_WAIT_S;
        let used = Mutex::new(session.clone());
        let way = Way {
            app: self,
            session: &used,
        };
        let answer = way.sync(&request).await;
        if answer.as_ref().is_err_and(is_unknown) {
            // An exchange that does not wait finds out whether the session has ended.
            return Ok(Waited::More);
        }
        let _one = self.exchanging.lock().await;
        let before = self.store.version();
        let result = answer.and_then(|reply| {
            let news = !reply.rows.is_empty() || reply.cursor != request.cursor;
            Ok(match replica.absorb(&request, reply)? {
                Next::Again => Waited::More,
                Next::Done if news => Waited::News,
                Next::Done => Waited::Nothing,
                Next::Outdated => return Err(ErrorCode::ProtocolUnsupported.into()),
            })
        });
        self.note(&session, result.as_ref().err())?;
        if result.is_err() || self.store.version() != before {
            self.tell_changed();
        }
        result
    }

    /// Notes how an exchange ended.
    fn note(&self, session: &Session, problem: Option<&Problem>) -> Result<(), Problem> {
        let Some(problem) = problem else {
            self.keep_at_last(session);
            self.link.succeed();
            return Ok(());
        };
        match problem.code {
            ErrorCode::NotSignedIn => self.lose_session(session)?,
            ErrorCode::AccountGone => self.wipe_after(session)?,
            code => {
                if code == ErrorCode::ConsentMissing && self.link.is(session) {
                    self.forget_as_child()?;
                }
                self.link.refused(problem);
            }
        }
        Ok(())
    }

    /// The live session, or what a person has to do to get one.
    pub(crate) fn session(&self) -> Result<Session, Problem> {
        if let Some(session) = self.link.session() {
            return Ok(session);
        }
        let joined = self.store.account()?.is_some();
        Err(Problem::new(if joined {
            ErrorCode::NotSignedIn
        } else {
            ErrorCode::NotJoined
        }))
    }

    /// Forgets a session that has ended, unless a newer one took its place in the meantime.
    fn lose_session(&self, lost: &Session) -> Result<(), Problem> {
        if self.link.is(lost) {
            self.forget_as_child()?;
            self.forget_session()?;
            self.link.fail(ErrorCode::NotSignedIn.sentence().to_owned());
        }
        Ok(())
    }

    /// Forgets the session here: its token in the vault and in memory, and that there is one.
    pub(crate) fn forget_session(&self) -> Result<(), Problem> {
        self.link.close();
        self.clear_vault();
        self.store.write(|writer| Ok(writer.end_session()?))
    }
}

#[cfg(test)]
mod tests {
    use crate::Vault;
    use crate::testing::{Device, PASSWORD, code, pet};
    use romp_domain::calls::{DismissRefused, SignIn, SignOut, SyncNow};
    use romp_domain::view::Connection;
    use romp_domain::{ErrorCode, Kind, Pet, Problem};

    #[tokio::test]
    async fn without_an_account_or_a_session_there_is_nothing_to_exchange_with() {
        let device = Device::new();
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::NotJoined);
        assert_eq!(device.status().await.connection, Connection::NotJoined);
        let device = Device::registered().await;
        device.call(SignOut {}).await.unwrap();
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::NotSignedIn);
        assert_eq!(code(device.call(SignOut {}).await), ErrorCode::NotSignedIn);
    }

    #[tokio::test]
    async fn an_answer_that_is_lost_is_asked_for_again_and_everything_takes_effect_once() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        device.server.loses_answers(true);
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::Offline);
        assert_eq!(device.status().await.connection, Connection::Offline);
        device.save_pet(rex, pet("Max")).await.unwrap();
        device.server.loses_answers(false);
        device.sync().await;
        let status = device.status().await;
        assert_eq!(
            (status.pending, status.connection, status.problem),
            (0, Connection::Online, None)
        );
        let mids: Vec<_> = device
            .server
            .applied()
            .iter()
            .map(|mutation| mutation.mid)
            .collect();
        assert_eq!(mids, [1, 2, 3], "the family's zone is the first");
        assert_eq!(device.row::<Pet>(rex.0), Some(pet("Max")));
    }

    #[tokio::test]
    async fn a_refused_change_delays_nothing_behind_it() {
        let device = Device::registered().await;
        device.server.refuses(Kind::Child);
        device.add_child("Mia").await;
        let rex = device.add_pet("Rex").await;
        device.sync().await;
        let status = device.status().await;
        assert_eq!((status.pending, status.refused.len()), (0, 1));
        assert_eq!((status.refused[0].mid, status.refused[0].kind), (2, Kind::Child));
        assert!(device.row::<Pet>(rex.0).is_some());
        device.call(DismissRefused {}).await.unwrap();
        assert!(device.status().await.refused.is_empty());
    }

    #[tokio::test]
    async fn a_server_that_lost_its_newest_data_is_given_it_again() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        device.sync().await;
        device.server.forgets_from(1);
        device.save_pet(rex, pet("Max")).await.unwrap();
        device.sync().await;
        let mids: Vec<_> = device
            .server
            .applied()
            .iter()
            .map(|mutation| mutation.mid)
            .collect();
        assert_eq!(
            mids,
            [1, 2, 1, 2, 3, 4, 5],
            "the family's zone and the pet; then as rows, and once more with the change"
        );
        assert_eq!(
            (device.status().await.pending, device.row::<Pet>(rex.0)),
            (0, Some(pet("Max")))
        );
    }

    #[tokio::test]
    async fn an_ended_session_is_told_and_what_waits_is_kept_until_somebody_signs_in() {
        let device = Device::registered().await;
        device.server.ends_sessions();
        device.add_pet("Rex").await;
        assert_eq!(code(device.call(SyncNow {}).await), ErrorCode::NotSignedIn);
        let status = device.status().await;
        assert_eq!((status.connection, status.pending), (Connection::SignedOut, 1));
        assert!(status.problem.is_some() && status.account.is_some());
        assert_eq!(device.vault.load().unwrap(), None, "the token is gone");

        let device = device.restarted();
        assert_eq!(device.status().await.connection, Connection::SignedOut);
        let again = Device::registration();
        let sign_in = SignIn {
            server: again.server,
            email: again.email,
            password: PASSWORD.to_owned().try_into().unwrap(),
            device: again.device,
        };
        device.call(sign_in).await.unwrap();
        assert_eq!(
            (device.status().await.pending, device.server.applied().len()),
            (0, 2)
        );
    }

    #[tokio::test]
    async fn changes_that_wait_long_although_the_server_answers_are_told() {
        let device = Device::registered().await;
        device.sync().await;
        device.add_pet("Rex").await;
        assert!(!device.status().await.stalled);
        device.clock.advance_ms(11 * 60_000);
        let status = device.status().await;
        assert!(status.stalled && status.oldest_pending.is_some());
        device.server.fails(Problem::new(ErrorCode::Unavailable));
        drop(device.call(SyncNow {}).await);
        let status = device.status().await;
        assert!(
            !status.stalled && status.problem.is_some(),
            "offline is not stalled"
        );
        let trying = device.app.link.exchanging();
        assert!(!device.status().await.stalled, "nor while it is tried again");
        drop(trying);
    }

    /// Exchanges every minute for so long.
    async fn minutes(device: &Device, minutes: u32) -> romp_domain::view::Status {
        for _ in 0..minutes {
            device.clock.advance_ms(60_000);
            drop(device.call(SyncNow {}).await);
        }
        device.status().await
    }

    #[tokio::test]
    async fn answers_that_cannot_be_understood_are_no_lack_of_a_connection_and_are_told_once_they_last() {
        for code in [
            ErrorCode::NotUnderstood,
            ErrorCode::BadRequest,
            ErrorCode::Internal,
        ] {
            let device = Device::registered().await;
            device.sync().await;
            device.server.fails(Problem::new(code));
            let status = minutes(&device, 9).await;
            assert_eq!(
                (status.connection, status.stalled),
                (Connection::Misunderstood, false),
                "{code:?}"
            );
            assert_eq!(status.problem.as_deref(), Some(code.sentence()));
            assert!(minutes(&device, 3).await.stalled, "{code:?}");
            device.server.fails(None);
            let status = minutes(&device, 1).await;
            assert_eq!((status.connection, status.stalled), (Connection::Online, false));
        }
    }

    #[tokio::test]
    async fn a_pull_that_never_completes_is_told_although_nothing_waits_here() {
        let device = Device::registered().await;
        device.sync().await;
        device.server.never_done(true);
        let status = minutes(&device, 12).await;
        assert!(status.stalled && status.pending == 0);
        device.server.never_done(false);
        assert!(!minutes(&device, 1).await.stalled);
    }

    #[tokio::test]
    async fn a_device_that_was_asleep_is_not_taken_for_one_that_gets_nowhere() {
        let device = Device::registered().await;
        device.sync().await;
        device.clock.advance_ms(8 * 3_600_000);
        assert!(!device.status().await.stalled);
        device.server.fails(Problem::new(ErrorCode::NotUnderstood));
        assert!(!minutes(&device, 1).await.stalled, "it has only just woken up");
    }

    #[tokio::test]
    async fn others_are_told_of_changes() {
        let device = Device::registered().await;
        let mut changes = device.app.changes();
        changes.borrow_and_update();
        device.status().await;
        assert!(!changes.has_changed().unwrap(), "asking is no change");
        device.add_pet("Rex").await;
        assert!(changes.has_changed().unwrap());
        changes.borrow_and_update();
        device.sync().await;
        assert!(changes.has_changed().unwrap());
    }
}
