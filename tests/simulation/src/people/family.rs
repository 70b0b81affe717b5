//! The family's settings, hours and children.

use std::collections::BTreeSet;

use jiff::ToSpan;
use romp_domain::calls::{
    ChildRemove, ChildSave, Children, ExceptionRemove, ExceptionSave, Hours, HouseholdGet, HouseholdSave,
    SlotRemove, SlotSave,
};
use romp_domain::{
    AgeBand, Area, Avatar, Child, Consent, DateException, ExceptionChange, Household, Km, Minute, Role,
    Species, UtcMs, Venue, Weekday, WeeklyHours,
};

use super::pets::date;
use crate::dice::Dice;
use crate::oracle::Violation;
use crate::plan::{KIDS, What};
use crate::privacy::{owners_only, private};
use crate::world::World;

pub(crate) fn new_child(family: usize, n: u64) -> Child {
    Child::new(
        format!("{} {} {n}", KIDS[family], private(family))
            .try_into()
            .unwrap(),
        Avatar::ALL[(n % 8) as usize],
        AgeBand::SevenToNine,
    )
}

pub(crate) fn hours(dice: &mut Dice) -> WeeklyHours {
    let start = dice.between(8, 14) * 60;
    let end = start + dice.between(2, 8) * 60;
    let minute = |minute| Minute::new(minute).unwrap();
    WeeklyHours::new(*dice.pick(Weekday::ALL).unwrap(), minute(start), minute(end)).unwrap()
}

/// An owner agrees.
pub(crate) const fn consent(now: i64) -> Consent {
    Consent {
        notice: Consent::NOTICE,
        given_at: UtcMs(now),
    }
}

fn edit(household: &mut Household, family: usize, dice: &mut Dice) -> &'static str {
    let mark = owners_only(family);
    match dice.below(6) {
        0 => {
            household.name = Some(format!("{mark} home {}", dice.below(100)).try_into().unwrap());
            "the family's name"
        }
        1 => {
            household.place = Some(format!("{mark} lake {}", dice.below(100)).try_into().unwrap());
            "the place"
        }
        2 => {
            household.travel_km = Km::new(dice.between(3, 30)).unwrap();
            "how far it travels"
        }
        3 => {
            household.allergies = if dice.below(3) == 0 {
                [Species::Cat].into()
            } else {
                BTreeSet::new()
            };
            "the allergies"
        }
        4 => {
            household.venues = [Venue::Walk, *dice.pick(Venue::ALL).unwrap()].into();
            "where to meet"
        }
        _ => {
            let step = |dice: &mut Dice| dice.between(-3, 3) as f64 / 100.0;
            household.area = Area::around(47.6 + step(dice), -122.3 + step(dice)).ok();
            "where it lives"
        }
    }
}

impl World {
    pub(super) fn with_the_family(
        &mut self,
        seat: usize,
        what: What,
        mut dice: Dice,
    ) -> Result<(), Violation> {
        match what {
            What::Hours | What::NoHours | What::Exception | What::ManyRows => {
                self.with_hours(seat, what, dice)
            }
            What::EditChild | What::AddChild | What::RemoveChild => self.with_children(seat, what, dice),
            _ => {
                if self.places[seat].device.role() == Role::Child {
                    return Ok(());
                }
                let family = self.places[seat].seat.family;
                let seen = self.peek(seat, HouseholdGet {})?;
                let mut household = seen.clone();
                let sentence = match what {
                    What::Unshare => {
                        household.share_consent = None;
                        "withdraws the consent to show the pets".to_owned()
                    }
                    What::Share => {
                        household.share_consent = Some(consent(self.now));
                        "agrees to show the pets".to_owned()
                    }
                    What::NoChildren => {
                        household.child_consent = None;
                        "withdraws the consent for children".to_owned()
                    }
                    What::Children => {
                        household.child_consent = Some(consent(self.now));
                        "agrees to children using the app".to_owned()
                    }
                    _ => format!("changes {}", edit(&mut household, family, &mut dice)),
                };
                self.ask(seat, &sentence, HouseholdSave { seen, household })?;
                Ok(())
            }
        }
    }

    fn with_hours(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        if self.places[seat].device.role() == Role::Child {
            return Ok(());
        }
        let view = self.peek(seat, Hours {})?;
        match what {
            What::Hours => {
                let id = dice
                    .pick(&view.weekly)
                    .filter(|_| view.weekly.len() > 8 || dice.clone().below(2) == 0);
                let call = SlotSave {
                    id: id.map(|slot| slot.id),
                    hours: hours(&mut dice),
                };
                self.ask(seat, "says when it is free", call)?;
            }
            What::NoHours => {
                if let Some(slot) = dice.pick(&view.weekly).filter(|_| view.weekly.len() > 2) {
                    self.ask(seat, "takes free hours away", SlotRemove { id: slot.id })?;
                }
            }
            What::Exception => {
                let old = dice.pick(&view.exceptions).filter(|_| view.exceptions.len() > 6);
                if let Some(old) = old {
                    self.ask(seat, "forgets a special date", ExceptionRemove { id: old.id })?;
                    return Ok(());
                }
                let exception = special(self.now, dice.between(0, 20), &mut dice);
                self.ask(
                    seat,
                    "enters a special date",
                    ExceptionSave { id: None, exception },
                )?;
            }
            _ => {
                self.tell(Some(seat), "enters a year of special dates");
                for day in 0..30 {
                    let exception = special(self.now, 100 + day, &mut dice);
                    drop(
                        self.places[seat]
                            .device
                            .call(ExceptionSave { id: None, exception }),
                    );
                }
            }
        }
        Ok(())
    }

    fn with_children(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        let family = self.places[seat].seat.family;
        let children = self.peek(seat, Children {})?;
        let child = new_child(family, dice.below(100));
        let picked = dice.pick(&children).cloned();
        match (what, picked) {
            (What::AddChild, _) if children.len() < 3 => {
                self.ask(
                    seat,
                    "adds a child",
                    ChildSave {
                        id: None,
                        seen: None,
                        child,
                    },
                )?;
            }
            (What::EditChild, Some(view)) => {
                self.ask(
                    seat,
                    "changes a child's profile",
                    ChildSave {
                        id: Some(view.id),
                        seen: Some(view.child),
                        child,
                    },
                )?;
            }
            (What::RemoveChild, Some(view)) if children.len() > 1 => {
                self.ask(seat, "removes a child's profile", ChildRemove { id: view.id })?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn special(now: i64, in_days: i64, dice: &mut Dice) -> DateException {
    let minute = |minute| Minute::new(minute).unwrap();
    DateException {
        day: date(now).saturating_add(in_days.days()),
        change: if dice.below(2) == 0 {
            ExceptionChange::Closed
        } else {
            ExceptionChange::Open {
                start: minute(600),
                end: minute(900),
            }
        },
    }
}
