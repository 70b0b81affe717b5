//! The loop that keeps the device up to date: after local changes, when the server has something new, and now and then.
//!
//! At the end of a switch it sends by itself what that has held up. Of what is new it hears by a stream of pokes. Where something in between cuts those, exchanges wait at the server
//! instead, one after the other; `pace` decides which.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use romp_domain::Problem;
use tokio::time::{Instant, sleep, sleep_until};

use crate::pace::{self, Streams};
use crate::sync::Waited;
use crate::{App, Pokes};

/// A stream of pokes that is open.
struct Open {
    pokes: Pokes,
    /// When it was first listened to: that it was open during an exchange does not make it long.
    since: Option<Instant>,
    /// A poke came.
    spoke: bool,
}

/// How the loop hears of what is new.
#[derive(Default)]
struct Ear {
    open: Option<Open>,
    streams: Streams,
}

impl Ear {
    /// The open stream has ended.
    fn ended(&mut self) {
        let now = Instant::now();
        if let Some(open) = self.open.take() {
            let lived = open.since.map_or(Duration::ZERO, |since| now - since);
            self.streams.ended(now, lived, open.spoke);
        }
    }
}

impl App {
    /// Exchanges for as long as the app runs. Never ends by itself: drop it, or abort its task.
    pub async fn run_background(self: Arc<Self>) {
        let mut ear = Ear::default();
        let mut failures = 0_u32;
        loop {
            if self.link.session().is_none() {
                ear.open = None;
                tokio::select! {
                    () = self.wake.notified() => {}
                    () = sleep(pace::VAULT_AGAIN) => self.resume_late(),
                }
                continue;
            }
            self.renew_token().await;
            // Listening first: a commit that comes while we exchange is not missed.
            let refused = self.listen(&mut ear).await;
            let mut result = self.sync().await;
            if result.is_ok() {
                if failures > 0 {
                    ear.streams.network_is_back(Instant::now());
                } else if refused {
                    // The server can be reached, and its stream cannot.
                    ear.streams.ended(Instant::now(), Duration::ZERO, false);
                }
                failures = 0;
                self.store.scrub();
                result = self.rest(&mut ear).await;
            }
            if let Err(problem) = result {
                failures = failures.saturating_add(1);
                let wait = pace::after_failure(failures, self.ids.fraction(), problem.retry_after_s);
                tokio::select! {
                    () = sleep(wait) => {}
                    () = self.reached.notified() => {}
                }
            }
        }
    }

    /// Opens a stream if one is wanted and none is open. Returns whether it was wanted in vain.
    async fn listen(&self, ear: &mut Ear) -> bool {
        if ear.open.is_some() || !ear.streams.wanted(Instant::now()) {
            return false;
        }
        let Some(session) = self.link.session() else {
            return false;
        };
        ear.open = session
            .server
            .events(&session.token)
            .await
            .ok()
            .map(|pokes| Open {
                pokes,
                since: None,
                spoke: false,
            });
        ear.open.is_none()
    }

    /// Waits until there is a reason to exchange.
    async fn rest(&self, ear: &mut Ear) -> Result<(), Problem> {
        if let Some(open) = &mut ear.open {
            if self.hear(open).await {
                return Ok(());
            }
            ear.ended();
        }
        if let Some(again_at) = ear.streams.again_at() {
            return self.wait(again_at).await;
        }
        let soon = pace::after_failure(2, self.ids.fraction(), None);
        self.doze(Instant::now() + soon).await;
        Ok(())
    }

    /// Listens until there is a reason to exchange. False when the stream has ended.
    async fn hear(&self, open: &mut Open) -> bool {
        open.since.get_or_insert_with(Instant::now);
        // One for all pokes: a local change that it has noticed must not be forgotten over the next one.
        let mut doze = pin!(self.doze(Instant::now() + pace::POKED));
        loop {
            tokio::select! {
                () = &mut doze => return true,
                head = open.pokes.next() => match head {
                    Some(Ok(head)) => {
                        open.spoke = true;
                        if self.is_news(head) {
                            return true;
                        }
                    }
                    Some(Err(_)) | None => return false,
                },
            }
        }
    }

    /// Lets one exchange after the other wait for something new, until there is more to do than that, or `until`. A
    /// local change drops the one that waits.
    async fn wait(&self, until: Instant) -> Result<(), Problem> {
        let mut doze = pin!(self.doze(until));
        loop {
            let began = Instant::now();
            let waited = tokio::select! {
                () = &mut doze => return Ok(()),
                waited = self.wait_for_news() => waited?,
            };
            if waited == Waited::More || self.unpark_now()? {
                return Ok(());
            }
            tokio::select! {
                () = &mut doze => return Ok(()),
                () = sleep(pace::after_a_wait(began.elapsed(), waited == Waited::News)) => {}
            }
        }
    }

    /// Does nothing until `deadline`, until shortly after a local change, or until what was switched off is on again.
    async fn doze(&self, deadline: Instant) {
        let deadline = match self.parked_for() {
            Some(parked_for) => deadline.min(Instant::now() + parked_for),
            None => deadline,
        };
        tokio::select! {
            () = self.wake.notified() => sleep(pace::AFTER_A_CHANGE).await,
            () = sleep_until(deadline) => {}
        }
    }

