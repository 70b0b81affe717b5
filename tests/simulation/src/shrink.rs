//! Makes a failing plan short: takes away what the failure does not need (delta debugging, Zeller and Hildebrandt
//! 2002), and tells what is left as a story.

use crate::plan::{Planned, plan};
use crate::{Violation, run_plan};

/// Most runs spent on one failure.
const MOST_RUNS: usize = 250;

/// A failure, made short.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// Entries that are needed.
    pub entries: usize,
    /// What is violated.
    pub violation: Violation,
    /// What happens.
    pub story: Vec<String>,
}

/// Shortens the plan of a failing seed. None when it does not fail.
pub fn shrink(seed: u64, steps: usize) -> Option<Shrunk> {
    let mut plan = plan(seed, steps);
    let (reached, violation) = run_plan(seed, &plan, false).violation?;
    plan.truncate(reached + 1);
    let mut runs = 0;
    let mut fails = |plan: &[Planned]| {
        runs += 1;
        let same = |(at, found): &(usize, Violation)| (found.invariant == violation.invariant).then_some(*at);
        let found = run_plan(seed, plan, false).violation.as_ref().and_then(same);
        (found, runs < MOST_RUNS)
    };
    let mut piece = plan.len().div_ceil(2);
    'smaller: while piece > 0 {
        let mut at = 0;
        let mut shorter = false;
        while at < plan.len() {
            let mut without = plan.clone();
            without.drain(at..(at + piece).min(plan.len()));
            let (found, may_go_on) = fails(&without);
            if let Some(reached) = found {
                without.truncate(reached + 1);
                plan = without;
                shorter = true;
            } else {
                at += piece;
            }
            if !may_go_on {
                break 'smaller;
            }
        }
        if piece == 1 && !shorter {
            break;
        }
        piece = if piece == 1 { 1 } else { piece.div_ceil(2) };
    }
    let last = run_plan(seed, &plan, true);
    let (_, violation) = last.violation?;
    Some(Shrunk {
        entries: plan.len(),
        violation,
        story: last.story,
    })
}
