//! Mutations as they arrive: what this build can read, and what only a newer one could have said.
//!
//! A newer app may name a kind of row, an operation or an act of which this build has never heard. Such a mutation is
//! **foreign**: it has a number, a stamp and a row like any other, so that it can be counted, hashed and refused, and
//! those around it take effect.
//!
//! Deliberately absent: what is malformed. Where all words are known, everything else has to be right.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::row::{Hlc, Kind, Mutation, Op, PlaydateAct};
use crate::unique::Unique;

/// A mutation as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// One that this build can read.
    Known(Mutation),
    /// One of a newer version.
    Foreign(Foreign),
}

/// A mutation that names something that this build does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Foreign {
    mid: u64,
    hlc: Hlc,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_seq: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    waited: bool,
    kind: String,
    id: Uuid,
    #[serde(flatten)]
    operation: Operation,
}

/// What a foreign mutation does, in words. As JSON it is what the newer version wrote: operations say first which they
/// are, and then their parts by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Which.
    pub op: String,
    /// Its parts.
    #[serde(flatten)]
    pub parts: Map<String, Value>,
}

/// What every mutation has, whatever it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// See [`Mutation::mid`].
    pub mid: u64,
    /// See [`Mutation::hlc`].
    pub hlc: Hlc,
    /// See [`Mutation::base_seq`].
    pub base_seq: Option<u64>,
    /// See [`Mutation::waited`].
    pub waited: bool,
    /// See [`Mutation::id`].
    pub id: Uuid,
}

impl Sent {
    /// What was sent, in words: known if all of them are.
    ///
    /// # Errors
    /// Where all of them are known, and the rest does not fit.
    pub fn read(envelope: Envelope, kind: String, operation: Operation) -> Result<Self, serde_json::Error> {
        let Envelope {
            mid,
            hlc,
            base_seq,
            waited,
            id,
        } = envelope;
        let known = Kind::from_word(&kind).filter(|_| operation.is_known());
        let Some(kind) = known else {
            return Ok(Self::Foreign(Foreign {
                mid,
                hlc,
                base_seq,
                waited,
                kind,
                id,
                operation,
            }));
        };
        Ok(Self::Known(Mutation {
            mid,
            hlc,
            base_seq,
            waited,
            kind,
            id,
            op: Op::deserialize(operation.into_value())?,
        }))
    }

    /// Its number on its device.
    pub fn mid(&self) -> u64 {
        self.envelope().mid
    }

    /// What it has whatever it does.
    pub fn envelope(&self) -> Envelope {
        match self {
            Self::Known(known) => Envelope {
                mid: known.mid,
                hlc: known.hlc,
                base_seq: known.base_seq,
                waited: known.waited,
                id: known.id,
            },
            Self::Foreign(foreign) => Envelope {
                mid: foreign.mid,
                hlc: foreign.hlc,
                base_seq: foreign.base_seq,
                waited: foreign.waited,
                id: foreign.id,
            },
        }
    }

    /// The word of its kind.
    pub fn kind(&self) -> &str {
        match self {
            Self::Known(known) => known.kind.word(),
            Self::Foreign(foreign) => &foreign.kind,
        }
    }

    /// The mutation, if this build can read it.
    pub const fn known(&self) -> Option<&Mutation> {
        match self {
            Self::Known(known) => Some(known),
            Self::Foreign(_) => None,
        }
    }
}

impl From<Mutation> for Sent {
    fn from(mutation: Mutation) -> Self {
        Self::Known(mutation)
    }
}

impl Foreign {
    /// The word of its kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it does.
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The name of the part whose word is not known.
    pub fn unknown(&self) -> &'static str {
        if Kind::from_word(&self.kind).is_none() {
            "kind"
        } else if matches!(self.operation.op.as_str(), "patch" | "act") {
            "act"
        } else {
            "op"
        }
    }
}

impl Operation {
    /// Whether this build knows its words.
    fn is_known(&self) -> bool {
        match self.op.as_str() {
            "patch" => true,
            "act" => self
                .parts
                .get("act")
                .and_then(Value::as_str)
                .is_none_or(|act| PlaydateAct::from_word(act).is_some()),
            _ => false,
        }
    }