    /// Whether the household has a commit that this device has not pulled. Its own come back as pokes, too.
    fn is_news(&self, head: u64) -> bool {
        self.store.cursor().is_ok_and(|cursor| head > cursor)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Device;
    use romp_domain::calls::Pets;
    use romp_domain::policy::Operation;
    use romp_domain::time::MINUTE_MS;
    use romp_domain::view::Connection;
    use romp_domain::{Entity, ErrorCode, Kind, Pet, Problem, Switch};
    use std::time::Duration;
    use tokio::sync::watch;
    use tokio::time::Instant;
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

    /// Lets virtual time pass until something is true.
    async fn once(what: impl Fn() -> bool) {
        while !what() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn behind_a_proxy() -> (Device, tokio::task::JoinHandle<()>) {
        let device = Device::registered().await;
        device.server.cuts_streams(true);
        let running = tokio::spawn(device.app.clone().run_background());
        once(|| device.server.waiting() == 1).await;
        (device, running)
    }

    #[tokio::test(start_paused = true)]
    async fn where_streams_are_cut_exchanges_wait_for_the_changes_of_others() {
        let (device, running) = behind_a_proxy().await;
        assert_eq!(device.server.streams(), 3);
        let changes = device.app.changes();
        let before = Instant::now();
        for n in 7..10 {
            device.server.put(Uuid::from_u128(n), &crate::testing::pet("Max"));
            until(&device, changes.clone(), |device| {
                device.row::<Pet>(Uuid::from_u128(n)).is_some()
            })
            .await;
            once(|| device.server.waiting() == 1).await;
        }
        assert!(before.elapsed() < Duration::from_secs(1), "in virtual time");
        let asked = device.server.requests();
        tokio::time::sleep(Duration::from_mins(2)).await;
        let more = device.server.requests() - asked;
        // Each looks twice: when it begins to wait, and when it has waited.
        assert!((8..=9).contains(&more), "one each 25 s and nothing else: {more}");
        assert_eq!(device.app.link.connection(), Connection::Online);
        running.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_local_change_does_not_wait_for_the_exchange_that_waits() {
        let (device, running) = behind_a_proxy().await;
        let before = Instant::now();
        let changes = device.app.changes();
        device.add_pet("Rex").await;
        until(&device, changes, |device| pending(device) == 0).await;
        assert!(before.elapsed() < Duration::from_secs(1), "in virtual time");
        once(|| device.server.waiting() == 1).await;
        assert_eq!(device.server.dropped_waits(), 1);
        running.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn streams_are_tried_again_later_and_when_the_network_comes_back() {
        let (device, running) = behind_a_proxy().await;
        tokio::time::sleep(Duration::from_mins(11)).await;
        assert_eq!(device.server.streams(), 4);
        once(|| device.server.waiting() == 1).await;
        device.server.cuts_streams(false);
        device.server.fails(Problem::new(ErrorCode::Unavailable));
        device.add_pet("Rex").await;
        once(|| device.app.link.connection() == Connection::Offline).await;
        device.server.fails(None);
        once(|| device.server.streams() == 5).await;
        once(|| pending(&device) == 0).await;
        tokio::time::sleep(Duration::from_mins(11)).await;
        assert_eq!((device.server.streams(), device.server.waiting()), (5, 0));
        running.abort();
    }

    fn parked(device: &Device) -> u32 {
        device.app.store.read(|reader| reader.parked_count()).unwrap()
    }

    /// A device with a change that the server has refused, because pets are switched off until then.
    async fn held_up(ends_at: Option<romp_domain::UtcMs>) -> (Device, Switch) {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        device.sync().await;
        device.save_pet(rex, crate::testing::pet("Max")).await.unwrap();
        let switch = Switch {
            operations: [Operation::Pets].into(),
            ends_at,
            ..Switch::example()
        };
        device.server.put(Uuid::from_u128(70), &switch);
        device
            .server
            .switches_off(Kind::Pet, Problem::new(ErrorCode::SwitchedOff));
        device.sync().await;
        assert_eq!((parked(&device), pending(&device)), (1, 0));
        device.server.refuses(None);
        (device, switch)
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_held_up_goes_out_by_itself_when_the_switch_ends() {
        let now = romp_domain::UtcMs(crate::testing::NOW);
        let (device, _) = held_up(Some(now.plus_ms(3 * MINUTE_MS))).await;
        let running = tokio::spawn(device.app.clone().run_background());
        let asked = device.server.requests();
        let pass = async |seconds: u32| {
            for _ in 0..seconds {
                device.clock.advance_ms(1_000);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        pass(3 * 60 - 5).await;
        assert_eq!(parked(&device), 1);
        let asked = device.server.requests() - asked;
        assert!(
            asked <= 3,
            "at the start and after five minutes, and nothing else: {asked}"
        );
        pass(10).await;
        assert_eq!((parked(&device), pending(&device)), (0, 0));
        running.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn where_streams_are_cut_too_what_was_held_up_goes_out_as_soon_as_the_switch_is_lifted() {
        let (device, switch) = held_up(None).await;
        device.server.cuts_streams(true);
        let running = tokio::spawn(device.app.clone().run_background());
        once(|| device.server.waiting() == 1).await;
        assert_eq!(parked(&device), 1);
        let before = Instant::now();
        let lifted = Switch { on: false, ..switch };
        device.server.put(Uuid::from_u128(70), &lifted);
        once(|| parked(&device) == 0 && pending(&device) == 0).await;
        assert!(before.elapsed() < Duration::from_secs(5), "in virtual time");
        running.abort();
    }
}
