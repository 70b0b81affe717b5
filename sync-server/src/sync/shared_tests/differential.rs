//! The same requests in the same order have the same answers and leave the same rows, whatever the database is.

use std::fmt::Write as _;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::{HouseholdId, Kind, Matched, PetId, Playdate, PlaydateAct, Role, SwipeId, UtcMs};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::tests::rig::{Family, Rig, fields};
use crate::db::postgres::tests::fresh;
use crate::db::sqlite::SqliteDb;
use crate::db::{Db, DbExt, Fault, Tx};

const TRACES: u64 = 50;
const STEPS: usize = 30;
const FAMILIES: u128 = 3;

/// One thing that somebody does.
#[derive(Debug, Clone)]
enum Step {
    /// A family's child or owner changes a row.
    Edit {
        family: usize,
        role: Role,
        kind: Kind,
        id: Uuid,
        fields: Value,
    },
    /// A child says yes, and an owner releases it.
    Like {
        family: usize,
        other: usize,
    },
    /// An owner answers the n-th playdate that is known, having seen the current proposal or an older one.
    Answer {
        family: usize,
        nth: usize,
        act: PlaydateAct,
        current: bool,
    },
    /// An owner takes the n-th match back that is known.
    TakeBack {
        family: usize,
        nth: usize,
    },
    /// A device exchanges; perhaps its reply is lost, and it sends the same again.
    Exchange {
        family: usize,
        role: Role,
        twice: bool,
    },
    /// A new device of the family takes everything in.
    Join {
        family: usize,
    },
    Pass {
        ms: i64,
    },
}

fn pet(family: usize) -> Uuid {
    Uuid::from_u128((family as u128 + 1) * 100 + 1)
}

fn kid(family: usize) -> Uuid {
    Uuid::from_u128((family as u128 + 1) * 100 + 2)
}

fn step(rng: &mut StdRng) -> Step {
    let family = rng.random_range(0..FAMILIES as usize);
    let other = (family + rng.random_range(1..FAMILIES as usize)) % FAMILIES as usize;
    let role = *[Role::Owner, Role::Child].choose(rng).unwrap();
    let swipe = SwipeId::of(PetId(pet(family)), PetId(pet(other))).0;
    let edit = |role, kind, id, fields| Step::Edit {
        family,
        role,
        kind,
        id,
        fields,
    };
    match rng.random_range(0..22) {
        0..=3 => {
            let verdict = ["yes", "yes", "no", "later"].choose(rng).unwrap();
            let fields = json!({"actor_pet": pet(family), "target_pet": pet(other), "verdict": verdict, "by_child": kid(family)});
            edit(Role::Child, Kind::Swipe, swipe, fields)
        }
        4..=7 => Step::Like { family, other },
        8 => {
            let patches = [
                json!({"energy": rng.random_range(0..7)}),
                json!({"visible": rng.random_bool(0.7)}),
                json!({"weight_g": rng.random_range(3..40) * 1_000}),
                json!({"seeks_species": ["dog", "cat"]}),
                json!({"deleted": rng.random_bool(0.3)}),
                json!({"wings": 2}),
            ];
            edit(role, Kind::Pet, pet(family), patches.choose(rng).unwrap().clone())
        }
        9 => {
            let patches = [
                json!({"travel_km": rng.random_range(1..60)}),
                json!({"allergies": ["cat"]}),
                json!({"allergies": ["dog"]}),
                json!({"share_consent": null}),
                json!({"area": [4760, -12230]}),
            ];
            edit(
                Role::Owner,
                Kind::Household,
                HOUSEHOLD_ROW,
                patches.choose(rng).unwrap().clone(),
            )
        }
        10 => {
            let slot = Uuid::from_u128((family as u128 + 1) * 100 + 50 + rng.random_range(0..8));
            let day = ["mon", "sat", "sun"].choose(rng).unwrap();
            let patches = [
                json!({"deleted": true}),
                json!({"hours": {"weekday": day, "start": 600, "end": 780}}),
            ];
            edit(
                Role::Owner,
                Kind::Slot,
                slot,
                patches.choose(rng).unwrap().clone(),
            )
        }
        11..=12 => {
            let act = *[
                PlaydateAct::Accept,
                PlaydateAct::Accept,
                PlaydateAct::Decline,
                PlaydateAct::Cancel,
            ]
            .choose(rng)
            .unwrap();
            Step::Answer {
                family,
                nth: rng.random_range(0..3),
                act,
                current: rng.random_bool(0.9),
            }
        }
        13 => Step::Pass {
            ms: *[MINUTE_MS, 11 * MINUTE_MS, HOUR_MS, DAY_MS, 9 * DAY_MS]
                .choose(rng)
                .unwrap(),
        },
        14 => Step::Join { family },
        15 => {
            let block = json!({"species": "dog", "name": "Bella", "blocked": rng.random_bool(0.4)});
            edit(Role::Owner, Kind::Block, pet(other), block)
        }
        16 => Step::TakeBack {
            family,
            nth: rng.random_range(0..2),
        },
        _ => Step::Exchange {
            family,
            role,
            twice: rng.random_bool(0.2),
        },
    }
}

/// The families on one server.
struct World {
    rig: Rig,
    families: Vec<Family>,
    joined: u128,
}

