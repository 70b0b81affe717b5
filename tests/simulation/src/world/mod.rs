//! The run: one queue of events, one clock, one oracle.
//!
//! [`network`] decides what becomes of requests and answers; in [`serving`] the server answers, and what it does is
//! judged; [`devices`] goes on with calls and looks at what devices hold.

mod devices;
mod network;
mod serving;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use romp_domain::wire::{Epoch, SyncReply, SyncRequest};
use romp_domain::{DeviceId, HouseholdId, Problem, SessionId};
use romp_faulty_disk::Disk;
use uuid::Uuid;

use crate::device::{Device, Home};
use crate::dice::Dice;
use crate::host::Host;
use crate::oracle::replies::Told;
use crate::oracle::retold::Wiped;
use crate::oracle::server::Model;
use crate::oracle::{Violation, broken};
use crate::plan::{Planned, START_MS, Seat, Setting, setting};
use crate::privacy::Entitled;
use crate::wire::{Outgoing, SharedHost, Slot, hosted};

/// Something that is under way.
pub(crate) enum Event {
    /// A request reaches the server.
    Request {
        seat: usize,
        flight: u64,
        out: Outgoing,
        session: Option<SessionId>,
        dice: Dice,
        perfect: bool,
        /// Whether anybody waits for the answer.
        awaited: bool,
    },
    /// An answer reaches the device.
    Answer {
        seat: usize,
        flight: u64,
        slot: Slot,
        session: Option<SessionId>,
        request: Box<SyncRequest>,
        result: Box<Result<SyncReply, Problem>>,
        awaited: bool,
    },
}

/// Numbers of a run.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Planned entries that were performed, by name.
    pub done: BTreeMap<String, u64>,
    /// What the network and the machines did, by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// Everything that happened: entries, arrivals of requests and of answers.
    pub steps: u64,
    /// Exchanges that the server answered.
    pub exchanges: u64,
    /// Transactions that the server committed.
    pub commits: u64,
    /// Mutations applied, refused; matches made; playdates confirmed.
    pub judged: [u64; 4],
}

impl Counts {
    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        for (name, n) in &other.done {
            *self.done.entry(name.clone()).or_default() += n;
        }
        for (name, n) in &other.faults {
            *self.faults.entry(*name).or_default() += n;
        }
        self.steps += other.steps;
        self.exchanges += other.exchanges;
        self.commits += other.commits;
        for (into, from) in self.judged.iter_mut().zip(other.judged) {
            *into += from;
        }
    }
}

/// A device's place in the run.
pub(crate) struct Place {
    pub(crate) seat: Seat,
    pub(crate) device: Device,
    pub(crate) entitled: Entitled,
    /// Folders used so far.
    pub(crate) folders: u32,
    /// Sees a server that is newer than itself.
    pub(crate) future: bool,
    /// The last answer tells it that the server's history broke off, or that what it has is not to be trusted.
    pub(crate) may_go_back: bool,
    /// The newest call of which a request has reached the server.
    pub(crate) newest: u64,
    /// What it sends arrives, and no answer comes back.
    pub(crate) deaf: bool,
}

pub(crate) struct World {
    pub(crate) now: i64,
    pub(crate) host: SharedHost,
    pub(crate) setting: Setting,
    /// Whether the devices' disks can fail.
    pub(crate) faulty: bool,
    pub(crate) households: Vec<HouseholdId>,
    pub(crate) places: Vec<Place>,
    pub(crate) model: Model,
    pub(crate) told: Told,
    pub(crate) counts: Counts,
    pub(crate) story: Option<Vec<String>>,
    pub(crate) trace: u64,
    pub(crate) folder: PathBuf,
    /// The last backup of the server: where it is, what it holds, and when it was made.
    pub(crate) backup: Option<(PathBuf, Model, i64)>,
    /// What each device had been told was held, when a backup that lacked it took its place; and whether the device
    /// still had it all then.
    pub(crate) lost: BTreeMap<DeviceId, (u64, bool)>,
    /// The server's database was lost or put back: an old app does not notice.
    pub(crate) broke_off: bool,
    /// Which histories of the server's database have ended.
    pub(crate) old_epochs: Vec<Epoch>,
    /// What the server had when its database was lost, and what became of it.
    pub(crate) wiped: Option<Wiped>,
    /// Families whose accounts were deleted.
    pub(crate) gone: BTreeSet<usize>,
    /// Devices that had no session when their family's account was deleted, or not heard of it when the server lost its
    /// database: nobody can tell them.
    pub(crate) out_of_reach: BTreeSet<usize>,
    /// Devices that forgot what the server had acknowledged, or may have: they cannot send it again.
    pub(crate) forgetful: BTreeSet<DeviceId>,
    /// Devices of which there was a copy. Of a refusal that one of the two has heard, the other may hear no more.
    pub(crate) had_copies: BTreeSet<DeviceId>,
    queue: BTreeMap<(i64, u64), Event>,
    next_id: u64,
    _root: tempfile::TempDir,
}

/// A folder in memory where there is one: a simulated power cut needs no real disk.
fn root() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

