//! Dictionaries and columns of codes.
//!
//! A code is often that of the last row of the same visitor, or follows from another column: a city has one
//! region, a path one title. Rows whose code is the one seen last under the same key take no bits of their
//! own; the others are written out.

use std::borrow::Cow;

use super::SegmentError;
use super::bits::{Input, put_varint};
use super::ints;
use crate::dict::Dict;

/// Appends a dictionary, front-coded.
pub(super) fn write_dict(dict: &Dict, out: &mut Vec<u8>) {
    put_varint(out, dict.len() as u64 - 1);
    let (mut shared, mut lengths, mut bytes, mut last) = (Vec::new(), Vec::new(), Vec::new(), "");
    for text in dict.iter().skip(1) {
        let common = last.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        let rest = text.as_bytes().get(common..).unwrap_or_default();
        shared.push(common as u64);
        lengths.push(rest.len() as u64);
        bytes.extend_from_slice(rest);
        last = text;
    }
    ints::write(&shared, out);
    ints::write(&lengths, out);
    out.extend_from_slice(&bytes);
}

/// Reads a dictionary.
pub(super) fn read_dict(input: &mut Input<'_>) -> Result<Dict, SegmentError> {
    let count = input.count()?;
    let shared: Vec<u32> = ints::read(input, count, u32::MAX.into())?;
    let lengths: Vec<u32> = ints::read(input, count, u32::MAX.into())?;
    let total = |lengths: &[u32]| lengths.iter().map(|length| u64::from(*length)).sum::<u64>();
    let suffixes = total(&lengths);
    let all = usize::try_from(suffixes + total(&shared)).map_err(|_| SegmentError::TooLarge)?;
    if all > u32::MAX as usize {
        return Err(SegmentError::TooLarge);
    }
    input.charge(all, 1)?;
    input.charge(count, 4)?;
    let mut bytes = input.take(usize::try_from(suffixes).map_err(|_| SegmentError::Length)?)?;
    let mut text = Vec::with_capacity(all);
    let mut ends = Vec::with_capacity(count + 1);
    ends.push(0_u32);
    let mut last = 0;
    for (shared, length) in shared.into_iter().zip(lengths) {
        let (suffix, rest) = bytes.split_at_checked(length as usize).ok_or(SegmentError::Length)?;
        bytes = rest;
        let end = text.len();
        let shared_end = last + shared as usize;
        // Ascending: where a text leaves the one before, it has a greater byte or that one has ended.
        let is_greater = match (suffix.first(), text.get(shared_end)) {
            (Some(byte), Some(before)) => byte > before,
            (Some(_), None) => shared_end == end,
            (None, _) => false,
        };
        if !is_greater {
            return Err(SegmentError::Value);
        }
        text.extend_from_within(last..shared_end);
        text.extend_from_slice(suffix);
        last = end;
        ends.push(text.len() as u32);
    }
    let text = String::from_utf8(text).map_err(|_| SegmentError::Utf8)?;
    if !ends.iter().all(|end| text.is_char_boundary(*end as usize)) {
        return Err(SegmentError::Utf8);
    }
    Ok(Dict::from_parts(text, ends))
}

/// What rows are grouped by to foretell their codes: a number for each row.
#[derive(Default)]
pub(super) struct Keys<'a> {
    /// The visitor; rows of one visitor stand together.
    pub(super) visitors: Option<Cow<'a, [u32]>>,
    /// The code of another column.
    pub(super) codes: Option<Cow<'a, [u32]>>,
    /// Codes of the other column are below this.
    pub(super) bound: usize,
}

/// A choice of keys. Written as a byte: the lowest bit for the visitor, above it the number of a column and
/// one, or 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) visitor: bool,
    pub(super) column: Option<u8>,
}

impl Context {
    pub(super) const NONE: Self = Self { visitor: false, column: None };
    pub(super) const VISITOR: Self = Self { visitor: true, column: None };

    fn byte(self) -> u8 {
        u8::from(self.visitor) | self.column.map_or(0, |column| column + 1) << 1
    }

