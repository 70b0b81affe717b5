//! W7: five devices of a family change ten thousand things while answers get lost, each is cut off for a while, and the
//! server is killed: all while they work. In the end every device must hold the same rows, and every change that was acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Fields, Kind, Pet, PetId, Problem, Swipe};
use romp_store::StoreError;
use romp_sync::{Transport, exchange};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::bootstrap::Fresh;
use super::place::Place;
use super::protocol::Line;
use super::push::{dice, opinion};
use super::town::{new_device, row_of, town};
use crate::http::Wire;
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Devices of the family.
const DEVICES: usize = 5;
/// Changes of all devices together.
const CHANGES: usize = 10_000;
/// Changes of a device between two tries to sync.
const BURST: usize = 20;
/// Bursts for which a device is cut off, one device after the other.
const CUT_OFF: usize = 8;
/// Between two bursts, so that the work takes as long as the kills.
const PACE: Duration = Duration::from_millis(75);
/// How often the server is killed.
const KILLS: usize = 10;
/// Between two kills.
const ALIVE: Duration = Duration::from_millis(700);
/// How long a device waits after a failed try.
const RETRY: Duration = Duration::from_millis(20);
/// How long healing may take.
const HEAL: Duration = Duration::from_mins(1);

/// A line that loses requests and answers while it is bad.
struct BadLine {
    line: Line,
    bad: Arc<AtomicBool>,
    dice: tokio::sync::Mutex<ChaCha8Rng>,
}

impl BadLine {
    async fn loses(&self) -> bool {
        self.bad.load(Ordering::Relaxed) && self.dice.lock().await.random_bool(0.2)
    }
}

impl Transport for BadLine {
    async fn sync(&self, request: &SyncRequest) -> Result<SyncReply, Problem> {
        let lost = || Problem::new(ErrorCode::Offline);
        if self.loses().await {
            return Err(lost());
        }
        let reply = self.line.sync(request).await?;
        if self.loses().await {
            Err(lost())
        } else {
            Ok(reply)
        }
    }
}

/// The swipes and pets of a device, in order.
type Shown = (Vec<(Uuid, Swipe)>, Vec<(Uuid, Pet)>);

/// A device and the swipes it made.
struct Worker {
    device: Fresh,
    line: BadLine,
    made: Vec<Uuid>,
}

impl Worker {
    /// Makes its changes, syncing now and then whether that works or not.
    async fn work(mut self, pet: PetId, number: u64) -> Outcome<Self> {
        let mut dice = dice(700 + number);
        for burst in 0..CHANGES / DEVICES / BURST {
            let made = self
                .device
                .store
                .write(|writer| {
                    let mut made = Vec::with_capacity(BURST);
                    // Every burst also fights over one field that all devices change.
                    let energy = Fields(
                        [("energy".to_owned(), dice.random_range(1..=5).into())]
                            .into_iter()
                            .collect(),
                    );
                    writer.patch(Kind::Pet, pet.0, &energy)?;
                    for _ in 1..BURST {
                        let (id, fields) = row_of(&opinion(&mut dice, pet, PetId(new_device().0)));
                        writer.patch(Kind::Swipe, id, &fields)?;
                        made.push(id);
                    }
                    Ok::<_, StoreError>(made)
                })
                .map_err(|error| error.to_string())?;
            self.made.extend(made);
            let is_cut_off = burst / CUT_OFF % DEVICES == number as usize;
            if !is_cut_off && self.sync().await.is_err() {
                tokio::time::sleep(RETRY).await;
            }
            tokio::time::sleep(PACE).await;
        }
        Ok(self)
    }

    async fn sync(&self) -> Result<(), Problem> {
        exchange(&self.device.store.replica(None), &self.line).await
    }

    /// Everything it shows, in order.
    fn shown(&self) -> Outcome<Shown> {
        self.device
            .store
            .read(|reader| Ok::<_, StoreError>((reader.list::<Swipe>()?, reader.list::<Pet>()?)))
            .map(|(mut swipes, mut pets)| {
                swipes.sort_by_key(|(id, _)| *id);
                pets.sort_by_key(|(id, _)| *id);
                (swipes, pets)
            })
            .map_err(|error| error.to_string())
    }
}

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let home = town(&db, 2)?.swap_remove(0);
    drop(db);
    let bad = Arc::new(AtomicBool::new(true));
    let mut workers = Vec::with_capacity(DEVICES);
    for number in 0..DEVICES {
        let device = Fresh::new(&place, &home, &format!("worker-{number}"))?;
        let line = BadLine {
            line: device.line(&place, &Wire::default()),
            bad: Arc::clone(&bad),
            dice: tokio::sync::Mutex::new(dice(70 + number as u64)),
        };
        workers.push(Worker {
            device,
            line,
            made: Vec::new(),
        });
    }
    let mut server = place.serve()?;
    // They begin with the family's rows, as devices of a family do.
    bad.store(false, Ordering::Relaxed);
    for worker in &workers {
        worker.sync().await.map_err(|problem| problem.to_string())?;
    }
    bad.store(true, Ordering::Relaxed);

    let started = Instant::now();
    let mut working = JoinSet::new();
    for (number, worker) in workers.into_iter().enumerate() {
        working.spawn(worker.work(home.pet, number as u64));
    }
    let (mut kills, mut workers) = (0, Vec::new());
    while kills < KILLS {
        tokio::time::sleep(ALIVE).await;
        while let Some(done) = working.try_join_next() {
            workers.push(done.map_err(|error| error.to_string())??);
        }
        if working.is_empty() {
            break;
        }
        server.kill();
        server = place.serve()?;
        kills += 1;
    }
    while let Some(done) = working.join_next().await {
        workers.push(done.map_err(|error| error.to_string())??);
    }
    bad.store(false, Ordering::Relaxed);
    heal(&workers).await?;

    let reference = workers.first().ok_or("no device")?.shown()?;
    let mut diverged = 0;
    for worker in &workers {
        diverged += usize::from(worker.shown()? != reference);
    }
    let lost = workers
        .iter()
        .flat_map(|worker| &worker.made)
        .filter(|id| reference.0.binary_search_by_key(id, |(known, _)| known).is_err())
        .count();
    report.value("lost writes", lost as f64, "of 10,000");
    report.value("diverged devices", diverged as f64, "of 5");
    report.value(
        "kills while they worked",
        f64::from(u32::try_from(kills).unwrap_or(u32::MAX)),
        "",
    );
    report.value("in all", started.elapsed().as_secs_f64(), "s");
    server.stop()
}

/// Lets every device sync until nobody brings anything new.
async fn heal(workers: &[Worker]) -> Outcome {
    let until = Instant::now() + HEAL;
    // Twice: what the last device brings in the first round, the others get in the second.
    for _ in 0..2 {
        for worker in workers {
            while let Err(problem) = worker.sync().await {
                if Instant::now() > until {
                    return Err(format!("a device cannot sync any more: {problem}"));
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    Ok(())
}
