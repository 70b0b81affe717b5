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
                    self.store.scrub();
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

#[cfg(test)]
mod tests {
    use crate::testing::Device;
    use romp_domain::calls::Pets;
    use romp_domain::view::Connection;
    use romp_domain::{ErrorCode, Pet, Problem};
    use tokio::sync::watch;
    use uuid::Uuid;

    /// Waits for something to become true; looks after every change.
    async fn until(device: &Device, mut changes: watch::Receiver<u64>, what: impl Fn(&Device) -> bool) {
        while !what(device) {
            changes.changed().await.unwrap();
        }
    }

    fn pending(device: &Device) -> u32 {
        device.app.store.read(|reader| reader.pending()).unwrap().count
    }

    #[tokio::test(start_paused = true)]
    async fn local_changes_go_out_and_pokes_bring_others_in() {
        let device = Device::registered().await;
        let running = tokio::spawn(device.app.clone().run_background());
        let changes = device.app.changes();
        device.add_pet("Rex").await;
        until(&device, changes.clone(), |device| pending(device) == 0).await;
        device.server.put(Uuid::from_u128(7), &crate::testing::pet("Max"));
        until(&device, changes, |device| {
            device.row::<Pet>(Uuid::from_u128(7)).is_some()
        })
        .await;
        assert_eq!(device.call(Pets {}).await.unwrap().len(), 2);
        running.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_is_obeyed_when_it_asks_to_be_left_alone() {
        let device = Device::registered().await;
        device.server.fails(Problem::new(ErrorCode::TooMany).after(600));
        let before = device.server.requests();
        let running = tokio::spawn(device.app.clone().run_background());
        for _ in 0..59 {
            device.add_pet("Rex").await;
            tokio::time::advance(std::time::Duration::from_secs(10)).await;
        }
        assert_eq!(device.server.requests() - before, 1);
        assert_eq!(device.app.link.connection(), Connection::Offline);
        device.server.fails(None);
        let changes = device.app.changes();
        until(&device, changes, |device| pending(device) == 0).await;
        running.abort();
    }
}
