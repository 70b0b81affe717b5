//! Who is here: how many lines there are, from where, and which of them are idle, the longest first.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use super::line::Line;
use crate::throttle::{NETWORKS_OF_A_SITE, network, site};

/// Most lines, overall and from one network. From a site of IPv6 [`NETWORKS_OF_A_SITE`] times as many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) lines: usize,
    pub(super) per_address: usize,
}

/// All lines.
#[derive(Debug)]
pub(super) struct Lobby {
    limits: Limits,
    here: Mutex<Here>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Here {
    lines: usize,
    from: HashMap<IpAddr, usize>,
    sites: HashMap<Ipv6Addr, usize>,
    /// By when they became idle.
    idle: BTreeMap<u64, Weak<Line>>,
    next_place: u64,
}

impl Lobby {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            here: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// A place for a new line; where there is none, the one that has been idle longest has to leave. None when all are
    /// being answered, or there are too many from there. `address` is where it comes from, if that is to be counted.
    pub(super) fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Arc<Line>> {
        let address = address.map(network);
        // Dropped after the lock is: it may be the last of its line by then, whose end wants the lock itself.
        let mut leaving = None;
        let mut here = self.lock();
        if let Some(address) = address {
            let most = self.limits.per_address;
            let from = count(&here.from, &address);
            let of_site = site(address).map_or(0, |site| count(&here.sites, &site));
            if from >= most || of_site >= most.saturating_mul(NETWORKS_OF_A_SITE as usize) {
                return None;
            }
        }
        if here.lines >= self.limits.lines {
            // Its place is free when it has gone; until then there is one too many.
            let (_, longest) = here.idle.pop_first()?;
            leaving = longest.upgrade();
        }
        here.lines += 1;
        if let Some(address) = address {
            *here.from.entry(address).or_default() += 1;
            if let Some(site) = site(address) {
                *here.sites.entry(site).or_default() += 1;
            }
        }
        let line = Arc::new(Line::new(Arc::downgrade(self), address));
        here.rest(&line);
        drop(here);
        if let Some(leaving) = leaving {
            leaving.ask_to_leave();
        }
        Some(line)
    }

    /// A line is idle.
    pub(super) fn idle(&self, line: &Arc<Line>) {
        self.lock().rest(line);
    }

    /// A line is being answered.
    pub(super) fn busy(&self, line: &Line) {
        self.lock().idle.remove(&line.place.load(Ordering::Relaxed));
    }

    /// A line is gone.
    pub(super) fn left(&self, line: &Line) {
        let mut here = self.lock();
        here.idle.remove(&line.place.load(Ordering::Relaxed));
        here.lines -= 1;
        if let Some(address) = line.address {
            one_less(&mut here.from, address);
            if let Some(site) = site(address) {
                one_less(&mut here.sites, site);
            }
        }
        drop(here);
        self.changed.notify_waiters();
    }

