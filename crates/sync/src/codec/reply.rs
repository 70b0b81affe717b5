//! A reply, to and from the wire.

use prost::Message;
use prost::bytes::Bytes;
use romp_domain::wire::{Chain, Epoch, MutationResult, Outcome, Reset, SyncReply};
use romp_domain::{DeviceId, ErrorCode, Hlc, Problem, Row};

use super::words::{WordsIn, WordsOut};
use super::{CodecError, append, fields, id, id_bytes, joined, message};

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
    let rows = reply.rows.iter().map(|row| message::OneRow {
        row: Some(pack_row(row, &mut words)),
    });
    let mut bytes = joined(&head, rows);
    let tail = message::Reply {
        words: words.into_list(),
        ..message::Reply::default()
    };
    append(&mut bytes, &tail);
    bytes
}

fn pack_row<'a>(row: &'a Row, words: &mut WordsOut<'a>) -> message::Row {
    message::Row {
        kind: words.place(&row.kind),
        id: id_bytes(row.id),
        seq: row.seq,
        fields: row
            .fields
            .as_ref()
            .map_or_else(Vec::new, |fields| fields::pack(fields, words)),
        removed: row.fields.is_none(),
    }
}

/// A reply from bytes.
pub fn decode_reply(bytes: impl Into<Bytes>) -> Result<SyncReply, CodecError> {
    let reply = message::Reply::decode(bytes.into())?;
    let mut words = WordsIn::new(reply.words, MAX_WORD_BYTES);
    let mut rows = Vec::with_capacity(reply.rows.len());
    for bytes in reply.rows {
        rows.push(unpack_row(message::Row::decode(bytes)?, &mut words)?);
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

fn unpack_row(row: message::Row, words: &mut WordsIn) -> Result<Row, CodecError> {
    Ok(Row {
        kind: words.at(row.kind)?.to_owned(),
        id: id(&row.id, "id")?,
        seq: row.seq,
        fields: if row.removed {
            None
        } else {
            Some(fields::unpack(row.fields, words)?)
        },
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
            },
        },
        _ => return Err(CodecError::Part("outcome")),
    };
    Ok(MutationResult {
        mid: result.mid,
        outcome,
    })
}
