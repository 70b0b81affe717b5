//! A server that is newer than the app: it sends a kind and fields that this build has never heard of.

use romp_domain::Row;
use romp_domain::wire::SyncReply;
use serde_json::{Value, json};
use uuid::Uuid;

/// The field and the kind that nobody knows yet.
pub(crate) const FIELD: &str = "x_future";
pub(crate) const KIND: &str = "x_badge";

/// Adds to an answer what a newer server would.
pub(crate) fn newer(reply: &mut SyncReply) {
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
