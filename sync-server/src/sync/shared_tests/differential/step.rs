//! What somebody does in a story, and stories that are drawn.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::{Kind, PetId, PlaydateAct, Role, SwipeId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::super::tests::rig::START;
use super::FAMILIES;
use super::device::Manner;

/// A device: the n-th of those with this role in the family, of which there is always one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub(super) family: usize,
    pub(super) role: Role,
    pub(super) nth: usize,
}

/// One thing that somebody does.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Changes a row.
    Edit {
        who: Who,
        kind: Kind,
        id: Uuid,
        fields: Value,
    },
    /// Says something that the server has never heard of.
    Foreign {
        who: Who,
    },
    /// A child says yes, and an owner releases it; perhaps the other family does so too, and one of the owners accepts.
    Like {
        family: usize,
        other: usize,
        both: bool,
    },
    /// An owner answers the n-th playdate that is known, having seen the current proposal or an older one.
    Answer {
        who: Who,
        nth: usize,
        act: PlaydateAct,
        current: bool,
    },
    /// An owner takes the n-th match back that is known.
    TakeBack {
        who: Who,
        nth: usize,
    },
    /// A device exchanges.
    Exchange {
        who: Who,
        manner: Manner,
    },
    /// A new device of the family takes everything in, and stays.
    Join {
        who: Who,
    },
    /// Somebody copies all data of a device onto another, and both go on.
    Copy {
        who: Who,
    },
    /// Somebody's clock is set.
    Clock {
        who: Who,
        skew_ms: i64,
    },
    Pass {
        ms: i64,
    },
}

pub(super) fn pet(family: usize) -> Uuid {
    Uuid::from_u128((family as u128 + 1) * 100 + 1)
}

pub(super) fn kid(family: usize) -> Uuid {
    Uuid::from_u128((family as u128 + 1) * 100 + 2)
}

/// One of two ids that a family uses for rows of a kind: so few that rows are changed again and removed.
fn row(rng: &mut StdRng, family: usize, from: u128) -> Uuid {
    Uuid::from_u128((family as u128 + 1) * 100 + from + u128::from(rng.random_bool(0.3)))
}

pub(super) fn step(rng: &mut StdRng) -> Step {
    let family = rng.random_range(0..FAMILIES as usize);
    let other = (family + rng.random_range(1..FAMILIES as usize)) % FAMILIES as usize;
    let role = *[Role::Owner, Role::Child].choose(rng).unwrap();
    let nth = rng.random_range(0..4);
    let who = Who { family, role, nth };
    let owner = Who {
        role: Role::Owner,
        ..who
    };
    match rng.random_range(0..40) {
        0..=3 => {
            let swipe = SwipeId::of(PetId(pet(family)), PetId(pet(other))).0;
            let verdict = ["yes", "yes", "no", "later"].choose(rng).unwrap();
            let fields = json!({"actor_pet": pet(family), "target_pet": pet(other), "verdict": verdict, "by_child": kid(family)});
            let child = Who {
                role: Role::Child,
                ..who
            };
            edit(child, Kind::Swipe, swipe, fields)
        }
        4..=8 => Step::Like {
            family,
            other,
            both: rng.random_bool(0.3),
        },
        9..=22 => {
            let (kind, id, fields) = patch(rng, family, other);
            // Mostly by whoever may.
            let who = if rng.random_bool(0.85) { owner } else { who };
            edit(who, kind, id, fields)
        }
        23..=25 => {
            let acts = [
                PlaydateAct::Accept,
                PlaydateAct::Accept,
                PlaydateAct::Decline,
                PlaydateAct::Cancel,
            ];
            Step::Answer {
                who: owner,
                nth: rng.random_range(0..2),
                act: *acts.choose(rng).unwrap(),
                current: rng.random_bool(0.9),
            }
        }
        26 => Step::TakeBack {
            who: owner,
            nth: rng.random_range(0..2),
        },
        27..=28 => Step::Pass {
            ms: *[MINUTE_MS, 11 * MINUTE_MS, HOUR_MS, DAY_MS, 9 * DAY_MS]
                .choose(rng)
                .unwrap(),
        },
        29 => Step::Join { who },
        30..=31 => Step::Copy { who },
        32 => Step::Foreign { who },
        33 => Step::Clock {
            who,
            skew_ms: *[0, -30 * DAY_MS, 3 * DAY_MS, 30_000].choose(rng).unwrap(),
        },
        _ => Step::Exchange {
            who,
            manner: Manner {
                twice: rng.random_bool(0.2),
                first: rng.random_bool(0.2).then_some(1),
                compare: rng.random_bool(0.5),
                wrong: rng.random_bool(0.3),
            },
        },
    }
}

