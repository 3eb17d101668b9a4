//! A model of the store: raw rows, segments, what is out of date, and jobs that may die half-way.
//!
//! It keeps the promises the real store makes and no others: a row put twice is one row, a segment is replaced
//! whole or not at all, and a job may be overtaken by events or by another job for the same bucket.

use std::collections::BTreeMap;

use analytics::{Bucket, Builder, Columns, Dataset, Span, merge, segment};
use proptest::prelude::*;
use protocol::EventId;

use crate::history::Event;

/// One thing that happens to the store.
#[derive(Debug, Clone)]
pub(crate) enum Move {
    /// Events arrive for the first time: so many, from a place among those that did not arrive yet. Anything but 0
    /// lets later ones overtake.
    Arrive { count: u8, from: u8 },
    /// Events that arrived arrive again.
    Again { count: u8, from: u8 },
    /// A job for a bucket reads what it needs and makes the segment: of the rows, or of the segments of shorter
    /// buckets where they are up to date.
    Begin { span: Span, bucket: u8, of_segments: bool },
    /// A job that began ends: the segment is put. If it is overtaken, the segment is out of date from the start.
    End { job: u8 },
    /// A job that began is never heard of again.
    Die { job: u8 },
    /// Segments of shorter buckets within one that is up to date go, up to so many: a job may die on the way.
    Tidy { count: u8 },
    /// Somebody asks.
    Ask { what: u8 },
}

pub(crate) fn moves() -> impl Strategy<Value = Vec<Move>> {
    let from = || prop_oneof![3 => Just(0), 1 => 0..8_u8];
    let span = prop_oneof![Just(Span::Hour), Just(Span::Day), Just(Span::Month)];
    let one = prop_oneof![
        4 => (1..8_u8, from()).prop_map(|(count, from)| Move::Arrive { count, from }),
        1 => (1..4_u8, any::<u8>()).prop_map(|(count, from)| Move::Again { count, from }),
        4 => (span, any::<u8>(), any::<bool>())
            .prop_map(|(span, bucket, of_segments)| Move::Begin { span, bucket, of_segments }),
        4 => any::<u8>().prop_map(|job| Move::End { job }),
        1 => any::<u8>().prop_map(|job| Move::Die { job }),
        1 => (0..4_u8).prop_map(|count| Move::Tidy { count }),
        1 => any::<u8>().prop_map(|what| Move::Ask { what }),
    ];
    prop::collection::vec(one, 0..20)
}

struct Segment {
    bytes: Vec<u8>,
    /// How many rows had arrived when the job read them.
    read_at: usize,
}

struct Job {
    bucket: Bucket,
    segment: Segment,
}

/// The store of one site.
#[derive(Default)]
pub(crate) struct Store<'a> {
    rows: BTreeMap<EventId, &'a Event>,
    /// For each hour with rows, how many rows of all hours had arrived when the last of it did.
    hours: BTreeMap<Bucket, usize>,
    segments: BTreeMap<Bucket, Segment>,
    jobs: Vec<Job>,
}

