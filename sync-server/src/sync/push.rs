//! Takes in a device's mutations: numbering, clocks, one verdict each. A refused one never holds up the next.

use std::collections::BTreeMap;

use romp_domain::sent::Foreign;
use romp_domain::time::DAY_MS;
use romp_domain::wire::{Epoch, Link, MutationResult, Outcome, SyncRequest};
use romp_domain::{ErrorCode, Hlc, HouseholdId, Kind, Mutation, Op, PetId, Problem, Sent, SwipeId, UtcMs};
use romp_sync::{Batch, Stamp, correct, link_after, plan_batch};

use super::patch::{self, Done};
use super::speaker::{self, Speaker};
use super::work::Work;
use super::{apart, collect, effects, matchmaking, standing, switches};
use crate::db::{DeviceRecord, Fault, RELEASED, SessionRecord};

/// What became of a push.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    pub(super) results: Vec<MutationResult>,
    /// The place up to which the device's mutations are held.
    pub(super) held: Link,
    /// The commit at which the acknowledged mutations are visible; none when nothing was looked at.
    pub(super) ack_seq: Option<u64>,
    /// The database's epoch.
    pub(super) epoch: Epoch,
    pub(super) need_from: Option<u64>,
    /// The device's id is in use by somebody else.
    pub(super) forked: bool,
    pub(super) heads: BTreeMap<HouseholdId, u64>,
}

/// Whether a request leaves everything as it is; and then, what the server holds of the device.
pub(super) fn is_quiet(
    mut work: Work<'_>,
    session: &SessionRecord,
    request: &SyncRequest,
) -> Result<Option<Link>, Fault> {
    let Speaker::Device(device, false) = speaker::admit(&mut work, session, request)? else {
        return Ok(None);
    };
    let quiet = request.mutations.is_empty()
        && request.link.is_none_or(|link| link == device.held)
        && device.cursor == request.cursor
        && work.now.since_ms(device.seen_at) < DAY_MS
        && work.tx.epoch()? != Epoch::default()
        && !standing::is_overdue(&mut work, session.household)?;
    Ok(quiet.then_some(device.held))
}

/// Applies what is new of the request's mutations and closes the transaction's feed.
///
/// `new_epoch` becomes the database's epoch if it has none yet.
pub(super) fn push(
    mut work: Work<'_>,
    session: &SessionRecord,
    request: &SyncRequest,
    new_epoch: Epoch,
) -> Result<Pushed, Fault> {
    let (mut device, new) = match speaker::admit(&mut work, session, request)? {
        Speaker::Device(device, new) => (device, new),
        Speaker::Stranger => {
            return Ok(Pushed {
                forked: true,
                ..Pushed::default()
            });
        }
    };
    let stands = Pushed {
        held: device.held,
        ..Pushed::default()
    };
    let epoch = epoch_or(&mut work, new_epoch)?;
    if request.epoch.is_some_and(|of_device| of_device != epoch) {
        // The device first learns what is lost here, and sends that again before what is new.
        return Ok(stands);
    }
    let known = match plan_batch(device.held, request.link, &request.mutations) {
        Batch::Apply { known } => known,
        Batch::Missing { from } => {
            return Ok(Pushed {
                need_from: Some(from),
                ..stands
            });
        }
        Batch::Fork => {
            return Ok(Pushed {
                forked: true,
                ..stands
            });
        }
        Batch::Broken => {
            return Err(Problem::saying(
                ErrorCode::BadRequest,
                "The changes are not numbered one after the other.",
            )
            .into());
        }
    };
    if new {
        // Refusals refer to it.
        work.tx.put_device(&device)?;
    }
    if let Some(first) = request.mutations.first() {
        work.tx.forget_rejects(device.id, first.mid())?;
    }
    work.seen_at = Some(device.seen_at);
    let mut results = known_results(&mut work, &device, &request.mutations[..known])?;
    expect_rows(&mut work, session.household, &request.mutations[known..])?;
    let mut terms = false;
    for sent in &request.mutations[known..] {
        let (outcome, changed) = match sent {
            Sent::Known(mutation) => apply(&mut work, session, &mut device, mutation, request.clock)?,
            Sent::Foreign(foreign) => (not_known(foreign), false),
        };
        if let Outcome::Rejected { problem } = &outcome {
            work.tx.put_reject(device.id, sent.mid(), problem)?;
        }
        terms |= changed && sent.known().is_some_and(|mutation| is_of_terms(mutation.kind));
        device.held = link_after(device.held, sent);
        results.push(MutationResult {
            mid: sent.mid(),
            outcome,
        });
    }
    effects::of_batch(&mut work, session.household)?;
    if work.pets_came {
        apart::pets_came(&mut work, session.household)?;
    }
    matchmaking::released(&mut work)?;
    // Once a batch, not once a mutation: a week of new hours is one change of terms. Who may meet now is seen when decks are
    // dealt for them, which is counted.
    if terms {
        standing::judge_again(&mut work, session.household)?;
    }
    switches::note_met(&mut work, session)?;
    let recent = work.now.plus_ms(-standing::RECENT_MS);
    standing::end_overdue(&mut work, session.household, recent)?;
    device.cursor = request.cursor;
    device.seen_at = seen_at(&device, request.more, work.now);
    work.tx.put_device(&device)?;
    work.raise_clock(session.household, device.last_hlc);
    collect::collect(&mut work, session.household)?;
    let household = session.household;
    let before = work
        .household(household)?
        .map_or(0, |household| household.head_seq);
    let heads = work.finish()?;
    Ok(Pushed {
        results,
        held: device.held,
        ack_seq: Some(heads.get(&household).copied().unwrap_or(before)),
        epoch,
        heads,
        ..Pushed::default()
    })
}

