//! Switches: owners turn things off, by hand or by the week, for everybody or for one, and on again.

use std::collections::BTreeSet;

use romp_domain::calls::{Children, SwitchLift, SwitchRemove, SwitchSave, Switches};
use romp_domain::policy::Operation;
use romp_domain::switch::{QuietHours, SwitchScope};
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::view::SwitchView;
use romp_domain::{Minute, Role, UtcMs, Weekday};

use crate::dice::Dice;
use crate::oracle::Violation;
use crate::plan::What;
use crate::privacy::private;
use crate::world::World;

/// Most switches that a family makes before it removes some.
const MANY: usize = 6;

fn quiet(dice: &mut Dice) -> QuietHours {
    let mut days: BTreeSet<Weekday> = Weekday::ALL.iter().copied().collect();
    if dice.below(3) == 0 {
        days.retain(|_| dice.below(2) == 0);
        days.insert(*dice.pick(Weekday::ALL).unwrap());
    }
    let start = dice.between(0, 47) * 30;
    let end = (start + dice.between(1, 24) * 30) % 1_440;
    QuietHours::new(days, Minute::new(start).unwrap(), Minute::new(end).unwrap()).unwrap()
}

fn operations(dice: &mut Dice) -> BTreeSet<Operation> {
    match dice.below(8) {
        0 => Operation::ALL.iter().copied().collect(),
        1 => [Operation::Pets, Operation::Hours].into(),
        2 => [*dice.pick(Operation::ALL).unwrap()].into(),
        3 => [Operation::Choose, Operation::Release, Operation::Meet].into(),
        _ => [Operation::Choose].into(),
    }
}

/// The end of a switch: minutes to days from now, or none.
fn end(now: i64, dice: &mut Dice) -> Option<UtcMs> {
    let for_ms = match dice.below(4) {
        0 => dice.between(1, 120) * 1_000,
        1 => dice.between(2, 120) * MINUTE_MS,
        2 => dice.between(2, 48) * HOUR_MS,
        _ => return None,
    };
    Some(UtcMs(now + for_ms))
}

impl World {
    pub(super) fn with_switches(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        if self.places[seat].device.role() == Role::Child {
            return Ok(());
        }
        let there = self.peek(seat, Switches {})?;
        let on: Vec<SwitchView> = there.iter().filter(|view| view.switch.on).cloned().collect();
        match what {
            What::SwitchOff if there.len() < MANY => self.switch_off(seat, &mut dice)?,
            What::SwitchLonger => {
                if let Some(view) = dice.pick(&there).cloned() {
                    self.change_switch(seat, &view, &mut dice)?;
                }
            }
            What::SwitchRemove | What::SwitchOff => {
                if let Some(view) = dice.pick(&there) {
                    self.ask(seat, "removes a switch", SwitchRemove { id: view.id })?;
                }
            }
            _ => {
                if let Some(view) = dice.pick(&on) {
                    self.ask(seat, "lifts a switch", SwitchLift { id: view.id })?;
                }
            }
        }
        Ok(())
    }

    fn switch_off(&mut self, seat: usize, dice: &mut Dice) -> Result<(), Violation> {
        let call = SwitchSave {
            id: None,
            scope: self.scope(seat, dice)?,
            operations: operations(dice),
            comment: self.comment(seat, dice),
            starts_at: (dice.below(4) == 0).then(|| UtcMs(self.now + dice.between(-60, 600) * 1_000)),
            ends_at: end(self.now, dice).filter(|end| end.0 > self.now + 600_000),
            hours: (dice.below(2) == 0).then(|| quiet(dice)),
        };
        let sentence = format!("switches off {:?} for {:?}", call.operations, call.scope);
        self.ask(seat, &sentence, call).map(drop)
    }

    fn change_switch(&mut self, seat: usize, view: &SwitchView, dice: &mut Dice) -> Result<(), Violation> {
        let mut call = SwitchSave {
            id: Some(view.id),
            scope: view.switch.scope,
            operations: view.switch.operations.clone(),
            comment: view.switch.comment.clone(),
            starts_at: Some(view.switch.starts_at),
            ends_at: view.switch.ends_at,
            hours: view.switch.hours.clone(),
        };
        let sentence = match dice.below(6) {
            0 => {
                call.operations.extend(operations(dice));
                "makes a switch turn more off"
            }
            1 => {
                call.operations = operations(dice);
                "makes a switch turn something else off"
            }
            2 => {
                call.hours = (call.hours.is_none()).then(|| quiet(dice));
                "changes the hours of a switch"
            }
            3 => {
                call.scope = self.scope(seat, dice)?;
                "changes for whom a switch is"
            }
            4 => {
                call.comment = self.comment(seat, dice);
                "changes what a switch says"
            }
            _ => {
                let from = call.ends_at.map_or(self.now, |end| end.0.max(self.now));
                call.ends_at = end(from, dice).map(|end| end.plus_ms(DAY_MS / 8));
                "changes how long a switch lasts"
            }
        };
        self.ask(seat, sentence, call).map(drop)
    }

    fn comment(&self, seat: usize, dice: &mut Dice) -> romp_domain::text::Remark {
        let family = self.places[seat].seat.family;
        let text = format!("{} good night {}", private(family), dice.below(100));
        text.try_into().unwrap()
    }

    /// For everybody, all children, one child, a device or a session of the family.
    fn scope(&self, seat: usize, dice: &mut Dice) -> Result<SwitchScope, Violation> {
        let family = self.places[seat].seat.family;
        let of_it: Vec<usize> = (0..self.places.len())
            .filter(|other| self.places[*other].seat.family == family)
            .collect();
        let observer = &self.places[*dice.pick(&of_it).unwrap()].device.observer;
        let children = self.peek(seat, Children {})?;
        let session = observer.account().and_then(|account| account.session);
        Ok(
            match (dice.below(8), dice.pick(&children), observer.device_id(), session) {
                (0, ..) => SwitchScope::Household,
                (1 | 2, Some(child), ..) => SwitchScope::Child { child: child.id },
                (3, _, Some(device), _) => SwitchScope::Device { device },
                (4, .., Some(session)) => SwitchScope::Session { session },
                _ => SwitchScope::Children,
            },
        )
    }

    /// An owner's device lifts all switches that are on.
    pub(crate) fn lift_all(&mut self, seat: usize) -> Result<(), Violation> {
        for view in self.peek(seat, Switches {})? {
            if view.switch.on {
                self.ask(seat, "lifts a switch", SwitchLift { id: view.id })?;
            }
        }
        Ok(())
    }
}
