//! Bits, bytes and small numbers.

use super::SegmentError;

/// Writes numbers of any number of bits, the lowest bit first.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    word: u64,
    used: u32,
}

impl BitWriter {
    /// Writes the lowest `width` bits (at most 64) of a number that has no others.
    pub(super) fn put(&mut self, value: u64, width: u32) {
        if width > 32 {
            self.put_half(value & 0xffff_ffff, 32);
            self.put_half(value >> 32, width - 32);
        } else {
            self.put_half(value, width);
        }
    }

    fn put_half(&mut self, value: u64, width: u32) {
        self.word |= value << self.used;
        self.used += width;
        if self.used >= 32 {
            self.bytes.extend_from_slice(&(self.word as u32).to_le_bytes());
            self.word >>= 32;
            self.used -= 32;
        }
    }

    /// The bytes, the last one filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let rest = self.used.div_ceil(8) as usize;
        self.bytes.extend_from_slice(self.word.to_le_bytes().get(..rest).unwrap_or_default());
        self.bytes
    }
}

/// Reads numbers of any number of bits. Past the end there are zeros; [`Self::is_within`] tells.
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    pub(super) place: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    /// The next 57 bits or more, without moving on.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        let byte = self.place / 8;
        let word = match self.bytes.get(byte..).and_then(<[u8]>::first_chunk::<8>) {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => self.last_word(byte),
        };
        word >> (self.place % 8)
    }

    #[cold]
    #[inline(never)]
    fn last_word(&self, byte: usize) -> u64 {
        let rest = self.bytes.get(byte..).unwrap_or_default();
        rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
    }

    /// The next `width` bits, at most 64.
    #[inline(never)]
    pub(super) fn take(&mut self, width: u32) -> u64 {
        if width > 56 {
            let low = self.take(32);
            return low | self.take(width - 32) << 32;
        }
        let value = self.peek() & ((1 << width) - 1);
        self.place += width as usize;
        value
    }

    /// Whether nothing was read past the end.
    pub(super) fn is_within(&self) -> bool {
        self.place <= self.bytes.len() * 8
    }
}

/// Appends a number in groups of seven bits, the lowest first.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes to be read, and how much may still be made of them.
pub(super) struct Input<'a> {
    bytes: &'a [u8],
    budget: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8], budget: usize) -> Self {
        Self { bytes, budget }
    }

    /// Accounts for memory before it is allocated.
    pub(super) fn charge(&mut self, count: usize, each: usize) -> Result<(), SegmentError> {
        let left = count.checked_mul(each).and_then(|bytes| self.budget.checked_sub(bytes));
        self.budget = left.ok_or(SegmentError::TooLarge)?;
        Ok(())
    }

    pub(super) fn budget(&self) -> usize {
        self.budget
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], SegmentError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(SegmentError::Length)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, SegmentError> {
        self.take(1)?.first().copied().ok_or(SegmentError::Length)
    }

    pub(super) fn varint(&mut self) -> Result<u64, SegmentError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // One form for each number: no bits beyond the 64th, no empty groups at the end.
            if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
                return Err(SegmentError::Value);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(SegmentError::Value)
    }

    /// A number of things, each of which takes memory.
    pub(super) fn count(&mut self) -> Result<usize, SegmentError> {
        let count = self.varint()?;
        if count > u64::from(u32::MAX) { Err(SegmentError::TooLarge) } else { Ok(count as usize) }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn expect_end(&self) -> Result<(), SegmentError> {
        if self.is_at_end() { Ok(()) } else { Err(SegmentError::Length) }
    }
}

/// Small numbers for numbers near zero on either side.
pub(super) fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// The inverse of [`zigzag`].
pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn bits_come_back(values in proptest::collection::vec((proptest::prelude::any::<u64>(), 0_u32..=64), 0..200)) {
            let cut = |value: u64, width: u32| if width == 64 { value } else { value & ((1 << width) - 1) };
            let mut writer = BitWriter::default();
            for (value, width) in &values {
                writer.put(cut(*value, *width), *width);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for (value, width) in values {
                proptest::prop_assert_eq!(reader.take(width), cut(value, width));
            }
            proptest::prop_assert!(reader.is_within());
        }

        #[test]
        fn numbers_come_back(value: u64, signed: i64) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            proptest::prop_assert_eq!(Input::new(&bytes, 0).varint(), Ok(value));
            proptest::prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }
    }
}