/// The database's epoch, which is `new` if it has none yet.
fn epoch_or(work: &mut Work<'_>, new: Epoch) -> Result<Epoch, Fault> {
    let epoch = work.tx.epoch()?;
    if epoch != Epoch::default() {
        return Ok(epoch);
    }
    work.tx.set_epoch(new)?;
    Ok(new)
}

/// Has the rows looked up together that the mutations will ask for one by one: their own swipes, and what answers a
/// released yes. What is not foreseen here is looked up when it is asked for.
fn expect_rows(work: &mut Work<'_>, household: HouseholdId, mutations: &[Sent]) -> Result<(), Fault> {
    let (mut ids, mut answers) = (Vec::new(), Vec::new());
    let known = mutations.iter().filter_map(Sent::known);
    for mutation in known.filter(|mutation| mutation.kind == Kind::Swipe) {
        let Op::Patch { fields } = &mutation.op else {
            continue;
        };
        ids.push(mutation.id);
        let pet = |name: &str| -> Option<PetId> { fields.0.get(name)?.as_str()?.parse().ok() };
        if fields.0.get(RELEASED).is_some_and(|verdict| verdict == "yes")
            && let (Some(actor), Some(target)) = (pet("actor_pet"), pet("target_pet"))
        {
            answers.push((target, SwipeId::of(target, actor)));
        }
    }
    work.expect_swipes(household, &ids)?;
    if !answers.is_empty() {
        work.tx.expect_answers(&answers)?;
    }
    Ok(())
}

/// When a device was here last, from now on. One that is not done telling of the time that it was away has come as far
/// as what it told last.
fn seen_at(device: &DeviceRecord, more: bool, now: UtcMs) -> UtcMs {
    if more {
        device.seen_at.max(UtcMs(device.last_hlc.ms()).min(now))
    } else {
        now
    }
}

/// Whether rows of a kind say on which terms the family would meet others, and whom.
const fn is_of_terms(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Household | Kind::Pet | Kind::Slot | Kind::Exception | Kind::Block
    )
}

/// The verdicts on mutations that were sent before: the refusals are kept, everything else took effect.
fn known_results(
    work: &mut Work<'_>,
    device: &DeviceRecord,
    mutations: &[Sent],
) -> Result<Vec<MutationResult>, Fault> {
    let (Some(first), Some(last)) = (mutations.first(), mutations.last()) else {
        return Ok(Vec::new());
    };
    let rejects: BTreeMap<u64, Problem> = work
        .tx
        .rejects(device.id, first.mid(), last.mid())?
        .into_iter()
        .collect();
    let verdict = |mid: u64| match rejects.get(&mid) {
        Some(problem) => Outcome::Rejected {
            problem: problem.clone(),
        },
        None => Outcome::Applied,
    };
    Ok(mutations
        .iter()
        .map(|m| MutationResult {
            mid: m.mid(),
            outcome: verdict(m.mid()),
        })
        .collect())
}

/// What only a newer app could have said is refused by itself, so that all around it takes effect.
fn not_known(foreign: &Foreign) -> Outcome {
    let sentence =
        "The server is older than this app and does not know this change yet. Whoever runs it can update it.";
    Outcome::Rejected {
        problem: Problem {
            field: Some(foreign.unknown().to_owned()),
            ..Problem::saying(ErrorCode::UnknownField, sentence)
        },
    }
}

/// One mutation, and whether it changed anything. Judged completely before anything is written, so that a refusal leaves
/// no trace.
fn apply(
    work: &mut Work<'_>,
    session: &SessionRecord,
    device: &mut DeviceRecord,
    mutation: &Mutation,
    sent: Hlc,
) -> Result<(Outcome, bool), Fault> {
    // What waited keeps its place: what its device has sent since does not make it later.
    let (sent, previous) = if mutation.waited {
        (Hlc::at_ms(work.now.0), Hlc(0))
    } else {
        (sent, device.last_hlc)
    };
    let hlc = correct(mutation.hlc, sent, work.now.0, previous);
    device.last_hlc = device.last_hlc.max(hlc);
    let verdict = match &mutation.op {
        Op::Patch { fields } => patch::apply(work, session, mutation, fields, Stamp(hlc, device.id)),
        Op::Act { act, expect_rev } => {
            let stamp = Stamp(hlc, device.id);
            effects::act(work, session, mutation, *act, *expect_rev, stamp).map(Done::All)
        }
    };
    Ok(match verdict {
        Ok(Done::All(true)) => (Outcome::Applied, true),
        Ok(Done::All(false)) => (Outcome::Superseded, false),
        Ok(Done::Part(changed, problem)) => (Outcome::Rejected { problem }, changed),
        Err(Fault::Refused(problem)) => (Outcome::Rejected { problem }, false),
        Err(fault) => return Err(fault),
    })
}
