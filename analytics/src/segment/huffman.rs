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

    /// Appends the table and the numbers, the second half of them in bytes of its own: see [`Numbers`].
    pub(super) fn write(&self, values: impl ExactSizeIterator<Item = u64>, out: &mut Vec<u8>) {
        let mut bits = BitWriter::default();
        bits.put(self.lengths.len() as u64, 8);
        for length in &self.lengths {
            bits.put(u64::from(*length), 4);
        }
        let half = values.len().div_ceil(2);
        for (index, value) in values.enumerate() {
            if index == half {
                append(std::mem::take(&mut bits), out);
            }
            let (class, extra) = class(value);
            bits.put(self.codes[class].into(), self.lengths[class].into());
            bits.put(value & ((1 << extra) - 1), extra);
        }
        append(bits, out);
    }
}

fn append(bits: BitWriter, out: &mut Vec<u8>) {
    let bytes = bits.finish();
    super::bits::put_varint(out, bytes.len() as u64);
    out.extend_from_slice(&bytes);
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

/// What a pattern of bits means: `top` shifted left by `extra` is the least number of the class.
#[derive(Clone, Copy, Default)]
struct Entry {
    top: u8,
    length: u8,
    extra: u8,
}

/// Reads numbers written by [`Code::write`]: from both halves in turn, because where a number begins is only
/// known when the one before it has been read, and two such chains take the time of one.
pub(super) struct Numbers<'a> {
    table: Vec<Entry>,
    mask: u64,
    first: BitReader<'a>,
    second: BitReader<'a>,
}

impl<'a> Numbers<'a> {
    /// Reads the table; `count` is how many numbers there are.
    pub(super) fn read(input: &mut Input<'a>, count: usize) -> Result<Self, SegmentError> {
        let length = input.count()?;
        let mut bits = BitReader::new(input.take(length)?);
        let second = if count > 1 { input.count()? } else { 0 };
        let second = BitReader::new(input.take(second)?);
        let used = bits.take(8) as usize;
        if used == 0 || used > CLASSES {
            return Err(SegmentError::Value);
        }
        let lengths: Vec<u8> = (0..used).map(|_| bits.take(4) as u8).collect();
        let longest = u32::from(lengths.iter().copied().max().unwrap_or(0));
        if longest == 0 || longest > MAX_LENGTH {
            return Err(SegmentError::Value);
        }
        // Kraft: a code that says twice what a pattern means is refused; one that leaves patterns without
        // meaning is written for a single class alone.
        let used = lengths.iter().filter(|length| **length > 0);
        let (count, filled) =
            used.fold((0, 0), |(count, filled), length| (count + 1, filled + (1 << MAX_LENGTH >> length)));
        if filled != 1 << MAX_LENGTH && !(count == 1 && longest == 1) {
            return Err(SegmentError::Value);
        }
        let mut table = vec![Entry::default(); 1 << longest];
        for ((class, length), code) in lengths.iter().enumerate().zip(codes(&lengths)) {
            let (top, extra) = if class < 4 { (class, 0) } else { (2 + (class & 1), (class - 4) / 2 + 1) };
            let places = table.iter_mut().skip(code as usize).step_by(1 << length);
            if *length > 0 {
                places
                    .for_each(|entry| *entry = Entry { top: top as u8, length: *length, extra: extra as u8 });
            }
        }
        Ok(Self { table, mask: (1 << longest) - 1, first: bits, second })
    }

    /// All numbers, each given to `take`.
    #[inline(always)]
    pub(super) fn read_into<T: Copy>(&mut self, values: &mut [T], mut take: impl FnMut(u64) -> T) {
        let (first, second) = values.split_at_mut(values.len().div_ceil(2));
        let mut lanes = (self.first, self.second);
        for (one, other) in first.iter_mut().zip(&mut *second) {
            *one = take(self.next(&mut lanes.0));
            *other = take(self.next(&mut lanes.1));
        }
        if let Some(last) = first.get_mut(second.len()) {
            *last = take(self.last(&mut lanes.0));
        }
        (self.first, self.second) = lanes;
    }

    #[inline(never)]
    fn last(&self, bits: &mut BitReader<'a>) -> u64 {
        self.next(bits)
    }

    #[inline(always)]
    fn next(&self, bits: &mut BitReader<'a>) -> u64 {
        let word = bits.peek();
        let entry = self.table.get((word & self.mask) as usize).copied().unwrap_or_default();
        let (length, extra) = (u32::from(entry.length), u32::from(entry.extra));
        let start = u64::from(entry.top) << extra;
        if extra > 40 {
            bits.place += length as usize;
            return start | bits.take(extra);
        }
        bits.place += (length + extra) as usize;
        start | (word >> length & ((1 << extra) - 1))
    }

    /// Whether nothing was read past the end.
    pub(super) fn is_within(&self) -> bool {
        self.first.is_within() && self.second.is_within()
    }
}
