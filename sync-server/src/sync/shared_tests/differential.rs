//! The same requests in the same order have the same answers and leave the same rows, whatever the database is.

mod device;
mod place;
mod step;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use romp_domain::wire::Epoch;
use romp_domain::{HouseholdId, Kind, Matched, Op, PetId, Playdate, PlaydateAct, Role, SwipeId, UtcMs};
use serde_json::{Value, json};

use self::device::{Linked, Manner};
use self::place::Place;
use self::step::{Step, Who, kid, pet, step};
use super::super::tests::rig::{Family, Rig, TestClock, fields};
use crate::db::postgres::tests::fresh;
use crate::db::{DbExt, Fault, Tx};

const TRACES: u64 = 32;
const STEPS: usize = 60;
const FAMILIES: u128 = 3;

/// Most devices of all families: who copies copies is refused, and the stories are about other things.
const MOST_DEVICES: usize = 12;

/// The families on one server.
struct World {
    place: Place,
    clock: Arc<TestClock>,
    /// None while it is put back.
    rig: Option<Rig>,
    households: Vec<HouseholdId>,
    /// With the family of each. The first two of each family are its owner's and its child's.
    devices: Vec<(usize, Linked)>,
    joined: u128,
}

impl World {
    fn on(place: Place) -> Self {
        let clock = Rig::noon();
        let rig = place.server(clock.clone());
        let families: Vec<Family> = (1..=FAMILIES).map(|n| rig.family(n)).collect();
        let households = families.iter().map(|family| family.household).collect();
        let mut devices = Vec::new();
        for (n, family) in families.into_iter().enumerate() {
            for device in [family.owner, family.child] {
                devices.push((n, Linked::of(device, &rig)));
            }
        }
        // One family's tablet is of long ago.
        devices[1].1.old = true;
        Self {
            place,
            clock,
            rig: Some(rig),
            households,
            devices,
            joined: 0,
        }
    }

    fn rig(&self) -> &Rig {
        self.rig.as_ref().unwrap()
    }

    /// A device, and the server.
    fn device(&mut self, who: Who) -> (&mut Linked, &Rig) {
        let is_one =
            |(family, device): &(usize, Linked)| *family == who.family && device.session.role == who.role;
        let of_them = self.devices.iter().filter(|one| is_one(one)).count();
        let mut all = self.devices.iter_mut().filter(|one| is_one(one));
        let (_, device) = all.nth(who.nth % of_them).unwrap();
        (device, self.rig.as_ref().unwrap())
    }

    /// The database is what it was when it was kept.
    fn put_back(&mut self, epoch: Epoch) {
        self.rig = None;
        self.rig = Some(self.place.put_back(epoch, self.clock.clone()));
    }

    /// Changes a row, and exchanges, but for some changes that wait for the next exchange.
    fn edit(&mut self, who: Who, kind: Kind, id: uuid::Uuid, patch: Value, waits: bool) -> String {
        let (device, rig) = self.device(who);
        let fields = fields(patch);
        device.say(rig, kind, id, Op::Patch { fields });
        if waits {
            return String::new();
        }
        device.sync(rig, Manner::default())
    }

    /// Does it, and returns all that can be seen of it.
    fn take(&mut self, step: &Step, n: usize) -> String {
        match step.clone() {
            Step::Edit {
                who,
                kind,
                id,
                fields,
            } => self.edit(who, kind, id, fields, n.is_multiple_of(4)),
            Step::Foreign { who } => {
                let (device, rig) = self.device(who);
                device.say_foreign(rig, pet(who.family));
                String::new()
            }
            Step::Like {
                family,
                other,
                both: false,
            } => self.like(family, other),
            Step::Like {
                family,
                other,
                both: true,
            } => {
                let mut seen = self.like(family, other);
                seen += &self.like(other, family);
                let (role, nth) = (Role::Owner, 0);
                seen + &self.answer(Who { family, role, nth }, 0, PlaydateAct::Accept, true)
            }
            Step::Answer {
                who,
                nth,
                act,
                current,
            } => self.answer(who, nth, act, current),
            Step::TakeBack { who, nth } => {
                let (owner, rig) = self.device(who);
                if let Some((id, _)) = owner.all::<Matched>().get(nth) {
                    let act = PlaydateAct::Cancel;
                    owner.say(rig, Kind::Match, *id, Op::Act { act, expect_rev: 0 });
                }
                String::new()
            }
            Step::Exchange { who, manner } => {
                let (device, rig) = self.device(who);
                device.sync(rig, manner)
            }
            Step::Join { who } => {
                self.joined += 1;
                let household = self.households[who.family];
                let device = self.rig().device(household, 90_000 + self.joined, who.role);
                // While the consent to children's devices holds, which nobody here takes back.
                let mut device = Linked::of(device, self.rig());
                let seen = device.sync(self.rig(), Manner::default());
                if self.devices.len() < MOST_DEVICES {
                    self.devices.push((who.family, device));
                }
                seen
            }
            Step::Copy { who } => {
                let (device, _) = self.device(who);
                let copy = device.clone();
                if self.devices.len() < MOST_DEVICES {
                    self.devices.push((who.family, copy));
                }
                String::new()
            }
            Step::Clock { who, skew_ms } => {
                self.device(who).0.skew_ms = skew_ms;
                String::new()
            }
            Step::Pass { ms } => {
                self.rig().pass(ms);
                String::new()
            }
        }
    }

    /// Takes everything in, and answers.
    fn answer(&mut self, who: Who, nth: usize, act: PlaydateAct, current: bool) -> String {
        let (owner, rig) = self.device(who);
        let mut seen = owner.sync(rig, Manner::default());
        if let Some((id, playdate)) = owner.all::<Playdate>().get(nth) {
            let expect_rev = if current { playdate.rev } else { playdate.rev + 1 };
            owner.say(rig, Kind::Playdate, *id, Op::Act { act, expect_rev });
            seen += &owner.sync(rig, Manner::default());
        }
        seen
    }

