//! A device in a folder of its own, with a clock and a stopwatch that stand still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use romp_domain::calls::{
    Call, ChildSave, Deck, HouseholdGet, HouseholdSave, Pair, PetSave, Register, Status, Swipe, SyncNow,
};
use romp_domain::card::Distance;
use romp_domain::{
    AgeBand, Avatar, Card, CardId, Child, ChildId, Consent, Entity, ErrorCode, Household, Pet, PetId,
    Problem, PublicPet, Role, Species, SwipeId, UtcMs, Verdict, ZoneName, view,
};
use romp_store::{ManualClock, SeededIds};
use uuid::Uuid;

use super::{FakeServer, MoodyVault};
use crate::{App, Config, Stopwatch};

/// Some time in 2026.
pub(crate) const NOW: i64 = 1_790_000_000_000;

/// A stopwatch that shows what it was told.
#[derive(Default)]
pub(crate) struct ManualStopwatch(AtomicU64);

impl ManualStopwatch {
    pub(crate) fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Stopwatch for ManualStopwatch {
    fn elapsed_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct Device {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    /// Starts anew with the app.
    pub(crate) stopwatch: Arc<ManualStopwatch>,
    pub(crate) vault: Arc<MoodyVault>,
    pub(crate) server: Arc<FakeServer>,
    pub(crate) app: Arc<App>,
}

pub(crate) fn pet(name: &str) -> Pet {
    let mut pet = Pet::new(Species::Dog);
    pet.name = Some(name.to_owned().try_into().unwrap());
    pet
}

pub(crate) fn child(nickname: &str) -> Child {
    Child::new(
        nickname.to_owned().try_into().unwrap(),
        Avatar::Fox,
        AgeBand::SevenToNine,
    )
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> ErrorCode {
    result.unwrap_err().code
}

impl Device {
    /// A fresh device; its server is there, but it has no account.
    pub(crate) fn new() -> Self {
        Self::of(&Arc::new(FakeServer::default()), 1)
    }

    /// Another device that knows the same server.
    pub(crate) fn of(server: &Arc<FakeServer>, seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(UtcMs(NOW)));
        let vault = Arc::new(MoodyVault::default());
        let stopwatch = Arc::new(ManualStopwatch::default());
        let app = open(&dir, &clock, &stopwatch, &vault, server, seed).unwrap();
        Self {
            dir,
            clock,
            stopwatch,
            vault,
            server: server.clone(),
            app,
        }
    }

    /// Stops and starts again, with the same folder and the same vault.
    pub(crate) fn restarted(self) -> Self {
        let Self {
            dir,
            clock,
            vault,
            server,
            app,
            ..
        } = self;
        drop(app);
        let stopwatch = Arc::new(ManualStopwatch::default());
        let app = open(&dir, &clock, &stopwatch, &vault, &server, 77).unwrap();
        Self {
            dir,
            clock,
            stopwatch,
            vault,
            server,
            app,
        }
    }

    /// A device with an account of its own.
    pub(crate) async fn registered() -> Self {
        let device = Self::new();
        device.call(Device::registration()).await.unwrap();
        device
    }

    /// A child's device of the same family.
    pub(crate) async fn paired(&self, role: Role) -> Self {
        let device = Self::of(&self.server, 2);
        self.server.pairs_as(role);
        device.call(Device::pairing()).await.unwrap();
        device
    }

    pub(crate) fn registration() -> Register {
        Register {
            server: "https://romp.example".into(),
            invitation: Some(" CODE ".into()),
            email: "ann@romp.example".to_owned().try_into().unwrap(),
            password: "correct horse".to_owned().try_into().unwrap(),
            name: "Ann".to_owned().try_into().unwrap(),
            device: "desk".to_owned().try_into().unwrap(),
        }
    }

    pub(crate) fn pairing() -> Pair {
        Pair {
            server: "https://romp.example".into(),
            code: "ABCD2345".into(),
            device: "tablet".to_owned().try_into().unwrap(),
        }
    }

    pub(crate) async fn call<C: Call>(&self, call: C) -> Result<C::Reply, Problem> {
        self.app.call(call).await
    }

    pub(crate) async fn sync(&self) {
        self.call(SyncNow {}).await.unwrap();
    }

    pub(crate) async fn status(&self) -> view::Status {
        self.call(Status {}).await.unwrap()
    }

    pub(crate) async fn add_pet(&self, name: &str) -> PetId {
        self.call(PetSave {
            id: None,
            seen: None,
            pet: pet(name),
        })
        .await
        .unwrap()
    }

    /// Changes a pet in a form that was filled just now.
    pub(crate) async fn save_pet(&self, id: PetId, pet: Pet) -> Result<PetId, Problem> {
        let (id, seen) = (Some(id), self.row(id.0));
        self.call(PetSave { id, seen, pet }).await
    }

    /// The same with a child.
    pub(crate) async fn save_child(&self, id: ChildId, child: Child) -> Result<ChildId, Problem> {
        let (id, seen) = (Some(id), self.row(id.0));
        self.call(ChildSave { id, seen, child }).await
    }

    /// The same with the family's settings.
    pub(crate) async fn save_household(&self, household: Household) -> Result<(), Problem> {
        let seen = self.call(HouseholdGet {}).await?;
        self.call(HouseholdSave { seen, household }).await
    }

    pub(crate) async fn add_child(&self, nickname: &str) -> ChildId {
        self.call(ChildSave {
            id: None,
            seen: None,
            child: child(nickname),
        })
        .await
        .unwrap()
    }

    /// The family agrees that its children use Romp, or takes that back.
    pub(crate) async fn agrees_to_children(&self, agrees: bool) {
        let mut household = self.call(HouseholdGet {}).await.unwrap();
        household.child_consent = agrees.then_some(Consent {
            notice: Consent::NOTICE,
            given_at: UtcMs(NOW),
        });
        self.save_household(household).await.unwrap();
    }

    pub(crate) async fn deck(&self, pet: PetId) -> view::DeckView {
        self.call(Deck { pet }).await.unwrap()
    }

    /// The names on the cards, top first.
    pub(crate) async fn faces(&self, pet: PetId) -> Vec<String> {
        let cards = self.deck(pet).await.cards;
        cards
            .iter()
            .map(|card| card.pet.name.clone().unwrap().to_string())
            .collect()
    }

    /// The server deals cards to a pet, and the device gets them. Returns the pets on them.
    pub(crate) async fn deal<const N: usize>(&self, actor: PetId, names: [&str; N]) -> [PetId; N] {
        let mut rank = 0;
        let pets = names.map(|name| {
            rank += 1;
            let id = PetId(Uuid::from_u128(9_000 + u128::from(rank)));
            let public = PublicPet::of(id, &pet(name), jiff::civil::date(2026, 1, 1));
            let card = Card {
                for_pet: actor,
                pet: public,
                distance: Distance::Under2Km,
                reasons: Vec::new(),
                rank,
            };
            self.server.put(CardId::of(actor, id).0, &card);
            id
        });
        self.sync().await;
        pets
    }

    pub(crate) async fn swipe(
        &self,
        actor: PetId,
        target: PetId,
        verdict: Verdict,
        child: Option<ChildId>,
    ) -> Result<(), Problem> {
        self.call(Swipe {
            actor,
            target,
            verdict,
            child,
        })
        .await
    }

    /// A swipe as the device knows it.
    pub(crate) fn swipe_of(&self, actor: PetId, target: PetId) -> Option<romp_domain::Swipe> {
        self.app
            .store
            .read(|reader| reader.get(SwipeId::of(actor, target).0))
            .unwrap()
    }

    /// A row as the device knows it.
    pub(crate) fn row<E: Entity>(&self, id: Uuid) -> Option<E> {
        self.app.store.read(|reader| reader.get(id)).unwrap()
    }
}

fn open(
    dir: &tempfile::TempDir,
    clock: &Arc<ManualClock>,
    stopwatch: &Arc<ManualStopwatch>,
    vault: &Arc<MoodyVault>,
    server: &Arc<FakeServer>,
    seed: u64,
) -> Result<Arc<App>, Problem> {
    let mut config = Config::new(dir.path().join("data"), Box::new(vault.clone()));
    let server = server.clone();
    config.clock = clock.clone();
    config.stopwatch = stopwatch.clone();
    config.ids = Arc::new(SeededIds::new(seed));
    config.connect = Box::new(move |_| Ok(server.clone()));
    config.zone = ZoneName::new("America/Los_Angeles").unwrap();
    App::open(config)
}
