//! How often somebody may call, by the policy table's classes: for an address before anybody asks who it is, for a
//! session and its household after. Of IPv6 an address is a subscriber's network (/64); a whole site (/48), which anybody
//! can have, gets as much as a few of them.
//!
//! Each limit is a leaky bucket (`governor`). Memory is bounded: buckets that are full again are forgotten, and where
//! there are too many others, those who come then share a few with each other.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use romp_domain::policy::{Limit, RateClass};
use romp_domain::{ErrorCode, HouseholdId, Problem, Role, SessionId, UtcMs};

use super::origin::Origin;
use crate::db::SessionRecord;
use crate::env::Clock;
use crate::throttle::{NETWORKS_OF_A_SITE, network, site};

/// Most buckets of one limit.
const MAX_OWN: usize = 50_000;

/// Buckets for those who find no room for their own.
const SHARED: u64 = 1_024;

/// Between two times that full buckets are looked for, while there are too many.
const SWEEP_MS: i64 = 1_000;

/// All limits.
pub(crate) struct Rates {
    classes: Vec<Class>,
}

struct Class {
    address: Buckets<IpAddr>,
    site: Buckets<Ipv6Addr>,
    session: Option<Buckets<SessionId>>,
    household: Option<Buckets<HouseholdId>>,
}

impl Rates {
    /// The policy table's limits, all unused.
    pub(crate) fn new(clock: &Arc<dyn Clock>) -> Self {
        let class = |class: &RateClass| Class {
            address: Buckets::new(class.per_address(), clock),
            site: Buckets::new(class.per_address().times(NETWORKS_OF_A_SITE), clock),
            session: class.per_session().map(|limit| Buckets::new(limit, clock)),
            household: class.per_household().map(|limit| Buckets::new(limit, clock)),
        };
        Self {
            classes: RateClass::ALL.iter().map(class).collect(),
        }
    }

    /// Counts a call that comes from there.
    pub(crate) fn count_address(&self, class: RateClass, origin: Origin) -> Result<(), Problem> {
        let Some(limits) = self.of(class) else {
            return Ok(());
        };
        // The network first: what it is refused must not use up what its neighbours have.
        limits.address.count(network(origin.address))?;
        site(origin.address).map_or(Ok(()), |site| limits.site.count(site))
    }

    /// Counts a call of a session, and of its family.
    ///
    /// What a session is refused does not use up what the others of the family have; nor do those who only wait to belong
    /// to it, and a child's device in what is the owners': they may be whom an owner is about to send away.
    pub(crate) fn count_session(&self, class: RateClass, session: &SessionRecord) -> Result<(), Problem> {
        let Some(limits) = self.of(class) else {
            return Ok(());
        };
        if let Some(all) = &limits.session {
            all.count(session.id)?;
        }
        let of_family = !session.waiting && (class != RateClass::Account || session.role == Role::Owner);
        match limits.household.as_ref().filter(|_| of_family) {
            Some(all) => all.count(session.household),
            None => Ok(()),
        }
    }

    fn of(&self, class: RateClass) -> Option<&Class> {
        let index = RateClass::ALL.iter().position(|other| *other == class)?;
        self.classes.get(index)
    }
}

/// Whose a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key<K> {
    Own(K),
    Shared(u64),
}

/// The buckets of one limit.
struct Buckets<K: Hash + Eq + Copy> {
    limiter: RateLimiter<Key<K>, DashMapStateStore<Key<K>>, Elapsed, NoOpMiddleware<Duration>>,
    elapsed: Elapsed,
    max_own: usize,
    swept_at: Mutex<UtcMs>,
    /// Not to be foreseen: nobody can choose with whom he shares.
    hasher: RandomState,
}

impl<K: Hash + Eq + Copy> Buckets<K> {
    fn new(limit: Limit, clock: &Arc<dyn Clock>) -> Self {
        let elapsed = Elapsed::new(Arc::clone(clock));
        let one = NonZeroU32::MIN;
        let quota = Quota::per_hour(NonZeroU32::new(limit.per_hour).unwrap_or(one))
            .allow_burst(NonZeroU32::new(limit.burst).unwrap_or(one));
        Self {
            limiter: RateLimiter::dashmap_with_clock(quota, elapsed.clone()),
            swept_at: Mutex::new(UtcMs(i64::MIN)),
            elapsed,
            max_own: MAX_OWN,
            hasher: RandomState::new(),
        }
    }

    fn count(&self, whose: K) -> Result<(), Problem> {
        self.limiter.check_key(&self.key(whose)).map_err(|refused| {
            let wait = refused.wait_time_from(self.elapsed.now());
            let seconds = wait.as_millis().div_ceil(1_000);
            Problem::new(ErrorCode::TooMany).after(u32::try_from(seconds).unwrap_or(u32::MAX).max(1))
        })
    }

    fn key(&self, whose: K) -> Key<K> {
        if self.limiter.len() < self.max_own {
            return Key::Own(whose);
        }
        self.sweep();
        if self.limiter.len() < self.max_own {
            Key::Own(whose)
        } else {
            Key::Shared(self.hasher.hash_one(whose) % SHARED)
        }
    }

