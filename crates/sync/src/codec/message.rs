//! What is on the wire. Numbers are for ever: one that is no longer used is never given to anything else, and what is
//! new is optional.
//!
//! Mutations and rows stand in their message as bytes, which is the same on the wire as standing in it as messages:
//! so they can be counted before anything is made of them, and a reader keeps no more than slices of what was sent.
//! They are written one by one ([`OneMutation`], [`OneRow`]): messages one after the other are one message.

use prost::bytes::Bytes;

/// `SyncRequest`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Request {
    #[prost(uint32, tag = "1")]
    pub(super) protocol: u32,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub(super) device: Option<Bytes>,
    #[prost(fixed64, optional, tag = "3")]
    pub(super) epoch: Option<u64>,
    #[prost(uint64, tag = "4")]
    pub(super) cursor: u64,
    #[prost(uint64, optional, tag = "5")]
    pub(super) scope: Option<u64>,
    #[prost(uint64, optional, tag = "6")]
    pub(super) anew: Option<u64>,
    #[prost(fixed64, tag = "7")]
    pub(super) clock: u64,
    #[prost(message, optional, tag = "8")]
    pub(super) link: Option<Link>,
    #[prost(bool, tag = "9")]
    pub(super) adopt: bool,
    #[prost(fixed64, optional, tag = "10")]
    pub(super) digest: Option<u64>,
    #[prost(uint32, tag = "11")]
    pub(super) wait_s: u32,
    /// Each a [`Mutation`].
    #[prost(bytes = "bytes", repeated, tag = "12")]
    pub(super) mutations: Vec<Bytes>,
    #[prost(string, repeated, tag = "13")]
    pub(super) words: Vec<String>,
    #[prost(bool, tag = "14")]
    pub(super) more: bool,
}

/// A request with one mutation and nothing else.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OneMutation {
    #[prost(message, optional, tag = "12")]
    pub(super) mutation: Option<Mutation>,
}

/// `Link`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct Link {
    #[prost(uint64, tag = "1")]
    pub(super) mid: u64,
    #[prost(fixed64, tag = "2")]
    pub(super) chain: u64,
}

/// `Mutation::op` is a patch.
pub(super) const PATCH: u32 = 0;

/// `Mutation::op` is an act.
pub(super) const ACT: u32 = 1;

/// `Mutation::op` is one that came after these two. Every later one is sent like this, so that a build that does not know
/// it can number and hash it; there are no fractions in it, as not every reader of JSON rounds them alike. The parts of
/// the two never change.
pub(super) const OTHER: u32 = 2;

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
    /// [`PATCH`], [`ACT`] or [`OTHER`]: said and not concluded from what is there, so that a newer operation is never taken for
    /// an older one.
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

/// `SyncReply`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Reply {
    #[prost(uint32, tag = "1")]
    pub(super) protocol: u32,
    #[prost(fixed64, tag = "2")]
    pub(super) epoch: u64,
    #[prost(uint64, tag = "3")]
    pub(super) ack_mid: u64,
    #[prost(fixed64, tag = "4")]
    pub(super) ack_chain: u64,
    #[prost(uint64, tag = "5")]
    pub(super) ack_seq: u64,
    #[prost(uint64, tag = "6")]
    pub(super) scope: u64,
    #[prost(uint64, tag = "7")]
    pub(super) head: u64,
    #[prost(fixed64, tag = "8")]
    pub(super) clock: u64,
    #[prost(uint64, tag = "9")]
    pub(super) cursor: u64,
    #[prost(bool, tag = "10")]
    pub(super) more: bool,
    #[prost(message, repeated, tag = "11")]
    pub(super) results: Vec<MutationResult>,
    /// Each a [`Row`].
    #[prost(bytes = "bytes", repeated, tag = "12")]
    pub(super) rows: Vec<Bytes>,
    #[prost(string, repeated, tag = "13")]
    pub(super) words: Vec<String>,
    #[prost(uint64, optional, tag = "16")]
    pub(super) need_from: Option<u64>,
    #[prost(bytes = "bytes", optional, tag = "17")]
    pub(super) fork: Option<Bytes>,
    #[prost(string, optional, tag = "18")]
    pub(super) reset: Option<String>,
    #[prost(bool, tag = "19")]
    pub(super) compared: bool,
    #[prost(bool, tag = "20")]
    pub(super) outdated: bool,
}

/// A reply with one row and nothing else.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OneRow {
    #[prost(message, optional, tag = "12")]
    pub(super) row: Option<Row>,
}

/// `MutationResult::outcome` is applied.
pub(super) const APPLIED: u32 = 0;

/// `MutationResult::outcome` is superseded.
pub(super) const SUPERSEDED: u32 = 1;

/// `MutationResult::outcome` is rejected.
pub(super) const REJECTED: u32 = 2;

/// `MutationResult`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MutationResult {
    #[prost(uint64, tag = "1")]
    pub(super) mid: u64,
    /// [`APPLIED`], [`SUPERSEDED`] or [`REJECTED`].
    #[prost(uint32, tag = "2")]
    pub(super) outcome: u32,
    /// Why it was rejected.
    #[prost(message, optional, tag = "3")]
    pub(super) problem: Option<Problem>,
}

/// `Problem`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Problem {
    #[prost(string, tag = "1")]
    pub(super) code: String,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(string, optional, tag = "3")]
    pub(super) field: Option<String>,
    #[prost(uint32, optional, tag = "4")]
    pub(super) retry_after_s: Option<u32>,
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
