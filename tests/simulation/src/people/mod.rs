//! What people do, and what happens to their devices: each entry of a plan, performed.
//!
//! Everything goes through the app's own calls, so its rules apply; what they refuse is part of the story.

mod apart;
mod cards;
mod family;
mod gather;
mod mishaps;
mod pets;
mod switches;

pub(crate) use family::consent;
use romp_domain::calls::{Call, DismissRefused, SignOut, Status, SyncNow};
use romp_domain::view::Connection;
use romp_domain::{ErrorCode, Problem, Role};

use crate::dice::Dice;
use crate::oracle::Violation;
use crate::plan::What;
use crate::world::World;

impl World {
    /// Performs one entry.
    pub(crate) fn act(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        let is_child = self.places[seat].device.role() == Role::Child;
        // Children mostly do what children can; now and then they try the rest.
        let what = match what {
            _ if !is_child || what.is_fault() || dice.below(10) == 0 => what,
            What::Release | What::EditPet | What::Exception | What::Hours | What::ShowPet => What::Swipe,
            What::HidePet | What::EditFamily | What::Answer => What::Undo,
            _ => what,
        };
        match what {
            What::Sync => self.exchange(seat, dice, false),
            What::Swipe | What::Undo | What::Again | What::Release | What::Answer | What::Look => {
                self.at_the_deck(seat, what, dice)
            }
            What::EditPet
            | What::HidePet
            | What::ShowPet
            | What::RestPet
            | What::WakePet
            | What::AddPet
            | What::RemovePet => self.with_pets(seat, what, dice),
            What::EditFamily
            | What::Unshare
            | What::Share
            | What::NoChildren
            | What::Children
            | What::Hours
            | What::NoHours
            | What::Exception
            | What::ManyRows
            | What::EditChild
            | What::AddChild
            | What::RemoveChild => self.with_the_family(seat, what, dice),
            What::SwitchOff | What::SwitchLonger | What::SwitchOn | What::SwitchRemove => {
                self.with_switches(seat, what, dice)
            }
            What::Block | What::Unblock | What::Unmatch => self.with_others(seat, what, dice),
            What::Dismiss => {
                let result = self.places[seat].device.call(DismissRefused {});
                self.did(seat, "reads what was refused", result.map(drop))
            }
            What::SignOut => {
                if self.places[seat].device.role() == Role::Owner {
                    self.tell(Some(seat), "signs out");
                    self.begin(seat, SignOut {}, dice, false)?;
                }
                Ok(())
            }
            What::Join => self.come_back(seat, dice, false),
            _ => self.mishap(seat, what, dice),
        }
    }

    /// Exchanges now. A call that waits is given up first.
    pub(crate) fn exchange(&mut self, seat: usize, dice: Dice, perfect: bool) -> Result<(), Violation> {
        self.tell(Some(seat), "exchanges");
        self.begin(seat, SyncNow {}, dice, perfect)
    }

    /// A device without a session gets one: mostly with the role it had, sometimes with the other.
    pub(crate) fn come_back(&mut self, seat: usize, mut dice: Dice, perfect: bool) -> Result<(), Violation> {
        let place = &self.places[seat];
        // As a person sees it: a device whose power was cut may hold on to a session of which it lost the token.
        let has = match place.device.call(Status {}) {
            Ok(status) => !matches!(status.connection, Connection::SignedOut | Connection::NotJoined),
            Err(_) => return Ok(()),
        };
        if has || place.device.mailbox.is_offline() {
            return Ok(());
        }
        let before = place
            .device
            .observer
            .account()
            .map_or(place.seat.role, |account| account.role);
        let other = match before {
            Role::Owner => Role::Child,
            Role::Child => Role::Owner,
        };
        let changes = !perfect && dice.permille(200);
        let role = if changes { other } else { before };
        self.tell(
            Some(seat),
            &format!("joins again as the device of {}", told(role)),
        );
        if changes {
            self.fault("role changed");
        }
        let joined = self.join(seat, role, dice, perfect)?;
        self.did(seat, "asks to be let in", joined)
    }

    /// A call that needs no network, judged and told.
    pub(crate) fn ask<C: Call>(
        &mut self,
        seat: usize,
        what: &str,
        call: C,
    ) -> Result<Option<C::Reply>, Violation> {
        let result = self.places[seat].device.call(call);
        let (reply, result) = match result {
            Ok(reply) => (Some(reply), Ok(())),
            Err(problem) => (None, Err(problem)),
        };
        self.did(seat, what, result)?;
        Ok(reply)
    }

    /// A look at something, not told.
    pub(crate) fn peek<C: Call>(&self, seat: usize, call: C) -> Result<C::Reply, Violation> {
        let result = self.places[seat].device.call(call);
        if result.is_err() && self.places[seat].device.in_trouble {
            return Err(Violation::interruption());
        }
        if let Err(problem) = &result
            && problem.code != ErrorCode::Forbidden
            && problem.code != ErrorCode::NotFound
            && problem.code != ErrorCode::SwitchedOff
        {
            return crate::oracle::broken(
                "I6 I10",
                format!(
                    "{}: a list cannot be read: {}",
                    self.places[seat].seat.name, problem.message
                ),
            );
        }
        // The device has another role by now, what was to be seen is gone, or looking is switched off.
        result.map_err(|_| Violation::interruption())
    }

    /// Tells what was done, and how it ended.
    pub(crate) fn did(
        &mut self,
        seat: usize,
        what: &str,
        result: Result<(), Problem>,
    ) -> Result<(), Violation> {
        match &result {
            Ok(()) => self.tell(Some(seat), what),
            Err(problem) => self.tell(Some(seat), &format!("{what}; refused: {}", problem.message)),
        }
        self.is_no_fault_of_ours(seat, result.err().as_ref())
    }
}

const fn told(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Child => "a child",
    }
}
