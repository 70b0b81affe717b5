//! The workload's edits, decided by their number, and what must be there after them.

use std::collections::BTreeMap;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use romp_domain::time::Minute;
use romp_domain::{
    Child, DateException, Entity, ExceptionChange, Fields, Kind, Pet, Swipe, SwipeId, Verdict,
};
use romp_store::{Store, StoreError};
use uuid::Uuid;

use crate::family::Family;

/// One change of one row, which is one mutation.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A pet is new or changes.
    Pet(Uuid, Box<Pet>),
    /// A child is new or changes.
    Child(Uuid, Child),
    /// A date that differs from the week is new or changes.
    Exception(Uuid, DateException),
    /// Such a date is taken out.
    Removal(Uuid),
    /// A swipe by an owner, with its place in the log behind undo.
    Swipe(Swipe),
}

/// Kind and id.
pub type Key = (String, Uuid);

/// The rows that a family wrote, and the fields in them.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Each row as JSON.
    pub rows: BTreeMap<Key, String>,
    /// The row of each mutation, from the first, and what it was after it.
    pub mutations: Vec<(Key, Option<String>)>,
    exceptions: Vec<Uuid>,
}

/// Until then all swipe at the first pet they see, so that there is a match early on.
const EAGER: usize = 7;

/// Of ten edits, those from here on are swipes.
const SWIPES: u32 = 7;

/// Most dates that differ at a time. A family's terms are judged with all of them.
const EXCEPTIONS: usize = 10;

impl Edit {
    /// The `n`th edit of a family, given what it has and whom it could meet.
    pub fn nth(n: usize, family: &Family, has: &Rows, others: &[Family]) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(n as u64);
        let fresh = Uuid::from_u128(family.household.0.as_u128() + 1_000 + n as u128);
        let day = jiff::civil::date(2026, 12, 1).saturating_add(jiff::Span::new().days(n as i64));
        let exception =
            (!has.exceptions.is_empty()).then(|| has.exceptions[dice.random_range(0..has.exceptions.len())]);
        let wants = if n < EAGER {
            SWIPES
        } else {
            dice.random_range(0..10)
        };
        match (wants, exception) {
            (0 | 1, _) => {
                let which = dice.random_range(0..family.pets.len());
                Self::Pet(family.pets[which].0, Box::new(family.dog(&format!("Dog {n}"))))
            }
            (2 | 3, _) if has.exceptions.len() < EXCEPTIONS => Self::Exception(fresh, closed(day)),
            (2..=4, Some(id)) => Self::Removal(id),
            (5, Some(id)) => {
                let hour = |hour: usize| Minute::new(hour as i64 * 60).expect("an hour of a day");
                let change = ExceptionChange::Open {
                    start: hour(n % 12),
                    end: hour(12 + n % 11),
                };
                Self::Exception(id, DateException { day, change })
            }
            (SWIPES.., _) => {
                let (one, two) = if n < EAGER {
                    (0, 0)
                } else {
                    (dice.random_range(0..1_000), dice.random_range(0..1_000))
                };
                let other = &others[one % others.len()];
                let (actor, target) = (family.pets[two % 2], other.pets[one / 2 % 2]);
                let known = (Kind::Swipe.word().to_owned(), SwipeId::of(actor, target).0);
                if has.rows.contains_key(&known) {
                    return family.child(n);
                }
                Self::Swipe(Swipe {
                    actor_pet: actor,
                    target_pet: target,
                    verdict: Some(Verdict::Yes),
                    by_child: None,
                    released: Some(Verdict::Yes),
                })
            }
            _ => family.child(n),
        }
    }

    /// The `n`th edit of a family for those who cannot know what it has: it depends on nothing else, and always
    /// changes something. Mostly a child's profile, of which nothing follows for others: that is quick.
    pub fn blind(n: usize, family: &Family) -> Self {
        /// Far below what a server takes of one family.
        const ROWS: usize = 20;
        let id = |place: usize| Uuid::from_u128(family.household.0.as_u128() + 1_000 + place as u128);
        match n % 20 {
            0 => {
                let pet = family.pets[n % family.pets.len()];
                Self::Pet(pet.0, Box::new(family.dog(&format!("Dog {n}"))))
            }
            10 => {
                let day = jiff::civil::date(2027, 1, 1).saturating_add(jiff::Span::new().days(n as i64));
                Self::Exception(id(n % ROWS), closed(day))
            }
            _ => family.child(n),
        }
    }

    /// Stores it.
    pub fn store(&self, store: &Store) -> Result<bool, StoreError> {
        store.write(|writer| match self {
            Self::Pet(id, pet) => writer.put(*id, &**pet),
            Self::Child(id, child) => writer.put(*id, child),
            Self::Exception(id, exception) => writer.put(*id, exception),
            Self::Removal(id) => writer.remove(Kind::Exception, *id),
            Self::Swipe(swipe) => {
                writer.log_swipe(swipe.actor_pet, swipe.target_pet, Verdict::Yes, None, None)?;
                writer.put(SwipeId::of(swipe.actor_pet, swipe.target_pet).0, swipe)
            }
        })
    }

    fn row(&self) -> (Kind, Uuid, Option<Fields>) {
        match self {
            Self::Pet(id, pet) => (Kind::Pet, *id, Some(pet.to_fields())),
            Self::Child(id, child) => (Kind::Child, *id, Some(child.to_fields())),
            Self::Exception(id, exception) => (Kind::Exception, *id, Some(exception.to_fields())),
            Self::Removal(id) => (Kind::Exception, *id, None),
            Self::Swipe(swipe) => (
                Kind::Swipe,
                SwipeId::of(swipe.actor_pet, swipe.target_pet).0,
                Some(swipe.to_fields()),
            ),
        }
    }
}

