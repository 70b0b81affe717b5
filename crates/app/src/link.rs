//! How the device stands with its server: the live session, and the last thing that happened on the way to it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::time::MINUTE_MS;
use romp_domain::view::Connection;
use romp_domain::{ErrorCode, Problem, SessionId, UtcMs};

use crate::tokens::Tokens;
use crate::{Server, Token};

/// A live session: whom to ask, and with which token.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) server: Arc<dyn Server>,
    /// The token in use: that of `tokens`.
    pub(crate) token: Token,
    pub(crate) tokens: Tokens,
}

/// The link. Starts without a session.
#[derive(Default)]
pub(crate) struct Link {
    state: Mutex<State>,
    exchanging: AtomicBool,
}

#[derive(Default)]
struct State {
    session: Option<Session>,
    reached: Reached,
    problem: Option<String>,
    heard: Option<Heard>,
    tried_renewing: Option<UtcMs>,
    /// When it was last tried to find another place for the token than memory.
    tried_keeping: Option<UtcMs>,
    /// The vault does not have the session's token.
    unkept: bool,
}

/// How the last exchange ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// Nobody answered.
    #[default]
    Nobody,
    /// A server answered, and it did not go on from there.
    Misunderstood,
    /// A server answered that an owner has to let this person in first.
    Door,
    /// Everything was exchanged.
    Server,
}

/// Since when answers have come, without a pause that is longer than [`PAUSE_MS`], and when the last one came.
#[derive(Debug, Clone, Copy)]
struct Heard {
    first: UtcMs,
    last: UtcMs,
}

/// Longer than any pause between two exchanges of a device that is awake and has a connection.
const PAUSE_MS: i64 = 10 * MINUTE_MS;

/// Whether something was not tried lately; from now on, it was.
fn is_due(tried: &mut Option<UtcMs>, now: UtcMs, every_ms: i64) -> bool {
    if tried.is_some_and(|at| (0..every_ms).contains(&now.since_ms(at))) {
        return false;
    }
    *tried = Some(now);
    true
}

/// Whether a problem is what a server said of an exchange that it did not take: the way to it is open, and trying again
/// may not help.
pub(crate) const fn is_answer(problem: &Problem) -> bool {
    matches!(
        problem.code,
        ErrorCode::BadRequest
            | ErrorCode::UnknownField
            | ErrorCode::InvalidField
            | ErrorCode::TooLarge
            | ErrorCode::EncodingUnknown
            | ErrorCode::Forbidden
            | ErrorCode::NotFound
            | ErrorCode::Internal
            | ErrorCode::ProtocolUnsupported
            | ErrorCode::NotUnderstood
    )
}

/// An exchange under way; however it ends, also when it is dropped half-way, the link knows that it did.
pub(crate) struct Exchanging<'a>(&'a Link);

impl Drop for Exchanging<'_> {
    fn drop(&mut self) {
        self.0.exchanging.store(false, Ordering::SeqCst);
    }
}

impl Link {
    /// Has a session from here on.
    pub(crate) fn open(&self, id: SessionId, server: Arc<dyn Server>, tokens: Tokens) {
        let session = Some(Session {
            id,
            server,
            token: tokens.current.clone(),
            tokens,
        });
        *self.state() = State {
            session,
            ..State::default()
        };
    }

    /// Has none from here on.
    pub(crate) fn close(&self) {
        *self.state() = State::default();
    }

    /// The session, if there is one.
    pub(crate) fn session(&self) -> Option<Session> {
        self.state().session.clone()
    }

    /// Whether this session is the live one.
    pub(crate) fn is(&self, session: &Session) -> bool {
        self.session().is_some_and(|live| live.token == session.token)
    }

    /// The live session goes on with these tokens, if it is still this one.
    pub(crate) fn renew(&self, session: &Session, tokens: Tokens) {
        let mut state = self.state();
        if let Some(live) = &mut state.session
            && live.token == session.token
        {
            live.token = tokens.current.clone();
            live.tokens = tokens;
        }
    }

    /// Whether it was not tried lately to renew the token; from now on, it was.
    pub(crate) fn may_try_renewing(&self, now: UtcMs, every_ms: i64) -> bool {
        is_due(&mut self.state().tried_renewing, now, every_ms)
    }

    /// Whether it was not tried lately to find a place for the token; from now on, it was.
    pub(crate) fn may_try_keeping(&self, now: UtcMs, every_ms: i64) -> bool {
        is_due(&mut self.state().tried_keeping, now, every_ms)
    }

    /// Notes whether the vault has the session's token.
    pub(crate) fn set_unkept(&self, unkept: bool) {
        self.state().unkept = unkept;
    }

    /// Whether the session ends with the app, because the vault does not have its token.
    pub(crate) fn is_unkept(&self) -> bool {
        self.state().unkept
    }

    pub(crate) fn exchanging(&self) -> Exchanging<'_> {
        self.exchanging.store(true, Ordering::SeqCst);
        Exchanging(self)
    }

    /// The server answered, and everything is exchanged.
    pub(crate) fn succeed(&self) {
        let mut state = self.state();
        state.reached = Reached::Server;
        state.problem = None;
    }

    /// There is no way to a server, and the person is told why.
    pub(crate) fn fail(&self, sentence: String) {
        let mut state = self.state();
        state.reached = Reached::Nobody;
        state.problem = Some(sentence);
    }

    /// The server did not answer, or not well.
    pub(crate) fn refused(&self, problem: &Problem) {
        self.fail(problem.message.clone());
        if problem.code == ErrorCode::OwnerWaiting {
            self.state().reached = Reached::Door;
        } else if is_answer(problem) {
            self.state().reached = Reached::Misunderstood;
        }
    }

    /// The server answered, whatever it said.
    pub(crate) fn hear(&self, now: UtcMs) {
        let mut state = self.state();
        let goes_on = |heard: &Heard| (0..=PAUSE_MS).contains(&now.since_ms(heard.last));
        let first = state.heard.filter(goes_on).map_or(now, |heard| heard.first);
        state.heard = Some(Heard { first, last: now });
    }

    /// Since when answers have come that are still coming.
    pub(crate) fn hears_since(&self, now: UtcMs) -> Option<UtcMs> {
        let heard = self.state().heard?;
        (now.since_ms(heard.last) <= PAUSE_MS).then_some(heard.first)
    }

    /// Whether changes should go out: the last exchange that ended was answered, and nobody has to be let in first.
    pub(crate) fn answers(&self) -> bool {
        matches!(self.state().reached, Reached::Server | Reached::Misunderstood)
    }

    /// The last thing that went wrong.
    pub(crate) fn problem(&self) -> Option<String> {
        self.state().problem.clone()
    }

    /// How a device that belongs to a family stands.
    pub(crate) fn connection(&self) -> Connection {
        let state = self.state();
        match (
            &state.session,
            self.exchanging.load(Ordering::SeqCst),
            state.reached,
        ) {
            (None, ..) => Connection::SignedOut,
            (Some(_), true, _) => Connection::Syncing,
            (Some(_), false, Reached::Server) => Connection::Online,
            (Some(_), false, Reached::Misunderstood) => Connection::Misunderstood,
            (Some(_), false, Reached::Door) => Connection::Waiting,
            (Some(_), false, Reached::Nobody) => Connection::Offline,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
