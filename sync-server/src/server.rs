//! The server as one value: what every use case needs, and the way to run it.
//!
//! Deliberately absent: global state. Two servers can run in one process, each with its own time and randomness.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use romp_domain::text::Email;
use romp_domain::{ErrorCode, HouseholdId};
use tokio::net::TcpListener;

use crate::db::Db;
use crate::env::{Clock, Random};
use crate::mail::{Letter, Mail};
use crate::passwords::Passwords;
use crate::pokes::Pokes;
use crate::routes;
use crate::throttle::Throttle;

/// How long requests may take to finish after the server was asked to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// What the operator decides. The default is the careful choice.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Anybody can register, without an invitation.
    pub open_registration: bool,
    /// The way out for mail. Without one nobody is asked to prove an address, and forgotten passwords stay forgotten.
    pub mail: Option<Mail>,
}

/// A server.
pub struct Server {
    /// Everything that is remembered.
    pub db: Arc<dyn Db>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub random: Arc<dyn Random>,
    /// Who is listening for changes.
    pub pokes: Arc<Pokes>,
    /// What the operator decided.
    pub settings: Settings,
    /// Hashes passwords, a few at a time.
    pub(crate) passwords: Passwords,
    /// Guesses at a password, by address and place.
    pub(crate) sign_ins: Throttle,
    /// Guesses at any password, by place.
    pub(crate) sign_in_places: Throttle,
    /// Guesses at invitations and pairing codes.
    pub(crate) codes: Throttle,
    /// Mails, by whom they go to.
    pub(crate) mails: Arc<Throttle>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A server on a database.
    pub fn new(
        db: Arc<dyn Db>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        settings: Settings,
    ) -> Arc<Self> {
        Arc::new(Self {
            db,
            clock,
            random,
            settings,
            pokes: Arc::default(),
            passwords: Passwords::default(),
            sign_ins: Throttle::default(),
            sign_in_places: Throttle::of_places(),
            codes: Throttle::default(),
            mails: Arc::new(Throttle::of_mails()),
        })
    }

    /// The way out for mail.
    ///
    /// # Errors
    /// `MailOff`.
    pub(crate) fn mail(&self) -> Result<&Mail, ErrorCode> {
        self.settings.mail.as_ref().ok_or(ErrorCode::MailOff)
    }

    /// Writes to somebody, where mail goes out. That it could not be sent is no failure of what it is about.
    pub(crate) fn notify(&self, to: Email, letter: Letter) {
        if let Some(mail) = &self.settings.mail
            && let Err(problem) = mail.send(to, letter)
        {
            tracing::warn!(code = problem.code.word(), "a letter was not sent");
        }
    }

    /// Tells listeners of new commits.
    pub(crate) fn announce(&self, heads: &BTreeMap<HouseholdId, u64>) {
        for (household, head) in heads {
            self.pokes.announce(*household, *head);
        }
    }

    /// Its HTTP interface.
    pub fn router(self: &Arc<Self>) -> Router {
        routes::router(self)
    }
}

/// Answers requests until `stop` is done; then takes no new ones, ends the event streams and lets the rest finish.
pub async fn serve(
    server: &Arc<Server>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    server.db.join(&server.pokes);
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let pokes = Arc::clone(server);
    let stop = async move {
        stop.await;
        pokes.pokes.close();
        stopping.send_replace(true);
    };
    // Replies are small and awaited: they must not wait for more to come.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    let service = server
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop);
    let overdue = async move {
        // An error means that serving has ended, and so has this.
        let _ = stopped.wait_for(|stopped| *stopped).await;
        tokio::time::sleep(DRAIN).await;
    };
    let result = tokio::select! {
        result = serving.into_future() => result,
        () = overdue => {
            tracing::warn!("some requests did not finish in time");
            Ok(())
        }
    };
    if let Some(mail) = server.settings.mail.clone() {
        let sent = tokio::task::spawn_blocking(move || mail.settle(DRAIN)).await;
        if !sent.unwrap_or(false) {
            tracing::warn!("some mails were not sent");
        }
    }
    result
}
