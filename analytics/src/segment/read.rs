//! Bytes to a data set.

use std::borrow::Cow;

use super::bits::Input;
use super::checksum::checksum;
use super::columns::{Rows, Shared, read_event, read_texts};
use super::header::{Entry, Header, SegmentInfo};
use super::sparse::{read_engagement, read_properties, read_revenue};
use super::visits::{Counts, read_events, read_visits};
use super::{BASE_BUDGET, CODEC_LZ4, CODEC_NONE, EVENTS, EXPANSION, SegmentError, VISITS, ints};
use crate::codes::Codes;
use crate::columns::{Column, Columns};
use crate::dataset::Dataset;
use crate::dict::Texts;
use crate::row::{EventDim, VisitDim};

/// What a segment says of itself.
///
/// # Errors
/// [`SegmentError`] for bytes that do not begin with the whole header of a segment.
pub fn inspect(bytes: &[u8]) -> Result<SegmentInfo, SegmentError> {
    Header::read(bytes).map(|(header, _)| header.info())
}

/// What each column takes: its number, and its bytes as stored and decompressed. For those who watch sizes.
///
/// # Errors
/// As [`inspect`].
pub fn sizes(bytes: &[u8]) -> Result<Vec<(u8, usize, usize)>, SegmentError> {
    let (header, _) = Header::read(bytes)?;
    Ok(header.entries.iter().map(|entry| (entry.number, entry.stored, entry.raw)).collect())
}

/// Reads a segment: the columns wanted; the others are neither checked nor decompressed, unless a wanted one
/// cannot be read without. A column the segment does not have was empty when it was written.
///
/// Takes at most 1 MiB and 256 times the length of the bytes, whatever they are.
///
/// # Errors
/// [`SegmentError`] for anything but bytes that [`write`](super::write) made.
pub fn read(bytes: &[u8], wanted: Columns) -> Result<Dataset, SegmentError> {
    let (header, mut bodies) = Header::read(bytes)?;
    let budget = bytes.len().saturating_mul(EXPANSION).saturating_add(BASE_BUDGET);
    let mut reader = Reader { counts: header.counts, budget, done: 0, data: Dataset::default() };
    let needed = needed(&header.entries, wanted);
    reader.data.flags = Codes::Zero(header.counts.visits);
    reader.data.visits = std::array::from_fn(|_| Texts::empty(header.counts.visits));
    reader.data.events = std::array::from_fn(|_| Texts::empty(header.counts.events));
    let shared = Shared::default();
    for entry in &header.entries {
        let (stored, rest) = bodies.split_at_checked(entry.stored).ok_or(SegmentError::Length)?;
        bodies = rest;
        if entry.number < 64 && needed >> entry.number & 1 == 1 {
            reader.column(entry, stored, &shared)?;
        }
    }
    let always = 1 << VISITS | 1 << EVENTS;
    if reader.done & always != always {
        return Err(SegmentError::Value);
    }
    let mut data = reader.data;
    if data.time_span() != header.time_span {
        return Err(SegmentError::Value);
    }
    // Some columns may only have been read to read others.
    data.keep(wanted);
    Ok(data)
}

/// Which columns have to be read, as bits of their numbers.
fn needed(entries: &[Entry], wanted: Columns) -> u64 {
    let visits = VisitDim::ALL.map(Column::Visit);
    let events = EventDim::ALL.map(Column::Event);
    let others = [Column::Engagement, Column::Revenue, Column::Properties, Column::Flags];
    let all = visits.into_iter().chain(events).chain(others).filter(|column| wanted.has(*column));
    let mut needed = all.fold(1 << VISITS | 1 << EVENTS, |bits, column| bits | 1 << column.number());
    for entry in entries.iter().rev().filter(|entry| entry.number < 64) {
        if needed >> entry.number & 1 == 1 {
            needed |= entry.needs;
        }
    }
    needed
}

struct Reader {
    counts: Counts,
    budget: usize,
    /// Columns read, as bits of their numbers.
    done: u64,
    data: Dataset,
}

impl Reader {
    fn column(&mut self, entry: &Entry, stored: &[u8], shared: &Shared) -> Result<(), SegmentError> {
        let bit = 1 << entry.number;
        // What a column needs comes before it, and no column comes twice.
        let always = if entry.number == VISITS { 0 } else { 1 << VISITS };
        let always = if entry.number < VISITS { always | 1 << EVENTS } else { always };
        if self.done & bit != 0 || self.done & (entry.needs | always) != entry.needs | always {
            return Err(SegmentError::Value);
        }
        if checksum(stored) != entry.checksum {
            return Err(SegmentError::Checksum);
        }
        let raw = self.unpack(entry, stored)?;
        let mut input = Input::new(&raw, self.budget);
        let (counts, data) = (self.counts, &mut self.data);
        match entry.number {
            VISITS => read_visits(&mut input, &counts, data)?,
            EVENTS => read_events(&mut input, &counts, data)?,
            number => {
                read_optional(&mut input, number, &counts, data, shared)?;
            }
        }
        input.expect_end()?;
        self.budget = input.budget();
        self.done |= bit;
        Ok(())
    }

    fn unpack<'a>(&mut self, entry: &Entry, stored: &'a [u8]) -> Result<Cow<'a, [u8]>, SegmentError> {
        match entry.codec {
            CODEC_NONE if entry.raw == stored.len() => Ok(Cow::Borrowed(stored)),
            CODEC_LZ4 => {
                self.budget = self.budget.checked_sub(entry.raw).ok_or(SegmentError::TooLarge)?;
                let mut raw = vec![0; entry.raw];
                let length = lz4_flex::block::decompress_into(stored, &mut raw);
                match length {
                    Ok(length) if length == raw.len() => Ok(Cow::Owned(raw)),
                    _ => Err(SegmentError::Compression),
                }
            }
            _ => Err(SegmentError::Value),
        }
    }
}

fn read_optional(
    input: &mut Input<'_>,
    number: u8,
    counts: &Counts,
    data: &mut Dataset,
    shared: &Shared,
) -> Result<(), SegmentError> {
    if let Some(dim) = VisitDim::ALL.get(usize::from(number)) {
        data.visits[dim.index()] = read_texts(input, data, shared, &Rows::Visits)?;
    } else if let Some(dim) = EventDim::ALL.into_iter().find(|dim| Column::Event(*dim).number() == number) {
        data.events[dim.index()] = read_event(input, data, shared)?;
    } else if number == Column::Engagement.number() {
        read_engagement(input, counts, data)?;
    } else if number == Column::Revenue.number() {
        data.revenue = read_revenue(input, data, shared)?;
    } else if number == Column::Properties.number() {
        data.properties = read_properties(input, data, shared)?;
    } else if number == Column::Flags.number() {
        data.flags = Codes::narrow(ints::read(input, counts.visits, 3)?, 4);
    } else {
        return Err(SegmentError::Value);
    }
    Ok(())
}
