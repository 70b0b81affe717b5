//! The fields of rows and patches, without loss: any JSON value comes back as it was.

use romp_domain::Fields;
use serde_json::{Map, Number, Value};
use uuid::Uuid;

use super::words::{WordsIn, WordsOut};
use super::{CodecError, message};

/// The part that a broken value is said to be in.
const PART: &str = "fields";

/// How deep lists and maps are sent as what they are. Readers of protocol buffers follow a hundred levels, of which
/// each list or map takes two; no row of ours has more than three.
const MAX_DEPTH: usize = 16;

/// Fields, for the wire.
pub(super) fn pack<'a>(fields: &'a Fields, words: &mut WordsOut<'a>) -> Vec<message::Field> {
    pack_map(&fields.0, words, 0)
}

/// The same, of a map, `depth` levels below.
pub(super) fn pack_map<'a>(
    map: &'a Map<String, Value>,
    words: &mut WordsOut<'a>,
    depth: usize,
) -> Vec<message::Field> {
    let field = |(name, value): (&'a String, &'a Value)| message::Field {
        name: words.place(name),
        value: Some(pack_value(value, words, depth)),
    };
    map.iter().map(field).collect()
}

fn pack_value<'a>(value: &'a Value, words: &mut WordsOut<'a>, depth: usize) -> message::Value {
    match value {
        Value::Null => message::Value::Null(true),
        Value::Bool(flag) => message::Value::Flag(*flag),
        Value::Number(number) => pack_number(number),
        Value::String(text) => match as_id(text) {
            Some(id) => message::Value::Id(super::id_bytes(id)),
            None => message::Value::Text(text.clone()),
        },
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => {
            // A JSON value is always JSON.
            message::Value::Json(serde_json::to_vec(value).unwrap_or_default().into())
        }
        Value::Array(list) => {
            let item = |value| message::Field {
                name: 0,
                value: Some(pack_value(value, words, depth + 1)),
            };
            let fields = list.iter().map(item).collect();
            message::Value::List(message::Nested { fields })
        }
        Value::Object(map) => {
            let fields = pack_map(map, words, depth + 1);
            message::Value::Map(message::Nested { fields })
        }
    }
}

fn pack_number(number: &Number) -> message::Value {
    if let Some(natural) = number.as_u64() {
        message::Value::Natural(natural)
    } else if let Some(negative) = number.as_i64() {
        message::Value::Negative(negative)
    } else {
        message::Value::Real(number.as_f64().unwrap_or_default())
    }
}

/// The id that a text is, if it is one and written exactly as ids are.
fn as_id(text: &str) -> Option<Uuid> {
    const LENGTH: usize = uuid::fmt::Hyphenated::LENGTH;
    if text.len() != LENGTH {
        return None;
    }
    let id = Uuid::try_parse(text).ok()?;
    (id.hyphenated().encode_lower(&mut [0; LENGTH]) == text).then_some(id)
}

/// Fields from the wire. A name that comes twice has the later value, as in JSON.
pub(super) fn unpack(fields: Vec<message::Field>, words: &mut WordsIn) -> Result<Fields, CodecError> {
    unpack_map(fields, words).map(Fields)
}

fn unpack_map(fields: Vec<message::Field>, words: &mut WordsIn) -> Result<Map<String, Value>, CodecError> {
    // One by one: to collect a map is to make a list and to sort it first, and these are few and mostly in order.
    let mut map = Map::new();
    for field in fields {
        let name = words.at(field.name)?.to_owned();
        map.insert(name, unpack_value(field.value, words)?);
    }
    Ok(map)
}

fn unpack_value(value: Option<message::Value>, words: &mut WordsIn) -> Result<Value, CodecError> {
    Ok(match value.ok_or(CodecError::Part(PART))? {
        message::Value::Null(_) => Value::Null,
        message::Value::Flag(flag) => flag.into(),
        message::Value::Natural(number) => number.into(),
        message::Value::Negative(number) => number.into(),
        // There is no JSON for infinity.
        message::Value::Real(number) => Number::from_f64(number).ok_or(CodecError::Part(PART))?.into(),
        message::Value::Text(text) => text.into(),
        message::Value::Id(bytes) => id_text(super::id(&bytes, PART)?).into(),
        message::Value::List(list) => {
            let items = list.fields.into_iter();
            items
                .map(|item| unpack_value(item.value, words))
                .collect::<Result<_, _>>()
                .map(Value::Array)?
        }
        message::Value::Map(map) => unpack_map(map.fields, words)?.into(),
        message::Value::Json(bytes) => serde_json::from_slice(&bytes).map_err(|_| CodecError::Part(PART))?,
    })
}

/// An id as ids are written, without the detour through a formatter.
fn id_text(id: Uuid) -> String {
    id.hyphenated()
        .encode_lower(&mut [0; uuid::fmt::Hyphenated::LENGTH])
        .to_owned()
}
