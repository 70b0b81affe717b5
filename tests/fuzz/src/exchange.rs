//! Exchanges: what a server reads of a request, and a device of a reply.

use romp_domain::wire::{MAX_ANSWER_BYTES, MAX_BODY_BYTES, SyncReply, SyncRequest};
use romp_sync::codec::{decode_reply, decode_request, encode_reply, encode_request};
use romp_sync::compress::Inflater;

/// A request in protocol buffers.
pub(crate) fn request_binary(data: &[u8]) -> bool {
    let Ok(request) = decode_request(data.to_vec()) else {
        return false;
    };
    let again = decode_request(encode_request(&request));
    assert_eq!(
        again.as_ref(),
        Ok(&request),
        "what was read can be written and read again"
    );
    true
}

/// The same, compressed, as it comes in through the gateway.
pub(crate) fn request_packed(data: &[u8]) -> bool {
    unpacked(data, MAX_BODY_BYTES).is_some_and(|bytes| request_binary(&bytes))
}

/// A reply, compressed, as it comes in on a device.
pub(crate) fn reply_packed(data: &[u8]) -> bool {
    unpacked(data, MAX_ANSWER_BYTES).is_some_and(|bytes| reply(&bytes))
}

fn unpacked(data: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut inflater = Inflater::new(most).ok()?;
    // In pieces, as it comes.
    for piece in data.chunks(97) {
        inflater.take(piece).ok()?;
        assert!(inflater.produced() <= most, "more than the limit was unpacked");
    }
    let unpacked = inflater.finish().ok()?;
    assert!(unpacked.len() <= most);
    Some(unpacked)
}

/// A request in JSON.
pub(crate) fn request_json(data: &[u8]) -> bool {
    let Ok(request) = serde_json::from_slice::<SyncRequest>(data) else {
        return false;
    };
    let text = serde_json::to_vec(&request).unwrap_or_default();
    let again: SyncRequest = serde_json::from_slice(&text).unwrap_or_default();
    assert_eq!(again, request, "what was read can be written and read again");
    true
}

/// A reply, on the device.
pub(crate) fn reply(data: &[u8]) -> bool {
    if let Ok(reply) = serde_json::from_slice::<SyncReply>(data) {
        assert_eq!(decode_reply(encode_reply(&reply)).as_ref(), Ok(&reply));
    }
    let Ok(reply) = decode_reply(data.to_vec()) else {
        return false;
    };
    let again = decode_reply(encode_reply(&reply));
    assert_eq!(
        again.as_ref(),
        Ok(&reply),
        "what was read can be written and read again"
    );
    true
}
