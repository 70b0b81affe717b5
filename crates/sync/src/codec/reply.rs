//! A reply, to and from the wire.

use prost::Message;
use prost::bytes::Bytes;
use romp_domain::wire::{Chain, Epoch, MutationResult, Outcome, Reset, SyncReply};
use romp_domain::{DeviceId, ErrorCode, Fields, Hlc, Problem, Row};

use super::wire::{Parts, put_bytes, put_message, put_number};
use super::words::{WordsIn, WordsOut};
use super::{CodecError, ROOM, append, fields, id, id_bytes, message};

/// Most bytes of words in a reply, as often as they are referred to: far above those of any page, far below what a
/// tablet has.
const MAX_WORD_BYTES: usize = 16 * 1024 * 1024;

/// A reply as bytes.
pub fn encode_reply(reply: &SyncReply) -> Vec<u8> {
    let mut words = WordsOut::default();
    let head = message::Reply {
        protocol: reply.protocol,
        epoch: reply.epoch.0,
        ack_mid: reply.ack_mid,
        ack_chain: reply.ack_chain.0,
        ack_seq: reply.ack_seq,
        scope: reply.scope,
        head: reply.head,
        clock: reply.clock.0,
        cursor: reply.cursor,
        more: reply.more,
        results: reply.results.iter().map(pack_result).collect(),
        need_from: reply.need_from,
        fork: reply.fork.map(|fork| id_bytes(fork.0)),
        reset: reply.reset.map(|reset| reset.word().to_owned()),
        compared: reply.compared,
        outdated: reply.outdated,
        ..message::Reply::default()
    };
    let mut bytes = Vec::with_capacity(head.encoded_len() + reply.rows.len() * ROOM);
    append(&mut bytes, &head);
    for row in &reply.rows {
        put_message(&mut bytes, message::ROWS, |out| put_row(out, row, &mut words));
    }
    let tail = message::Reply {
        words: words.into_list(),
        ..message::Reply::default()
    };
    append(&mut bytes, &tail);
    bytes
}

/// The numbers of a row's parts.
mod part {
    /// The place of the kind among the words.
    pub(super) const KIND: u32 = 1;
    pub(super) const ID: u32 = 2;
    pub(super) const SEQ: u32 = 3;
    /// One for each.
    pub(super) const FIELD: u32 = 4;
    /// It has no fields because it is not there any more.
    pub(super) const REMOVED: u32 = 5;
}

fn put_row<'a>(out: &mut Vec<u8>, row: &'a Row, words: &mut WordsOut<'a>) {
    put_number(out, part::KIND, words.place(&row.kind).into());
    put_bytes(out, part::ID, row.id.as_bytes());
    put_number(out, part::SEQ, row.seq);
    match &row.fields {
        Some(fields) => fields::put(out, part::FIELD, fields, words),
        None => put_number(out, part::REMOVED, 1),
    }
}

fn read_row(bytes: &[u8], words: &mut WordsIn) -> Result<Row, CodecError> {
    let (mut kind, mut row, mut seq, mut removed) = (0, &[][..], 0, false);
    let mut fields = Vec::new();
    let mut parts = Parts(bytes);
    while let Some((number, part)) = parts.next()? {
        match number {
            part::KIND => kind = part.place()?,
            part::ID => row = part.bytes()?,
            part::SEQ => seq = part.number()?,
            part::FIELD => fields::read(&mut fields, part.bytes()?, words)?,
            part::REMOVED => removed = part.number()? != 0,
            _ => {}
        }
    }
    Ok(Row {
        kind: words.at(kind)?.to_string(),
        id: id(row, "id")?,
        seq,
        fields: (!removed).then(|| Fields(fields.into())),
    })
}

/// A reply from bytes.
pub fn decode_reply(bytes: impl Into<Bytes>) -> Result<SyncReply, CodecError> {
    let reply = message::Reply::decode(bytes.into())?;
    let mut words = WordsIn::new(reply.words, MAX_WORD_BYTES, usize::MAX);
    let mut rows = Vec::with_capacity(reply.rows.len());
    for bytes in reply.rows {
        rows.push(read_row(&bytes, &mut words)?);
    }
    let fork = reply.fork.map(|bytes| id(&bytes, "fork")).transpose()?;
    Ok(SyncReply {
        protocol: reply.protocol,
        epoch: Epoch(reply.epoch),
        results: reply
            .results
            .into_iter()
            .map(unpack_result)
            .collect::<Result<_, _>>()?,
        ack_mid: reply.ack_mid,
        ack_chain: Chain(reply.ack_chain),
        ack_seq: reply.ack_seq,
        need_from: reply.need_from,
        fork: fork.map(DeviceId),
        reset: reply.reset.map(|word| Reset::of_word(&word)),
        compared: reply.compared,
        outdated: reply.outdated,
        scope: reply.scope,
        head: reply.head,
        clock: Hlc(reply.clock),
        rows,
        cursor: reply.cursor,
        more: reply.more,
    })
}

fn pack_result(result: &MutationResult) -> message::MutationResult {
    let (outcome, problem) = match &result.outcome {
        Outcome::Applied => (message::APPLIED, None),
        Outcome::Superseded => (message::SUPERSEDED, None),
        Outcome::Rejected { problem } => (message::REJECTED, Some(pack_problem(problem))),
    };
    message::MutationResult {
        mid: result.mid,
        outcome,
        problem,
    }
}

fn pack_problem(problem: &Problem) -> message::Problem {
    message::Problem {
        code: problem.code.word().to_owned(),
        message: problem.message.clone(),
        field: problem.field.clone(),
        retry_after_s: problem.retry_after_s,
        refused: problem.refused.clone(),
    }
}

fn unpack_result(result: message::MutationResult) -> Result<MutationResult, CodecError> {
    let outcome = match (result.outcome, result.problem) {
        (message::APPLIED, _) => Outcome::Applied,
        (message::SUPERSEDED, _) => Outcome::Superseded,
        (message::REJECTED, Some(problem)) => Outcome::Rejected {
            problem: Problem {
                code: ErrorCode::from_word(&problem.code).unwrap_or(ErrorCode::NotUnderstood),
                message: problem.message,
                field: problem.field,
                retry_after_s: problem.retry_after_s,
                refused: problem.refused,
            },
        },
        _ => return Err(CodecError::Part("outcome")),
    };
    Ok(MutationResult {
        mid: result.mid,
        outcome,
    })
}
