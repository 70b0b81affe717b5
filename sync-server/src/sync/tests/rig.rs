//! Families with sessions on a server whose clock stands until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::{DeviceName, Nickname, PetName};
use romp_domain::time::{Minute, Weekday};
use romp_domain::wire::{Link, MutationResult, Outcome, PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{
    AgeBand, Area, Avatar, Child, ChildId, Consent, DeviceId, Entity, Fields, Hlc, Household, HouseholdId,
    Kind, Km, Mutation, Op, Pet, PetId, PlaydateAct, Problem, Role, Sent, SessionId, Species, Swipe, SwipeId,
    UtcMs, Verdict, WeeklyHours, WeeklySlot, Weight, ZoneName,
};
use uuid::Uuid;

use crate::db::contract::Kept;
use crate::db::{Db, DbExt, DeviceRecord, SessionRecord};
use crate::env::{Clock, Random};
use crate::server::Server;

/// Sunday, 22 November 2026, noon in UTC.
pub(crate) const START: i64 = 1_795_348_800_000;

pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

pub(crate) struct Rig {
    pub(crate) server: Arc<Server>,
    pub(crate) clock: Arc<TestClock>,
}

/// A new database: PostgreSQL's in the copy of these tests that is for it, SQLite's otherwise.
fn database() -> Arc<dyn Db> {
    #[cfg(unix)]
    if module_path!().contains("on_postgresql")
        && let Some(db) = crate::db::postgres::tests::fresh(std::thread::current().name().unwrap_or_default())
    {
        return db;
    }
    let folder = tempfile::tempdir().unwrap();
    let db = crate::db::sqlite::SqliteDb::open(&folder.path().join("romp.db")).unwrap();
    Arc::new(Kept { db, folder })
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::on(database(), Self::noon())
    }

    /// A clock that stands at the start.
    pub(crate) fn noon() -> Arc<TestClock> {
        Arc::new(TestClock(AtomicI64::new(START)))
    }

    /// A server on this database, with a clock that others may have as well.
    pub(crate) fn on(db: Arc<dyn Db>, clock: Arc<TestClock>) -> Self {
        let random = Arc::new(Counting(AtomicU64::new(1)));
        let settings = crate::server::Settings::default();
        Self {
            server: Server::new(db, clock.clone(), random, settings),
            clock,
        }
    }

    pub(crate) fn now(&self) -> UtcMs {
        self.clock.now()
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// A family with everything set so that it takes part; its dog is not looking yet for anybody in particular.
    pub(crate) fn family(&self, n: u128) -> Family {
        let mut family = self.bare_family(n);
        let (household, pet, child) = (Family::settings(), family.dog(), family.child_profile());
        family
            .owner
            .patch(Kind::Household, HOUSEHOLD_ROW, household.to_fields());
        family.owner.patch(Kind::Pet, family.pet.0, pet.to_fields());
        family.owner.patch(Kind::Child, family.kid.0, child.to_fields());
        for (i, weekday) in Weekday::ALL.iter().enumerate() {
            let minute = |m| Minute::new(m).unwrap();
            let hours = WeeklyHours::new(*weekday, minute(9 * 60), minute(18 * 60)).unwrap();
            family.owner.patch(
                Kind::Slot,
                Uuid::from_u128(n * 100 + 50 + i as u128),
                WeeklySlot { hours }.to_fields(),
            );
        }
        let reply = family.owner.sync(self).unwrap();
        assert!(
            reply.results.iter().all(|r| r.outcome == Outcome::Applied),
            "{:?}",
            reply.results
        );
        family
    }

    /// A family of which only the account exists.
    pub(crate) fn bare_family(&self, n: u128) -> Family {
        let household = HouseholdId(Uuid::from_u128(n * 100));
        self.server
            .db
            .write(move |tx| tx.insert_household(household, UtcMs(START)))
            .unwrap();
        Family {
            n,
            household,
            pet: PetId(Uuid::from_u128(n * 100 + 1)),
            kid: ChildId(Uuid::from_u128(n * 100 + 2)),
            owner: self.device(household, n * 100 + 3, Role::Owner),
            child: self.device(household, n * 100 + 4, Role::Child),
        }
    }

    pub(crate) fn device(&self, household: HouseholdId, n: u128, role: Role) -> Device {
        let id = DeviceId(Uuid::from_u128(n));
        let session = SessionRecord {
            id: SessionId(Uuid::from_u128(n)),
            household,
            user: None,
            by_user: None,
            device: id,
            role,
            token: std::array::from_fn(|i| n.to_be_bytes()[i % 16]),
            created_at: UtcMs(START),
            waiting: false,
            used_at: UtcMs(START),
            ended_at: None,
        };
        let record = DeviceRecord {
            id,
            household,
            session: Some(session.id),
            name: DeviceName::new("Tablet").unwrap(),
            held: Link::default(),
            last_hlc: Hlc(0),
            cursor: 0,
            seen_at: UtcMs(START),
        };
        let stored = session.clone();
        self.server
            .db
            .write(move |tx| {
                tx.put_device(&record)?;
                tx.insert_session(&stored)
            })
            .unwrap();
        Device {
            session,
            outbox: Vec::new(),
            next_mid: 1,
            cursor: 0,
            skew_ms: 0,
            rows: std::collections::BTreeMap::new(),
        }
    }
}

pub(crate) struct Family {
    pub(crate) n: u128,
    pub(crate) household: HouseholdId,
    pub(crate) pet: PetId,
    pub(crate) kid: ChildId,
    pub(crate) owner: Device,
    pub(crate) child: Device,
}

impl Family {
    pub(crate) fn settings() -> Household {
        let mut household = Household::new(ZoneName::new("America/Los_Angeles").unwrap());
        household.area = Some(Area::around(47.6, -122.3).unwrap());
        household.travel_km = Km::new(10).unwrap();
        household.share_consent = Some(Consent {
            notice: Consent::NOTICE,
            given_at: UtcMs(START),
        });
        household.child_consent = household.share_consent;
        household
    }

    pub(crate) fn dog(&self) -> Pet {
        let mut pet = Pet::new(Species::Dog);
        pet.name = Some(PetName::new(&format!("Dog {}", self.n)).unwrap());
        pet.weight_g = Some(Weight::new(12_000).unwrap());
        pet.birth_month = Some(jiff::civil::date(2021, 3, 1));
        pet.visible = true;
        pet
    }

    pub(crate) fn child_profile(&self) -> Child {
        Child::new(
            Nickname::new(&format!("CANARY{}", self.n)).unwrap(),
            Avatar::Fox,
            AgeBand::SevenToNine,
        )
    }

    /// The child's verdict on another family's pet.
    pub(crate) fn child_swipes(&mut self, other: PetId, verdict: Verdict) {
        let swipe = Swipe {
            actor_pet: self.pet,
            target_pet: other,
            verdict: Some(verdict),
            by_child: Some(self.kid),
            released: None,
        };
        let mut fields = swipe.to_fields();
        fields.0.remove("released");
        self.child
            .patch(Kind::Swipe, SwipeId::of(self.pet, other).0, fields);
    }

    pub(crate) fn owner_releases(&mut self, other: PetId) {
        let fields = Fields([("released".to_owned(), "yes".into())].into_iter().collect());
        self.owner
            .patch(Kind::Swipe, SwipeId::of(self.pet, other).0, fields);
    }

    /// The owner looks at what the child chose and releases it.
    pub(crate) fn owner_sees_and_releases(&mut self, rig: &Rig, other: PetId) {
        self.owner.sync(rig).unwrap();
        self.owner_releases(other);
        let reply = self.owner.sync(rig).unwrap();
        assert_eq!(reply.results[0].outcome, Outcome::Applied);
    }
}

/// A device as the protocol sees one.
pub(crate) struct Device {
    pub(crate) session: SessionRecord,
    pub(crate) outbox: Vec<Mutation>,
    pub(crate) next_mid: u64,
    pub(crate) cursor: u64,
    pub(crate) skew_ms: i64,
    /// The server's rows, by kind and id.
    pub(crate) rows: std::collections::BTreeMap<(String, Uuid), Fields>,
}

impl Device {
    pub(crate) fn patch(&mut self, kind: Kind, id: Uuid, fields: Fields) {
        self.push(kind, id, Op::Patch { fields });
    }

    pub(crate) fn act(&mut self, id: Uuid, act: PlaydateAct, expect_rev: u32) {
        self.push(Kind::Playdate, id, Op::Act { act, expect_rev });
    }

    /// Calls a match off.
    pub(crate) fn take_back(&mut self, id: Uuid) {
        let op = Op::Act {
            act: PlaydateAct::Cancel,
            expect_rev: 0,
        };
        self.push(Kind::Match, id, op);
    }

    /// Blocks the family that has a pet, or lifts that.
    pub(crate) fn block(&mut self, pet: PetId, blocked: bool) {
        let mut all = Fields::default();
        all.0.insert("blocked".to_owned(), blocked.into());
        if blocked {
            all.0.insert("species".to_owned(), "dog".into());
            all.0.insert("name".to_owned(), "Bella".into());
        }
        self.patch(Kind::Block, pet.0, all);
    }

    pub(crate) fn push(&mut self, kind: Kind, id: Uuid, op: Op) {
        let hlc = Hlc::at_ms(START + self.skew_ms + self.next_mid as i64);
        self.outbox.push(Mutation {
            mid: self.next_mid,
            hlc,
            base_seq: Some(self.cursor),
            waited: false,
            kind,
            id,
            op,
        });
        self.next_mid += 1;
    }

    pub(crate) fn request(&self, rig: &Rig) -> SyncRequest {
        SyncRequest {
            protocol: PROTOCOL,
            cursor: self.cursor,
            clock: Hlc::at_ms(rig.clock.now().0 + self.skew_ms),
            mutations: self.outbox.iter().cloned().map(Sent::from).collect(),
            ..SyncRequest::default()
        }
    }

    /// Exchanges once and takes the answer in.
    pub(crate) fn sync(&mut self, rig: &Rig) -> Result<SyncReply, Problem> {
        let reply = crate::sync::sync(&rig.server, &self.session, self.request(rig))?;
        self.outbox.retain(|mutation| mutation.mid > reply.ack_mid);
        self.cursor = reply.cursor;
        for row in &reply.rows {
            let key = (row.kind.clone(), row.id);
            match &row.fields {
                Some(fields) => drop(self.rows.insert(key, fields.clone())),
                None => drop(self.rows.remove(&key)),
            }
        }
        Ok(reply)
    }

    /// What the device holds of a kind.
    pub(crate) fn all<E: Entity>(&self) -> Vec<(Uuid, E)> {
        let of_kind = self.rows.iter().filter(|((kind, _), _)| kind == E::KIND.word());
        of_kind
            .filter_map(|((_, id), fields)| Some((*id, E::read_known(fields)?)))
            .collect()
    }

    /// Everything it holds, as text: to search for what must not be there.
    pub(crate) fn dump(&self) -> String {
        let rows = self.rows.iter();
        rows.map(|((kind, id), fields)| {
            [
                kind,
                " ",
                &id.to_string(),
                " ",
                &serde_json::to_string(fields).unwrap(),
                "\n",
            ]
            .concat()
        })
        .collect()
    }
}

/// The code of the only mutation's refusal.
pub(crate) fn refusal(results: &[MutationResult]) -> romp_domain::ErrorCode {
    match results {
        [
            MutationResult {
                outcome: Outcome::Rejected { problem },
                ..
            },
        ] => problem.code,
        other => panic!("not one refusal: {other:?}"),
    }
}

/// Fields written as JSON.
pub(crate) fn fields(value: serde_json::Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

/// Both children say yes and both owners release: a match and a proposal.
pub(crate) fn mutual(rig: &Rig, a: &mut Family, b: &mut Family) {
    a.child_swipes(b.pet, Verdict::Yes);
    b.child_swipes(a.pet, Verdict::Yes);
    a.child.sync(rig).unwrap();
    b.child.sync(rig).unwrap();
    // A release is for what was seen.
    a.owner.sync(rig).unwrap();
    b.owner.sync(rig).unwrap();
    a.owner_releases(b.pet);
    b.owner_releases(a.pet);
    a.owner.sync(rig).unwrap();
    b.owner.sync(rig).unwrap();
    a.owner.sync(rig).unwrap();
}

/// Both owners accept the only proposal.
pub(crate) fn both_accept(rig: &Rig, a: &mut Family, b: &mut Family) -> Uuid {
    let (id, seen) = a.owner.all::<romp_domain::Playdate>().remove(0);
    for family in [a, b] {
        family.owner.act(id, PlaydateAct::Accept, seen.rev);
        family.owner.sync(rig).unwrap();
    }
    id
}
