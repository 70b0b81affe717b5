//! The server as one value: what every use case needs, and the way to run it.
//!
//! Deliberately absent: global state. Two servers can run in one process, each with its own time and randomness.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use ipnet::IpNet;
use romp_domain::{ErrorCode, HouseholdId};
use tokio::net::TcpListener;

use crate::accounts;
use crate::db::{Db, UserRecord, Watched};
use crate::door::{self, Door};
use crate::env::{Clock, Random};
use crate::gateway::bodies::Bodies;
use crate::gateway::families::Families;
use crate::gateway::journal::{RequestIds, Unlisted};
use crate::gateway::load::Load;
use crate::gateway::rates::Rates;
use crate::gateway::seats::Seats;
use crate::gateway::shed::TurnedAway;
use crate::mail::{Letter, Limits, Mail, Why};
use crate::passwords::{Passwords, Work};
use crate::pokes::Pokes;
use crate::routes;
use crate::sync::decks::Undealt;
use crate::tally::{self, Tally};
use crate::throttle::Throttle;

/// Event streams of one session: the one in use, and what is left of some that broke off.
pub(crate) const STREAMS_OF_A_SESSION: usize = 3;

/// Exchanges of one session that wait: the one in use, and what is left of some that broke off.
pub(crate) const WAITING_OF_A_SESSION: usize = 3;

/// How long mails may take to be sent after the last answer.
const DRAIN: Duration = Duration::from_secs(10);

/// What the operator decides. The default is the careful choice.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Anybody can register, without an invitation.
    pub open_registration: bool,
    /// The way out for mail. Without one nobody is asked to prove an address, and forgotten passwords stay forgotten.
    pub mail: Option<Mail>,
    /// From where other addresses are believed that requests come from.
    pub trusted_proxies: Vec<IpNet>,
    /// Nobody is refused for calling often: for measurements. Guesses at passwords and codes are counted all the same.
    pub unlimited: bool,
    /// What hashing a password costs.
    pub hashing: Work,
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
    /// Hashes those of people who are signed in: nobody who signs in takes their places.
    pub(crate) proof_passwords: Passwords,
    /// Guesses at a password, by address and place.
    pub(crate) sign_ins: Throttle,
    /// Guesses at any password, by place.
    pub(crate) sign_in_places: Throttle,
    /// Guesses at invitations and pairing codes.
    pub(crate) codes: Throttle,
    /// Tries of those who are signed in, by user: a window each that no stranger can use up.
    pub(crate) proofs: Throttle,
    /// Right passwords, by user.
    pub(crate) right_passwords: Throttle,
    /// Places for event streams.
    pub(crate) streams: Arc<Seats>,
    /// Places for exchanges that wait.
    pub(crate) waiting: Arc<Seats>,
    /// What was called, until it is written down.
    pub(crate) tally: Tally,
    /// Mails, by whom they go to and what for.
    pub(crate) mails: Arc<Limits>,
    /// Whose decks could not be dealt.
    pub(crate) undealt: Undealt,
    /// How often somebody called.
    pub(crate) rates: Option<Rates>,
    /// Bodies of exchanges on their way.
    pub(crate) bodies: Arc<Bodies>,
    /// How much is being done for each family.
    pub(crate) families: Arc<Families>,
    /// How many of a family's event streams look for news.
    pub(crate) looks: Arc<Families>,
    /// How much is being done.
    pub(crate) load: Load,
    /// Who found too much being done.
    pub(crate) turned_away: TurnedAway,
    /// Refusals that have no lines of their own in the log.
    pub(crate) unlisted: Unlisted,
    /// Numbers for requests.
    pub(crate) request_ids: RequestIds,
    /// The last write failed for the database's reasons.
    pub(crate) writes_fail: Arc<AtomicBool>,
    /// It was asked to stop.
    pub(crate) stopping: AtomicBool,
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
        let writes_fail = Arc::default();
        Arc::new(Self {
            db: Arc::new(Watched::new(db, Arc::clone(&writes_fail))),
            writes_fail,
            rates: (!settings.unlimited).then(|| Rates::new(&clock)),
            streams: Seats::with(STREAMS_OF_A_SESSION),
            waiting: Seats::with(WAITING_OF_A_SESSION),
            tally: Tally::default(),
            undealt: Undealt::default(),
            bodies: Arc::default(),
            families: Arc::default(),
            looks: Arc::new(Families::for_looks()),
            load: Load::default(),
            turned_away: TurnedAway::default(),
            unlisted: Unlisted::default(),
            request_ids: RequestIds::default(),
            stopping: AtomicBool::new(false),
            clock,
            random,
            pokes: Arc::default(),
            passwords: Passwords::with(settings.hashing),
            proof_passwords: Passwords::for_proofs(settings.hashing),
            settings,
            sign_ins: Throttle::default(),
            sign_in_places: Throttle::of_places(),
            codes: Throttle::default(),
            proofs: Throttle::default(),
            right_passwords: Throttle::of_right_passwords(),
            mails: Arc::default(),
        })
    }

    /// The way out for mail.
    ///
    /// # Errors
    /// `MailOff`.
    pub(crate) fn mail(&self) -> Result<&Mail, ErrorCode> {
        self.settings.mail.as_ref().ok_or(ErrorCode::MailOff)
    }

    /// Writes to somebody that their password was changed, where mail goes out, unless they or their family were told some
    /// times lately. Not to an address that nobody proved: it may be a stranger's. That it could not be sent is no failure
    /// of what it is about.
    pub(crate) fn tell_of_password(&self, user: UserRecord) {
        let now = self.clock.now();
        let count = || {
            self.mails
                .count_asked(Why::Changed, user.household, &user.email, now)
        };
        if user.verified_at.is_none() || count().is_err() {
            return;
        }
        if let Some(mail) = &self.settings.mail
            && let Err(problem) = mail.send(user.email, Letter::PasswordChanged)
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

/// Answers requests until `asked_to_stop` is done: then it says that it is not ready, and once `grace` is over takes no
/// new connections, ends the event streams and lets the rest finish.
///
/// `grace` is for what sends requests here (a proxy, a scheduler) to learn of it and send them elsewhere.
pub async fn serve(
    server: &Arc<Server>,
    listener: TcpListener,
    door: Door,
    asked_to_stop: impl Future<Output = ()> + Send,
    grace: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    server.db.join(&server.pokes);
    let closed = async {
        asked_to_stop.await;
        server.stopping.store(true, Ordering::SeqCst);
        grace.await;
        server.pokes.close();
    };
    let waiting = Arc::clone(server);
    // Beside everything else: nobody has to wait for it. A panic has been told by the hook.
    tokio::task::spawn_blocking(move || {
        if accounts::is_somebody_waiting_in_vain(&waiting) {
            tracing::warn!(
                "families wait for a code that no mail brings: set up mail, or let them take part with \
                 `romp-server let-take-part`"
            );
        }
    });
    let result = tokio::select! {
        result = door::open(server, listener, door, closed) => result,
        never = tally::keep(Arc::clone(server)) => match never {},
    };
    server.unlisted.tell();
    let last = Arc::clone(server);
    // A panic has been told by the hook, and there is nothing left to do.
    let _ = tokio::task::spawn_blocking(move || last.tally.flush(&last)).await;
    if let Some(mail) = server.settings.mail.clone() {
        let sent = tokio::task::spawn_blocking(move || mail.settle(DRAIN)).await;
        if !sent.unwrap_or(false) {
            tracing::warn!("some mails were not sent");
        }
    }
    result
}
