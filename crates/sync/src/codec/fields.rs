//! The fields of rows and patches, without loss: any JSON value comes back as it was.
//!
//! A field is a message: the place of its name among the words (1), and under one of the other numbers its value. A list
//! and a map are messages of fields (1); in a list the names mean nothing.

use romp_domain::{Fields, Name};
use serde_json::{Map, Number, Value};
use uuid::Uuid;

use super::CodecError;
use super::wire::{
    Part, Parts, folded, put_bytes, put_fixed, put_message, put_number, put_number_always, unfolded,
};
use super::words::{WordsIn, WordsOut};

/// The part that a broken value is said to be in.
const PART: &str = "fields";

/// Text that is an id as ids are written, in sixteen bytes instead of 36 characters.
const ID: u32 = 2;
const TEXT: u32 = 3;
const NATURAL: u32 = 4;
/// Less than nothing.
const NEGATIVE: u32 = 5;
const REAL: u32 = 6;
const FLAG: u32 = 7;
/// Always true.
const NULL: u32 = 8;
const LIST: u32 = 9;
const MAP: u32 = 10;
/// A list or a map as JSON: one that is nested so deep that readers would give up.
const JSON: u32 = 11;

/// The place of a field's name; the fields of a list or a map.
const NAME: u32 = 1;
const FIELDS: u32 = 1;

/// How deep lists and maps are sent as what they are; no row of ours has more than three.
const MAX_DEPTH: usize = 16;

/// How deep a reader follows. A hundred messages, as readers of protocol buffers do.
const MAX_DEPTH_READ: usize = 50;

/// So many fields have most patches, and a swipe.
const ROOM: usize = 6;

/// Writes fields, each as a message under `number`.
pub(super) fn put<'a>(out: &mut Vec<u8>, number: u32, fields: &'a Fields, words: &mut WordsOut<'a>) {
    for (name, value) in &fields.0 {
        put_field(out, number, Some(name.as_str()), value, words, 0);
    }
}

/// The same, of a map.
pub(super) fn put_map<'a>(
    out: &mut Vec<u8>,
    number: u32,
    map: &'a Map<String, Value>,
    words: &mut WordsOut<'a>,
) {
    for (name, value) in map {
        put_field(out, number, Some(name), value, words, 0);
    }
}

fn put_field<'a>(
    out: &mut Vec<u8>,
    number: u32,
    name: Option<&'a str>,
    value: &'a Value,
    words: &mut WordsOut<'a>,
    depth: usize,
) {
    put_message(out, number, |out| {
        if let Some(name) = name {
            put_number(out, NAME, words.place(name).into());
        }
        put_value(out, value, words, depth);
    });
}

fn put_value<'a>(out: &mut Vec<u8>, value: &'a Value, words: &mut WordsOut<'a>, depth: usize) {
    match value {
        Value::Null => put_number_always(out, NULL, 1),
        Value::Bool(flag) => put_number_always(out, FLAG, (*flag).into()),
        Value::Number(number) => put_json_number(out, number),
        Value::String(text) => match as_id(text) {
            Some(id) => put_bytes(out, ID, id.as_bytes()),
            None => put_bytes(out, TEXT, text.as_bytes()),
        },
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => {
            // A JSON value is always JSON.
            put_bytes(out, JSON, &serde_json::to_vec(value).unwrap_or_default());
        }
        Value::Array(list) => put_message(out, LIST, |out| {
            for value in list {
                put_field(out, FIELDS, None, value, words, depth + 1);
            }
        }),
        Value::Object(map) => put_message(out, MAP, |out| {
            for (name, value) in map {
                put_field(out, FIELDS, Some(name), value, words, depth + 1);
            }
        }),
    }
}

fn put_json_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(natural) = number.as_u64() {
        put_number_always(out, NATURAL, natural);
    } else if let Some(negative) = number.as_i64() {
        put_number_always(out, NEGATIVE, folded(negative));
    } else {
        put_fixed(out, REAL, number.as_f64().unwrap_or_default().to_bits());
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

/// Adds a field from the wire.
pub(super) fn read(
    fields: &mut Vec<(Name, Value)>,
    field: &[u8],
    words: &mut WordsIn,
) -> Result<(), CodecError> {
    if fields.is_empty() {
        fields.reserve(ROOM);
    }
    let (place, value) = read_field(field, words, 0)?;
    fields.push((words.at(place)?.clone(), value));
    Ok(())
}

/// The place of a field's name, and its value. None is not null but a form that this build does not know.
fn read_field(bytes: &[u8], words: &mut WordsIn, depth: usize) -> Result<(u32, Value), CodecError> {
    let (mut name, mut value) = (0, None);
    let mut parts = Parts(bytes);
    while let Some((number, part)) = parts.next()? {
        match number {
            NAME => name = part.place()?,
            ID..=JSON => value = Some(read_value(number, part, words, depth)?),
            _ => {}
        }
    }
    Ok((name, value.ok_or(CodecError::Part(PART))?))
}

fn read_value(number: u32, part: Part<'_>, words: &mut WordsIn, depth: usize) -> Result<Value, CodecError> {
    let broken = CodecError::Part(PART);
    Ok(match number {
        ID => id_text(super::id(part.bytes()?, PART)?).into(),
        TEXT => std::str::from_utf8(part.bytes()?)
            .map_err(|_| CodecError::Malformed)?
            .into(),
        NATURAL => part.number()?.into(),
        NEGATIVE => unfolded(part.number()?).into(),
        // There is no JSON for infinity.
        REAL => Number::from_f64(f64::from_bits(part.fixed()?))
            .ok_or(broken)?
            .into(),
        FLAG => (part.number()? != 0).into(),
        NULL => part.number().map(|_| Value::Null)?,
        JSON => {
            let json = part.bytes()?;
            words.nest(nested(json))?;
            serde_json::from_slice(json).map_err(|_| broken)?
        }
        _ if depth >= MAX_DEPTH_READ => return Err(CodecError::Malformed),
        LIST => {
            words.nest(1)?;
            let mut list = Vec::new();
            each_field(part, |field| {
                list.push(read_field(field, words, depth + 1)?.1);
                Ok(())
            })?;
            list.into()
        }
        _ => {
            words.nest(1)?;
            let mut map = Map::new();
            each_field(part, |field| {
                let (place, value) = read_field(field, words, depth + 1)?;
                // No reader may take one value for the one that counts, and the next one another.
                match map.insert(words.at(place)?.to_string(), value) {
                    None => Ok(()),
                    Some(_) => Err(CodecError::Part(PART)),
                }
            })?;
            map.into()
        }
    })
}

/// Not fewer lists and maps than a text of JSON has.
pub fn nested(json: &[u8]) -> usize {
    json.iter().filter(|byte| matches!(byte, b'{' | b'[')).count()
}

fn each_field<'a>(
    part: Part<'a>,
    mut read: impl FnMut(&'a [u8]) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    let mut parts = Parts(part.bytes()?);
    while let Some((number, part)) = parts.next()? {
        if number == FIELDS {
            read(part.bytes()?)?;
        }
    }
    Ok(())
}

/// An id as ids are written, without the detour through a formatter.
fn id_text(id: Uuid) -> String {
    id.hyphenated()
        .encode_lower(&mut [0; uuid::fmt::Hyphenated::LENGTH])
        .to_owned()
}
