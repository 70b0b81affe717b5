//! The loop that keeps the device up to date: after local changes, when the server pokes, and now and then.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::time::{Instant, sleep, sleep_until};

use crate::pace;
use crate::{App, Pokes};

impl App {
    /// Exchanges for as long as the app runs. Never ends by itself: drop it, or abort its task.
    pub async fn run_background(self: Arc<Self>) {
        let mut pokes: Option<Pokes> = None;
        let mut failures = 0_u32;
        loop {
            if self.link.session().is_none() {
                pokes = None;
                self.wake.notified().await;
                continue;
            }
            // Listening first: a commit that comes while we exchange is not missed.
            if pokes.is_none() {
                pokes = self.listen().await;
            }
            match self.sync().await {
                Ok(()) => {
                    failures = 0;
                    self.rest(&mut pokes).await;
                }
                Err(problem) => {
                    failures = failures.saturating_add(1);
                    let wait = pace::after_failure(failures, self.ids.fraction(), problem.retry_after_s);
                    sleep(wait).await;
                }
            }
        }
    }

    async fn listen(&self) -> Option<Pokes> {
        let session = self.link.session()?;
        session.server.events(&session.token).await.ok()
    }

    /// Waits until there is a reason to exchange.
    async fn rest(&self, pokes: &mut Option<Pokes>) {
        let deadline = Instant::now() + pace::idle(pokes.is_some());
        loop {
            tokio::select! {
                () = self.wake.notified() => {
                    sleep(pace::AFTER_A_CHANGE).await;
                    return;
                }
                head = next(pokes) => match head {
                    Some(head) if self.is_news(head) => return,
                    Some(_) => {}
                    None => {
                        *pokes = None;
                        sleep(pace::after_failure(2, self.ids.fraction(), None)).await;
                        return;
                    }
                },
                () = sleep_until(deadline) => return,
            }
        }
    }

    /// Whether the household has a commit that this device has not pulled. Its own come back as pokes, too.
    fn is_news(&self, head: u64) -> bool {
        self.store.cursor().is_ok_and(|cursor| head > cursor)
    }
}

/// The next poke; `None` when the stream has ended; never where there is no stream.
async fn next(pokes: &mut Option<Pokes>) -> Option<u64> {
    match pokes {
        Some(stream) => stream.next().await.and_then(Result::ok),
        None => std::future::pending().await,
    }
}
