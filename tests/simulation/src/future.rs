//! A server that is newer than the app: it sends a kind, fields, codes and a reason to start over that this build has
//! never heard of.

use romp_domain::wire::{Outcome, Reset, SyncReply};
use romp_domain::{ErrorCode, Row};
use serde_json::{Value, json};
use uuid::Uuid;

/// The field and the kind that nobody knows yet.
pub(crate) const FIELD: &str = "x_future";
pub(crate) const KIND: &str = "x_badge";

/// The code and the reason that nobody knows yet.
const WORD: &str = "x_new";

/// Codes to which a device does something: a newer server still says those.
const REACTED_TO: [ErrorCode; 1] = [ErrorCode::SwitchedOff];

/// The same answer in a newer server's words, as far as this build understands them.
fn reworded(reply: &SyncReply) -> SyncReply {
    let mut told = serde_json::to_value(reply).unwrap();
    if reply.reset == Some(Reset::TooOld) {
        told["reset"] = WORD.into();
    }
    for (n, result) in reply.results.iter().enumerate() {
        if let Outcome::Rejected { problem } = &result.outcome
            && !REACTED_TO.contains(&problem.code)
        {
            told["results"][n]["problem"]["code"] = WORD.into();
        }
    }
    serde_json::from_value(told).unwrap()
}

/// Makes of an answer what a newer server would.
pub(crate) fn newer(reply: &mut SyncReply) {
    *reply = reworded(reply);
    for row in &mut reply.rows {
        if let (true, Some(fields)) = (row.kind == "pet", &mut row.fields) {
            fields.0.insert(FIELD.to_owned(), Value::from(7));
        }
    }
    if let Some(last) = reply.rows.last() {
        let badge = Row {
            kind: KIND.to_owned(),
            id: Uuid::from_u128(7),
            seq: last.seq,
            fields: serde_json::from_value(json!({"colour": "green"})).unwrap(),
        };
        reply.rows.push(badge);
    }
}