impl World {
    pub(crate) fn new(seed: u64, tell: bool) -> Result<Self, Violation> {
        let root = root();
        let folder = root.path().to_owned();
        let setting = setting(seed);
        let host: SharedHost = Arc::new(Mutex::new(Host::new(&folder, seed)));
        let mut dice = Dice::new(seed ^ 0x3301_1D50);
        // Disks that can fail take twice the time, so not everybody has one.
        let faulty = seed % 4 == 1;
        let households = (0..setting.families)
            .map(|_| HouseholdId(Uuid::from_u64_pair(dice.next(), dice.next())))
            .collect();
        let places = setting
            .seats
            .iter()
            .enumerate()
            .map(|(n, seat)| Place {
                device: Device::new(
                    &host,
                    if faulty {
                        Home::Disk(Disk::new())
                    } else {
                        Home::Folder(folder.join(format!("{n}-0")))
                    },
                    dice.next(),
                    START_MS,
                    seat.skew_ms,
                ),
                entitled: Entitled { family: seat.family },
                seat: seat.clone(),
                folders: 0,
                future: false,
                may_go_back: false,
                newest: 0,
                deaf: false,
            })
            .collect();
        let mut world = Self {
            now: START_MS,
            host,
            setting,
            faulty,
            households,
            places,
            model: Model::default(),
            told: Told::default(),
            counts: Counts::default(),
            story: tell.then(Vec::new),
            trace: 0xcbf2_9ce4_8422_2325,
            folder,
            backup: None,
            lost: BTreeMap::new(),
            broke_off: false,
            old_epochs: Vec::new(),
            wiped: None,
            gone: BTreeSet::new(),
            out_of_reach: BTreeSet::new(),
            forgetful: BTreeSet::new(),
            had_copies: BTreeSet::new(),
            queue: BTreeMap::new(),
            next_id: 0,
            _root: root,
        };
        world.set_time(START_MS);
        let story = world.story.take();
        world.gather()?;
        world.story = story;
        world.introduce();
        Ok(world)
    }

    pub(crate) fn set_time(&mut self, now: i64) {
        self.now = now;
        hosted(&self.host).clock.set(now);
        for place in &self.places {
            place.device.set_time(now);
        }
    }

    /// Adds to what two runs of a seed must have in common.
    pub(crate) fn note(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    /// Says what happened.
    pub(crate) fn tell(&mut self, seat: Option<usize>, sentence: &str) {
        let since = self.now - START_MS;
        let (day, hour, minute, second) = (
            since / 86_400_000 + 1,
            since / 3_600_000 % 24,
            since / 60_000 % 60,
            since / 1_000 % 60,
        );
        let who = seat.map_or("The server", |seat| self.places[seat].seat.name.as_str());
        let line = format!("day {day}, {hour:02}:{minute:02}:{second:02}  {who} {sentence}");
        self.note(&line);
        if let Some(story) = &mut self.story {
            story.push(line);
        }
    }

    pub(crate) fn fault(&mut self, name: &'static str) {
        *self.counts.faults.entry(name).or_default() += 1;
    }

    pub(crate) const fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Says who there is; how each family entered its settings, pets and hours is left out.
    fn introduce(&mut self) {
        for family in 0..self.setting.families {
            let of_it = self.places.iter().filter(|place| place.seat.family == family);
            let names: Vec<&str> = of_it.map(|place| place.seat.name.as_str()).collect();
            let line = format!("family {family} is set up: {}", names.join(", "));
            if let Some(story) = &mut self.story {
                story.push(line);
            }
        }
    }

    /// One entry of the plan: first what arrives before it, then it.
    pub(crate) fn perform(&mut self, planned: &Planned) -> Result<(), Violation> {
        self.run_until(planned.at_ms)?;
        if planned.seat >= self.places.len() {
            return Ok(());
        }
        if self.is_gone(planned.seat) && !planned.what.is_for_the_deleted() {
            return Ok(());
        }
        self.counts.steps += 1;
        let done = format!("{:?}", planned.what);
        *self.counts.done.entry(done).or_default() += 1;
        match self.act(planned.seat, planned.what, Dice::new(planned.dice)) {
            Err(violation) if violation.is_interruption() => {}
            other => other?,
        }
        self.drain(None)?;
        self.look(planned.seat)
    }

    /// Whether a device's family has deleted its account.
    pub(crate) fn is_gone(&self, seat: usize) -> bool {
        self.gone.contains(&self.places[seat].seat.family)
    }

    /// Delivers everything that is due up to a time, and lets it become that time.
    pub(crate) fn run_until(&mut self, until: i64) -> Result<(), Violation> {
        while let Some(entry) = self.queue.first_entry() {
            let at = entry.key().0;
            if at > until {
                break;
            }
            let event = entry.remove();
            if at > self.now {
                self.set_time(at);
            }
            self.counts.steps += 1;
            self.arrive(event)?;
        }
        if until > self.now {
            self.set_time(until);
        }
        Ok(())
    }

    /// Performs a plan. Where it ends badly, how far it came.
    pub(crate) fn live(&mut self, plan: &[Planned]) -> Result<(), (usize, Violation)> {
        for (n, planned) in plan.iter().enumerate() {
            without_panic(|| self.perform(planned)).map_err(|violation| (n, violation))?;
        }
        without_panic(|| self.finish()).map_err(|violation| (plan.len(), violation))?;
        let judged = self.model.judged;
        self.counts.judged = [judged.applied, judged.refused, judged.matches, judged.confirmed];
        self.counts.commits += hosted(&self.host).handler.commits();
        Ok(())
    }
}

/// A panic breaks an invariant like any other: its seed is told, and the others go on.
fn without_panic(go: impl FnOnce() -> Result<(), Violation>) -> Result<(), Violation> {
    catch_unwind(AssertUnwindSafe(go)).unwrap_or_else(|payload| {
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied());
        broken("no panic", said.unwrap_or("panicked").to_owned())
    })
}
