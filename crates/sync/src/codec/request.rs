//! A request, to and from the wire.

use prost::Message;
use prost::bytes::Bytes;
use romp_domain::wire::{Chain, Digest, Epoch, Link, MAX_BODY_BYTES, MAX_MUTATIONS, SyncRequest};
use romp_domain::{DeviceId, Hlc, Kind, Mutation, Op, PlaydateAct};

use super::words::{WordsIn, WordsOut};
use super::{CodecError, append, fields, id, id_bytes, joined, message};

/// A request as bytes.
pub fn encode_request(request: &SyncRequest) -> Vec<u8> {
    let mut words = WordsOut::default();
    let head = message::Request {
        protocol: request.protocol,
        device: request.device.map(|device| id_bytes(device.0)),
        epoch: request.epoch.map(|epoch| epoch.0),
        cursor: request.cursor,
        scope: request.scope,
        anew: request.anew,
        clock: request.clock.0,
        link: request.link.map(|link| message::Link {
            mid: link.mid,
            chain: link.chain.0,
        }),
        adopt: request.adopt,
        digest: request.digest.map(|digest| digest.0),
        more: request.more,
        wait_s: request.wait_s,
        ..message::Request::default()
    };
    let mutations = request.mutations.iter().map(|mutation| message::OneMutation {
        mutation: Some(pack(mutation, &mut words)),
    });
    let mut bytes = joined(&head, mutations);
    let tail = message::Request {
        words: words.into_list(),
        ..message::Request::default()
    };
    append(&mut bytes, &tail);
    bytes
}

/// A request from bytes.
///
/// # Errors
/// `TooLarge` when there are more than [`MAX_MUTATIONS`]; otherwise see [`CodecError`].
pub fn decode_request(bytes: impl Into<Bytes>) -> Result<SyncRequest, CodecError> {
    let request = message::Request::decode(bytes.into())?;
    if request.mutations.len() > MAX_MUTATIONS {
        return Err(CodecError::TooLarge);
    }
    let mut words = WordsIn::new(request.words, MAX_BODY_BYTES);
    let mut mutations = Vec::with_capacity(request.mutations.len());
    for bytes in request.mutations {
        mutations.push(unpack(message::Mutation::decode(bytes)?, &mut words)?);
    }
    let device = request.device.map(|bytes| id(&bytes, "device")).transpose()?;
    Ok(SyncRequest {
        protocol: request.protocol,
        device: device.map(DeviceId),
        epoch: request.epoch.map(Epoch),
        cursor: request.cursor,
        scope: request.scope,
        anew: request.anew,
        clock: Hlc(request.clock),
        link: request.link.map(|link| Link {
            mid: link.mid,
            chain: Chain(link.chain),
        }),
        adopt: request.adopt,
        digest: request.digest.map(Digest),
        more: request.more,
        wait_s: request.wait_s,
        mutations,
    })
}

fn pack<'a>(mutation: &'a Mutation, words: &mut WordsOut<'a>) -> message::Mutation {
    let envelope = message::Mutation {
        mid: mutation.mid,
        hlc: mutation.hlc.0,
        base_seq: mutation.base_seq,
        kind: words.place(mutation.kind.word()),
        id: id_bytes(mutation.id),
        ..message::Mutation::default()
    };
    match &mutation.op {
        Op::Patch { fields } => message::Mutation {
            op: message::PATCH,
            fields: fields::pack(fields, words),
            ..envelope
        },
        Op::Act { act, expect_rev } => message::Mutation {
            op: message::ACT,
            act: words.place(act.word()),
            expect_rev: *expect_rev,
            ..envelope
        },
    }
}

fn unpack(mutation: message::Mutation, words: &mut WordsIn) -> Result<Mutation, CodecError> {
    let kind = Kind::from_word(words.at(mutation.kind)?).ok_or(CodecError::Part("kind"))?;
    let op = match mutation.op {
        message::PATCH => Op::Patch {
            fields: fields::unpack(mutation.fields, words)?,
        },
        message::ACT => Op::Act {
            act: PlaydateAct::from_word(words.at(mutation.act)?).ok_or(CodecError::Part("act"))?,
            expect_rev: mutation.expect_rev,
        },
        _ => return Err(CodecError::Part("op")),
    };
    Ok(Mutation {
        mid: mutation.mid,
        hlc: Hlc(mutation.hlc),
        base_seq: mutation.base_seq,
        kind,
        id: id(&mutation.id, "id")?,
        op,
    })
}
