//! A request, to and from the wire.

use prost::Message;
use prost::bytes::Bytes;
use romp_domain::sent::{Envelope, Operation};
use romp_domain::wire::{Chain, Digest, Epoch, Link, MAX_BODY_BYTES, MAX_MUTATIONS, MAX_NESTED, SyncRequest};
use romp_domain::{DeviceId, Fields, Hlc, Kind, Mutation, Op, PlaydateAct, Sent};
use serde_json::{Map, Value};

use super::fields::nested;
use super::wire::{Parts, put_bytes, put_fixed, put_message, put_number, put_number_always};
use super::words::{WordsIn, WordsOut};
use super::{CodecError, ROOM, append, fields, id, id_bytes, message};

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
    let mut bytes = Vec::with_capacity(head.encoded_len() + request.mutations.len() * ROOM);
    append(&mut bytes, &head);
    for mutation in &request.mutations {
        put_message(&mut bytes, message::MUTATIONS, |out| {
            put(out, mutation, &mut words);
        });
    }
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
    let mut words = WordsIn::new(request.words, MAX_BODY_BYTES, MAX_NESTED);
    let mut mutations = Vec::with_capacity(request.mutations.len());
    for bytes in request.mutations {
        mutations.push(read(&bytes, &mut words)?);
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

/// Whether an operation is a patch or an act, or one that came after these two: said and not concluded from what is
/// there, so that a newer operation is never taken for an older one. The parts of the two never change.
const PATCH: u32 = 0;
const ACT: u32 = 1;
/// Every later operation is sent like this, so that a build that does not know it can number and hash it; there are no
/// fractions in it, as not every reader of JSON rounds them alike.
const OTHER: u32 = 2;

/// The numbers of a mutation's parts.
mod part {
    pub(super) const MID: u32 = 1;
    /// Eight bytes.
    pub(super) const HLC: u32 = 2;
    pub(super) const BASE_SEQ: u32 = 3;
    /// The place of the kind among the words.
    pub(super) const KIND: u32 = 4;
    pub(super) const ID: u32 = 5;
    /// [`super::PATCH`], [`super::ACT`] or [`super::OTHER`].
    pub(super) const OP: u32 = 6;
    /// Of a patch, one for each.
    pub(super) const FIELD: u32 = 7;
    /// Of an act: its place among the words.
    pub(super) const ACT: u32 = 8;
    /// Of an act.
    pub(super) const EXPECT_REV: u32 = 9;
    /// Of any other operation: as JSON, the word and the parts.
    pub(super) const OTHER: u32 = 10;
    /// One, if so.
    pub(super) const WAITED: u32 = 11;
}

fn put<'a>(out: &mut Vec<u8>, mutation: &'a Sent, words: &mut WordsOut<'a>) {
    let Envelope {
        mid,
        hlc,
        base_seq,
        waited,
        id,
    } = mutation.envelope();
    put_number(out, part::MID, mid);
    if hlc != Hlc(0) {
        put_fixed(out, part::HLC, hlc.0);
    }
    if let Some(seq) = base_seq {
        put_number_always(out, part::BASE_SEQ, seq);
    }
    put_number(out, part::KIND, words.place(mutation.kind()).into());
    put_bytes(out, part::ID, id.as_bytes());
    match mutation {
        Sent::Known(known) => match &known.op {
            Op::Patch { fields } => {
                put_number(out, part::OP, PATCH.into());
                fields::put(out, part::FIELD, fields, words);
            }
            Op::Act { act, expect_rev } => {
                put_number(out, part::OP, ACT.into());
                put_number(out, part::ACT, words.place(act.word()).into());
                put_number(out, part::EXPECT_REV, (*expect_rev).into());
            }
        },
        Sent::Foreign(foreign) => {
            if let Some(fields) = patched(foreign.operation()) {
                put_number(out, part::OP, PATCH.into());
                fields::put_map(out, part::FIELD, fields, words);
            } else {
                put_number(out, part::OP, OTHER.into());
                // A JSON value is always JSON.
                let operation = serde_json::to_vec(foreign.operation()).unwrap_or_default();
                put_bytes(out, part::OTHER, &operation);
            }
        }
    }
    put_number(out, part::WAITED, waited.into());
}

/// The fields of an operation that is a patch and nothing else.
fn patched(operation: &Operation) -> Option<&Map<String, Value>> {
    let only = operation.op == "patch" && operation.parts.len() == 1;
    operation.parts.get("fields").filter(|_| only)?.as_object()
}

fn read(bytes: &[u8], words: &mut WordsIn) -> Result<Sent, CodecError> {
    let (mut mid, mut hlc, mut base_seq, mut waited) = (0, 0, None, false);
    let (mut kind, mut row) = (0, &[][..]);
    let (mut op, mut act, mut expect_rev, mut fields) = (PATCH, 0, 0, Vec::new());
    let mut other = &[][..];
    let mut parts = Parts(bytes);
    while let Some((number, part)) = parts.next()? {
        match number {
            part::MID => mid = part.number()?,
            part::HLC => hlc = part.fixed()?,
            part::BASE_SEQ => base_seq = Some(part.number()?),
            part::WAITED => waited = part.number()? != 0,
            part::KIND => kind = part.place()?,
            part::ID => row = part.bytes()?,
            part::OP => op = part.place()?,
            part::FIELD => fields::read(&mut fields, part.bytes()?, words)?,
            part::ACT => act = part.place()?,
            part::EXPECT_REV => expect_rev = part.place()?,
            part::OTHER => other = part.bytes()?,
            _ => {}
        }
    }
    let word = words.at(kind)?;
    let kind = Kind::from_word(word).ok_or_else(|| word.to_owned());
    let envelope = Envelope {
        mid,
        hlc: Hlc(hlc),
        base_seq,
        waited,
        id: id(row, "id")?,
    };
    let known = |kind, op| {
        Sent::Known(Mutation {
            mid: envelope.mid,
            hlc: envelope.hlc,
            base_seq: envelope.base_seq,
            waited: envelope.waited,
            kind,
            id: envelope.id,
            op,
        })
    };
    let operation = match op {
        PATCH => {
            let count = fields.len();
            let fields = Fields(fields.into());
            if fields.0.len() < count {
                // A name comes twice.
                return Err(CodecError::Part("fields"));
            }
            match &kind {
                Ok(kind) => return Ok(known(*kind, Op::Patch { fields })),
                Err(_) => operation("patch", [("fields", as_value(fields))]),
            }
        }
        ACT => {
            let act = words.at(act)?;
            match (&kind, PlaydateAct::from_word(act)) {
                (Ok(kind), Some(act)) => return Ok(known(*kind, Op::Act { act, expect_rev })),
                _ => operation(
                    "act",
                    [("act", act.as_str().into()), ("expect_rev", expect_rev.into())],
                ),
            }
        }
        OTHER => {
            words.nest(nested(other))?;
            serde_json::from_slice(other).map_err(|_| CodecError::Part("op"))?
        }
        _ => return Err(CodecError::Part("op")),
    };
    let kind = kind.map_or_else(|word| word.to_string(), |kind| kind.word().to_owned());
    Sent::read(envelope, kind, operation).map_err(|_| CodecError::Part("op"))
}

fn as_value(fields: Fields) -> Value {
    let fields = fields.0.into_iter();
    Value::Object(fields.map(|(name, value)| (name.to_string(), value)).collect())
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
