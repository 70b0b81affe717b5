//! Server-sent events, as far as pokes need them: lines of `data: <number>`, comments, blank lines.

use std::collections::VecDeque;

/// Longest line kept. A poke is a number; anything longer is not one of ours and is passed over.
const MAX_LINE: usize = 256;

/// Takes bytes as they arrive, gives the numbers in them.
#[derive(Debug, Default)]
pub struct PokeReader {
    line: Vec<u8>,
    ready: VecDeque<u64>,
}

impl PokeReader {
    /// Takes the next bytes in.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => {
                    self.ready.extend(poke(&self.line));
                    self.line.clear();
                }
                _ if self.line.len() <= MAX_LINE => self.line.push(*byte),
                _ => {}
            }
        }
    }

    /// The oldest number that is complete and was not taken yet.
    pub fn pop(&mut self) -> Option<u64> {
        self.ready.pop_front()
    }
}

fn poke(line: &[u8]) -> Option<u64> {
    let whole = (line.len() <= MAX_LINE).then_some(line)?;
    std::str::from_utf8(whole)
        .ok()?
        .strip_prefix("data:")?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pokes_are_read_however_the_bytes_are_cut() {
        let text = b": keep-alive\r\n\r\ndata: 7\n\nevent: x\ndata:8\r\n\r\ndata: many\n\n\xff\xfe\ndata: 9";
        let mut whole = PokeReader::default();
        whole.take(text);
        let mut cut = PokeReader::default();
        for byte in text {
            cut.take(&[*byte]);
        }
        for mut reader in [whole, cut] {
            assert_eq!(
                (reader.pop(), reader.pop(), reader.pop()),
                (Some(7), Some(8), None)
            );
        }
    }

    #[test]
    fn an_endless_line_takes_no_memory() {
        let mut reader = PokeReader::default();
        for _ in 0..1000 {
            reader.take(&[b'x'; 1000]);
        }
        assert!(reader.line.len() <= MAX_LINE + 1);
    }

    #[test]
    fn a_line_that_is_too_long_is_not_read_by_its_beginning() {
        let mut reader = PokeReader::default();
        reader.take(format!("data:{:0>300}\ndata:9\n", 7).as_bytes());
        assert_eq!((reader.pop(), reader.pop()), (Some(9), None));
    }
}
