//! Takes in a device's mutations: numbering, clocks, one verdict each. A refused one never holds up the next.

use std::collections::BTreeMap;

use romp_domain::wire::{MutationResult, Outcome, SyncRequest};
use romp_domain::{
    DeviceId, Entity, ErrorCode, Fields, Hlc, Household, HouseholdId, Kind, Mutation, Op, Problem, Role,
    ZoneName,
};
use romp_sync::{Batch, Registers, Stamp, correct, plan_batch};

use super::work::Work;
use super::{decks, effects, judge, matchmaking, standing, swipes};
use crate::db::{DeviceRecord, Fault, SessionRecord};

/// What became of a push.
#[derive(Debug)]
pub(super) struct Pushed {
    pub(super) results: Vec<MutationResult>,
    pub(super) ack_mid: u64,
    /// The commit at which the acknowledged mutations are visible; none when nothing was written.
    pub(super) ack_seq: Option<u64>,
    pub(super) need_from: Option<u64>,
    pub(super) heads: BTreeMap<HouseholdId, u64>,
}

impl Pushed {
    /// Nothing was sent.
    pub(super) fn nothing(ack_mid: u64) -> Self {
        Self {
            results: Vec::new(),
            ack_mid,
            ack_seq: None,
            need_from: None,
            heads: BTreeMap::new(),
        }
    }
}

/// Where a device stands: whether its request leaves everything as it is, and its last mutation held.
pub(super) fn standing(
    mut work: Work<'_>,
    session: &SessionRecord,
    nothing_sent: bool,
    cursor: u64,
) -> Result<(bool, u64), Fault> {
    admit(&mut work, session)?;
    let device = work
        .tx
        .device(session.device)?
        .ok_or_else(|| Problem::new(ErrorCode::NotSignedIn))?;
    let quiet =
        nothing_sent && device.cursor == cursor && !standing::is_overdue(&mut work, session.household)?;
    Ok((quiet, device.last_mid))
}

/// A session that ended after the gateway looked is refused here, inside the transaction. Children's devices take
/// part only while an owner's consent holds (R2).
fn admit(work: &mut Work<'_>, session: &SessionRecord) -> Result<(), Fault> {
    if work
        .tx
        .session_by_token(&session.token)?
        .is_none_or(|session| session.ended_at.is_some())
    {
        return Err(Problem::new(ErrorCode::NotSignedIn).into());
    }
    if session.role == Role::Child && work.settings(session.household)?.child_consent.is_none() {
        return Err(Problem::new(ErrorCode::ConsentMissing).into());
    }
    Ok(())
}

