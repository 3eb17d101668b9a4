//! A data set to bytes.

use super::checksum::checksum;
use super::columns::{EVENT_ORDER, Shared, VISIT_ORDER, write_event, write_visit};
use super::header::{Entry, Header};
use super::sparse::{write_engagement, write_properties, write_revenue};
use super::visits::{Counts, write_events, write_visits};
use super::{CODEC_LZ4, CODEC_NONE, EVENTS, EXPANSION, PADDING, SegmentError, VISITS, ints};
use crate::bucket::Bucket;
use crate::columns::{Column, Columns};
use crate::dataset::Dataset;

#[derive(Default)]
struct Bodies {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    raw: usize,
}

impl Bodies {
    fn push(&mut self, number: u8, needs: u64, raw: &[u8]) {
        let packed = lz4_flex::block::compress(raw);
        // What saves less than a thirty-second is not worth decompressing.
        let is_packed = packed.len() + raw.len() / 32 < raw.len();
        let stored = if is_packed { &packed } else { raw };
        self.raw += raw.len();
        self.entries.push(Entry {
            number,
            codec: if is_packed { CODEC_LZ4 } else { CODEC_NONE },
            needs,
            raw: raw.len(),
            stored: stored.len(),
            checksum: checksum(stored),
        });
        self.bytes.extend_from_slice(stored);
    }
}

/// The segment of a bucket. The data set should hold the events of the bucket; the bytes are a function of
/// both, and [`read`](super::read) gives the data set back.
///
/// # Errors
/// [`SegmentError::Incomplete`] for a data set that was loaded without some of its columns: they would be lost.
pub fn write(data: &Dataset, bucket: Bucket) -> Result<Vec<u8>, SegmentError> {
    if data.loaded() != Columns::ALL {
        return Err(SegmentError::Incomplete);
    }
    let mut bodies = Bodies::default();
    let shared = Shared::default();
    let mut column = |number: u8, write: &dyn Fn(&mut Vec<u8>) -> u64| {
        let mut raw = Vec::new();
        let needs = write(&mut raw);
        bodies.push(number, needs, &raw);
    };
    column(VISITS, &|out| {
        write_visits(data, out);
        0
    });
    column(EVENTS, &|out| {
        write_events(data, out);
        0
    });
    if data.flags.iter().any(|flags| flags > 0) {
        column(Column::Flags.number(), &|out| {
            ints::write(&data.flags.iter().map(u64::from).collect::<Vec<_>>(), out);
            0
        });
    }
    for dim in VISIT_ORDER.into_iter().filter(|dim| !data.visit(*dim).dict.is_empty()) {
        column(Column::Visit(dim).number(), &|out| write_visit(data, &shared, dim, out));
    }
    for dim in EVENT_ORDER.into_iter().filter(|dim| !data.event(*dim).dict.is_empty()) {
        column(Column::Event(dim).number(), &|out| write_event(data, &shared, dim, out));
    }
    if !data.engaged.is_empty() {
        column(Column::Engagement.number(), &|out| {
            write_engagement(data, out);
            0
        });
    }
    if !data.revenue.events.is_empty() {
        column(Column::Revenue.number(), &|out| write_revenue(data, &shared, out));
    }
    if !data.properties.is_empty() {
        column(Column::Properties.number(), &|out| write_properties(data, &shared, out));
    }
    // Readers refuse what becomes too much memory. Only made-up data are that regular.
    let padding = (memory(data, bodies.raw) / (EXPANSION / 2)).saturating_sub(bodies.bytes.len());
    if padding > 0 {
        let raw = vec![0; padding];
        bodies.entries.push(Entry {
            number: PADDING,
            codec: CODEC_NONE,
            needs: 0,
            raw: padding,
            stored: padding,
            checksum: checksum(&raw),
        });
        bodies.bytes.extend(raw);
    }
    let header =
        Header { bucket, counts: Counts::of(data), time_span: data.time_span(), entries: bodies.entries };
    let mut out = Vec::with_capacity(bodies.bytes.len() + 1024);
    header.write(&mut out);
    out.append(&mut bodies.bytes);
    Ok(out)
}

/// More than reading takes in all, copies on the way included. What a segment of any length may take is left
/// out: small ones need no padding.
fn memory(data: &Dataset, raw: usize) -> usize {
    let texts = data.visits.iter().chain(&data.events);
    let texts = texts.chain(data.properties.iter().map(|property| &property.values));
    let dicts: usize = texts.map(|texts| texts.dict.text_bytes() + texts.dict.len() * 64).sum();
    let properties: usize = data.properties.iter().map(|property| property.events.len() * 200 + 1024).sum();
    let all = raw * 2
        + dicts * 2
        + properties
        + data.visit_count() * 1_500
        + data.event_count() * 250
        + data.revenue.events.len() * 200;
    all.saturating_sub(super::BASE_BUDGET / 2)
}