    fn of(byte: u8) -> Self {
        Self { visitor: byte & 1 == 1, column: (byte >> 1).checked_sub(1) }
    }
}

const NEVER: u32 = u32::MAX;

/// The codes seen last: of the visitor and, by its code, of the other column. What is not looked at is not
/// compiled in.
struct Memory<'a, const VISITOR: bool, const COLUMN: bool> {
    visitors: &'a [u32],
    codes: &'a [u32],
    visitor: u32,
    code: u32,
    last: Vec<u32>,
}

impl<'a, const VISITOR: bool, const COLUMN: bool> Memory<'a, VISITOR, COLUMN> {
    fn new(keys: &'a Keys<'_>) -> Self {
        Self {
            visitors: keys.visitors.as_deref().unwrap_or_default(),
            codes: keys.codes.as_deref().unwrap_or_default(),
            visitor: NEVER,
            code: NEVER,
            last: if COLUMN { vec![NEVER; keys.bound] } else { Vec::new() },
        }
    }

    /// Takes the code of a row once told which is foretold, [`NEVER`] if none is.
    #[inline(always)]
    fn row(&mut self, row: usize, code: impl FnOnce(u32) -> u32) -> u32 {
        let visitor = if VISITOR { self.visitors.get(row).copied().unwrap_or(NEVER) } else { NEVER };
        let mut foretold = if VISITOR && visitor == self.visitor { self.code } else { NEVER };
        let key =
            if COLUMN { self.codes.get(row).map_or(usize::MAX, |code| *code as usize) } else { usize::MAX };
        if COLUMN && foretold == NEVER {
            foretold = self.last.get(key).copied().unwrap_or(NEVER);
        }
        let code = code(foretold);
        (self.visitor, self.code) = (visitor, code);
        if COLUMN && let Some(last) = self.last.get_mut(key) {
            *last = code;
        }
        code
    }
}

/// What is written of codes: rows foretold rightly between two foretold wrongly, and the codes that were not
/// foretold.
fn split<const VISITOR: bool, const COLUMN: bool>(codes: &[u32], keys: &Keys<'_>) -> (Vec<u64>, Vec<u64>) {
    let mut memory = Memory::<VISITOR, COLUMN>::new(keys);
    let (mut gaps, mut others, mut gap) = (Vec::new(), Vec::new(), 0);
    for (row, code) in codes.iter().enumerate() {
        memory.row(row, |foretold| {
            if foretold == *code {
                gap += 1;
            } else {
                others.push(u64::from(*code));
                if foretold != NEVER {
                    gaps.push(gap);
                    gap = 0;
                }
            }
            *code
        });
    }
    (gaps, others)
}

/// The inverse of [`split`]; `None` for gaps and codes that are too many or too few.
fn unite<const VISITOR: bool, const COLUMN: bool>(
    count: usize,
    keys: &Keys<'_>,
    gaps: &[u32],
    others: &[u32],
) -> Option<Vec<u32>> {
    let mut memory = Memory::<VISITOR, COLUMN>::new(keys);
    let (mut next_gap, mut next_other) = (1, 0);
    // Past the last gap everything is foretold rightly: no column has so many rows.
    let mut gap = gaps.first().map_or(u64::MAX, |gap| u64::from(*gap));
    let codes = (0..count).map(|row| {
        memory.row(row, |foretold| {
            if foretold != NEVER && gap > 0 {
                gap -= 1;
                return foretold;
            }
            if foretold != NEVER {
                gap = gaps.get(next_gap).map_or(u64::MAX, |gap| u64::from(*gap));
                next_gap += 1;
            }
            next_other += 1;
            others.get(next_other - 1).copied().unwrap_or_default()
        })
    });
    let codes = codes.collect();
    (next_gap == gaps.len() + 1 && next_other == others.len()).then_some(codes)
}

