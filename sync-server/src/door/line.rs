//! One connection: what it is doing, and when it has to end.
//!
//! Its state is read and written by the task that serves it, and, on HTTP/2, by those that answer its requests.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use axum::http::Version;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep};

use super::lobby::Lobby;
use super::manners::{Came, Manners};
use super::patience::{Patience, State};
use super::unread::Pieces;

/// A connection. Small: there may be tens of thousands.
#[derive(Debug)]
pub(super) struct Line {
    lobby: Weak<Lobby>,
    /// Whose it is, where that is counted.
    pub(super) address: Option<std::net::IpAddr>,
    began: Instant,
    answering: AtomicU32,
    replied_at: Moment,
    headers_since: Moment,
    unread_since: Moment,
    is_http_2: AtomicBool,
    unsent: AtomicBool,
    manners: Mutex<Manners>,
    /// What HTTP/2 has not sent yet.
    pub(super) pieces: Pieces,
    /// Its place among the idle ones: the lobby's.
    pub(super) place: AtomicU64,
    leave: OnceLock<()>,
    told_to_leave: Notify,
}

/// A moment of a line's life, or none: milliseconds since its beginning, plus one.
#[derive(Debug, Default)]
struct Moment(AtomicU64);

impl Moment {
    fn get(&self) -> Option<Duration> {
        let ms = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Duration::from_millis(ms))
    }

    fn set(&self, since: Duration) {
        self.0.store(since.as_millis() as u64 + 1, Ordering::Relaxed);
    }

    fn set_first(&self, since: Duration) {
        if self.get().is_none() {
            self.set(since);
        }
    }

    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Line {
    pub(super) fn new(lobby: Weak<Lobby>, address: Option<std::net::IpAddr>) -> Self {
        Self {
            lobby,
            address,
            began: Instant::now(),
            answering: AtomicU32::new(0),
            replied_at: Moment::default(),
            headers_since: Moment::default(),
            unread_since: Moment::default(),
            is_http_2: AtomicBool::new(false),
            unsent: AtomicBool::new(false),
            manners: Mutex::default(),
            pieces: Pieces::default(),
            place: AtomicU64::new(0),
            leave: OnceLock::new(),
            told_to_leave: Notify::new(),
        }
    }

    /// A request has come. It is being answered until what this returns is gone.
    pub(super) fn answering(line: &Arc<Self>, version: Version) -> Answering {
        if version == Version::HTTP_2 {
            line.speaks_http_2();
        }
        line.headers_since.clear();
        if line.answering.fetch_add(1, Ordering::SeqCst) == 0
            && let Some(lobby) = line.lobby.upgrade()
        {
            lobby.busy(line);
        }
        Answering(Arc::clone(line))
    }

    /// A request was refused before anything was done for it. The line stays as idle as it was.
    pub(super) fn turned_away(&self) {
        self.headers_since.clear();
        self.replied_at.set(self.began.elapsed());
    }

    /// A question comes that may be refused for what else is being asked. None if the line is many people's: then those
    /// who keep to what they are told must not wait for those who do not.
    pub(super) fn comes(&self) -> Option<Came> {
        self.address?;
        Some(self.manners().comes(self.began.elapsed()))
    }

    /// When a question that has come is to be looked at, if not now.
    pub(super) fn look_at(&self, came: Came) -> Option<Instant> {
        came.look_at.map(|at| self.began + at)
    }

    /// It was refused, and told when to come back.
    pub(super) fn told(&self, came: Came, after: Duration, longest: Duration) {
        let now = self.began.elapsed();
        self.manners().told(came, now, after, longest);
    }

    fn manners(&self) -> MutexGuard<'_, Manners> {
        self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn speaks_http_2(&self) {
        self.is_http_2.store(true, Ordering::Relaxed);
    }

    /// Bytes have come.
    pub(super) fn heard(&self) {
        let between = self.answering.load(Ordering::SeqCst) == 0;
        if between && !self.is_http_2.load(Ordering::Relaxed) {
            self.headers_since.set_first(self.began.elapsed());
        }
    }

    /// Bytes were to be sent, and could be or not.
    pub(super) fn sent(&self, some: bool) {
        if some {
            self.unread_since.clear();
        } else {
            self.unread_since.set_first(self.began.elapsed());
        }
    }

    /// There is something to send that may not have gone yet.
    pub(super) fn has_unsent(&self) {
        self.unsent.store(true, Ordering::Relaxed);
    }

    /// Everything that was given to be sent has gone.
    pub(super) fn sent_all(&self) {
        self.unsent.store(false, Ordering::Relaxed);
    }

    pub(super) fn has_sent_all(&self) -> bool {
        !self.unsent.load(Ordering::Relaxed)
    }

    /// How long it has been here.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    fn state(&self) -> State {
        let unread = [self.unread_since.get(), self.pieces.oldest()];
        State {
            answering: self.answering.load(Ordering::SeqCst) > 0,
            replied_at: self.replied_at.get(),
            headers_since: self.headers_since.get(),
            unread_since: unread.into_iter().flatten().min(),
        }
    }

    /// Makes its place free for somebody else.
    pub(super) fn ask_to_leave(&self) {
        if self.leave.set(()).is_ok() {
            self.told_to_leave.notify_one();
        }
    }

    /// Done when it was asked to leave.
    pub(super) async fn asked_to_leave(&self) {
        while self.leave.get().is_none() {
            self.told_to_leave.notified().await;
        }
    }

    /// Watches the deadlines.
    pub(super) fn alarm(&self, patience: Patience) -> Alarm<'_> {
        Alarm {
            line: self,
            patience,
            sleep: Box::pin(tokio::time::sleep_until(self.began + patience.first)),
        }
    }
}

/// Gives the line's place back.
impl Drop for Line {
    fn drop(&mut self) {
        if let Some(lobby) = self.lobby.upgrade() {
            lobby.left(self);
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Answering(Arc<Line>);

impl Drop for Answering {
    fn drop(&mut self) {
        let line = &self.0;
        if line.answering.load(Ordering::SeqCst) == 1 {
            line.replied_at.set(line.began.elapsed());
        }
        if line.answering.fetch_sub(1, Ordering::SeqCst) == 1
            && let Some(lobby) = line.lobby.upgrade()
        {
            lobby.idle(line);
        }
    }
}

/// Rings at the line's deadline, which moves with every request.
pub(super) struct Alarm<'a> {
    line: &'a Line,
    patience: Patience,
    sleep: Pin<Box<Sleep>>,
}

impl Alarm<'_> {
    /// Done when the deadline has passed. Asked again whenever something has happened on the line.
    pub(super) fn rings(&mut self) -> impl Future<Output = ()> + '_ {
        std::future::poll_fn(move |cx| {
            loop {
                let Some(deadline) = self.line.state().deadline(self.patience) else {
                    return std::task::Poll::Pending;
                };
                let deadline = self.line.began + deadline;
                if self.sleep.deadline() != deadline {
                    self.sleep.as_mut().reset(deadline);
                }
                std::task::ready!(self.sleep.as_mut().poll(cx));
                if self
                    .line
                    .state()
                    .deadline(self.patience)
                    .map(|at| self.line.began + at)
                    == Some(deadline)
                {
                    return std::task::Poll::Ready(());
                }
            }
        })
    }
}
