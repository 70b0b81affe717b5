//! Protocol buffers, as far as mutations, rows and their fields need them: read from slices and written straight to where
//! they belong, without a message in between. A push is a hundred mutations, and most of what reading them cost was to
//! make such messages and to take them apart again.
//!
//! What this build does not know is passed over, as readers of protocol buffers do; groups, which nobody writes any
//! more, are malformed.

use super::CodecError;

/// What stands under a number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// A whole number, a flag, or a negative number folded into one.
    Varint(u64),
    /// Eight bytes.
    Fixed64(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// Four bytes: nothing of ours.
    Fixed32,
}

impl<'a> Part<'a> {
    /// The number, if it is one.
    pub(super) const fn number(self) -> Result<u64, CodecError> {
        match self {
            Self::Varint(number) => Ok(number),
            _ => Err(CodecError::Malformed),
        }
    }

    /// The number, cut to 32 bits as all readers do.
    pub(super) fn place(self) -> Result<u32, CodecError> {
        self.number().map(|number| number as u32)
    }

    /// The eight bytes, if there are eight.
    pub(super) const fn fixed(self) -> Result<u64, CodecError> {
        match self {
            Self::Fixed64(number) => Ok(number),
            _ => Err(CodecError::Malformed),
        }
    }

    /// The bytes, if there are any.
    pub(super) const fn bytes(self) -> Result<&'a [u8], CodecError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(CodecError::Malformed),
        }
    }
}

/// The parts of a message, one after the other.
#[derive(Debug)]
pub(super) struct Parts<'a>(pub(super) &'a [u8]);

impl<'a> Parts<'a> {
    /// The next part and its number.
    pub(super) fn next(&mut self) -> Result<Option<(u32, Part<'a>)>, CodecError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = u32::try_from(self.varint()?).map_err(|_| CodecError::Malformed)?;
        let part = match key & 7 {
            0 => Part::Varint(self.varint()?),
            1 => {
                let (bytes, rest) = self.0.split_first_chunk().ok_or(CodecError::Malformed)?;
                self.0 = rest;
                Part::Fixed64(u64::from_le_bytes(*bytes))
            }
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| CodecError::Malformed)?;
                let (bytes, rest) = self.0.split_at_checked(length).ok_or(CodecError::Malformed)?;
                self.0 = rest;
                Part::Bytes(bytes)
            }
            5 => {
                self.0 = self.0.get(4..).ok_or(CodecError::Malformed)?;
                Part::Fixed32
            }
            _ => return Err(CodecError::Malformed),
        };
        match key >> 3 {
            0 => Err(CodecError::Malformed),
            number => Ok(Some((number, part))),
        }
    }

    fn varint(&mut self) -> Result<u64, CodecError> {
        // Nearly all are small.
        if let [byte @ ..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return Ok((*byte).into());
        }
        let mut number = 0;
        for (at, byte) in self.0.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7F) << (7 * at);
            if *byte < 0x80 {
                // The tenth byte holds one bit more than there is room for nine times seven.
                if at == 9 && *byte > 1 {
                    break;
                }
                self.0 = &self.0[at + 1..];
                return Ok(number);
            }
        }
        Err(CodecError::Malformed)
    }
}

/// A negative number as it is folded into a natural one, and back.
pub(super) const fn folded(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// See [`folded`].
pub(super) const fn unfolded(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Writes a whole number, unless it is 0, which is what is read where nothing is written.
pub(super) fn put_number(out: &mut Vec<u8>, number: u32, value: u64) {
    if value != 0 {
        put_number_always(out, number, value);
    }
}

/// Writes a whole number, also 0.
pub(super) fn put_number_always(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number << 3));
    put_varint(out, value);
}

/// Writes eight bytes.
pub(super) fn put_fixed(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from((number << 3) | 1));
    out.extend_from_slice(&value.to_le_bytes());
}

/// Writes text or bytes.
pub(super) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_varint(out, u64::from((number << 3) | 2));
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Writes a message. Its length stands before it and is known after it: most are short, and then nothing moves.
pub(super) fn put_message(out: &mut Vec<u8>, number: u32, write: impl FnOnce(&mut Vec<u8>)) {
    put_varint(out, u64::from((number << 3) | 2));
    let at = out.len();
    out.push(0);
    write(out);
    let length = out.len() - at - 1;
    if length < 0x80 {
        out[at] = length as u8;
        return;
    }
    let mut bytes = Vec::with_capacity(10);
    put_varint(&mut bytes, length as u64);
    out.splice(at..=at, bytes);
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