/// Appends a column of codes in the shortest of the ways given, and says which that is.
pub(super) fn write_codes(codes: &[u32], ways: &[(Context, Keys<'_>)], out: &mut Vec<u8>) -> Context {
    let mut plain = vec![Context::NONE.byte()];
    ints::write(&codes.iter().map(|code| u64::from(*code)).collect::<Vec<_>>(), &mut plain);
    let (mut shortest, mut chosen) = (plain, Context::NONE);
    for (context, keys) in ways {
        let (gaps, others) = match (context.visitor, context.column.is_some()) {
            (true, true) => split::<true, true>(codes, keys),
            (true, false) => split::<true, false>(codes, keys),
            _ => split::<false, true>(codes, keys),
        };
        let mut bytes = vec![context.byte()];
        put_varint(&mut bytes, gaps.len() as u64);
        put_varint(&mut bytes, others.len() as u64);
        ints::write(&gaps, &mut bytes);
        ints::write(&others, &mut bytes);
        // Rows are looked up one by one: what saves next to nothing is not worth the time.
        if bytes.len() + bytes.len() / 16 < shortest.len() {
            (shortest, chosen) = (bytes, *context);
        }
    }
    out.extend_from_slice(&shortest);
    chosen
}

/// Reads a column of so many codes below `bound`. `keys` finds the keys of a context.
pub(super) fn read_codes<'k>(
    input: &mut Input<'_>,
    count: usize,
    bound: usize,
    keys: impl FnOnce(Context) -> Result<Keys<'k>, SegmentError>,
) -> Result<Vec<u32>, SegmentError> {
    let max = bound.saturating_sub(1) as u64;
    let context = Context::of(input.byte()?);
    if context == Context::NONE {
        return ints::read(input, count, max);
    }
    let keys = keys(context)?;
    input.charge(keys.bound, 4)?;
    let gap_count = input.count()?;
    let other_count = input.count()?;
    if gap_count > other_count || other_count > count {
        return Err(SegmentError::Value);
    }
    let gaps: Vec<u32> = ints::read(input, gap_count, u32::MAX.into())?;
    let others: Vec<u32> = ints::read(input, other_count, max)?;
    input.charge(count, 4)?;
    let codes = match (context.visitor, context.column.is_some()) {
        (true, true) => unite::<true, true>(count, &keys, &gaps, &others),
        (true, false) => unite::<true, false>(count, &keys, &gaps, &others),
        _ => unite::<false, true>(count, &keys, &gaps, &others),
    };
    codes.ok_or(SegmentError::Value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn dictionaries_come_back(texts in proptest::collection::btree_set("[a-cé한]{1,6}", 0..40)) {
            let mut dict = Dict::default();
            texts.iter().for_each(|text| dict.push(text));
            let mut bytes = Vec::new();
            write_dict(&dict, &mut bytes);
            let mut input = Input::new(&bytes, 1 << 16);
            prop_assert_eq!(read_dict(&mut input), Ok(dict));
            prop_assert!(input.is_at_end());
        }

        #[test]
        fn codes_come_back(rows in proptest::collection::vec((0..5_u32, 0..9_u32, 0..3_u32), 0..300)) {
            let mut rows = rows;
            rows.sort_by_key(|row| row.0);
            let codes: Vec<u32> =
                rows.iter().map(|(key, other, noise)| if *noise == 0 { *other } else { key * 2 }).collect();
            for (visitor, column) in [(true, None), (false, Some(3)), (true, Some(40))] {
                let keys = || Keys {
                    visitors: visitor.then(|| rows.iter().map(|row| row.0).collect()),
                    codes: column.map(|_| rows.iter().map(|row| row.1).collect()),
                    bound: 9,
                };
                let mut bytes = Vec::new();
                let context = Context { visitor, column };
                write_codes(&codes, &[(context, keys())], &mut bytes);
                let read = read_codes(&mut Input::new(&bytes, 1 << 16), codes.len(), 10, |read| {
                    assert_eq!(read, context);
                    Ok(keys())
                });
                prop_assert_eq!(read, Ok(codes.clone()));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = read_dict(&mut Input::new(&bytes, 1 << 16));
            let keys = |_| Ok(Keys { visitors: None, codes: Some(vec![0; 100].into()), bound: 1 });
            let _ = read_codes(&mut Input::new(&bytes, 1 << 16), 100, 300, keys);
        }
    }
}
