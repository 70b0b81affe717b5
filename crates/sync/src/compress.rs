//! Compression of bodies: Zstandard (RFC 8878), for what is long enough to gain by it.
//!
//! Reading is for bytes from anybody: piece by piece, up to a limit of what comes out, in a window of limited size. A
//! few kilobytes that would unfold into gigabytes cost no more than the limit.
//!
//! Deliberately absent: other compressions, dictionaries.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zstd::bulk::Compressor;
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe::DParameter;

/// The name of the compression in `Content-Encoding` and `Accept-Encoding`.
pub const CONTENT_ENCODING: &str = "zstd";

/// Shorter bodies are sent as they are: what would be saved is less than the header that tells of it.
pub const FROM_BYTES: usize = 512;

/// Beyond it, time doubles for a few percent.
const LEVEL: i32 = 3;

/// The largest window that is kept, as a power of two: 2 MiB, the largest that level 3 ever asks for. RFC 8878 asks
/// readers for 8 MiB, but says that they may refuse what they cannot afford; only Romp writes for Romp.
const WINDOW_LOG_MAX: u32 = 21;

/// Decoders that wait for the next bytes: to make one costs as much as to unfold a few kilobytes.
static IDLE: Mutex<Vec<Decoder<'static>>> = Mutex::new(Vec::new());

/// Compressors likewise: a new one clears its tables first, which are larger than what most messages are.
static IDLE_COMPRESSORS: Mutex<Vec<Compressor<'static>>> = Mutex::new(Vec::new());

/// Most of each. A decoder keeps its window, a compressor its tables.
const MAX_IDLE: usize = 4;

/// How much more room is made at a time.
const STEP: usize = 64 * 1024;

/// The bytes, compressed; none when they are short, or would not become less.
pub fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < FROM_BYTES {
        return None;
    }
    let idle = lock(&IDLE_COMPRESSORS).pop();
    let mut compressor = match idle {
        Some(idle) => idle,
        None => Compressor::new(LEVEL).ok()?,
    };
    let less = compressor.compress(bytes).ok()?;
    keep(&IDLE_COMPRESSORS, compressor);
    (less.len() < bytes.len()).then_some(less)
}

fn lock<T>(idle: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep<T>(idle: &Mutex<Vec<T>>, one: T) {
    let mut idle = lock(idle);
    if idle.len() < MAX_IDLE {
        idle.push(one);
    }
}

/// Why bytes cannot be unfolded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// They are not of the form, break off, or need too large a window.
    #[error("What was sent is not valid {CONTENT_ENCODING}.")]
    Malformed,
    /// More comes out than is accepted.
    #[error("This is too large to send.")]
    TooLarge,
}

/// Unfolds compressed bytes as they arrive.
pub struct Inflater {
    decoder: Decoder<'static>,
    out: Vec<u8>,
    limit: usize,
    /// Everything that was begun has ended.
    complete: bool,
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater")
            .field("produced", &self.out.len())
            .finish_non_exhaustive()
    }
}

