//! What a segment says of itself.

use super::bits::{Input, put_varint};
use super::checksum::checksum;
use super::visits::Counts;
use super::{MAGIC, SegmentError, VERSION};
use crate::bucket::{Bucket, Span};
use crate::row::MAX_TIME_MS;

/// What a segment says of itself, without any of its columns being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Which events it was built from.
    pub bucket: Bucket,
    /// How many visits have events in it.
    pub visits: usize,
    /// How many events it holds, heartbeats included.
    pub events: usize,
    /// Times of the first and the last event, Unix milliseconds; `None` if it holds none.
    pub time_span: Option<(u64, u64)>,
}

/// Where a column is and how to read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) number: u8,
    pub(super) codec: u8,
    pub(super) needs: u64,
    pub(super) raw: usize,
    pub(super) stored: usize,
    pub(super) checksum: u32,
}

pub(super) struct Header {
    pub(super) bucket: Bucket,
    pub(super) counts: Counts,
    pub(super) time_span: Option<(u64, u64)>,
    pub(super) entries: Vec<Entry>,
}

const HOUR_MS: u64 = 60 * 60 * 1_000;

impl Header {
    pub(super) fn info(&self) -> SegmentInfo {
        SegmentInfo {
            bucket: self.bucket,
            visits: self.counts.visits,
            events: self.counts.events,
            time_span: self.time_span,
        }
    }

    /// Appends it with everything before and its checksum.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut header = vec![self.bucket.span() as u8];
        put_varint(&mut header, self.bucket.start() / HOUR_MS);
        let Counts { visits, events, pages, heartbeats } = self.counts;
        let (first, last) = self.time_span.unwrap_or((0, 0));
        for count in [visits, events, pages, heartbeats] {
            put_varint(&mut header, count as u64);
        }
        put_varint(&mut header, first);
        put_varint(&mut header, last - first);
        put_varint(&mut header, self.entries.len() as u64);
        for entry in &self.entries {
            header.extend([entry.number, entry.codec]);
            put_varint(&mut header, entry.needs);
            put_varint(&mut header, entry.raw as u64);
            put_varint(&mut header, entry.stored as u64);
            header.extend(entry.checksum.to_le_bytes());
        }
        let begin = out.len();
        out.extend(MAGIC);
        out.push(VERSION);
        // A header has a few dozen columns of some twenty bytes.
        out.extend((header.len() as u32).to_le_bytes());
        out.extend(header);
        let sum = checksum(out.get(begin..).unwrap_or_default());
        out.extend(sum.to_le_bytes());
    }

    /// Reads it; what follows are the columns.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), SegmentError> {
        let mut input = Input::new(bytes, 0);
        if input.take(MAGIC.len()).map_err(|_| SegmentError::NotASegment)? != MAGIC {
            return Err(SegmentError::NotASegment);
        }
        let version = input.byte()?;
        if version != VERSION {
            return Err(SegmentError::Version(version));
        }
        let length = u32_of(&mut input)? as usize;
        let header = input.take(length)?;
        let sum = u32_of(&mut input)?;
        let covered = MAGIC.len() + 1 + 4 + length;
        if checksum(bytes.get(..covered).unwrap_or_default()) != sum {
            return Err(SegmentError::Checksum);
        }
        let bodies = bytes.get(covered + 4..).unwrap_or_default();
        Ok((Self::fields(header, bodies.len())?, bodies))
    }

    fn fields(header: &[u8], length: usize) -> Result<Self, SegmentError> {
        let mut input = Input::new(header, 0);
        let span = match input.byte()? {
            0 => Span::Hour,
            1 => Span::Day,
            2 => Span::Month,
            _ => return Err(SegmentError::Value),
        };
        let start = input.varint()?.checked_mul(HOUR_MS).ok_or(SegmentError::Value)?;
        let bucket = Bucket::of(span, start);
        if bucket.start() != start {
            return Err(SegmentError::Value);
        }
        let counts = Counts {
            visits: input.count()?,
            events: input.count()?,
            pages: input.count()?,
            heartbeats: input.count()?,
        };
        let first = input.varint()?;
        let last = first.checked_add(input.varint()?).filter(|last| *last <= MAX_TIME_MS);
        let time_span = (counts.events > 0).then_some((first, last.ok_or(SegmentError::Value)?));
        let count = input.count()?;
        // An entry has nine bytes at least.
        if count > header.len() / 9 || counts.visits > counts.events || counts.pages > counts.events {
            return Err(SegmentError::Value);
        }
        let mut entries = Vec::with_capacity(count);
        let mut total = 0_usize;
        for _ in 0..count {
            let (number, codec) = (input.byte()?, input.byte()?);
            let needs = input.varint()?;
            let (raw, stored) = (input.count()?, input.count()?);
            total = total.checked_add(stored).ok_or(SegmentError::Length)?;
            entries.push(Entry { number, codec, needs, raw, stored, checksum: u32_of(&mut input)? });
        }
        input.expect_end()?;
        if total != length {
            return Err(SegmentError::Length);
        }
        Ok(Self { bucket, counts, time_span, entries })
    }
}

fn u32_of(input: &mut Input<'_>) -> Result<u32, SegmentError> {
    let bytes = input.take(4)?.first_chunk().ok_or(SegmentError::Length)?;
    Ok(u32::from_le_bytes(*bytes))
}
