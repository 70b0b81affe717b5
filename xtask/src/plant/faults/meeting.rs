//! Who meets whom, and when.

use super::{MATCHING, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "own-household-on-a-card",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "a.party.household == b.party.household || a.id == b.id",
            plant: "a.id == b.id",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "hidden-pet-on-a-card",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "    forbid(any(&|pet| !pet.visible), E::NotShown)?;\n",
            plant: "",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "others-allergies-ignored",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "allergic(a, b) || allergic(b, a)",
            plant: "allergic(a, b)",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "allergies-ignored",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "own.party.allergies.contains(&other.pet.species)",
            plant: "own.party.allergies.contains(&other.pet.species) && false",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "unknown-weight-taken-as-fitting",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "_ => Err(Exclusion::WeightUnknown),",
            plant: "_ => Ok(()),",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "widest-gap-off-by-one",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "<= MAX_GAP_KG =>",
            plant: "< MAX_GAP_KG =>",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "rest-ends-a-day-early",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "pet.hold_until.is_some_and(|until| today <= until)",
            plant: "pet.hold_until.is_some_and(|until| today < until)",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "no-rest-after-heat",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "today <= until.saturating_add(HEAT_REST_DAYS.days())",
            plant: "today <= until",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "one-valid-vaccination-is-enough",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: ".any(|until| *until < today)",
            plant: ".all(|until| *until < today)",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "older-vaccination-counts",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "*until = vaccination.valid_until.max(*until);",
            plant: "*until = vaccination.valid_until.min(*until);",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "unasked-owner-taken-as-willing",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "Known::Unknown => own.species == other.species,",
            plant: "Known::Unknown => true,",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "seen-pet-dealt-again",
        edits: &[Edit {
            file: "crates/matching/src/deck.rs",
            find: "!seen.contains(&other.id) && eligible",
            plant: "eligible",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "proposed-into-the-others-playdate",
        edits: &[Edit {
            file: "crates/matching/src/propose.rs",
            find: ".intersection(&b.party.free.minus(busy_b))",
            plant: ".intersection(&b.party.free)",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "proposed-without-notice",
        edits: &[Edit {
            file: "crates/matching/src/propose.rs",
            find: "TimeSpan::new(now.plus_ms(NOTICE_MS), now",
            plant: "TimeSpan::new(now, now",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "hidden-pet-dealt-from-the-snapshot",
        edits: &[Edit {
            file: "sync-server/src/sync/decks.rs",
            find: ".is_some_and(|pet| pet.visible && !pet.rests_on(today))",
            plant: ".is_some()",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "withdrawn-family-dealt-from-the-snapshot",
        edits: &[Edit {
            file: "sync-server/src/sync/decks.rs",
            find: "Ok(shown && settings.share_consent.is_some())",
            plant: "Ok(shown)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "change-during-a-deal-lost",
        edits: &[Edit {
            file: "sync-server/src/sync/decks.rs",
            find: "Some(now) if now == *gathered =>",
            plant: "Some(now) if now.pet == gathered.pet =>",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "own-allergies-forgotten-without-a-deal",
        edits: &[Edit {
            file: "sync-server/src/sync/decks.rs",
            find: "            && !own.party.allergies.contains(&shown.species)\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "matched-although-they-no-longer-fit",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: "    if forbidden(&a, &b, work.now).is_some() {\n        return Ok(());\n    }\n    let record",
            plant: "    let record",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "matched-on-one-yes",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: "reverse.filter(|reverse| reverse.swipe.is_released_yes())",
            plant: "reverse.filter(|reverse| reverse.swipe.verdict.is_some())",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "proposed-twice",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: "earlier.iter().all(|p| p.state.is_final() || p.slot.end() <= now)",
            plant: "earlier.iter().all(|p| p.attempt <= 100)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "asked-again-for-ever",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: "declined < MOST_DECLINED &&",
            plant: "declined < usize::MAX &&",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "booked-twice-at-an-hour",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: "        .filter(|p| !p.state.is_final())\n        .map(|p| p.slot)",
            plant: "        .filter(|p| p.state.is_final())\n        .map(|p| p.slot)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "playdate-after-the-vaccination",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: ".find(|offer| forbidden(&a, &b, offer.slot.start()).is_none())",
            plant: ".find(|offer| forbidden(&a, &b, work.now).is_none() || offer.slot.start() < work.now)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "old-revision-accepted",
        edits: &[Edit {
            file: "sync-server/src/sync/playdates.rs",
            find: "if expect_rev != playdate.rev {",
            plant: "if expect_rev > playdate.rev {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "passed-playdate-accepted",
        edits: &[Edit {
            file: "sync-server/src/sync/playdates.rs",
            find: "if playdate.slot.start() <= now {",
            plant: "if playdate.slot.end() <= now {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "confirmed-by-one-family",
        edits: &[Edit {
            file: "sync-server/src/sync/playdates.rs",
            find: "next.sides.iter().all(|side| side.accepted)",
            plant: "next.sides.iter().any(|side| side.accepted)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "withdrawn-consent-keeps-matches",
        edits: &[Edit {
            file: "sync-server/src/sync/effects.rs",
            find: "        standing::leave(work, household, None)?;\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "ill-pet-stays-on-decks",
        edits: &[Edit {
            file: "sync-server/src/sync/effects.rs",
            find: "if !pet.visible || pet.rests_on(today) {",
            plant: "if !pet.visible {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "broken-rule-keeps-a-playdate",
        edits: &[Edit {
            file: "sync-server/src/sync/standing.rs",
            find: "E::OnHold | E::InHeat => Some(CancelReason::PetRests),",
            plant: "E::OnHold | E::InHeat => (!agreed).then_some(CancelReason::PetRests),",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "unanswered-proposal-stays-open",
        edits: &[Edit {
            file: "sync-server/src/sync/standing.rs",
            find: "playdate.state == PlaydateState::Proposed && playdate.slot.start() <= now",
            plant: "playdate.state == PlaydateState::Proposed && playdate.slot.end() < UtcMs(0).min(now)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "rest-put-down-to-who-speaks",
        edits: &[Edit {
            file: "sync-server/src/sync/standing.rs",
            find: "CancelReason::PetRests => (reason, whose_rests(",
            plant: "CancelReason::TooLate => (reason, whose_rests(",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "past-playdate-called-off",
        edits: &[Edit {
            file: "sync-server/src/sync/playdates.rs",
            find: "Some(_) if playdate.slot.end() <= now => Err(passed()),",
            plant: "Some(_) if playdate.rev == u32::MAX => Err(passed()),",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "decided-cards-stay-with-who-is-not-shown",
        edits: &[Edit {
            file: "sync-server/src/sync/decks.rs",
            find: "if own.is_none_or(|own| own.candidate(pet).is_none()) {",
            plant: "if own.is_some_and(|own| own.candidate(pet).is_none()) {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "terms-that-were-not-counted-answered",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: "is_none_or(|deck| !deck.asks)",
            plant: "is_none_or(|deck| deck.pet == pet)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "brought-together-without-end",
        edits: &[Edit {
            file: "sync-server/src/sync/matchmaking.rs",
            find: "times <= MOST_A_DAY",
            plant: "times <= u64::MAX - MOST_A_DAY",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "distance-told-by-what-ends",
        edits: &[Edit {
            file: "sync-server/src/sync/standing.rs",
            find: "Some(Exclusion::TooFar | Exclusion::NoSharedVenue | Exclusion::NoSharedTime) if",
            plant: "Some(Exclusion::NoSharedVenue | Exclusion::NoSharedTime) if",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "weighed-without-end",
        edits: &[Edit {
            file: "sync-server/src/sync/standing.rs",
            find: "if open.is_empty() || work.tx.spend(household, WEIGHINGS, now)? {",
            plant: "if open.is_empty() || work.tx.spend(household, WEIGHINGS, now)? || now > UtcMs(0) {",
        }],
        stages: &[SYNC],
    },
];
