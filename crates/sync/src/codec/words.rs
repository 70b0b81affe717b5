//! The words of a message: told once, referred to by place.

use std::collections::HashMap;

use romp_domain::Name;

use super::CodecError;

/// The words of a message that is being written, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct WordsOut<'a> {
    list: Vec<&'a str>,
    places: HashMap<&'a str, u32>,
    /// The place after the word that came last: rows of one kind have the same words one after the other.
    next: usize,
}

impl<'a> WordsOut<'a> {
    /// The place of a word, which gets one if it has none.
    pub(super) fn place(&mut self, word: &'a str) -> u32 {
        let place = if self.list.get(self.next) == Some(&word) {
            self.next as u32
        } else {
            let fresh = self.list.len() as u32;
            let place = *self.places.entry(word).or_insert(fresh);
            if place == fresh {
                self.list.push(word);
            }
            place
        };
        self.next = place as usize + 1;
        place
    }

    /// All of them.
    pub(super) fn into_list(self) -> Vec<String> {
        self.list.into_iter().map(str::to_owned).collect()
    }
}

/// The words of a message that is being read.
#[derive(Debug)]
pub(super) struct WordsIn {
    list: Vec<Name>,
    /// How many bytes of words may still be given out.
    left: usize,
    /// How many lists and maps there may still be.
    nested: usize,
}

impl WordsIn {
    /// `most`: how many bytes all words may have, as often as they are referred to. A long word that is referred to
    /// in a few bytes could otherwise be made to fill the memory.
    ///
    /// `nested`: how many lists and maps there may be; each takes hundreds of bytes of memory, and a few on the wire.
    pub(super) fn new(list: Vec<String>, most: usize, nested: usize) -> Self {
        Self {
            nested,
            list: list.into_iter().map(Name::from).collect(),
            left: most,
        }
    }

    /// Counts lists and maps.
    pub(super) fn nest(&mut self, count: usize) -> Result<(), CodecError> {
        self.nested = self.nested.checked_sub(count).ok_or(CodecError::TooLarge)?;
        Ok(())
    }

    /// The word at a place.
    pub(super) fn at(&mut self, place: u32) -> Result<&Name, CodecError> {
        let word = self.list.get(place as usize).ok_or(CodecError::Part("words"))?;
        self.left = self.left.checked_sub(word.len()).ok_or(CodecError::TooLarge)?;
        Ok(word)
    }
}
