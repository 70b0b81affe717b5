//! The server in the run: it answers, is judged, dies and is started again.

use romp_domain::time::DAY_MS;
use romp_domain::wire::{Reset, SyncReply};
use romp_domain::{ErrorCode, Problem, Sent};

use super::World;
use super::network::cut;
use crate::dice::Dice;
use crate::oracle::replies::Asker;
use crate::oracle::server::Exchange;
use crate::oracle::{Violation, broken};
use crate::spy::Write;
use crate::wire::{Outgoing, hosted};

impl World {
    /// The server answers one request, and everything that it does is judged.
    pub(super) fn serve(
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
        let old = self.places[seat].seat.old;
        let request = if old {
            crate::past::older(&out.request)
        } else {
            out.request.clone()
        };
        let speaks_as = request.device.unwrap_or(session.device);
        let exchange = Exchange {
            household: session.household,
            device: speaks_as,
            role: session.role,
            session: session.id,
            clock: request.clock,
            adopts: request.link.filter(|_| request.adopt).map(|link| link.mid),
            mutations: request
                .mutations
                .iter()
                .filter_map(Sent::known)
                .cloned()
                .collect(),
        };
        for household in &self.households {
            hosted(&host).listen(*household);
        }
        let before = self.model.heads.clone();
        let result = if dice.below(16) == 0 || old {
            hosted(&host).sync_over_http(&out.token, &request)
        } else {
            hosted(&host).sync(&out.token, request.clone())
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
        for (household, head) in &self.model.heads {
            let heard = hosted(&host).heard(*household);
            if before.get(household) != Some(head) && heard != *head {
                return broken(
                    "14",
                    format!("{household} has commit {head}, and who listens was told of {heard}"),
                );
            }
        }
        if old {
            self.fault("exchange of an old app");
        }
        let place = &self.places[seat];
        let asker = Asker {
            name: &place.seat.name,
            device: speaks_as,
            role: session.role,
            entitled: place.entitled,
            future: place.future,
        };
        let text = self.told.judge(&asker, &self.model, &request, &reply, self.now)?;
        self.note(&text);
        self.count(&reply);
        if !perfect && dice.permille(self.setting.network.cuts) {
            cut(&mut reply, 4 + dice.below(20) as usize);
        }
        if (exchange.clock.ms() - self.now).abs() > DAY_MS {
            self.fault("exchange by a clock that is off by days");
        }
        if self.places[seat].future {
            self.fault("answer of a newer server");
            crate::future::newer(&mut reply);
        }
        Ok(Ok(if old {
            crate::past::understood(reply)
        } else {
            reply
        }))
    }

    /// Counts what an answer says about a history that broke off.
    fn count(&mut self, reply: &SyncReply) {
        if reply.fork.is_some() {
            self.fault("told that it is a copy");
        }
        if reply.need_from.is_some() {
            self.fault("asked to send again");
        }
        match reply.reset {
            Some(Reset::Epoch) => self.fault("reset: another history"),
            Some(Reset::Ahead) => self.fault("reset: ahead of the server"),
            Some(Reset::TooOld) => self.fault("reset: too old"),
            Some(Reset::Scope) => self.fault("reset: may see other things"),
            Some(Reset::Digest) => self.fault("reset: rows differ"),
            None => {}
        }
    }

    /// Judges what the server has committed.
    pub(crate) fn drain(&mut self, exchange: Option<&Exchange>) -> Result<(), Violation> {
        self.count_what_struck();
        let committed = hosted(&self.host).handler.take();
        for writes in committed {
            let is_off = |write: &&Write| matches!(write, Write::Reject(_, _, ErrorCode::SwitchedOff));
            for _ in writes.iter().filter(is_off) {
                self.fault("refused because it is switched off");
            }
            self.model.committed(exchange, &writes, self.now)?;
        }
        Ok(())
    }

    fn count_what_struck(&mut self) {
        let struck = hosted(&self.host).handler.struck();
        for fault in struck {
            self.fault(fault);
        }
    }

    /// Starts the server again if it died.
    pub(crate) fn mend(&mut self) -> Result<(), Violation> {
        let host = self.host.clone();
        let mut host = hosted(&host);
        if !host.handler.is_dead() {
            return Ok(());
        }
        let struck = host.handler.struck();
        host.restart();
        drop(host);
        for fault in struck {
            self.fault(fault);
        }
        self.tell(None, "dies and is started again");
        self.holds_what_it_committed()
    }

    /// The server is killed between two requests.
    pub(crate) fn kill_server(&mut self) -> Result<(), Violation> {
        hosted(&self.host).restart();
        self.fault("server killed between two requests");
        self.tell(None, "is killed and started again");
        self.holds_what_it_committed()
    }
}
