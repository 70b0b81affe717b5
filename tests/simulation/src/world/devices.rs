//! Devices in the run: their calls, looks at what they hold, and how they join.

use romp_domain::calls::{Call, Pair, Register, SignIn};
use romp_domain::{ErrorCode, Problem, Role};
use romp_faulty_disk::Fault;

use super::World;
use crate::device::SERVER;
use crate::dice::Dice;
use crate::host::PASSWORD;
use crate::oracle::{Violation, broken};
use crate::wire::hosted;

/// Most round trips of one exchange: far more than any family's data takes, even in small pages.
const MOST_ROUNDS: u32 = 400;

impl World {
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
        if let Some(Err(problem)) = &result {
            self.forgets(seat, problem.code);
        }
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

    /// What a device is told may mean that it has to forget what it has, and that the rest is not judged.
    pub(super) fn forgets(&mut self, seat: usize, told: ErrorCode) {
        let place = &mut self.places[seat];
        let all = told == ErrorCode::AccountGone;
        let pulled = matches!(told, ErrorCode::NotSignedIn | ErrorCode::ConsentMissing)
            && place.device.role() == Role::Child;
        if all || pulled {
            place.may_go_back = true;
            if let Some(device) = place.device.observer.device_id() {
                self.lost.remove(&device);
                self.forgetful.insert(device);
            }
        }
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

    /// Looks at a device.
    pub(crate) fn look(&mut self, seat: usize) -> Result<(), Violation> {
        if self.places[seat].device.is_off() {
            self.fault(match self.places[seat].device.trouble() {
                Some(Fault::Torn { .. }) => "power of a device cut in the middle of a write",
                _ => "power of a device cut",
            });
            self.tell(Some(seat), "loses its power and is started again");
            self.kill_device(seat)?;
        }
        match self.places[seat].device.pause() {
            Some(Fault::Full { .. }) => self.fault("disk of a device was full"),
            Some(_) => self.fault("disk of a device failed"),
            None => {}
        }
        let place = &mut self.places[seat];
        let look = place
            .device
            .observer
            .look(&place.seat.name, place.entitled, place.may_go_back)?;
        place.device.unpause();
        let Some(mut look) = look else {
            return Ok(());
        };
        place.may_go_back = false;
        self.what_is_left_to_tell(seat, look.left.take());
        if look.new_role {
            self.forgot_all(seat);
            self.forgetful
                .extend(self.places[seat].device.observer.device_id());
            // What was settled is forgotten on purpose, and cannot be sent again.
            self.lost = std::mem::take(&mut self.lost)
                .into_iter()
                .filter(|(device, _)| Some(*device) != self.places[seat].device.observer.device_id())
                .collect();
        }
        self.device_agrees_with_server(seat, &look)
    }

    /// Whether a device is an owner's, of a family that the server has lost.
    pub(crate) fn can_found(&self, seat: usize) -> bool {
        let household = self.households[self.places[seat].seat.family];
        let account = self.places[seat].device.observer.account();
        account.is_some_and(|account| account.role == Role::Owner) && !hosted(&self.host).knows(household)
    }

    /// Joins a device to its family: founds that again where the server has lost it, or else by a code that an owner has made.
    pub(crate) fn join(
        &mut self,
        seat: usize,
        role: Role,
        dice: Dice,
        perfect: bool,
    ) -> Result<Result<(), Problem>, Violation> {
        let household = self.households[self.places[seat].seat.family];
        if self.can_found(seat) && role == Role::Owner {
            self.fault("family registered again");
            let call = Register {
                server: SERVER.to_owned(),
                invitation: None,
                email: format!("again-{}@romp.example", household.0).try_into().unwrap(),
                password: PASSWORD.to_owned().try_into().unwrap(),
                name: "Ann".to_owned().try_into().unwrap(),
                device: self.places[seat].seat.name.clone().try_into().unwrap(),
            };
            self.begin(seat, call, dice, perfect)?;
            return Ok(Ok(()));
        }
        // Where somebody is signed in under the device's id, on a copy of it too, a code is refused: they sign in again.
        let own = self.places[seat].device.observer.device_id();
        if role == Role::Owner && own.is_some_and(|own| hosted(&self.host).is_signed_in_on(household, own)) {
            return self.sign_in(seat, dice, perfect);
        }
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

    /// Signs an owner in on a device: no switch keeps an owner out who has the password.
    pub(crate) fn sign_in(
        &mut self,
        seat: usize,
        dice: Dice,
        perfect: bool,
    ) -> Result<Result<(), Problem>, Violation> {
        let household = self.households[self.places[seat].seat.family];
        let owner = hosted(&self.host).owner(household);
        self.drain(None)?;
        let (_, email) = match owner {
            Ok(owner) => owner,
            Err(problem) => return Ok(Err(problem)),
        };
        let call = SignIn {
            server: SERVER.to_owned(),
            email,
            password: PASSWORD.to_owned().try_into().unwrap(),
            device: self.places[seat].seat.name.clone().try_into().unwrap(),
        };
        self.begin(seat, call, dice, perfect)?;
        Ok(Ok(()))
    }
}