/// Applies what is new of the request's mutations and closes the transaction's feed.
pub(super) fn push(
    mut work: Work<'_>,
    session: &SessionRecord,
    request: &SyncRequest,
) -> Result<Pushed, Fault> {
    admit(&mut work, session)?;
    let mut device = work
        .tx
        .device(session.device)?
        .ok_or_else(|| Problem::new(ErrorCode::NotSignedIn))?;
    let known = match plan_batch(device.last_mid, &request.mutations) {
        Batch::Apply { known } => known,
        Batch::Missing { from } => {
            return Ok(Pushed {
                need_from: Some(from),
                ..Pushed::nothing(device.last_mid)
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
    if let Some(first) = request.mutations.first() {
        work.tx.forget_rejects(device.id, first.mid)?;
    }
    let mut results = known_results(&mut work, &device, &request.mutations[..known])?;
    for mutation in &request.mutations[known..] {
        let outcome = apply(&mut work, session, &mut device, mutation, request.clock)?;
        if let Outcome::Rejected { problem } = &outcome {
            work.tx.put_reject(device.id, mutation.mid, problem)?;
        }
        device.last_mid = mutation.mid;
        results.push(MutationResult {
            mid: mutation.mid,
            outcome,
        });
    }
    // Once a batch, not once a mutation: a week of new hours is one change of terms.
    if results[known..]
        .iter()
        .zip(&request.mutations[known..])
        .any(|(result, mutation)| changes_terms(result, mutation))
    {
        standing::judge_again(&mut work, session.household)?;
        matchmaking::reconsider(&mut work, session.household)?;
        decks::wake_neighbours(&mut work, session.household)?;
    }
    let recent = work.now.plus_ms(-standing::RECENT_MS);
    standing::end_overdue(&mut work, session.household, recent)?;
    device.cursor = request.cursor;
    work.tx.put_device(&device)?;
    work.tx.raise_clock(session.household, device.last_hlc)?;
    let household = session.household;
    let heads = work.finish()?;
    let ack_seq = heads.get(&household).copied();
    Ok(Pushed {
        results,
        ack_mid: device.last_mid,
        ack_seq,
        need_from: None,
        heads,
    })
}

/// Whether an applied mutation changes on which terms the family would meet others.
fn changes_terms(result: &MutationResult, mutation: &Mutation) -> bool {
    let terms = matches!(
        mutation.kind,
        Kind::Household | Kind::Pet | Kind::Slot | Kind::Exception
    );
    terms && result.outcome == Outcome::Applied
}

/// The verdicts on mutations that were sent before: the refusals are kept, everything else took effect.
fn known_results(
    work: &mut Work<'_>,
    device: &DeviceRecord,
    mutations: &[Mutation],
) -> Result<Vec<MutationResult>, Fault> {
    let (Some(first), Some(last)) = (mutations.first(), mutations.last()) else {
        return Ok(Vec::new());
    };
    let rejects: BTreeMap<u64, Problem> = work
        .tx
        .rejects(device.id, first.mid, last.mid)?
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
            mid: m.mid,
            outcome: verdict(m.mid),
        })
        .collect())
}

/// One mutation. Judged completely before anything is written, so that a refusal leaves no trace.
fn apply(
    work: &mut Work<'_>,
    session: &SessionRecord,
    device: &mut DeviceRecord,
    mutation: &Mutation,
    sent: Hlc,
) -> Result<Outcome, Fault> {
    let hlc = correct(mutation.hlc, sent, work.now.0, device.last_hlc);
    device.last_hlc = hlc;
    let verdict = match &mutation.op {
        Op::Patch { fields } => patch_row(work, session, mutation, fields, Stamp(hlc, device.id)),
        Op::Act { act, expect_rev } => effects::act(work, session, mutation, *act, *expect_rev),
    };
    match verdict {
        Ok(true) => Ok(Outcome::Applied),
        Ok(false) => Ok(Outcome::Superseded),
        Err(Fault::Refused(problem)) => Ok(Outcome::Rejected { problem }),
        Err(fault) => Err(fault),
    }
}

fn patch_row(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    fields: &Fields,
    stamp: Stamp,
) -> Result<bool, Fault> {
    let (household, kind, id) = (session.household, mutation.kind, mutation.id);
    let mut patch = Registers::of(&judge::allowed(session, mutation, fields)?, stamp);
    let before = work.tx.row(household, kind, id)?;
    if kind == Kind::Swipe {
        if let Some(answer) = swipes::settled(work, session, id, before.as_ref())? {
            return answer;
        }
        swipes::withdraw_release(session, before.as_ref(), &mut patch);
    }
    let mut after = before.clone().unwrap_or_else(|| unsaid(kind));
    let changed = after.merge(&patch);
    judge::patch(work, session, mutation, &patch, before.as_ref(), &after)?;
    if changed {
        work.put_row(household, kind, id, &after)?;
        effects::of_patch(work, household, kind, id, before.as_ref(), &after)?;
    }
    Ok(changed)
}

/// What a row says before anybody said anything. A device sends only what a person set, so that signing a second
/// device in cannot overwrite the family's settings with defaults.
fn unsaid(kind: Kind) -> Registers {
    match kind {
        Kind::Household => {
            let nobody = Stamp(Hlc(0), DeviceId(uuid::Uuid::nil()));
            Registers::of(&Household::new(ZoneName::utc()).to_fields(), nobody)
        }
        _ => Registers::default(),
    }
}
