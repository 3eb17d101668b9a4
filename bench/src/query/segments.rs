//! What events weigh as segments, and how fast they are written and read.

use std::collections::BTreeMap;

use analytics::{Bucket, Builder, Columns, Dataset, Span, segment};
use anyhow::{Context, Result};

use super::clock::median_ms;
use super::data;
use crate::figures::Figures;

/// Segments of a month with their buckets.
pub(crate) type Segments = BTreeMap<Bucket, Vec<u8>>;

/// Builds the segments of a month, of hours, days or the month as a whole.
pub(crate) fn build(events: usize, span: Span) -> Result<Segments> {
    let mut builders: BTreeMap<Bucket, Builder> = BTreeMap::new();
    let mut failure = None;
    data::generate(events, &mut |row| {
        let builder = builders.entry(Bucket::of(span, row.at)).or_default();
        if let Err(error) = builder.push(row) {
            failure = Some(error);
        }
    });
    match failure {
        Some(error) => Err(error.into()),
        None => builders
            .into_iter()
            .map(|(bucket, b)| Ok((bucket, segment::write(&b.finish(), bucket)?)))
            .collect(),
    }
}

/// All events of the size as one data set.
pub(super) fn dataset(events: usize) -> Result<Dataset> {
    let mut builder = Builder::default();
    let mut failure = None;
    data::generate(events, &mut |row| {
        if let Err(error) = builder.push(row) {
            failure = Some(error);
        }
    });
    failure.map_or_else(|| Ok(builder.finish()), |error| Err(error.into()))
}

pub(super) fn read(bytes: &[u8], columns: Columns) -> Result<Dataset> {
    segment::read(bytes, columns).context("a segment that was just written cannot be read")
}

pub(super) fn bytes(segments: &Segments) -> f64 {
    segments.values().map(Vec::len).sum::<usize>() as f64
}

/// How many events the segments hold.
pub(super) fn events(segments: &Segments) -> Result<usize> {
    segments.values().map(|bytes| Ok(segment::inspect(bytes)?.events)).sum()
}

/// Writing and reading of a month of that data set.
pub(super) fn speed(figures: &mut Figures, data: &Dataset, runs: usize) -> Result<()> {
    let bucket = Bucket::of(Span::Month, data::START);
    let events = data.event_count() as f64;
    let written = segment::write(data, bucket)?;
    anyhow::ensure!(
        read(&written, Columns::ALL)? == *data,
        "a segment reads as something else than was written"
    );
    let encode = median_ms(runs, || segment::write(data, bucket));
    let decode = median_ms(runs, || segment::read(&written, Columns::ALL));
    // Millions of events a second are thousands a millisecond.
    figures.add("segment.encode.native.mev_per_s", events / encode / 1_000.0, "million events/s");
    figures.add("segment.decode.native.mev_per_s", events / decode / 1_000.0, "million events/s");
    figures.add("segment.all_columns.resident_bytes_per_event", data.heap_bytes() as f64 / events, "bytes");
    let projected = median_ms(runs, || segment::read(&written, super::scenario::wanted()));
    figures.add("segment.decode_overview.native.mev_per_s", events / projected / 1_000.0, "million events/s");
    for (number, stored, raw) in segment::sizes(&written)? {
        println!(
            "  column {number:>2}  {:>7.3} bytes an event, {:>7.3} before LZ4",
            stored as f64 / events,
            raw as f64 / events
        );
    }
    Ok(())
}
