//! What is on the wire. Numbers are for ever: one that is no longer used is never given to anything else, and what is
//! new is optional.
//!
//! Mutations and rows stand in their message as bytes, which is the same on the wire as standing in it as messages:
//! so they can be counted before anything is made of them, and a reader keeps no more than slices of what was sent. What
//! is in them is said where they are read and written (`request`, `reply`, `fields`). They are written one by one, after
//! everything else: messages one after the other are one message.

use prost::bytes::Bytes;

/// The number of a request's mutations.
pub(super) const MUTATIONS: u32 = 12;

/// The number of a reply's rows.
pub(super) const ROWS: u32 = 12;

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
    /// [`MUTATIONS`].
    #[prost(bytes = "bytes", repeated, tag = "12")]
    pub(super) mutations: Vec<Bytes>,
    #[prost(string, repeated, tag = "13")]
    pub(super) words: Vec<String>,
    #[prost(bool, tag = "14")]
    pub(super) more: bool,
}

/// `Link`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct Link {
    #[prost(uint64, tag = "1")]
    pub(super) mid: u64,
    #[prost(fixed64, tag = "2")]
    pub(super) chain: u64,
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
    /// [`ROWS`].
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
    #[prost(string, repeated, tag = "5")]
    pub(super) refused: Vec<String>,
}
