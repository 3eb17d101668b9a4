//! Where what was read goes: it is checked, stored, and built into segments at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use analytics::{Bucket, Span};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use protocol::limits::MAX_FUTURE_MS;
use protocol::{Batch, Event};
use serde_json::{Map, Value};

use super::ImportError;
use crate::compact;
use crate::ingest::{Ingest, Rules, Visit};
use crate::site::Site;
use crate::store::Store;
use crate::store::import::RawEvent;

/// Visits that are stored at once.
const AT_ONCE: usize = 8;

/// Visits, or events of our own files, that are gathered before they are stored.
const GATHERED: usize = 400;

/// Events of a batch: DynamoDB takes 25 rows a call, of which one may be a mark.
const EVENTS_A_BATCH: usize = 20;

/// Lines that are told of each reason.
const MAX_LINES: usize = 20;

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines or rows that were read.
    pub read: u64,
    /// Events by day (UTC) and kind.
    pub days: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// Events that were stored, or would be.
    pub events: u64,
    /// What was refused, by reason: how often, and the first lines.
    pub refused: BTreeMap<String, (u64, Vec<String>)>,
    /// What whoever imports should know.
    pub notes: BTreeSet<String>,
    /// Segments that were written.
    pub segments: u32,
}

impl Summary {
    /// How many lines were refused.
    pub fn refused_count(&self) -> u64 {
        self.refused.values().map(|(count, _)| count).sum()
    }
}

/// Takes what was read.
pub struct Sink<'a> {
    store: &'a Store,
    pub(super) site: &'a Site,
    now: u64,
    is_dry: bool,
    told: &'a mut dyn FnMut(&Summary),
    rules: Rules,
    batches: Vec<(Batch, Visit)>,
    raw: Vec<RawEvent>,
    days: BTreeSet<Bucket>,
    pub(super) summary: Summary,
}

/// As [`Sink::estimated`].
pub(super) async fn note_estimated(
    store: &Store,
    site: &str,
    ranges: &[(u64, u64)],
) -> Result<(), ImportError> {
    let operation = || format!("{:032x}", fastrand::u128(..));
    if store.accounts().note_estimated(site, ranges, &operation).await? {
        return Ok(());
    }
    Err(ImportError::Files("the site is not in the store, or is being changed: import once more".into()))
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        store: &'a Store,
        site: &'a Site,
        now: u64,
        is_dry: bool,
        told: &'a mut dyn FnMut(&Summary),
    ) -> Self {
        let rules = Rules::from(site);
        let (batches, raw) = (Vec::new(), Vec::new());
        let (days, summary) = (BTreeSet::new(), Summary::default());
        Self { store, site, now, is_dry, told, rules, batches, raw, days, summary }
    }

    /// The times of which events are kept.
    pub(super) fn kept(&self) -> Range<u64> {
        self.site.rows_from(self.now)..self.now + MAX_FUTURE_MS
    }

    /// Notes that a line is not taken.
    pub(super) fn refuse(&mut self, file: &Path, line: u64, reason: &str) {
        let (count, lines) = self.summary.refused.entry(reason.to_owned()).or_default();
        *count += 1;
        if lines.len() < MAX_LINES {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            lines.push(format!("{name}:{line}"));
        }
    }

    pub(super) fn note(&mut self, note: &str) {
        self.summary.notes.insert(note.to_owned());
    }

    /// Notes at the site that the visits of these ranges are made up: before anything of them is stored, and isolates
    /// believe what they know of a site for a minute.
    pub(super) async fn estimated(&mut self, ranges: &[(u64, u64)]) -> Result<(), ImportError> {
        if self.is_dry || ranges.is_empty() {
            return Ok(());
        }
        note_estimated(self.store, self.site.id.as_str(), ranges).await
    }

    fn count(&mut self, at: u64, kind: &'static str) {
        let day = Bucket::of(Span::Day, at);
        self.days.insert(day);
        *self.summary.days.entry(day.to_string()).or_default().entry(kind).or_default() += 1;
        self.summary.events += 1;
    }

    /// Takes a visit, all events of which are kept.
    pub(super) async fn visit(&mut self, mut batch: Batch, visit: Visit) -> Result<(), ImportError> {
        for Event { at, kind, .. } in &batch.events {
            self.count(*at, kind.type_name());
        }
        let events = std::mem::take(&mut batch.events);
        let parts =
            events.chunks(EVENTS_A_BATCH).map(|part| Batch { events: part.to_vec(), ..batch.clone() });
        self.batches.extend(parts.map(|part| (part, visit.clone())));
        if self.batches.len() >= GATHERED { self.flush().await } else { Ok(()) }
    }

    /// Takes an event of our own export; what is wrong with it.
    pub(super) async fn raw(
        &mut self,
        fields: &Map<String, Value>,
    ) -> Result<Result<(), &'static str>, ImportError> {
        let event = match RawEvent::read(self.site, fields) {
            Ok(event) => event,
            Err(reason) => return Ok(Err(reason)),
        };
        if !self.kept().contains(&event.at()) {
            return Ok(Err("older than the site's retention, or of the future"));
        }
        self.count(event.at(), event.kind());
        self.raw.push(event);
        if self.raw.len() >= GATHERED {
            self.flush().await?;
        }
        Ok(Ok(()))
    }

    async fn flush(&mut self) -> Result<(), ImportError> {
        (self.told)(&self.summary);
        let (batches, raw) = (std::mem::take(&mut self.batches), std::mem::take(&mut self.raw));
        if self.is_dry {
            return Ok(());
        }
        let (store, rules) = (self.store, &self.rules);
        store.write_raw(self.site, raw).await?;
        stream::iter(batches)
            .map(|(batch, visit)| async move {
                store.write(&Ingest::new(&batch, &visit, rules, None)).await.map(drop)
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        Ok(())
    }

    /// Stores what is left, and builds the segments of all days that something came to.
    pub(super) async fn finish(mut self) -> Result<Summary, ImportError> {
        self.flush().await?;
        if self.is_dry {
            return Ok(self.summary);
        }
        for day in std::mem::take(&mut self.days) {
            let written = self.build(day).await?;
            self.summary.segments += written;
            (self.told)(&self.summary);
        }
        Ok(self.summary)
    }

    /// Builds a day out of its rows if it has no segment yet; the marks that its events have left are of no use then.
    /// One that has a segment gets what came hour by hour, as any late event does.
    async fn build(&self, day: Bucket) -> Result<u32, ImportError> {
        let (store, site) = (self.store, self.site);
        let month = Bucket::of(Span::Month, day.start());
        // Before the rows: what is stored after this leaves another mark.
        let marks = store.marks(&site.id, &day.range()).await?;
        let is_built = store.sealed_of(&site.id, day).await?.is_some()
            || store.sealed_of(&site.id, month).await?.is_some();
        let mut written = 0;
        if is_built {
            for mark in marks {
                written += compact::build(store, site, mark.hour, false).await?.written;
            }
        } else if compact::plan::is_closed(day, self.now) {
            written += compact::build(store, site, day, false).await?.written;
            // A month may have been built without the day a moment ago; from now on none is.
            let is_whole = store.sealed_of(&site.id, day).await?.is_some()
                && store.sealed_of(&site.id, month).await?.is_none();
            for mark in marks {
                if is_whole {
                    store.clear_mark(&site.id, &mark).await?;
                } else {
                    written += compact::build(store, site, mark.hour, false).await?.written;
                }
            }
        }
        Ok(written)
    }
}
