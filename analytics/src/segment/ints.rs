//! Streams of numbers, each in the shortest of five forms.

use super::SegmentError;
use super::bits::{BitReader, BitWriter, Input, put_varint};
use super::huffman::{Code, Numbers};

/// All numbers are the same.
const CONSTANT: u8 = 0;
/// All numbers in the same number of bits, from the least one on.
const PACKED: u8 = 1;
/// By a Huffman code of their magnitude.
const CLASSED: u8 = 2;
/// By a Huffman code of their rank by frequency, after a table of the numbers by rank.
const RANKED: u8 = 3;
/// One number, except at some places.
const SPARSE: u8 = 4;

/// Ranks are tried for numbers below this.
const MAX_RANKED: u64 = 1 << 20;

/// A number type streams are read as.
pub(super) trait Number: Copy + Default {
    /// The largest there is.
    const MAX: u64;
    /// Cuts a number that is known to fit.
    fn cut(value: u64) -> Self;
}

macro_rules! number {
    ($($name:ident)+) => {
        $(impl Number for $name {
            const MAX: u64 = $name::MAX as u64;
            #[inline(always)]
            fn cut(value: u64) -> Self {
                value as Self
            }
        })+
    };
}
number!(u32 u64);

fn width(value: u64) -> u32 {
    64 - value.leading_zeros()
}

/// Appends numbers; how many they are has to be known when they are read.
pub(super) fn write(values: &[u64], out: &mut Vec<u8>) {
    write_as(values, true, out);
}

fn write_as(values: &[u64], may_be_sparse: bool, out: &mut Vec<u8>) {
    let Some(first) = values.first().copied() else { return };
    let (low, high) =
        values.iter().fold((first, first), |(low, high), value| (low.min(*value), high.max(*value)));
    if low == high {
        out.push(CONSTANT);
        return put_varint(out, low);
    }
    let packed_width = width(high - low);
    let packed = u64::from(packed_width) * values.len() as u64 + 16;
    // A table of counts far longer than the numbers costs time and saves nothing.
    let is_dense = high < MAX_RANKED && high < values.len() as u64 * 16 + 1024;
    let ranks = is_dense.then(|| Ranks::of(values, high));
    if let Some(ranks) = ranks.as_ref().filter(|ranks| may_be_sparse && ranks.is_sparse(values.len())) {
        return write_sparse(values, ranks.common(), out);
    }
    let classed = Code::of(values.iter().map(|value| (*value, 1)));
    let ranked = ranks.map(|ranks| {
        let code = Code::of(ranks.counts());
        let cost = code.cost + ranks.table_bits();
        (ranks, code, cost)
    });
    let shortest = classed.cost.min(ranked.as_ref().map_or(u64::MAX, |(.., cost)| *cost));
    // Fixed widths are read three times as fast: they may be a little longer.
    if packed <= shortest + shortest / 32 {
        out.push(PACKED);
        put_varint(out, low);
        out.push(packed_width as u8);
        return pack(values.iter().map(|value| value - low), packed_width, out);
    }
    match ranked {
        Some((ranks, code, cost)) if cost < classed.cost => {
            out.push(RANKED);
            ranks.write(out);
            code.write(values.iter().map(|value| ranks.rank(*value)), out);
        }
        _ => {
            out.push(CLASSED);
            classed.write(values.iter().copied(), out);
        }
    }
}

fn write_sparse(values: &[u64], common: u64, out: &mut Vec<u8>) {
    let (mut gaps, mut others, mut gap) = (Vec::new(), Vec::new(), 0);
    for value in values {
        if *value == common {
            gap += 1;
        } else {
            gaps.push(gap);
            others.push(*value);
            gap = 0;
        }
    }
    out.push(SPARSE);
    put_varint(out, common);
    put_varint(out, gaps.len() as u64);
    write_as(&gaps, false, out);
    write_as(&others, false, out);
}

fn pack(values: impl Iterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    let mut bits = BitWriter::default();
    values.for_each(|value| bits.put(value, width));
    out.extend_from_slice(&bits.finish());
}

/// Numbers by how often they occur.
struct Ranks {
    /// (how often, number), the most frequent first.
    order: Vec<(u64, u64)>,
    ranks: Vec<u32>,
    width: u32,
}

impl Ranks {
    fn of(values: &[u64], high: u64) -> Self {
        let mut counts = vec![0_u32; high as usize + 1];
        for value in values {
            counts[*value as usize] += 1;
        }
        let mut order: Vec<(u64, u64)> = (0..)
            .zip(&counts)
            .filter(|(_, count)| **count > 0)
            .map(|(value, count)| (u64::from(*count), value))
            .collect();
        order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut ranks = counts;
        for (rank, (_, value)) in (0..).zip(&order) {
            ranks[*value as usize] = rank;
        }
        Self { order, ranks, width: width(high) }
    }

    fn common(&self) -> u64 {
        self.order.first().map_or(0, |(_, value)| *value)
    }

    /// Whether a Huffman code, with its bit a number at least, would waste most of it.
    fn is_sparse(&self, count: usize) -> bool {
        self.order.first().is_some_and(|(most, _)| *most * 5 > count as u64 * 4)
    }

    fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        (0..).zip(&self.order).map(|(rank, (count, _))| (rank, *count))
    }

    fn rank(&self, value: u64) -> u64 {
        self.ranks[value as usize].into()
    }

    fn table_bits(&self) -> u64 {
        self.order.len() as u64 * u64::from(self.width) + 40
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_varint(out, self.order.len() as u64);
        out.push(self.width as u8);
        pack(self.order.iter().map(|(_, value)| *value), self.width, out);
    }
}

/// Reads as many numbers as were written, each of which has to be at most `max`.
pub(super) fn read<T: Number>(input: &mut Input<'_>, count: usize, max: u64) -> Result<Vec<T>, SegmentError> {
    read_as(input, count, max.min(T::MAX), true)
}

fn read_as<T: Number>(
    input: &mut Input<'_>,
    count: usize,
    max: u64,
    may_be_sparse: bool,
) -> Result<Vec<T>, SegmentError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    input.charge(count, size_of::<T>())?;
    let (values, high) = match input.byte()? {
        CONSTANT => {
            let value = input.varint()?;
            (vec![T::cut(value); count], value)
        }
        PACKED => {
            let low = input.varint()?;
            let width = u32::from(input.byte()?);
            if width > 64 {
                return Err(SegmentError::Value);
            }
            let bytes = count.checked_mul(width as usize).ok_or(SegmentError::TooLarge)?.div_ceil(8);
            let mut bits = BitReader::new(input.take(bytes)?);
            if width > 56 {
                collect(count, || low.saturating_add(bits.take(width)))
            } else {
                let mask = (1 << width) - 1;
                collect(count, || {
                    let value = low.saturating_add(bits.peek() & mask);
                    bits.place += width as usize;
                    value
                })
            }
        }
        CLASSED => {
            let mut numbers = Numbers::read(input, count)?;
            let (mut values, mut high) = (vec![T::default(); count], 0);
            numbers.read_into(&mut values, |value| {
                high = high.max(value);
                T::cut(value)
            });
            if !numbers.is_within() {
                return Err(SegmentError::Length);
            }
            (values, high)
        }
        RANKED => {
            let distinct = input.count()?;
            let width = u32::from(input.byte()?);
            if width > 20 || distinct > 1 << width {
                return Err(SegmentError::Value);
            }
            let mut bits = BitReader::new(input.take((distinct * width as usize).div_ceil(8))?);
            let table: Vec<u32> = (0..distinct).map(|_| bits.take(width) as u32).collect();
            let mut numbers = Numbers::read(input, count)?;
            let (mut values, mut highest) = (vec![T::default(); count], 0);
            numbers.read_into(&mut values, |rank| {
                highest = highest.max(rank);
                T::cut(table.get(rank as usize).copied().unwrap_or(0).into())
            });
            if !numbers.is_within() || highest >= table.len() as u64 {
                return Err(SegmentError::Value);
            }
            (values, table.iter().copied().max().unwrap_or(0).into())
        }
        SPARSE if may_be_sparse => read_sparse(input, count, max)?,
        _ => return Err(SegmentError::Value),
    };
    if high > max { Err(SegmentError::Value) } else { Ok(values) }
}

/// Numbers and the largest of them.
#[inline(always)]
fn collect<T: Number>(count: usize, mut next: impl FnMut() -> u64) -> (Vec<T>, u64) {
    let mut high = 0;
    let values = (0..count)
        .map(|_| {
            let value = next();
            high = high.max(value);
            T::cut(value)
        })
        .collect();
    (values, high)
}

fn read_sparse<T: Number>(
    input: &mut Input<'_>,
    count: usize,
    max: u64,
) -> Result<(Vec<T>, u64), SegmentError> {
    let common = input.varint()?;
    let others = input.count()?;
    if others > count {
        return Err(SegmentError::Value);
    }
    let gaps: Vec<u32> = read_as(input, others, u32::MAX.into(), false)?;
    let others: Vec<T> = read_as(input, others, max, false)?;
    let mut values = vec![T::cut(common); count];
    let mut place = 0_usize;
    for (gap, other) in gaps.into_iter().zip(others) {
        place = place.saturating_add(gap as usize);
        *values.get_mut(place).ok_or(SegmentError::Value)? = other;
        place += 1;
    }
    Ok((values, common))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers() -> impl Strategy<Value = Vec<u64>> {
        let wide = prop_oneof![0..4_u64, 0..300_u64, 0..5_000_000_u64, any::<u64>()];
        let skewed = (0_u32..64, any::<u64>()).prop_map(|(shift, value)| value >> shift);
        prop_oneof![
            proptest::collection::vec(wide, 0..50),
            proptest::collection::vec(skewed, 0..400),
            proptest::collection::vec(prop_oneof![20 => Just(7_u64), 1 => 0..50_u64], 0..500),
            proptest::collection::vec(0..9_u64, 0..500),
        ]
    }

    proptest! {
        #[test]
        fn streams_come_back(values in numbers()) {
            let mut bytes = Vec::new();
            write(&values, &mut bytes);
            let mut input = Input::new(&bytes, 1 << 20);
            prop_assert_eq!(read::<u64>(&mut input, values.len(), u64::MAX), Ok(values));
            prop_assert!(input.is_at_end());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, count in 0_usize..1000) {
            let _ = read::<u32>(&mut Input::new(&bytes, 1 << 16), count, 1000);
            let _ = read::<u64>(&mut Input::new(&bytes, 1 << 16), count, u64::MAX);
        }
    }
}