    /// Done when nobody is here.
    pub(super) async fn empty(&self) {
        loop {
            let changed = self.changed.notified();
            if self.lock().lines == 0 {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Here {
    fn rest(&mut self, line: &Arc<Line>) {
        self.next_place += 1;
        line.place.store(self.next_place, Ordering::Relaxed);
        self.idle.insert(self.next_place, Arc::downgrade(line));
    }
}

fn count<K: Hash + Eq>(lines: &HashMap<K, usize>, from: &K) -> usize {
    lines.get(from).copied().unwrap_or_default()
}

fn one_less<K: Hash + Eq>(lines: &mut HashMap<K, usize>, from: K) {
    if let Entry::Occupied(mut there) = lines.entry(from) {
        *there.get_mut() -= 1;
        if *there.get() == 0 {
            there.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Version;
    use tokio::time::timeout;

    fn lobby(lines: usize, per_address: usize) -> Arc<Lobby> {
        Arc::new(Lobby::new(Limits { lines, per_address }))
    }

    fn from(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    async fn has_to_leave(line: &Line) -> bool {
        timeout(std::time::Duration::ZERO, line.asked_to_leave())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn row_27_where_all_places_are_taken_the_longest_idle_connection_leaves() {
        let lobby = lobby(3, 9);
        let [first, second, third] = [1, 2, 3].map(|n| lobby.enter(Some(from(n))).unwrap());
        let request = Line::answering(&first, Version::HTTP_11);
        let fourth = lobby.enter(Some(from(4))).unwrap();
        assert!(has_to_leave(&second).await);
        drop(request);
        drop(second);
        lobby.enter(Some(from(5))).unwrap();
        assert!(has_to_leave(&third).await && !has_to_leave(&first).await && !has_to_leave(&fourth).await);
    }

    #[test]
    fn row_27_a_connection_that_ends_while_it_is_asked_to_leave_stops_nobody() {
        let (done, finished) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for round in 0..20_000_u32 {
                let lobby = lobby(1, 9);
                let ends = lobby.enter(None).unwrap();
                let start = Arc::new(std::sync::Barrier::new(2));
                let there = Arc::clone(&start);
                let ending = std::thread::spawn(move || {
                    there.wait();
                    (0..round % 64).for_each(|_| std::hint::spin_loop());
                    drop(ends);
                });
                start.wait();
                drop(lobby.enter(None));
                ending.join().unwrap();
            }
            done.send(()).unwrap();
        });
        finished.recv_timeout(std::time::Duration::from_mins(2)).unwrap();
    }

    #[tokio::test]
    async fn row_27_where_all_are_being_answered_the_newcomer_is_refused() {
        let lobby = lobby(2, 9);
        let lines = [1, 2].map(|n| lobby.enter(Some(from(n))).unwrap());
        let requests = lines
            .each_ref()
            .map(|line| Line::answering(line, Version::HTTP_2));
        assert!(lobby.enter(Some(from(3))).is_none());
        drop(requests);
        assert!(lobby.enter(Some(from(3))).is_some());
    }

    #[tokio::test]
    async fn row_27_one_network_has_only_so_many_and_proxies_as_many_as_they_need() {
        let lobby = lobby(9, 2);
        let lines = [1, 1].map(|n| lobby.enter(Some(from(n))).unwrap());
        assert!(lobby.enter(Some(from(1))).is_none());
        assert!(lobby.enter(Some(from(2))).is_some());
        let proxied = [(), (), ()].map(|()| lobby.enter(None).unwrap());
        drop((lines, proxied));
        assert!(lobby.enter(Some(from(1))).is_some());
        let same: [IpAddr; 2] = ["2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap()];
        let _subscriber = [same[0], same[1]].map(|address| lobby.enter(Some(address)).unwrap());
        assert!(lobby.enter(Some(same[0])).is_none());
    }

    #[tokio::test]
    async fn row_27_a_site_full_of_networks_has_no_more_than_eight_of_them() {
        let lobby = lobby(99, 2);
        let of = |site, network| Some(Ipv6Addr::new(0x2001, 0xdb8, site, network, 0, 0, 0, 1).into());
        let mut lines: Vec<_> = (0..20)
            .filter_map(|network| lobby.enter(of(1, network)))
            .collect();
        assert_eq!(lines.len(), 16);
        assert!(lobby.enter(of(2, 0)).is_some());
        lines.pop();
        assert!(lobby.enter(of(1, 99)).is_some());
        drop(lines);
        assert!(lobby.lock().from.is_empty() && lobby.lock().sites.is_empty());
    }

    #[tokio::test]
    async fn it_is_empty_when_the_last_has_left() {
        let lobby = lobby(9, 9);
        lobby.empty().await;
        let line = lobby.enter(Some(from(1))).unwrap();
        assert!(timeout(std::time::Duration::ZERO, lobby.empty()).await.is_err());
        drop(line);
        lobby.empty().await;
        assert!(lobby.lock().from.is_empty() && lobby.lock().idle.is_empty());
    }
}
