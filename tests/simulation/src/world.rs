//! The run: one queue of events, one clock, one oracle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use romp_domain::calls::{Call, Pair};
use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{DeviceId, ErrorCode, HouseholdId, Problem, Role, SessionId};
use romp_faulty_disk::Disk;
use uuid::Uuid;

use crate::device::{Device, Home, SERVER};
use crate::dice::Dice;
use crate::host::Host;
use crate::oracle::replies::{Asker, Told};
use crate::oracle::server::{Exchange, Model};
use crate::oracle::{Violation, broken};
use crate::plan::{Planned, START_MS, Seat, Setting, What, setting};
use crate::privacy::Entitled;
use crate::wire::{Outgoing, SharedHost, Slot, answer, hosted};

/// After so long an app gives up waiting for an answer.
const PATIENCE_MS: i64 = 60_000;

/// Most round trips of one exchange: far more than any family's data takes, even in small pages.
const MOST_ROUNDS: u32 = 400;

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

    /// Forgets what is under way.
    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        for place in &mut self.places {
            place.device.flight = None;
            drop(place.device.mailbox.take());
        }
    }

    pub(crate) fn send(&mut self, at: i64, event: Event) {
        let id = self.id();
        self.queue.insert((at, id), event);
    }

    /// Begins a call that needs the network.
    pub(crate) fn begin<C: Call + 'static>(
        &mut self,
        seat: usize,
        call: C,
        dice: Dice,
        perfect: bool,
    ) -> Result<(), Violation>
    where
        C::Reply: 'static,
    {
        let id = self.id();
        self.places[seat].device.begin(id, call, dice, perfect);
        self.go_on(seat).map(drop)
    }

    /// Goes on with a device's call, and hands what it sends to the network.
    pub(crate) fn go_on(&mut self, seat: usize) -> Result<Option<Result<(), Problem>>, Violation> {
        let result = self.places[seat].device.go_on();
        let in_trouble = self.places[seat].device.in_trouble;
        self.drain(None)?;
        self.look(seat)?;
        if let Some(result) = &result {
            let line = match result {
                Ok(()) => "is done exchanging".to_owned(),
                Err(problem) => format!("is told: {}", problem.message),
            };
            self.tell(Some(seat), &line);
            if !in_trouble {
                self.is_no_fault_of_ours(seat, result.as_ref().err())?;
            }
        }
        let place = &mut self.places[seat];
        let session = place
            .device
            .observer
            .account()
            .and_then(|account| account.session);
        for out in place.device.mailbox.take() {
            let Some(flight) = &mut self.places[seat].device.flight else {
                continue;
            };
            flight.rounds += 1;
            if flight.rounds > MOST_ROUNDS {
                return broken(
                    "I7",
                    format!("{} exchanges without end", self.places[seat].seat.name),
                );
            }
            let (id, perfect) = (flight.id, flight.perfect);
            let dice = Dice::new(flight.dice.next());
            self.post(seat, id, out, session, dice, perfect);
        }
        Ok(result)
    }

    /// Problems that mean that the program is wrong, not the world.
    pub(crate) fn is_no_fault_of_ours(
        &self,
        seat: usize,
        problem: Option<&Problem>,
    ) -> Result<(), Violation> {
        let wrong = [
            ErrorCode::Internal,
            ErrorCode::StorageBroken,
            ErrorCode::StorageNewer,
            ErrorCode::BadRequest,
        ];
        let in_trouble = self.places[seat].device.in_trouble;
        match problem {
            Some(_) if in_trouble => Ok(()),
            Some(problem) if wrong.contains(&problem.code) => broken(
                "I7 I10",
                format!("{}: {}", self.places[seat].seat.name, problem.message),
            ),
            _ => Ok(()),
        }
    }

    /// Decides what becomes of a request.
    fn post(
        &mut self,
        seat: usize,
        flight: u64,
        out: Outgoing,
        session: Option<SessionId>,
        mut dice: Dice,
        perfect: bool,
    ) {
        let event = |out: Outgoing, dice: Dice, awaited| Event::Request {
            seat,
            flight,
            out,
            session,
            dice,
            perfect,
            awaited,
        };
        if perfect {
            let next = Dice::new(dice.next());
            self.send(self.now, event(out, next, true));
            return;
        }
        let network = self.setting.network;
        let offline = self.places[seat].device.mailbox.is_offline();
        let gives_up = |at: i64, out: &Outgoing| {
            let event = Event::Answer {
                seat,
                flight,
                slot: out.slot.clone(),
                session,
                request: Box::new(out.request.clone()),
                result: Box::new(Err(ErrorCode::Offline.into())),
                awaited: true,
            };
            (at, event)
        };
        if offline || dice.permille(network.drops) {
            self.fault(if offline { "offline" } else { "request dropped" });
            let (at, event) = gives_up(self.now + 1_000, &out);
            self.send(at, event);
            return;
        }
        let delay = self.delay(&mut dice);
        if delay >= PATIENCE_MS {
            let (at, event) = gives_up(self.now + PATIENCE_MS, &out);
            self.send(at, event);
        }
        if dice.permille(network.duplicates) {
            self.fault("request duplicated");
            let later = self.now + delay + self.delay(&mut dice);
            let again = event(out.clone(), Dice::new(dice.next()), false);
            self.send(later, again);
        }
        let first = event(out, Dice::new(dice.next()), delay < PATIENCE_MS);
        self.send(self.now + delay, first);
    }

    fn delay(&mut self, dice: &mut Dice) -> i64 {
        if dice.permille(self.setting.network.dawdles) {
            self.fault("delayed by minutes to weeks");
            return match dice.below(3) {
                0 => dice.between(60_000, 3_600_000),
                1 => dice.between(3_600_000, 3 * 86_400_000),
                _ => dice.between(86_400_000, 30 * 86_400_000),
            };
        }
        dice.between(5, 400)
    }

    fn arrive(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Request {
                seat,
                flight,
                out,
                session,
                mut dice,
                perfect,
                awaited,
            } => {
                let result = self.serve(seat, &out, &mut dice, perfect)?;
                let network = self.setting.network;
                let lost = !perfect && dice.permille(network.loses_answers);
                if lost {
                    self.fault("answer lost");
                }
                if lost && !awaited {
                    return Ok(());
                }
                let delay = match (perfect, lost) {
                    (true, _) => 0,
                    (false, true) => 1_000,
                    (false, false) => self.delay(&mut dice),
                };
                let result = if lost {
                    Err(ErrorCode::Offline.into())
                } else {
                    result
                };
                let answer = |result, awaited| Event::Answer {
                    seat,
                    flight,
                    slot: out.slot.clone(),
                    session,
                    request: Box::new(out.request.clone()),
                    result: Box::new(result),
                    awaited,
                };
                if awaited && delay >= PATIENCE_MS {
                    let gives_up = answer(Err(ErrorCode::Offline.into()), true);
                    self.send(self.now + PATIENCE_MS, gives_up);
                }
                if !perfect && dice.permille(network.duplicates) {
                    self.fault("answer duplicated");
                    let later = self.now + delay + self.delay(&mut dice);
                    let again = answer(result.clone(), false);
                    self.send(later, again);
                }
                let first = answer(result, awaited && delay < PATIENCE_MS);
                self.send(self.now + delay, first);
                Ok(())
            }
            Event::Answer {
                seat,
                flight,
                slot,
                session,
                request,
                result,
                awaited,
            } => {
                if let Ok(reply) = &*result {
                    let place = &mut self.places[seat];
                    place.may_go_back |= reply.reset.is_some() || reply.need_from.is_some();
                }
                let device = &self.places[seat].device;
                let waits = device.flight.as_ref().is_some_and(|now| now.id == flight);
                if awaited && waits {
                    answer(&slot, *result);
                    return self.go_on(seat).map(drop);
                }
                if let Ok(reply) = *result {
                    self.fault("answer too late or twice");
                    let taken = self.places[seat].device.absorb_late(session, &request, reply);
                    self.is_no_fault_of_ours(seat, taken.as_ref().err())?;
                    self.tell(Some(seat), "gets an answer that nobody waits for any more");
                    self.look(seat)?;
                }
                Ok(())
            }
        }
    }

    /// The server answers one request, and everything that it does is judged.
    fn serve(
        &mut self,
        seat: usize,
        out: &Outgoing,
        dice: &mut Dice,
        perfect: bool,
    ) -> Result<Result<SyncReply, Problem>, Violation> {
        let host = self.host.clone();
        let session = hosted(&host).session(&out.token);
        let session = match session {
            Ok(session) => session,
            Err(problem) => {
                self.note(problem.code.word());
                self.mend()?;
                return Ok(Err(problem));
            }
        };
        let speaks_as = out.request.device.unwrap_or(session.device);
        let exchange = Exchange {
            household: session.household,
            device: speaks_as,
            role: session.role,
            clock: out.request.clock,
            adopts: out
                .request
                .link
                .filter(|_| out.request.adopt)
                .map(|link| link.mid),
            mutations: out.request.mutations.clone(),
        };
        let result = if dice.below(16) == 0 {
            hosted(&host).sync_over_http(&out.token, &out.request)
        } else {
            hosted(&host).sync(&out.token, out.request.clone())
        };
        self.drain(Some(&exchange))?;
        self.mend()?;
        let mut reply = match result {
            Ok(reply) => reply,
            Err(problem) => {
                self.note(problem.code.word());
                self.is_no_fault_of_ours(seat, Some(&problem))?;
                return Ok(Err(problem));
            }
        };
        self.counts.exchanges += 1;
        let place = &self.places[seat];
        let asker = Asker {
            name: &place.seat.name,
            device: speaks_as,
            role: session.role,
            entitled: place.entitled,
            future: place.future,
        };
        let text = self
            .told
            .judge(&asker, &self.model, &out.request, &reply, self.now)?;
        self.note(&text);
        if !perfect && dice.permille(self.setting.network.cuts) {
            cut(&mut reply, 4 + dice.below(20) as usize);
        }
        if self.places[seat].future {
            crate::future::newer(&mut reply);
        }
        Ok(Ok(reply))
    }

    /// Judges what the server has committed.
    pub(crate) fn drain(&mut self, exchange: Option<&Exchange>) -> Result<(), Violation> {
        let committed = hosted(&self.host).handler.take();
        for writes in committed {
            self.model.committed(exchange, &writes, self.now)?;
        }
        Ok(())
    }

    /// Starts the server again if it died.
    pub(crate) fn mend(&mut self) -> Result<(), Violation> {
        let host = self.host.clone();
        let mut host = hosted(&host);
        if !host.handler.is_dead() {
            return Ok(());
        }
        self.fault("server died in the middle");
        host.restart();
        drop(host);
        self.tell(None, "dies and is started again");
        self.holds_what_it_committed()
    }

    /// Looks at a device.
    pub(crate) fn look(&mut self, seat: usize) -> Result<(), Violation> {
        if self.places[seat].device.is_off() {
            self.fault("power of a device cut");
            self.tell(Some(seat), "loses its power and is started again");
            self.kill_device(seat)?;
        }
        let place = &mut self.places[seat];
        place.device.pause();
        let look = place
            .device
            .observer
            .look(&place.seat.name, place.entitled, place.may_go_back)?;
        place.device.unpause();
        let Some(look) = look else {
            return Ok(());
        };
        place.may_go_back = false;
        if look.new_role {
            // What was settled is forgotten on purpose, and cannot be sent again.
            self.lost = std::mem::take(&mut self.lost)
                .into_iter()
                .filter(|(device, _)| Some(*device) != self.places[seat].device.observer.device_id())
                .collect();
        }
        self.device_agrees_with_server(seat, &look)
    }

    /// Joins a device to its family, by a code that an owner has made.
    pub(crate) fn join(
        &mut self,
        seat: usize,
        role: Role,
        dice: Dice,
        perfect: bool,
    ) -> Result<Result<(), Problem>, Violation> {
        let household = self.households[self.places[seat].seat.family];
        let code = hosted(&self.host).code(household, role);
        self.drain(None)?;
        let code = match code {
            Ok(code) => code,
            Err(problem) => return Ok(Err(problem)),
        };
        let name = self.places[seat].seat.name.clone();
        let call = Pair {
            server: SERVER.to_owned(),
            code,
            device: name.try_into().unwrap(),
        };
        self.begin(seat, call, dice, perfect)?;
        Ok(Ok(()))
    }

    /// Performs a plan. Where it ends badly, how far it came.
    pub(crate) fn live(&mut self, plan: &[Planned]) -> Result<(), (usize, Violation)> {
        for (n, planned) in plan.iter().enumerate() {
            self.perform(planned).map_err(|violation| (n, violation))?;
        }
        self.finish().map_err(|violation| (plan.len(), violation))?;
        let judged = self.model.judged;
        self.counts.judged = [judged.applied, judged.refused, judged.matches, judged.confirmed];
        self.counts.commits += hosted(&self.host).handler.commits();
        Ok(())
    }

    /// The server is killed between two requests.
    pub(crate) fn kill_server(&mut self) -> Result<(), Violation> {
        hosted(&self.host).restart();
        self.tell(None, "is killed and started again");
        self.holds_what_it_committed()
    }

    pub(crate) const fn is_people(what: What) -> bool {
        !what.is_fault()
    }
}

/// The answer as a server with small pages would give it: cut behind a whole commit.
fn cut(reply: &mut SyncReply, rows: usize) {
    let Some(last) = reply.rows.get(rows).map(|row| row.seq) else {
        return;
    };
    // The first commit that is left out.
    let keep = reply.rows.iter().take_while(|row| row.seq < last).count();
    if keep == 0 {
        return;
    }
    reply.rows.truncate(keep);
    reply.cursor = reply.rows[keep - 1].seq;
    reply.more = true;
}
