//! The binary encoding of an exchange: protocol buffers, made for the wire and for nothing else. Of everything else, and
//! of exchanges that people look at, it is [`json`].
//!
//! [`message`] says what a message has besides its mutations and rows; `request` and `reply` turn it into the domain's
//! types and back, and mutations and rows with it; `fields` does so for their fields, and keeps what this build does not
//! know; `wire` is how protocol buffers are written. Terms: the **words**
//! of a message are the names of kinds and fields in it, told once and then referred to by their place.
//!
//! Decoding is total: any bytes give a value or a [`CodecError`]. What it allocates is bounded by what was sent, also
//! where words are repeated: a message that would be too large as JSON is too large here.
//!
//! What differs from JSON: numbers of protocol buffers that this build does not know are passed over, in requests,
//! too. A word or an operation that it does not know is kept as such ([`romp_domain::Sent`], and general codes in replies);
//! a form of a value is refused, because to pass over it would be to change what was said.
//!
//! Deliberately absent: compression ([`crate::compress`]), and what a request may say (`romp-server`'s).

mod fields;
pub mod json;
mod message;
mod reply;
mod request;
#[cfg(test)]
mod tests;
mod wire;
mod words;

use romp_domain::{ErrorCode, Invalid, InvalidReason, Problem};

pub use fields::nested;
pub use reply::{decode_reply, encode_reply};
pub use request::{decode_request, encode_request};

/// The content type of this encoding.
pub const CONTENT_TYPE: &str = "application/x-protobuf";

/// Bytes of memory that a byte of a request takes at worst when it is read: in this encoding, and as JSON.
pub const MEMORY: [usize; 2] = [20, 64];

/// Why bytes are no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// They are not of the form of protocol buffers.
    #[error("What was sent is not valid {CONTENT_TYPE}.")]
    Malformed,
    /// A part of the message is not what belongs there.
    #[error("“{0}” cannot be read.")]
    Part(&'static str),
    /// More mutations, or more words in all, than are accepted.
    #[error("This is too large to send.")]
    TooLarge,
}

impl From<prost::DecodeError> for CodecError {
    /// Without its text: it may repeat what was sent.
    fn from(_: prost::DecodeError) -> Self {
        Self::Malformed
    }
}

impl From<CodecError> for Problem {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Malformed => Self::saying(ErrorCode::BadRequest, error.to_string()),
            CodecError::Part(name) => Invalid::new(
                name,
                InvalidReason::Unreadable("it is not of the right form".into()),
            )
            .into(),
            CodecError::TooLarge => ErrorCode::TooLarge.into(),
        }
    }
}

/// About as many bytes as a mutation or a row has, to make room for.
const ROOM: usize = 192;

fn append(bytes: &mut Vec<u8>, message: &impl prost::Message) {
    // It can only fail for want of room, and a vector makes room.
    let _ = message.encode(bytes);
}

/// An id as it is on the wire.
fn id_bytes(id: uuid::Uuid) -> prost::bytes::Bytes {
    prost::bytes::Bytes::copy_from_slice(id.as_bytes())
}

/// An id of sixteen bytes.
fn id(bytes: &[u8], part: &'static str) -> Result<uuid::Uuid, CodecError> {
    uuid::Uuid::from_slice(bytes).map_err(|_| CodecError::Part(part))
}
