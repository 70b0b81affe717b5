//! A request, to and from the wire.

use prost::Message;
use prost::bytes::Bytes;
use romp_domain::sent::{Envelope, Operation};
use romp_domain::wire::{Chain, Digest, Epoch, Link, MAX_BODY_BYTES, MAX_MUTATIONS, SyncRequest};
use romp_domain::{DeviceId, Hlc, Kind, Mutation, Op, PlaydateAct, Sent};
use serde_json::{Map, Value};

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

fn pack<'a>(mutation: &'a Sent, words: &mut WordsOut<'a>) -> message::Mutation {
    let Envelope {
        mid,
        hlc,
        base_seq,
        id,
    } = mutation.envelope();
    let envelope = message::Mutation {
        mid,
        hlc: hlc.0,
        base_seq,
        kind: words.place(mutation.kind()),
        id: id_bytes(id),
        ..message::Mutation::default()
    };
    match mutation {
        Sent::Known(known) => match &known.op {
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
        },
        Sent::Foreign(foreign) => match patched(foreign.operation()) {
            Some(fields) => message::Mutation {
                op: message::PATCH,
                fields: fields::pack_map(fields, words, 0),
                ..envelope
            },
            None => message::Mutation {
                op: message::OTHER,
                // A JSON value is always JSON.
                other: serde_json::to_vec(foreign.operation()).unwrap_or_default().into(),
                ..envelope
            },
        },
    }
}

/// The fields of an operation that is a patch and nothing else.
fn patched(operation: &Operation) -> Option<&Map<String, Value>> {
    let only = operation.op == "patch" && operation.parts.len() == 1;
    operation.parts.get("fields").filter(|_| only)?.as_object()
}

fn unpack(mutation: message::Mutation, words: &mut WordsIn) -> Result<Sent, CodecError> {
    let word = words.at(mutation.kind)?;
    let kind = Kind::from_word(word).ok_or_else(|| word.to_owned());
    let envelope = Envelope {
        mid: mutation.mid,
        hlc: Hlc(mutation.hlc),
        base_seq: mutation.base_seq,
        id: id(&mutation.id, "id")?,
    };
    let known = |kind, op| {
        Sent::Known(Mutation {
            mid: envelope.mid,
            hlc: envelope.hlc,
            base_seq: envelope.base_seq,
            kind,
            id: envelope.id,
            op,
        })
    };
    let operation = match mutation.op {
        message::PATCH => {
            let fields = fields::unpack(mutation.fields, words)?;
            match &kind {
                Ok(kind) => return Ok(known(*kind, Op::Patch { fields })),
                Err(_) => operation("patch", [("fields", Value::Object(fields.0))]),
            }
        }
        message::ACT => {
            let (act, expect_rev) = (words.at(mutation.act)?, mutation.expect_rev);
            match (&kind, PlaydateAct::from_word(act)) {
                (Ok(kind), Some(act)) => return Ok(known(*kind, Op::Act { act, expect_rev })),
                _ => operation("act", [("act", act.into()), ("expect_rev", expect_rev.into())]),
            }
        }
        message::OTHER => serde_json::from_slice(&mutation.other).map_err(|_| CodecError::Part("op"))?,
        _ => return Err(CodecError::Part("op")),
    };
    let kind = kind.map_or_else(|word| word, |kind| kind.word().to_owned());
    Sent::read(envelope, kind, operation).map_err(|_| CodecError::Part("op"))
}

fn operation<const N: usize>(op: &str, parts: [(&str, Value); N]) -> Operation {
    Operation {
        op: op.to_owned(),
        parts: parts
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
    }
}
