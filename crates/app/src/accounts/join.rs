//! What registering, signing in and pairing have in common.

use std::sync::Arc;

use romp_domain::text::DeviceName;
use romp_domain::wire::{DeviceInfo, SessionReply};
use romp_domain::{ErrorCode, HouseholdId, Problem, Role};
use romp_store::{Account, StoreError};
use tokio::sync::MutexGuard;

use crate::tokens::Tokens;
use crate::{App, Server, Token};

/// A device about to join. While it exists, no other call can join.
pub(crate) struct Joining<'a> {
    app: &'a App,
    address: String,
    pub(crate) server: Arc<dyn Server>,
    pub(crate) device: DeviceInfo,
    before: Option<Account>,
    founds: bool,
    _alone: MutexGuard<'a, ()>,
}

impl<'a> Joining<'a> {
    /// Begins, unless the device has a live session. A child's device goes nowhere but to its family's server: it is not
    /// a child's to say whom to tell of it.
    pub(crate) async fn begin(app: &'a App, address: &str, name: DeviceName) -> Result<Self, Problem> {
        let alone = app.joining.lock().await;
        if app.link.session().is_some() {
            return Err(Problem::new(ErrorCode::AlreadyJoined));
        }
        let elsewhere = |account: &Account| account.role == Role::Child && account.server != address.trim();
        if app.store.account()?.as_ref().is_some_and(elsewhere) {
            return Err(Problem {
                field: Some("server".into()),
                ..Problem::saying(
                    ErrorCode::ServerAddress,
                    "This device belongs to a family on another server.",
                )
            });
        }
        let address = address.trim().to_owned();
        Ok(Self {
            app,
            server: (app.connect)(&address)?,
            address,
            device: DeviceInfo {
                id: app.store.device()?,
                name,
            },
            before: app.store.account()?,
            founds: false,
            _alone: alone,
        })
    }

    /// The household will be a new one; or, on a device whose session has ended, its own once more, where the server
    /// has lost it.
    pub(super) fn founding(self) -> Self {
        Self { founds: true, ..self }
    }

    /// The household that the device belongs to.
    pub(super) fn household(&self) -> Option<HouseholdId> {
        self.before.as_ref().map(|before| before.household)
    }

    /// Joins with the session the server gave, and exchanges at once. Being offline right after is no failure.
    ///
    /// A new household is told this device's zone; one that was there before has its own.
    pub(crate) async fn finish(self, reply: SessionReply, email: Option<String>) -> Result<(), Problem> {
        if let Err(problem) = self.fits(&reply) {
            let ended = self.server.sign_out(&Token::new(reply.token)).await;
            tracing::info!(code = problem.code.word(), ended = ended.is_ok(), "did not join");
            return Err(problem);
        }
        let app = self.app;
        let account = Account {
            household: reply.household,
            server: self.address,
            email,
            role: reply.role,
            device: (reply.role == Role::Owner).then_some(self.device.name),
            session: Some(reply.session),
        };
        app.store.write(|writer| {
            writer.join(&account)?;
            if self.founds && self.before.is_none() {
                app.tell_zone(&writer)?;
            }
            Ok::<_, StoreError>(())
        })?;
        if account.role == Role::Child {
            app.remove_exports();
        }
        let tokens = Tokens::first(Token::new(reply.token), app.now());
        app.link.open(reply.session, self.server, tokens.clone());
        app.keep(&tokens);
        app.tell_changed();
        let first = app.sync().await;
        tracing::info!(role = account.role.word(), synced = first.is_ok(), "joined");
        app.wake.notify_one();
        app.reached.notify_waiters();
        Ok(())
    }

    fn fits(&self, reply: &SessionReply) -> Result<(), Problem> {
        if self
            .before
            .as_ref()
            .is_some_and(|before| before.household != reply.household)
        {
            return Err(Problem::new(ErrorCode::AlreadyJoined));
        }
        if reply.role == Role::Child && self.app.store.read(|reader| reader.has_owner_changes())? {
            return Err(Problem::new(ErrorCode::JoinAsOwnerFirst));
        }
        Ok(())
    }
}