    fn like(&mut self, family: usize, other: usize) -> String {
        let [child, owner] = [Role::Child, Role::Owner].map(|role| Who { family, role, nth: 0 });
        let (actor, target) = (PetId(pet(family)), PetId(pet(other)));
        let swipe = SwipeId::of(actor, target).0;
        let yes =
            json!({"actor_pet": actor, "target_pet": target, "verdict": "yes", "by_child": kid(family)});
        let mut seen = self.edit(child, Kind::Swipe, swipe, yes, false);
        // A release is for what was seen.
        let (device, rig) = self.device(owner);
        seen += &device.sync(rig, Manner::default());
        seen + &self.edit(owner, Kind::Swipe, swipe, json!({"released": "yes"}), false)
    }

    /// Every device says all that it has to say and takes everything in.
    fn settle(&mut self) -> String {
        let mut seen = String::new();
        let rig = self.rig.as_ref().unwrap();
        for (_, device) in &mut self.devices {
            // A copy is told so first, what is lost comes before what is new, and then there is what follows.
            for _ in 0..5 {
                seen += &device.sync(rig, Manner::default());
            }
            let compare = Manner {
                compare: true,
                ..Manner::default()
            };
            seen += &device.sync(rig, compare);
        }
        seen
    }

    /// Everything that is stored of the families.
    fn stored(&self) -> String {
        let households = self.households.clone();
        let all = move |tx: &mut dyn Tx| {
            households
                .iter()
                .map(|household| stored(tx, *household))
                .collect()
        };
        self.rig().server.db.read(all).unwrap()
    }
}

fn stored(tx: &mut dyn Tx, household: HouseholdId) -> Result<String, Fault> {
    let mut all = format!("{:?}\n{:?}\n", tx.household(household)?, tx.devices(household)?);
    for entry in tx.feed(household, 0, 0, 10_000)? {
        writeln!(all, "{entry:?}").unwrap();
        if matches!(
            entry.kind,
            Kind::Household
                | Kind::Child
                | Kind::Pet
                | Kind::Slot
                | Kind::Exception
                | Kind::Swipe
                | Kind::Switch
                | Kind::Block
        ) {
            writeln!(all, "{:?}", tx.row(household, entry.kind, entry.id)?).unwrap();
        }
    }
    for deck in tx.decks(household)? {
        writeln!(
            all,
            "{deck:?} {:?} {:?}",
            tx.cards_for(deck.pet)?,
            tx.swipes_by(household, &[deck.pet])?
        )
        .unwrap();
    }
    for device in tx.devices(household)? {
        writeln!(all, "{:?}", tx.rejects(device.id, 0, u64::MAX)?).unwrap();
    }
    writeln!(
        all,
        "{:?} {:?}",
        tx.matches_of(household)?,
        tx.playdates_of(household, UtcMs(0))?
    )
    .unwrap();
    Ok(all)
}

/// What has to be met in the stories, how it is seen, and how often at least.
const MET: [(&str, usize); 18] = [
    ("MatchRecord", 10),
    ("accepted: true", 5),
    ("Rejected", 40),
    ("SwitchedOff", 5),
    ("UnknownField", 10),
    ("fork: Some", 10),
    ("reset: Some(Epoch)", 8),
    ("reset: Some(Ahead)", 1),
    ("reset: Some(Digest)", 3),
    ("compared: true", 20),
    ("kind: \"switch\"", 30),
    ("\"on\": Bool(false)", 8),
    ("kind: \"exception\"", 30),
    ("\"change\": String(\"closed\")", 10),
    ("\"change\": String(\"open\")", 10),
    ("kind: \"child\"", 30),
    ("\"daily_cards\": Number", 10),
    ("more: true", 10),
];

#[test]
fn a_random_story_is_told_the_same_by_both_databases() {
    let Some(shared) = fresh("the same story on both databases") else {
        return;
    };
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = |seen: &str| {
        for (word, _) in MET {
            *met.entry(word).or_default() += usize::from(seen.contains(word));
        }
    };
    for seed in 0..TRACES {
        let mut worlds = [World::on(Place::shared(&shared)), World::on(Place::file())];
        let mut rng = StdRng::seed_from_u64(seed);
        // In some stories the server is put back to what it was a while ago.
        let kept_at = rng.random_range(5..STEPS / 2);
        let back_at = kept_at + rng.random_range(5..STEPS / 2);
        for n in 0..STEPS {
            if seed % 4 == 0 && n == kept_at {
                for world in &worlds {
                    world.place.keep();
                }
            }
            if seed % 4 == 0 && n == back_at {
                for world in &mut worlds {
                    world.put_back(Epoch(1_000 + seed));
                }
            }
            let step = step(&mut rng);
            let [one, other] = worlds.each_mut().map(|world| world.take(&step, n));
            assert_eq!(one, other, "seed {seed}, step {n}: {step:?}");
            count(&one);
        }
        let [one, other] = worlds.each_mut().map(World::settle);
        assert_eq!(one, other, "seed {seed}, at the end");
        count(&one);
        for (_, device) in &worlds[0].devices {
            assert!(device.is_settled(), "seed {seed}: {device:?}");
        }
        let [one, other] = worlds.each_ref().map(World::stored);
        assert_eq!(one, other, "seed {seed}: what is stored");
        count(&one);
    }
    let dull: Vec<_> = MET.iter().filter(|(word, least)| met[word] < *least).collect();
    assert!(dull.is_empty(), "the stories are dull: {dull:?} of {met:?}");
}