    /// Forgets what is full again. It takes a look at each, so not at every call.
    fn sweep(&self) {
        let now = self.elapsed.clock.now();
        let mut swept_at = self.swept_at.lock().unwrap_or_else(PoisonError::into_inner);
        if (swept_at.0..swept_at.0.saturating_add(SWEEP_MS)).contains(&now.0) {
            return;
        }
        *swept_at = now;
        drop(swept_at);
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// The server's clock as one that never runs backwards: when the system's is put back, time stands still for a moment
/// here, and nobody is refused for longer.
#[derive(Clone)]
struct Elapsed {
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<(UtcMs, Duration)>>,
}

impl Elapsed {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let seen = Arc::new(Mutex::new((clock.now(), Duration::ZERO)));
        Self { clock, seen }
    }
}

impl governor::clock::Clock for Elapsed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = u64::try_from(now.since_ms(seen.0)).unwrap_or_default();
        *seen = (now, seen.1 + Duration::from_millis(passed));
        seen.1
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Standing(AtomicI64);

    impl Clock for Standing {
        fn now(&self) -> UtcMs {
            UtcMs(self.0.load(Ordering::SeqCst))
        }
    }

    fn buckets(per_minute: u32, burst: u32) -> (Buckets<u32>, Arc<Standing>) {
        let clock = Arc::new(Standing::default());
        let shared: Arc<dyn Clock> = clock.clone();
        let limit = Limit {
            per_hour: per_minute * 60,
            burst,
        };
        (Buckets::new(limit, &shared), clock)
    }

    fn passes(clock: &Standing, ms: i64) {
        clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    #[test]
    fn a_burst_passes_then_so_many_a_minute_and_the_refusal_says_when() {
        let (buckets, clock) = buckets(6, 3);
        for _ in 0..3 {
            buckets.count(1).unwrap();
        }
        let refused = buckets.count(1).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::TooMany, Some(10))
        );
        buckets.count(2).unwrap();
        passes(&clock, 9_500);
        assert_eq!(buckets.count(1).unwrap_err().retry_after_s, Some(1));
        passes(&clock, 500);
        buckets.count(1).unwrap();
        assert!(buckets.count(1).is_err());
    }

    #[test]
    fn a_site_full_of_networks_may_not_call_more_often_than_eight_of_them() {
        let clock = Arc::new(Standing::default());
        let shared: Arc<dyn Clock> = clock.clone();
        let rates = Rates::new(&shared);
        let limit = RateClass::Guess.per_address();
        let calls = |network: u16, address: u16| {
            let address = Ipv6Addr::new(0x2001, 0xdb8, 1, network, 0, 0, 0, address).into();
            rates.count_address(
                RateClass::Guess,
                Origin {
                    address,
                    through_proxy: false,
                },
            )
        };
        let let_in = (0..20 * limit.burst as u16)
            .filter(|n| calls(1, *n).is_ok())
            .count();
        assert_eq!(
            let_in, limit.burst as usize,
            "one subscriber, whatever the addresses"
        );
        let let_in = (2..2_000).filter(|n| calls(*n, 1).is_ok()).count();
        assert_eq!(let_in, 7 * limit.burst as usize, "the rest of the site");
        let neighbour = Ipv6Addr::new(0x2001, 0xdb8, 2, 1, 0, 0, 0, 1).into();
        let origin = Origin {
            address: neighbour,
            through_proxy: false,
        };
        rates.count_address(RateClass::Guess, origin).unwrap();
    }

    #[test]
    fn row_33_neither_children_nor_who_waits_use_up_what_the_owners_have_for_managing_the_account() {
        let clock: Arc<dyn Clock> = Arc::new(Standing::default());
        let rates = Rates::new(&clock);
        let rig = crate::accounts::rig::Rig::new();
        let owner = rig.session(&rig.owner(1).token);
        for n in 0..200 {
            let (role, waiting) = [(Role::Child, false), (Role::Owner, true)][n % 2];
            let session = SessionRecord {
                id: SessionId(uuid::Uuid::from_u128(n as u128)),
                role,
                waiting,
                ..owner.clone()
            };
            rates.count_session(RateClass::Account, &session).unwrap();
        }
        for _ in 0..RateClass::Account.per_session().unwrap().burst {
            rates.count_session(RateClass::Account, &owner).unwrap();
        }
        assert!(rates.count_session(RateClass::Account, &owner).is_err());
    }

    #[test]
    fn a_clock_that_is_put_back_refuses_nobody_for_longer() {
        let (buckets, clock) = buckets(60, 1);
        buckets.count(1).unwrap();
        passes(&clock, -86_400_000);
        assert_eq!(buckets.count(1).unwrap_err().retry_after_s, Some(1));
        passes(&clock, 1_000);
        buckets.count(1).unwrap();
    }

    #[test]
    fn memory_is_bounded_and_who_has_none_of_his_own_shares() {
        let (mut buckets, clock) = buckets(1, 1);
        buckets.max_own = 100;
        for whose in 0..100 {
            buckets.count(whose).unwrap();
        }
        passes(&clock, 2_000);
        let let_in = (100..10_000)
            .filter(|whose| buckets.count(*whose).is_ok())
            .count();
        assert!((1..=SHARED as usize).contains(&let_in), "{let_in}");
        assert!(buckets.limiter.len() <= 100 + SHARED as usize);
        passes(&clock, 122_000);
        buckets.count(7).unwrap();
        assert!(
            buckets.limiter.len() <= 2,
            "what is full again is forgotten: {}",
            buckets.limiter.len()
        );
    }
}
