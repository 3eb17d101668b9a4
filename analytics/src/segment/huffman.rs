//! Numbers of unequal frequency: a class by a Huffman code, then the bits within the class.
//!
//! Classes are those of deflate's lengths with one bit of mantissa: 0, 1, 2, 3, 4–5, 6–7, 8–11, 12–15 and so
//! on. Close to the entropy for what follows a power law or falls off geometrically, at two loads a number.

use super::SegmentError;
use super::bits::{BitReader, BitWriter, Input};

/// Longest code: a table of 2¹¹ entries stays in the first cache.
const MAX_LENGTH: u32 = 11;

/// Classes of 64-bit numbers.
const CLASSES: usize = 128;

/// The class of a number and how many bits tell it from the others of the class.
#[inline]
fn class(value: u64) -> (usize, u32) {
    if value < 4 {
        return (value as usize, 0);
    }
    let extra = 62 - value.leading_zeros();
    (4 + (extra as usize - 1) * 2 + (value >> extra & 1) as usize, extra)
}

/// The least number of a class, and its bits.
fn class_start(class: usize) -> (u64, u32) {
    if class < 4 {
        return (class as u64, 0);
    }
    let extra = (class - 4) / 2 + 1;
    ((2 + (class as u64 & 1)) << extra, extra as u32)
}

/// A code made for some numbers.
pub(super) struct Code {
    lengths: Vec<u8>,
    codes: Vec<u32>,
    /// What the numbers take, in bits, table included.
    pub(super) cost: u64,
}

impl Code {
    /// The best code for the numbers given with their frequencies.
    pub(super) fn of(values: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut counts = [0_u64; CLASSES];
        let mut extra_bits = 0;
        for (value, count) in values {
            let (class, extra) = class(value);
            counts[class] += count;
            extra_bits += u64::from(extra) * count;
        }
        let used = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        let lengths = lengths(&counts[..used]);
        let code_bits: u64 =
            counts.iter().zip(&lengths).map(|(count, length)| count * u64::from(*length)).sum();
        let codes = codes(&lengths);
        Self { codes, cost: extra_bits + code_bits + 8 + 4 * used as u64, lengths }
    }

    /// Appends the table and the numbers.
    pub(super) fn write(&self, values: impl Iterator<Item = u64>, out: &mut Vec<u8>) {
        let mut bits = BitWriter::default();
        bits.put(self.lengths.len() as u64, 8);
        for length in &self.lengths {
            bits.put(u64::from(*length), 4);
        }
        for value in values {
            let (class, extra) = class(value);
            bits.put(self.codes[class].into(), self.lengths[class].into());
            bits.put(value & ((1 << extra) - 1), extra);
        }
        let bytes = bits.finish();
        super::bits::put_varint(out, bytes.len() as u64);
        out.extend_from_slice(&bytes);
    }
}

/// Lengths of a Huffman code none of which is above [`MAX_LENGTH`].
fn lengths(counts: &[u64]) -> Vec<u8> {
    let mut weights = counts.to_vec();
    loop {
        let lengths = unlimited(&weights);
        if lengths.iter().all(|length| u32::from(*length) <= MAX_LENGTH) {
            return lengths;
        }
        // Flatter frequencies make shorter codes; at the latest all are 1 and codes have seven bits.
        for weight in weights.iter_mut().filter(|weight| **weight > 0) {
            *weight = *weight / 4 + 1;
        }
    }
}

fn unlimited(weights: &[u64]) -> Vec<u8> {
    // At most 128 classes: the plain quadratic way. Equal weights are taken in order of class.
    let mut trees: Vec<(u64, Vec<usize>)> = weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight > 0)
        .map(|(class, weight)| (*weight, vec![class]))
        .collect();
    let mut lengths = vec![0_u8; weights.len()];
    if let [(_, only)] = &*trees {
        only.iter().for_each(|class| lengths[*class] = 1);
        return lengths;
    }
    while trees.len() > 1 {
        trees.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| b.1.cmp(&a.1)));
        let (Some(a), Some(mut b)) = (trees.pop(), trees.pop()) else { break };
        b.1.extend(a.1);
        b.1.iter().for_each(|class| lengths[*class] += 1);
        trees.push((a.0 + b.0, b.1));
    }
    lengths
}

/// Canonical codes, bits reversed because the lowest bit is read first.
fn codes(lengths: &[u8]) -> Vec<u32> {
    let mut codes = vec![0; lengths.len()];
    let mut next = 0_u32;
    for length in 1..=MAX_LENGTH {
        for (code, _) in codes.iter_mut().zip(lengths).filter(|(_, of)| u32::from(**of) == length) {
            *code = next.reverse_bits() >> (32 - length);
            next += 1;
        }
        next <<= 1;
    }
    codes
}

#[derive(Clone, Copy, Default)]
struct Entry {
    start: u64,
    length: u8,
    extra: u8,
}

/// Reads numbers written by [`Code::write`].
pub(super) struct Numbers<'a> {
    table: Vec<Entry>,
    mask: u64,
    bits: BitReader<'a>,
}

impl<'a> Numbers<'a> {
    /// Reads the table.
    pub(super) fn read(input: &mut Input<'a>) -> Result<Self, SegmentError> {
        let count = input.count()?;
        let mut bits = BitReader::new(input.take(count)?);
        let used = bits.take(8) as usize;
        if used == 0 || used > CLASSES {
            return Err(SegmentError::Value);
        }
        let lengths: Vec<u8> = (0..used).map(|_| bits.take(4) as u8).collect();
        let longest = u32::from(lengths.iter().copied().max().unwrap_or(0));
        let filled: u32 =
            lengths.iter().filter(|length| **length > 0).map(|length| 1 << MAX_LENGTH >> length).sum();
        // Kraft: a code that says twice what a pattern means is refused; one that leaves patterns without
        // meaning is written for a single class alone.
        let is_single = lengths.iter().filter(|length| **length > 0).count() == 1 && longest == 1;
        if longest == 0 || longest > MAX_LENGTH || (filled != 1 << MAX_LENGTH && !is_single) {
            return Err(SegmentError::Value);
        }
        let mut table = vec![Entry::default(); 1 << longest];
        for ((class, length), code) in lengths.iter().enumerate().zip(codes(&lengths)) {
            let (start, extra) = class_start(class);
            let places = table.iter_mut().skip(code as usize).step_by(1 << length);
            if *length > 0 {
                places.for_each(|entry| *entry = Entry { start, length: *length, extra: extra as u8 });
            }
        }
        Ok(Self { table, mask: (1 << longest) - 1, bits })
    }

    /// The next number.
    #[inline(always)]
    pub(super) fn next(&mut self) -> u64 {
        let word = self.bits.peek();
        let entry = self.table.get((word & self.mask) as usize).copied().unwrap_or_default();
        let (length, extra) = (u32::from(entry.length), u32::from(entry.extra));
        if extra > 40 {
            self.bits.place += length as usize;
            return entry.start + self.bits.take(extra);
        }
        self.bits.place += (length + extra) as usize;
        entry.start + (word >> length & ((1 << extra) - 1))
    }

    /// Whether nothing was read past the end.
    pub(super) fn is_within(&self) -> bool {
        self.bits.is_within()
    }
}
