//! Mutations, and the fields of rows, as messages: to say what no version of Romp says, and as an oracle, because these
//! are written by somebody else's hand.

use prost::bytes::Bytes;

/// `Mutation`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Mutation {
    #[prost(uint64, tag = "1")]
    pub(super) mid: u64,
    #[prost(fixed64, tag = "2")]
    pub(super) hlc: u64,
    #[prost(uint64, optional, tag = "3")]
    pub(super) base_seq: Option<u64>,
    /// The place of the kind among the words.
    #[prost(uint32, tag = "4")]
    pub(super) kind: u32,
    #[prost(bytes = "bytes", tag = "5")]
    pub(super) id: Bytes,
    /// 0: a patch, 1: an act, 2: any other.
    #[prost(uint32, tag = "6")]
    pub(super) op: u32,
    /// Of a patch.
    #[prost(message, repeated, tag = "7")]
    pub(super) fields: Vec<Field>,
    /// Of an act: its place among the words.
    #[prost(uint32, tag = "8")]
    pub(super) act: u32,
    /// Of an act.
    #[prost(uint32, tag = "9")]
    pub(super) expect_rev: u32,
    /// Of any other operation: as JSON, the word and the parts.
    #[prost(bytes = "bytes", tag = "10")]
    pub(super) other: Bytes,
    #[prost(bool, tag = "11")]
    pub(super) waited: bool,
}

/// A field of a row.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Field {
    /// The place of its name among the words.
    #[prost(uint32, tag = "1")]
    pub(super) name: u32,
    #[prost(oneof = "Value", tags = "2, 3, 4, 5, 6, 7, 8, 9, 10, 11")]
    pub(super) value: Option<Value>,
}

/// The value of a field. None is not null but a form that this build does not know.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Value {
    /// Text that is an id as ids are written, in sixteen bytes instead of 36 characters.
    #[prost(bytes = "bytes", tag = "2")]
    Id(Bytes),
    #[prost(string, tag = "3")]
    Text(String),
    #[prost(uint64, tag = "4")]
    Natural(u64),
    /// Less than nothing.
    #[prost(sint64, tag = "5")]
    Negative(i64),
    #[prost(double, tag = "6")]
    Real(f64),
    #[prost(bool, tag = "7")]
    Flag(bool),
    /// Always true.
    #[prost(bool, tag = "8")]
    Null(bool),
    /// The values of a list; their names mean nothing.
    #[prost(message, tag = "9")]
    List(Nested),
    #[prost(message, tag = "10")]
    Map(Nested),
    /// A list or a map as JSON: one that is nested so deep that readers of protocol buffers would give up.
    #[prost(bytes = "bytes", tag = "11")]
    Json(Bytes),
}

/// What is in a list or in a map.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Nested {
    #[prost(message, repeated, tag = "1")]
    pub(super) fields: Vec<Field>,
}

/// `Row`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Row {
    /// The place of the kind among the words.
    #[prost(uint32, tag = "1")]
    pub(super) kind: u32,
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) id: Bytes,
    #[prost(uint64, tag = "3")]
    pub(super) seq: u64,
    #[prost(message, repeated, tag = "4")]
    pub(super) fields: Vec<Field>,
    /// It has no fields because it is not there any more.
    #[prost(bool, tag = "5")]
    pub(super) removed: bool,
}