impl World {
    fn on(db: Arc<dyn Db>) -> Self {
        let rig = Rig::on(db, Rig::noon());
        let families = (1..=FAMILIES).map(|n| rig.family(n)).collect();
        Self {
            rig,
            families,
            joined: 0,
        }
    }

    /// Does it, and returns all that can be seen of it.
    fn take(&mut self, step: &Step) -> String {
        let mut seen = String::new();
        match step.clone() {
            Step::Edit {
                family,
                role,
                kind,
                id,
                fields: patch,
            } => {
                let family = &mut self.families[family];
                let device = if role == Role::Owner {
                    &mut family.owner
                } else {
                    &mut family.child
                };
                device.patch(kind, id, fields(patch));
                // Some changes wait for the next exchange.
                if device.next_mid % 4 != 0 {
                    writeln!(seen, "{:?}", device.sync(&self.rig)).unwrap();
                }
            }
            Step::Like { family, other } => {
                let (actor, target) = (PetId(pet(family)), PetId(pet(other)));
                let family = &mut self.families[family];
                let yes = json!({"actor_pet": actor, "target_pet": target, "verdict": "yes", "by_child": family.kid});
                let swipe = SwipeId::of(actor, target).0;
                family.child.patch(Kind::Swipe, swipe, fields(yes));
                writeln!(seen, "{:?}", family.child.sync(&self.rig)).unwrap();
                // A release is for what was seen.
                writeln!(seen, "{:?}", family.owner.sync(&self.rig)).unwrap();
                family
                    .owner
                    .patch(Kind::Swipe, swipe, fields(json!({"released": "yes"})));
                writeln!(seen, "{:?}", family.owner.sync(&self.rig)).unwrap();
            }
            Step::Answer {
                family,
                nth,
                act,
                current,
            } => {
                let owner = &mut self.families[family].owner;
                if let Some((id, playdate)) = owner.all::<Playdate>().get(nth) {
                    let rev = if current { playdate.rev } else { playdate.rev + 1 };
                    owner.act(*id, act, rev);
                }
            }
            Step::TakeBack { family, nth } => {
                let owner = &mut self.families[family].owner;
                if let Some((id, _)) = owner.all::<Matched>().get(nth) {
                    owner.take_back(*id);
                }
            }
            Step::Exchange { family, role, twice } => {
                let family = &mut self.families[family];
                let device = if role == Role::Owner {
                    &mut family.owner
                } else {
                    &mut family.child
                };
                if twice {
                    let lost =
                        crate::sync::sync(&self.rig.server, &device.session, device.request(&self.rig));
                    writeln!(seen, "{lost:?}").unwrap();
                }
                writeln!(seen, "{:?}", device.sync(&self.rig)).unwrap();
            }
            Step::Join { family } => {
                self.joined += 1;
                let household = self.families[family].household;
                let mut device = self.rig.device(household, 90_000 + self.joined, Role::Owner);
                writeln!(seen, "{:?}", device.sync(&self.rig)).unwrap();
                seen += &device.dump();
            }
            Step::Pass { ms } => self.rig.pass(ms),
        }
        seen
    }

    /// Everything that is stored of the families.
    fn stored(&self) -> String {
        let households: Vec<_> = self.families.iter().map(|family| family.household).collect();
        let all = move |tx: &mut dyn Tx| {
            households
                .iter()
                .map(|household| stored(tx, *household))
                .collect()
        };
        self.rig.server.db.read(all).unwrap()
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

#[test]
fn a_random_story_is_told_the_same_by_both_databases() {
    let Some(shared) = fresh("the same story on both databases") else {
        return;
    };
    let (mut matches, mut answers, mut refusals) = (0, 0, 0);
    for seed in 0..TRACES {
        shared
            .database
            .sql("TRUNCATE households, feed, interactions, epoch CASCADE");
        let folder = tempfile::tempdir().unwrap();
        let own = SqliteDb::open(&folder.path().join("romp.db")).unwrap();
        let mut worlds = [World::on(shared.clone()), World::on(Arc::new(own))];
        let mut rng = StdRng::seed_from_u64(seed);
        for n in 0..STEPS {
            let step = step(&mut rng);
            let [one, other] = worlds.each_mut().map(|world| world.take(&step));
            assert_eq!(one, other, "seed {seed}, step {n}: {step:?}");
            refusals += usize::from(one.contains("Rejected"));
        }
        for family in 0..FAMILIES as usize {
            for role in [Role::Owner, Role::Child] {
                let last = Step::Exchange {
                    family,
                    role,
                    twice: false,
                };
                let [one, other] = worlds.each_mut().map(|world| world.take(&last));
                assert_eq!(one, other, "seed {seed}, at the end");
            }
        }
        let [one, other] = worlds.each_ref().map(World::stored);
        assert_eq!(one, other, "seed {seed}: what is stored");
        matches += usize::from(one.contains("MatchRecord"));
        answers += usize::from(one.contains("accepted: true"));
    }
    let told = format!("{matches} with a match, {answers} with an answer, {refusals} refusals");
    assert!(
        matches >= 10 && answers >= 3 && refusals >= 20,
        "the stories are dull: {told}"
    );
}
