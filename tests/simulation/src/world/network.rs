//! What becomes of requests and answers on their way: lost, late, twice, in pieces.

use romp_domain::wire::SyncReply;
use romp_domain::{ErrorCode, SessionId};

use super::{Event, World};
use crate::dice::Dice;
use crate::oracle::Violation;
use crate::wire::{Outgoing, answer, hosted};

/// After so long an app gives up waiting for an answer.
const PATIENCE_MS: i64 = 60_000;

impl World {
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

    /// Decides what becomes of a request.
    pub(super) fn post(
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

    pub(super) fn arrive(&mut self, event: Event) -> Result<(), Violation> {
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
                let newest = &mut self.places[seat].newest;
                if flight < *newest {
                    self.fault("request overtaken by a later one");
                } else {
                    *newest = flight;
                }
                let before = hosted(&self.host).handler.commits();
                let result = self.serve(seat, &out, &mut dice, perfect)?;
                let network = self.setting.network;
                let deaf = !perfect && self.places[seat].deaf;
                let lost = deaf || !perfect && dice.permille(network.loses_answers);
                if lost {
                    let committed = hosted(&self.host).handler.commits() != before;
                    self.fault(match (deaf, committed) {
                        (true, _) => "answer lost: partition one way",
                        (false, true) => "answer lost after a commit",
                        (false, false) => "answer lost",
                    });
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
                    if let Err(problem) = &*result {
                        self.forgets(seat, problem.code);
                    }
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
}

/// The answer as a server with small pages would give it: cut behind a whole commit.
pub(super) fn cut(reply: &mut SyncReply, rows: usize) {
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
