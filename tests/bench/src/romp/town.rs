//! Fills a database before it is measured: families with signed-in owners, and rows.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use romp_domain::text::DeviceName;
use romp_domain::wire::Link;
use romp_domain::{
    DeviceId, Entity, Fields, Hlc, HouseholdId, Kind, PetId, Role, SessionId, Swipe, SwipeId, UtcMs,
};
use romp_server::db::{Db, DbExt, DeckRecord, DeviceRecord, Fault, FeedEntry, SessionRecord, Tx};
use romp_server::env::{Clock, SystemClock, SystemRandom, new_id};
use romp_server::server::{Server, Settings};
use romp_server::{demo, demo_load, secrets};
use romp_sync::{Registers, Stamp};
use uuid::Uuid;

use super::push::opinion;
use crate::Outcome;

/// Rows that one commit brings, in households that are filled.
const COMMIT: usize = 100;

/// Decides everything that chance would.
const SEED: u64 = 1;

/// A family with a signed-in owner.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) household: HouseholdId,
    pub(crate) pet: PetId,
    pub(crate) session: SignedIn,
}

/// An owner's session on a device.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) device: DeviceId,
    pub(crate) token: String,
}

/// Families of the demo's neighbourhood: real pets, in reach of each other, with hours and consents. Nobody has swiped
/// yet, and every deck was dealt just now.
pub(crate) fn town(db: &Arc<dyn Db>, households: usize) -> Outcome<Vec<Home>> {
    let assets = Path::new("assets/demo");
    let open = |name: &str| {
        let path = assets.join(name);
        File::open(&path)
            .map(BufReader::new)
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    let (pets, _) = demo::read_pets(open("seattle-pets.csv")?).map_err(|error| error.to_string())?;
    let (places, _) = demo::read_places(open("zip-centroids.csv")?).map_err(|error| error.to_string())?;
    let now = SystemClock.now();
    let options = demo::Options {
        households: Some(households),
        seed: SEED,
        now,
    };
    let families: Vec<_> = demo::neighbourhood(&pets, &places, options)
        .map(|mut family| {
            family.swipes.clear();
            family.owner = None;
            family
        })
        .collect();
    let server = Server::new(
        Arc::clone(db),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
        Settings::default(),
    );
    demo_load::load(&server, families.clone().into_iter()).map_err(|problem| problem.to_string())?;
    let mut homes = Vec::with_capacity(families.len());
    for family in &families {
        let (pet, _) = family.pets.first().ok_or("a family without a pet")?;
        homes.push(Home {
            household: family.id,
            pet: *pet,
            session: sign_in(db, family.id, new_device())?,
        });
    }
    run(db, move |tx| {
        families.iter().try_for_each(|family| {
            family.pets.iter().try_for_each(|(pet, _)| {
                tx.put_deck(&DeckRecord {
                    pet: *pet,
                    household: family.id,
                    built_at: now,
                    stale: false,
                    generation: 1,
                    asks: false,
                    dealt: 0,
                })
            })
        })
    })?;
    Ok(homes)
}

/// An id for a device.
pub(crate) fn new_device() -> DeviceId {
    DeviceId(fresh_id())
}

/// Any new id.
pub(crate) fn fresh_id() -> Uuid {
    new_id(&SystemClock, &SystemRandom)
}

/// Signs an owner's device in.
pub(crate) fn sign_in(db: &Arc<dyn Db>, household: HouseholdId, device: DeviceId) -> Outcome<SignedIn> {
    sign_in_many(db, household, vec![device])?
        .pop()
        .ok_or_else(|| "no session".to_owned())
}

/// Signs owners' devices in.
pub(crate) fn sign_in_many(
    db: &Arc<dyn Db>,
    household: HouseholdId,
    devices: Vec<DeviceId>,
) -> Outcome<Vec<SignedIn>> {
    let now = SystemClock.now();
    let name = DeviceName::new("bench").map_err(|error| error.to_string())?;
    let mut sessions = Vec::with_capacity(devices.len());
    let mut records = Vec::with_capacity(devices.len());
    for id in devices {
        let (secret, token) = secrets::new_token(&SystemRandom);
        sessions.push(SignedIn {
            device: id,
            token: secret.into_text(),
        });
        let session = SessionId(fresh_id());
        let device = DeviceRecord {
            id,
            household,
            session: Some(session),
            name: name.clone(),
            held: Link::default(),
            last_hlc: Hlc::default(),
            cursor: 0,
            seen_at: now,
        };
        let session = SessionRecord {
            id: session,
            household,
            user: None,
            by_user: None,
            device: id,
            role: Role::Owner,
            token,
            created_at: now,
            waiting: false,
            used_at: now,
            ended_at: None,
        };
        records.push((device, session));
    }
    run(db, move |tx| {
        records.iter().try_for_each(|(device, session)| {
            tx.put_device(device)?;
            tx.insert_session(session)
        })
    })?;
    Ok(sessions)
}

/// Gives a household so many swipes on pets that nobody has; returns their ids.
pub(crate) fn fill(db: &Arc<dyn Db>, home: &Home, swipes: usize) -> Outcome<Vec<Uuid>> {
    let mut dice = super::push::dice(0);
    let rows: Vec<(Uuid, Fields)> = (0..swipes)
        .map(|_| {
            let swipe = opinion(&mut dice, home.pet, PetId(fresh_id()));
            row_of(&swipe)
        })
        .collect();
    let ids = rows.iter().map(|(id, _)| *id).collect();
    store(db, home.household, rows)?;
    Ok(ids)
}

/// Removes swipes again, as devices would.
pub(crate) fn remove(db: &Arc<dyn Db>, home: &Home, ids: &[Uuid]) -> Outcome {
    let rows = ids.iter().map(|id| (*id, Fields::removal())).collect();
    store(db, home.household, rows)
}

/// A swipe as a row.
pub(crate) fn row_of(swipe: &Swipe) -> (Uuid, Fields) {
    (
        SwipeId::of(swipe.actor_pet, swipe.target_pet).0,
        swipe.to_fields(),
    )
}

fn store(db: &Arc<dyn Db>, household: HouseholdId, rows: Vec<(Uuid, Fields)>) -> Outcome {
    let stamp = Stamp(Hlc::at_ms(now().0), new_device());
    for commit in rows.chunks(COMMIT) {
        let commit = commit.to_vec();
        run(db, move |tx| {
            let seq = tx.next_seq(household)?;
            for (id, fields) in &commit {
                let mut row = tx.row(household, Kind::Swipe, *id)?.unwrap_or_default();
                row.merge(&Registers::of(fields, stamp));
                tx.put_row(household, Kind::Swipe, *id, &row)?;
                let note = FeedEntry {
                    kind: Kind::Swipe,
                    id: *id,
                    seq,
                    gone: row.fields.is_deleted(),
                };
                tx.mark(household, note)?;
            }
            tx.raise_clock(household, stamp.0)
        })?;
    }
    Ok(())
}

fn now() -> UtcMs {
    SystemClock.now()
}

fn run(db: &Arc<dyn Db>, job: impl FnMut(&mut dyn Tx) -> Result<(), Fault> + Send + 'static) -> Outcome {
    db.write(job).map_err(|fault| fault.to_string())
}
