//! What the server may answer, judged before the device sees it.

use std::collections::BTreeMap;

use romp_domain::wire::{Outcome, Reset, SyncReply, SyncRequest};
use romp_domain::{DeviceId, Kind, Role};

use super::server::Model;
use super::{Violation, broken};
use crate::privacy::Entitled;

/// The server's clock may be ahead of its time by as much as a corrected stamp.
const AHEAD_MS: i64 = 60_001;

/// What was answered to each device about each mutation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    refused: BTreeMap<(DeviceId, u64), bool>,
}

/// Who asked.
pub(crate) struct Asker<'a> {
    pub(crate) name: &'a str,
    pub(crate) device: DeviceId,
    pub(crate) role: Role,
    pub(crate) entitled: Entitled,
    /// Is shown more than the server says, on purpose.
    pub(crate) future: bool,
}

impl Told {
    /// Judges an answer. Returns its rows as text, for the trace.
    pub(crate) fn judge(
        &mut self,
        asker: &Asker<'_>,
        model: &Model,
        request: &SyncRequest,
        reply: &SyncReply,
        now: i64,
    ) -> Result<String, Violation> {
        let name = asker.name;
        let text = serde_json::to_string(&reply.rows).unwrap();
        asker.entitled.check(name, asker.role, &text)?;
        let mut last = 0;
        for row in &reply.rows {
            let kind = Kind::from_word(&row.kind);
            let never = matches!(
                kind,
                Some(Kind::Household | Kind::Slot | Kind::Exception | Kind::Match | Kind::Block)
            );
            if asker.role == Role::Child && never {
                return broken("9 I4", format!("{name} is a child's and was sent a {}", row.kind));
            }
            if row.seq < last || row.seq > reply.cursor {
                return broken("5", format!("{name} was sent rows out of order"));
            }
            last = row.seq;
        }
        let restarted = reply.reset.is_some();
        if reply.rows.iter().any(|row| row.seq <= request.cursor) && !restarted {
            return broken("5", format!("{name} was sent what it has"));
        }
        if reply.reset == Some(Reset::Digest) && !asker.future {
            return broken("18", format!("{name} does not hold what the server has told it"));
        }
        if reply.reset.is_none() && reply.cursor < request.cursor {
            return broken(
                "5",
                format!("{name} was sent back from {} to {}", request.cursor, reply.cursor),
            );
        }
        if reply.clock.ms() > now + AHEAD_MS {
            return broken("13 I8", format!("{name} was told a time ahead of time"));
        }
        if reply.ack_mid > model.last_mid(asker.device) {
            return broken(
                "2 I1",
                format!("{name}: mutation {} is acknowledged and not held", reply.ack_mid),
            );
        }
        for result in &reply.results {
            let refused = matches!(result.outcome, Outcome::Rejected { .. });
            let really = model
                .rejected
                .get(&asker.device)
                .is_some_and(|all| all.contains(&result.mid));
            if refused && !really {
                return broken(
                    "2",
                    format!(
                        "{name}: mutation {} took effect and is told as refused",
                        result.mid
                    ),
                );
            }
            if let Outcome::Rejected { problem } = &result.outcome {
                let of_it = model.refused_in_part.get(&(asker.device, result.mid));
                if !problem.refused.iter().eq(of_it.into_iter().flatten()) {
                    return broken(
                        "S3",
                        format!(
                            "{name}: of mutation {} was refused {of_it:?}, and {:?} is told",
                            result.mid, problem.refused
                        ),
                    );
                }
            }
            let before = self.refused.insert((asker.device, result.mid), refused);
            if before == Some(false) && refused {
                return broken(
                    "2 3",
                    format!("{name}: mutation {} was first applied, then refused", result.mid),
                );
            }
        }
        Ok(text)
    }
}