impl Inflater {
    /// For bytes that unfold to `limit` bytes at most.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new(limit: usize) -> io::Result<Self> {
        let idle = lock(&IDLE).pop();
        let decoder = if let Some(mut decoder) = idle {
            decoder.reinit()?;
            decoder
        } else {
            let mut decoder = Decoder::new()?;
            decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX))?;
            decoder
        };
        Ok(Self {
            decoder,
            out: Vec::new(),
            limit,
            complete: false,
        })
    }

    /// Takes the next bytes in.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), InflateError> {
        let mut input = InBuffer::around(bytes);
        loop {
            // One byte above the limit is enough to know that it is above.
            let start = self.out.len();
            self.out.reserve((self.limit + 1 - start).min(STEP));
            let room = self.out.capacity() - start;
            let mut output = OutBuffer::around_pos(&mut self.out, start);
            let hint = self.decoder.run(&mut input, &mut output);
            let produced = output.pos() - start;
            self.out.truncate(self.limit + 1);
            self.complete = hint.map_err(|_| InflateError::Malformed)? == 0;
            if self.out.len() > self.limit {
                return Err(InflateError::TooLarge);
            }
            // A full buffer may be full by chance, or have more behind it; after an end there is nothing more.
            if input.pos() == bytes.len() && (self.complete || produced < room) {
                return Ok(());
            }
        }
    }

    /// How many bytes have come out.
    pub fn produced(&self) -> usize {
        self.out.len()
    }

    /// What came out.
    ///
    /// # Errors
    /// `Malformed` when more should have come.
    pub fn finish(self) -> Result<Vec<u8>, InflateError> {
        if self.complete {
            keep(&IDLE, self.decoder);
            Ok(self.out)
        } else {
            Err(InflateError::Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zstd::stream::raw::{CParameter, Encoder};

    fn inflate(bytes: &[u8], limit: usize, piece: usize) -> Result<Vec<u8>, InflateError> {
        let mut inflater = Inflater::new(limit).unwrap();
        for piece in bytes.chunks(piece) {
            inflater.take(piece)?;
        }
        inflater.finish()
    }

    /// Zeros, compressed without ever being in memory.
    fn zeros(count: u64, window_log: u32) -> Vec<u8> {
        let mut encoder = Encoder::new(1).unwrap();
        encoder.set_parameter(CParameter::WindowLog(window_log)).unwrap();
        let mut bytes = Vec::new();
        let piece = vec![0; 1 << 20];
        let mut buffer = vec![0; 1 << 20];
        let mut left = count;
        while left > 0 {
            let mut input = InBuffer::around(&piece[..left.min(1 << 20) as usize]);
            left -= left.min(1 << 20);
            while input.pos() < input.src.len() {
                let mut output = OutBuffer::around(&mut buffer[..]);
                encoder.run(&mut input, &mut output).unwrap();
                bytes.extend_from_slice(output.as_slice());
            }
        }
        loop {
            let mut output = OutBuffer::around(&mut buffer[..]);
            let left = encoder.finish(&mut output, true).unwrap();
            bytes.extend_from_slice(output.as_slice());
            if left == 0 {
                return bytes;
            }
        }
    }

    #[test]
    fn what_was_compressed_comes_back_however_it_is_cut() {
        let text = "the same and the same and something else ".repeat(5_000);
        let less = compressed(text.as_bytes()).unwrap();
        assert!(less.len() < text.len() / 100);
        for piece in [1, 7, less.len()] {
            assert_eq!(inflate(&less, text.len(), piece).unwrap(), text.as_bytes());
        }
        let whole_steps = vec![b'x'; 2 * STEP];
        let less_steps = compressed(&whole_steps).unwrap();
        assert_eq!(inflate(&less_steps, 1 << 20, 64).unwrap(), whole_steps);
        assert_eq!(
            inflate(&less, text.len() - 1, 7),
            Err(InflateError::TooLarge),
            "the limit is exact"
        );
        for end in 0..less.len() {
            assert_eq!(
                inflate(&less[..end], text.len(), 64),
                Err(InflateError::Malformed),
                "{end}"
            );
        }
        assert_eq!(
            inflate(&[&less[..], b"x"].concat(), text.len(), 64),
            Err(InflateError::Malformed)
        );
    }

    #[test]
    fn short_or_random_bytes_are_not_compressed() {
        assert_eq!(compressed(&[0; FROM_BYTES - 1]), None);
        let mut state = 7_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        })
        .take(2_000)
        .collect();
        assert_eq!(compressed(&noise), None);
    }

    #[test]
    fn row_26_a_bomb_costs_no_more_than_the_limit() {
        const LIMIT: usize = 1 << 20;
        let bomb = zeros(512 << 20, WINDOW_LOG_MAX);
        assert!(bomb.len() < 64 * 1024, "{}", bomb.len());
        let mut inflater = Inflater::new(LIMIT).unwrap();
        assert_eq!(inflater.take(&bomb), Err(InflateError::TooLarge));
        assert_eq!(inflater.produced(), LIMIT + 1);
        assert!(
            inflater.out.capacity() <= 2 * LIMIT + STEP,
            "{}",
            inflater.out.capacity()
        );
    }

    #[test]
    fn a_window_that_would_cost_much_is_refused_before_anything_comes_out() {
        let wide = zeros(64 << 20, 26);
        let mut inflater = Inflater::new(1 << 30).unwrap();
        assert_eq!(inflater.take(&wide), Err(InflateError::Malformed));
        assert_eq!(inflater.produced(), 0);
    }
}