impl Family {
    fn child(&self, n: usize) -> Edit {
        let id = Uuid::from_u128(self.household.0.as_u128() + 100 + n as u128 % 20);
        Edit::Child(id, self.kid(&format!("Kid {n}")))
    }
}

const fn closed(day: jiff::civil::Date) -> DateException {
    DateException {
        day,
        change: ExceptionChange::Closed,
    }
}

impl Rows {
    /// What is there after an edit.
    pub fn note(&mut self, edit: &Edit) {
        let (kind, id, fields) = edit.row();
        self.set(kind, id, fields.as_ref());
    }

    /// What is there after a mutation of any kind.
    pub fn set(&mut self, kind: Kind, id: Uuid, fields: Option<&Fields>) {
        let key = (kind.word().to_owned(), id);
        if kind == Kind::Exception {
            self.exceptions.retain(|known| *known != id);
        }
        if kind == Kind::Exception && fields.is_some() {
            self.exceptions.push(id);
        }
        let text = fields.map(|fields| serde_json::to_string(fields).expect("fields are JSON"));
        apply(&mut self.rows, &key, text.as_ref());
        self.mutations.push((key, text));
    }
}

/// What somebody else holds of a family's mutations: a number of them that only rises.
#[derive(Debug, Default)]
pub struct Held {
    count: usize,
    /// The rows after them.
    pub rows: BTreeMap<Key, String>,
}

impl Held {
    /// Goes on to the first `count` mutations. The error is a sentence.
    pub fn advance(&mut self, rows: &Rows, count: usize) -> Result<(), String> {
        if count < self.count || count > rows.mutations.len() {
            return Err(format!("{} mutations were there, {count} are", self.count));
        }
        for (key, text) in &rows.mutations[self.count..count] {
            apply(&mut self.rows, key, text.as_ref());
        }
        self.count = count;
        Ok(())
    }
}

fn apply(rows: &mut BTreeMap<Key, String>, key: &Key, text: Option<&String>) {
    match text {
        Some(text) => drop(rows.insert(key.clone(), text.clone())),
        None => drop(rows.remove(key)),
    }
}

/// The first row in which two sets differ, as a sentence.
pub fn difference(wanted: &BTreeMap<Key, String>, found: &BTreeMap<Key, String>) -> Option<String> {
    let keys = wanted.keys().chain(found.keys());
    keys.map(|key| (key, wanted.get(key), found.get(key)))
        .find(|(_, wanted, found)| wanted != found)
        .map(|(key, wanted, found)| format!("{key:?} should be {wanted:?} and is {found:?}"))
}
