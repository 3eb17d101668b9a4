//! Numbers, texts and bytes in a row.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A text of a frame; clones share it.
pub type Word = Arc<str>;

/// Why bytes are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveError {
    /// They end too early, or a number in them promises more than there is.
    Truncated,
    /// Something follows after the end.
    TrailingBytes,
    /// They are of a version this reader does not know.
    UnknownVersion,
    /// A number, text or id in them is none.
    Malformed,
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the bytes end too early",
            Self::TrailingBytes => "there are bytes after the end",
            Self::UnknownVersion => "the bytes are of another version",
            Self::Malformed => "the bytes hold a value that is none",
        })
    }
}

impl std::error::Error for LiveError {}

/// Writes values one after the other.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    words: HashMap<Word, u64>,
}

impl Writer {
    /// How much was written, bytes.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    /// A number, seven bits a byte.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.out.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.out.push(number as u8);
    }

    /// Bytes whose length the reader knows.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.raw(bytes);
    }

    /// A text: written out the first time, a number after that.
    pub fn word(&mut self, word: &str) {
        if let Some(number) = self.words.get(word) {
            return self.number(*number);
        }
        self.number(0);
        self.bytes(word.as_bytes());
        let number = self.words.len() as u64 + 1;
        self.words.insert(word.into(), number);
    }
}

/// Reads what a [`Writer`] wrote. Whatever the bytes are, nothing larger than they are is allocated for them.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    words: Vec<Word>,
}

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, words: Vec::new() }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Makes sure that nothing is left.
    ///
    /// # Errors
    /// [`LiveError::TrailingBytes`].
    pub fn end(&self) -> Result<(), LiveError> {
        if self.is_empty() { Ok(()) } else { Err(LiveError::TrailingBytes) }
    }

    /// One byte.
    ///
    /// # Errors
    /// [`LiveError::Truncated`].
    pub fn byte(&mut self) -> Result<u8, LiveError> {
        let (first, rest) = self.rest.split_first().ok_or(LiveError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    /// A number.
    ///
    /// # Errors
    /// [`LiveError`] for one of more than 64 bits, or none.
    pub fn number(&mut self) -> Result<u64, LiveError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(LiveError::Malformed);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(LiveError::Malformed)
    }

    /// A number that fits into 32 bits.
    ///
    /// # Errors
    /// As [`Reader::number`].
    pub fn small(&mut self) -> Result<u32, LiveError> {
        u32::try_from(self.number()?).map_err(|_| LiveError::Malformed)
    }

    /// How many things follow, each of which takes at least a byte.
    ///
    /// # Errors
    /// [`LiveError::Truncated`] if so many cannot follow.
    pub fn count(&mut self) -> Result<usize, LiveError> {
        let count = self.number()?;
        usize::try_from(count).ok().filter(|count| *count <= self.rest.len()).ok_or(LiveError::Truncated)
    }

    /// So many bytes.
    ///
    /// # Errors
    /// [`LiveError::Truncated`].
    pub fn raw<const N: usize>(&mut self) -> Result<[u8; N], LiveError> {
        let (first, rest) = self.rest.split_first_chunk::<N>().ok_or(LiveError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Bytes with their length.
    ///
    /// # Errors
    /// [`LiveError::Truncated`].
    pub fn bytes(&mut self) -> Result<&'a [u8], LiveError> {
        let length = self.count()?;
        let (first, rest) = self.rest.split_at_checked(length).ok_or(LiveError::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    /// A text.
    ///
    /// # Errors
    /// [`LiveError`] for one that is not UTF-8, or a number that names none.
    pub fn word(&mut self) -> Result<Word, LiveError> {
        let number = self.number()?;
        if number > 0 {
            let place = usize::try_from(number - 1).ok();
            return place.and_then(|place| self.words.get(place)).cloned().ok_or(LiveError::Malformed);
        }
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| LiveError::Malformed)?;
        let word = Word::from(text);
        self.words.push(Word::clone(&word));
        Ok(word)
    }
}