impl<'a> Store<'a> {
    /// The distinct events that arrived.
    pub(crate) fn events(&self) -> Vec<&'a Event> {
        self.rows.values().copied().collect()
    }

    pub(crate) fn arrive(&mut self, event: &'a Event) {
        if self.rows.insert(event.id, event).is_none() {
            // Only a new row makes segments out of date: a repetition changes nothing.
            self.hours.insert(Bucket::of(Span::Hour, event.at), self.rows.len());
        }
    }

    /// Does anything but asking; arrivals take from `waiting`.
    pub(crate) fn make(&mut self, one: &Move, waiting: &mut Vec<&'a Event>) {
        match *one {
            Move::Arrive { count, from } => {
                let from = usize::from(from).min(waiting.len());
                let to = (from + usize::from(count)).min(waiting.len());
                for event in waiting.drain(from..to) {
                    self.arrive(event);
                }
            }
            Move::Again { count, from } => {
                let events = self.events();
                for event in
                    events.iter().cycle().skip(from.into()).take(usize::from(count).min(events.len()))
                {
                    self.arrive(event);
                }
            }
            Move::Begin { span, bucket, of_segments } => {
                let buckets: Vec<Bucket> =
                    self.hours.keys().map(|hour| Bucket::of(span, hour.start())).collect();
                if let Some(bucket) = choose(&buckets, bucket) {
                    let bytes = self.build(bucket, of_segments);
                    self.jobs.push(Job { bucket, segment: Segment { bytes, read_at: self.rows.len() } });
                }
            }
            Move::End { job } => {
                if let Some(Job { bucket, segment }) = self.take_job(job) {
                    let old = self.segments.get(&bucket);
                    if old.is_none_or(|old| old.read_at <= segment.read_at) {
                        self.segments.insert(bucket, segment);
                    }
                }
            }
            Move::Die { job } => drop(self.take_job(job)),
            Move::Tidy { count } => {
                let covered: Vec<Bucket> =
                    self.segments.keys().copied().filter(|b| self.is_covered(*b)).collect();
                for bucket in covered.into_iter().take(count.into()) {
                    self.segments.remove(&bucket);
                }
            }
            Move::Ask { .. } => {}
        }
    }

    fn take_job(&mut self, job: u8) -> Option<Job> {
        let place = usize::from(job).checked_rem(self.jobs.len())?;
        Some(self.jobs.swap_remove(place))
    }

    fn is_covered(&self, bucket: Bucket) -> bool {
        [Span::Day, Span::Month]
            .into_iter()
            .any(|span| span > bucket.span() && self.is_up_to_date(Bucket::of(span, bucket.start())))
    }

    fn is_up_to_date(&self, bucket: Bucket) -> bool {
        self.segments.get(&bucket).is_some_and(|segment| {
            // Hours sort by their start.
            let hours = self.hours.iter().filter(|(hour, _)| bucket.range().contains(&hour.start()));
            hours.map(|(_, last)| *last).all(|last| last <= segment.read_at)
        })
    }

    fn build(&self, bucket: Bucket, of_segments: bool) -> Vec<u8> {
        let data = match of_segments {
            true => join(&self.read_within(bucket, Columns::ALL)),
            false => self.rows_of(bucket),
        };
        segment::write(&data, bucket).unwrap()
    }

    fn rows_of(&self, bucket: Bucket) -> Dataset {
        build(self.rows.values().copied().filter(|event| bucket.range().contains(&event.at)))
    }

    /// What answers for a bucket: the longest segments within it that are up to date, and rows for the rest.
    fn read_within(&self, bucket: Bucket, columns: Columns) -> Vec<Dataset> {
        let shorter = match bucket.span() {
            Span::Month => Span::Day,
            Span::Day => Span::Hour,
            Span::Hour => return vec![self.rows_of(bucket)],
        };
        let parts = Bucket::touching(shorter, bucket.range());
        let parts = parts.filter(|part| self.hours.keys().any(|hour| part.range().contains(&hour.start())));
        parts.flat_map(|part| self.read(part, columns)).collect()
    }

    fn read(&self, bucket: Bucket, columns: Columns) -> Vec<Dataset> {
        match self.segments.get(&bucket) {
            Some(segment) if self.is_up_to_date(bucket) => {
                vec![segment::read(&segment.bytes, columns).unwrap()]
            }
            _ => self.read_within(bucket, columns),
        }
    }

    /// The parts a query over everything runs over: segments with the columns wanted, and the tail of rows.
    pub(crate) fn parts(&self, columns: Columns) -> Vec<Dataset> {
        let mut months: Vec<Bucket> =
            self.hours.keys().map(|hour| Bucket::of(Span::Month, hour.start())).collect();
        months.dedup();
        months.into_iter().flat_map(|month| self.read(month, columns)).collect()
    }

    /// The segments there are, up to date or not.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (Bucket, &[u8])> {
        self.segments.iter().map(|(bucket, segment)| (*bucket, &*segment.bytes))
    }
}

fn choose<T: Copy>(list: &[T], place: u8) -> Option<T> {
    list.get(usize::from(place).checked_rem(list.len())?).copied()
}

pub(crate) fn build<'a>(events: impl IntoIterator<Item = &'a Event>) -> Dataset {
    let mut builder = Builder::default();
    for event in events {
        event.push_to(&mut builder);
    }
    builder.finish()
}

pub(crate) fn join(parts: &[Dataset]) -> Dataset {
    merge(&parts.iter().collect::<Vec<_>>())
}