fn edit(who: Who, kind: Kind, id: Uuid, fields: Value) -> Step {
    Step::Edit {
        who,
        kind,
        id,
        fields,
    }
}

/// A change of one of the family's own rows.
fn patch(rng: &mut StdRng, family: usize, other: usize) -> (Kind, Uuid, Value) {
    let any = |rng: &mut StdRng, patches: &[Value]| patches.choose(rng).unwrap().clone();
    let now = START + rng.random_range(-1..12) * DAY_MS;
    match rng.random_range(0..12) {
        0 | 1 => {
            let patches = [
                json!({"energy": rng.random_range(0..7)}),
                json!({"visible": rng.random_bool(0.8)}),
                json!({"weight_g": rng.random_range(3..40) * 1_000}),
                json!({"seeks_species": ["dog", "cat"]}),
                json!({"deleted": rng.random_bool(0.2)}),
                json!({"hold_until": "2026-11-25"}),
                json!({"wings": 2}),
            ];
            (Kind::Pet, pet(family), any(rng, &patches))
        }
        2 => {
            let patches = [
                json!({"travel_km": rng.random_range(1..60)}),
                json!({"allergies": ["cat"]}),
                json!({"allergies": ["dog"]}),
                json!({"share_consent": null}),
                json!({"zone": "Europe/Berlin"}),
                json!({"area": {"lat_c": 4761, "lon_c": -12231}}),
                json!({"area": [4760, -12230]}),
            ];
            (Kind::Household, HOUSEHOLD_ROW, any(rng, &patches))
        }
        3 => {
            let day = ["mon", "sat", "sun"].choose(rng).unwrap();
            let patches = [
                json!({"deleted": true}),
                json!({"hours": {"weekday": day, "start": 600, "end": 780}}),
            ];
            (Kind::Slot, row(rng, family, 50), any(rng, &patches))
        }
        4 | 5 => {
            let day = format!("2026-11-{}", rng.random_range(22..30));
            let patches = [
                json!({"day": day, "change": {"change": "closed"}}),
                json!({"day": day, "change": {"change": "open", "start": 480, "end": 1_200}}),
                json!({"change": {"change": "open", "start": 700, "end": 600}}),
                json!({"deleted": rng.random_bool(0.5)}),
            ];
            (Kind::Exception, row(rng, family, 60), any(rng, &patches))
        }
        6 | 7 => {
            let profile = json!({"nickname": "Pip", "avatar": "owl", "age_band": "4-6"});
            let patches = [
                profile,
                json!({"daily_cards": rng.random_range(1..4)}),
                json!({"daily_cards": null, "pause_when_done": rng.random_bool(0.5)}),
                json!({"nickname": "Mo"}),
                json!({"deleted": rng.random_bool(0.5)}),
            ];
            let id = if rng.random_bool(0.6) {
                kid(family)
            } else {
                row(rng, family, 70)
            };
            (Kind::Child, id, any(rng, &patches))
        }
        8..=10 => {
            let scopes = [
                json!({"of": "household"}),
                json!({"of": "children"}),
                json!({"of": "child", "child": kid(family)}),
                json!({"of": "device", "device": Uuid::from_u128((family as u128 + 1) * 100 + 4)}),
            ];
            let operations = [
                json!(["choose"]),
                json!(["release"]),
                json!(["meet", "live"]),
                json!(["pets", "hours", "family"]),
            ];
            let hours = json!({"weekdays": ["sun", "mon"], "start": 240, "end": 420});
            let new = json!({"scope": any(rng, &scopes), "operations": any(rng, &operations), "comment": "Good night!",
                "starts_at": now, "ends_at": now + 2 * DAY_MS, "on": true,
                "hours": if rng.random_bool(0.3) { hours } else { Value::Null }});
            let patches = [
                new.clone(),
                new.clone(),
                new,
                json!({"on": false}),
                json!({"deleted": true}),
            ];
            (Kind::Switch, row(rng, family, 80), any(rng, &patches))
        }
        _ => {
            let block = json!({"species": "dog", "name": "Bella", "blocked": rng.random_bool(0.4)});
            (Kind::Block, pet(other), block)
        }
    }
}
