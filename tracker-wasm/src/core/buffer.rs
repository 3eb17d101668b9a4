//! Texts of bounded length in memory that is allocated once, and the few things that are printed.
//!
//! A `Vec` asks at each push whether it has to grow, and a `str` at each cut whether it is one; each of these
//! questions costs the module more bytes than what it is about.

/// How much a [`Buffer`] holds: what a tracker may keep unsent, and a request besides.
pub const CAPACITY: usize = 256 * 1_024;

/// Text of at most [`CAPACITY`] bytes. Its memory is part of it, so that it can stand in a static, and all
/// are of one size, so that a reference is one number.
#[derive(Debug)]
#[repr(C)]
pub struct Buffer {
    len: usize,
    bytes: [u8; CAPACITY],
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Buffer {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self { len: 0, bytes: [0; CAPACITY] }
    }

    /// What is in it.
    pub fn text(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Adds text at the end. What does not fit is left out as a whole: whoever prints knows the limits of
    /// what is printed.
    #[inline(never)]
    pub fn put(&mut self, text: &[u8]) {
        if let Some(room) = self.bytes.get_mut(self.len..).and_then(|rest| rest.get_mut(..text.len())) {
            room.copy_from_slice(text);
            self.len += text.len();
        }
    }

    /// Adds one byte.
    pub fn push(&mut self, byte: u8) {
        self.put(&[byte]);
    }

    /// Replaces everything.
    pub fn set(&mut self, text: &[u8]) {
        self.len = 0;
        self.put(text);
    }

    /// Keeps the first `len` bytes.
    pub fn cut(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Takes away `count` bytes from `start` on.
    pub fn remove(&mut self, start: usize, count: usize) {
        if start + count <= self.len {
            self.bytes.copy_within(start + count..self.len, start);
            self.len -= count;
        }
    }

    /// All of its room, used or not, to be written to.
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// Prints a number. By hand: `format!` would add 8 KB gzip.
pub(super) fn number(out: &mut Buffer, value: u64) {
    if value >= 10 {
        number(out, value / 10);
    }
    out.push(b'0' | (value % 10) as u8);
}
