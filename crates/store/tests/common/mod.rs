//! What the store's tests share: a device in a folder of its own, and answers of a server made by hand.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::PathBuf;
use std::sync::Arc;

use romp_domain::wire::{Epoch, MutationResult, Outcome, SyncReply, SyncRequest};
use romp_domain::{Entity, Fields, Hlc, Kind, Mutation, Pet, Problem, Row, Sent, Species, UtcMs};
use romp_store::{Clock as _, ManualClock, SeededIds, Store, StoreError};
use romp_sync::Replica;
use romp_sync::exchange::Next;
use uuid::Uuid;

/// Some time in 2026.
pub(crate) const NOW: i64 = 1_790_000_000_000;

pub(crate) struct Device {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
}

impl Device {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(UtcMs(NOW)));
        let store =
            Store::open(&dir.path().join("romp.db"), clock.clone(), &SeededIds::new(1)).expect("opens");
        Self { dir, clock, store }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("romp.db")
    }

    /// Stops and starts again.
    pub(crate) fn restarted(self) -> Self {
        let Self { dir, clock, store } = self;
        drop(store);
        let store =
            Store::open(&dir.path().join("romp.db"), clock.clone(), &SeededIds::new(2)).expect("opens");
        Self { dir, clock, store }
    }

    pub(crate) fn name_pet(&self, n: u128, name: &str) -> bool {
        self.store
            .write(|writer| writer.put(id(n), &pet(name)))
            .expect("stored")
    }

    /// The pet's name as the person sees it.
    pub(crate) fn name_of(&self, n: u128) -> Option<String> {
        let pet: Option<Pet> = self.store.read(|reader| reader.get(id(n))).expect("read");
        pet.and_then(|pet| pet.name).map(String::from)
    }

    pub(crate) fn request(&self) -> SyncRequest {
        self.store.replica(None).next_request().expect("a request")
    }

    pub(crate) fn absorb(&self, request: &SyncRequest, reply: SyncReply) -> Next {
        self.store.replica(None).absorb(request, reply).expect("absorbed")
    }

    /// An exchange in which the server has nothing to say, but for the time.
    pub(crate) fn quiet_exchange(&self) {
        let request = self.request();
        let answer = SyncReply {
            clock: Hlc::at_ms(self.clock.now().0),
            ..reply(&request)
        };
        self.absorb(&request, answer);
    }

    pub(crate) fn pending(&self) -> u32 {
        self.store
            .read(|reader| Ok::<_, StoreError>(reader.pending()?.count))
            .expect("read")
    }

    pub(crate) fn refused(&self) -> Vec<u64> {
        let refused = self.store.read(|reader| reader.refused()).expect("read");
        refused.into_iter().map(|refused| refused.mid).collect()
    }

    pub(crate) fn cursor(&self) -> u64 {
        self.store.cursor().expect("read")
    }
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(crate) fn pet(name: &str) -> Pet {
    let mut pet = Pet::new(Species::Dog);
    pet.name = Some(name.to_owned().try_into().expect("a name"));
    pet
}

pub(crate) fn pet_row(n: u128, seq: u64, name: &str) -> Row {
    Row {
        kind: Kind::Pet.word().into(),
        id: id(n),
        seq,
        fields: Some(pet(name).to_fields()),
    }
}

pub(crate) fn removed(n: u128, seq: u64) -> Row {
    Row {
        kind: Kind::Pet.word().into(),
        id: id(n),
        seq,
        fields: None,
    }
}

pub(crate) fn fields(value: serde_json::Value) -> Fields {
    serde_json::from_value(value).expect("fields")
}

/// An answer that says nothing new.
pub(crate) fn reply(request: &SyncRequest) -> SyncReply {
    SyncReply {
        epoch: request.epoch.unwrap_or(Epoch(5)),
        clock: Hlc::at_ms(NOW),
        cursor: request.cursor,
        ..SyncReply::default()
    }
}

/// The mutations in a request: a device sends none that it cannot read.
pub(crate) fn made(request: &SyncRequest) -> Vec<Mutation> {
    let known = |sent: &Sent| sent.known().cloned().expect("known");
    request.mutations.iter().map(known).collect()
}

/// Acknowledges everything in a request at commit `seq`, without sending rows.
pub(crate) fn acked(request: &SyncRequest, seq: u64) -> SyncReply {
    let results = request.mutations.iter().map(|m| MutationResult {
        mid: m.mid(),
        outcome: Outcome::Applied,
    });
    SyncReply {
        results: results.collect(),
        ack_mid: request.mutations.last().map_or(0, Sent::mid),
        ack_seq: seq,
        ..reply(request)
    }
}

pub(crate) fn rejected(mid: u64, problem: Problem) -> MutationResult {
    MutationResult {
        mid,
        outcome: Outcome::Rejected { problem },
    }
}