    fn into_value(self) -> Value {
        let mut all = self.parts;
        all.insert("op".to_owned(), self.op.into());
        Value::Object(all)
    }
}

impl Serialize for Sent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(known) => known.serialize(serializer),
            Self::Foreign(foreign) => foreign.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Words {
            mid: u64,
            hlc: Hlc,
            #[serde(default)]
            base_seq: Option<u64>,
            #[serde(default)]
            waited: bool,
            kind: String,
            id: Uuid,
            op: String,
            #[serde(flatten)]
            parts: Once,
        }
        let words = Words::deserialize(deserializer)?;
        let envelope = Envelope {
            mid: words.mid,
            hlc: words.hlc,
            base_seq: words.base_seq,
            waited: words.waited,
            id: words.id,
        };
        let operation = Operation {
            op: words.op,
            parts: words.parts.0,
        };
        Self::read(envelope, words.kind, operation).map_err(Error::custom)
    }
}

/// Parts of which none comes twice, nor any name in them.
struct Once(Map<String, Value>);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Unique::deserialize(deserializer)?.0 {
            Value::Object(parts) => Ok(Self(parts)),
            _ => Err(Error::custom("an operation has parts")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(kind: &str, op: Value) -> Result<Sent, serde_json::Error> {
        let mut all = json!({"mid": 7, "hlc": 65_536, "kind": kind, "id": Uuid::nil()});
        let (all_of_it, op) = (all.as_object_mut().unwrap(), op);
        all_of_it.extend(op.as_object().unwrap().clone());
        serde_json::from_str(&all.to_string())
    }

    fn unknown(kind: &str, op: Value) -> &'static str {
        let Sent::Foreign(foreign) = sent(kind, op.clone()).unwrap() else {
            panic!("{kind} {op} is known");
        };
        let text = serde_json::to_string(&foreign).unwrap();
        assert_eq!(
            serde_json::from_str::<Sent>(&text).unwrap(),
            Sent::Foreign(foreign.clone())
        );
        foreign.unknown()
    }

    #[test]
    fn row_59_only_a_word_that_is_not_known_makes_a_mutation_foreign() {
        assert_eq!(unknown("x_badge", json!({"op": "patch", "fields": {}})), "kind");
        assert_eq!(unknown("x_badge", json!({"op": "x_merge", "with": [1]})), "kind");
        assert_eq!(unknown("pet", json!({"op": "x_merge"})), "op");
        assert_eq!(
            unknown("playdate", json!({"op": "act", "act": "x_nap", "expect_rev": 1})),
            "act"
        );
        let known = sent("playdate", json!({"op": "act", "act": "accept", "expect_rev": 1})).unwrap();
        assert!(matches!(known.known().unwrap().op, Op::Act { .. }));
        for broken in [
            json!({}),
            json!({"op": 7}),
            json!({"op": "patch"}),
            json!({"op": "patch", "fields": 7}),
            json!({"op": "patch", "fields": {}, "x_new": 1}),
            json!({"op": "act", "expect_rev": 1}),
            json!({"op": "act", "act": "accept", "expect_rev": -1}),
        ] {
            assert!(sent("pet", broken.clone()).is_err(), "{broken}");
        }
    }

    #[test]
    fn row_29_a_part_that_comes_twice_is_refused() {
        for twice in [
            r#""fields":{"name":"Rex"},"fields":{}"#,
            r#""fields":{"visible":false,"visible":true}"#,
            r#""fields":{"breed":{"kind":"pure","kind":"mix"}}"#,
        ] {
            let text = format!(
                r#"{{"mid":7,"hlc":1,"kind":"pet","id":"{}","op":"patch",{twice}}}"#,
                Uuid::nil()
            );
            assert!(serde_json::from_str::<Sent>(&text).is_err(), "{twice}");
        }
    }

    #[test]
    fn an_operation_says_first_which_it_is() {
        let foreign = sent("playdate", json!({"expect_rev": 1, "op": "act", "act": "x_nap"})).unwrap();
        let Sent::Foreign(foreign) = foreign else {
            panic!("it is known");
        };
        insta::assert_snapshot!(
            serde_json::to_string(foreign.operation()).unwrap(),
            @r#"{"op":"act","act":"x_nap","expect_rev":1}"#
        );
    }
}
