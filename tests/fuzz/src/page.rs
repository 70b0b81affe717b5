//! What the page reads of the core's replies, held against `serde_json`.

use romp_domain::view::{HoursView, PetView, PlaydateView};
use romp_json::{Reply, Value as Read, written};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A reply of any form.
pub(crate) fn page(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let read = <Read as Reply>::read(text);
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && is_a_replys(&value, 0)
    {
        // As the core writes it: each field once.
        let read = <Read as Reply>::read(&value.to_string());
        let read = read.as_ref().map(same).ok();
        assert_eq!(
            read.as_ref(),
            Some(&value),
            "what the core can send is read as it was sent"
        );
    }
    agree::<Vec<PetView>>(text);
    agree::<Vec<PlaydateView>>(text);
    agree::<HoursView>(text);
    read.is_ok()
}

/// Whether the core could send this: no number with a point or beyond 64 bits, and nothing as deep as a mountain.
fn is_a_replys(value: &Value, depth: u32) -> bool {
    const DEEP: u32 = 60;
    match value {
        Value::Number(number) => number.as_i64().is_some(),
        Value::Array(items) => depth < DEEP && items.iter().all(|item| is_a_replys(item, depth + 1)),
        Value::Object(fields) => depth < DEEP && fields.values().all(|field| is_a_replys(field, depth + 1)),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn same(value: &Read) -> Value {
    match value {
        Read::Null => Value::Null,
        Read::Bool(yes) => (*yes).into(),
        Read::Number(number) => (*number).into(),
        Read::Text(text) => text.as_str().into(),
        Read::List(items) => items.iter().map(same).collect(),
        Read::Fields(fields) => {
            let fields: Map<_, _> = fields
                .iter()
                .map(|(name, value)| (name.clone(), same(value)))
                .collect();
            Value::Object(fields)
        }
    }
}

/// A type of the domain that both can read is the same to both, and is written so that the core reads it again.
fn agree<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(text: &str) {
    let (Ok(value), Ok(theirs)) = (<T as Reply>::read(text), serde_json::from_str::<T>(text)) else {
        return;
    };
    assert_eq!(value, theirs);
    let again = serde_json::from_str::<T>(&written(&value));
    assert_eq!(
        again.ok(),
        Some(value),
        "what was read can be written and read again"
    );
}
