//! Compaction: turns the rows of closed hours into segments, hours into days, days into months.
//!
//! Every step may be repeated, interrupted anywhere and run twice at once: what is written is a function of the
//! events, and is written only in place of what it was built from (see [`crate::store::segments`]). A run plans for
//! one site ([`plan`]) and does one bucket at a time ([`build`]); the jobs of the queue are those two.

mod job;
pub mod plan;
pub mod verify;

use analytics::segment::{self, ContentHash};
use analytics::{Bucket, Columns, Dataset, Span};

use crate::site::Site;
use crate::store::segments::{Guard, Sealed, Sealing, set};
use crate::store::{Store, StoreError};
pub use job::{Job, Worked, run_job, start};
use plan::State;

/// How often a bucket is built anew because something it is made of was replaced meanwhile.
const ATTEMPTS: u32 = 5;

/// How long segments of hours are kept, in days. They are read until their day is built and serve to build it again.
const HOUR_DAYS: u64 = 40;

const DAY_S: u64 = 24 * 60 * 60;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Built {
    /// Segments that were written; one that is as it should be is not written again.
    pub written: u32,
    /// Their events.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Write units it cost.
    pub write_units: f64,
}

impl std::ops::AddAssign for Built {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.events += other.events;
        self.bytes += other.bytes;
        self.write_units += other.write_units;
    }
}

/// Builds all that is due in a range, level after level; `anew` first builds what is there once more.
///
/// # Errors
/// [`StoreError`] when the store does not answer; what was built stays.
pub async fn run(
    store: &Store,
    site: &Site,
    range: &std::ops::Range<u64>,
    now: u64,
    anew: bool,
) -> Result<Built, StoreError> {
    let mut done = Built::default();
    if anew {
        for span in [Span::Hour, Span::Day, Span::Month] {
            for sealed in store.sealed(&site.id, span, range).await? {
                done += build(store, site, sealed.bucket, true).await?;
            }
        }
    }
    // Hours, then days, then months, and once more for what was marked meanwhile.
    for _ in 0..4 {
        let due = due(store, site, range, now).await?;
        if due.is_empty() {
            break;
        }
        for bucket in due {
            done += build(store, site, bucket, false).await?;
        }
    }
    Ok(done)
}

/// What is due for a site in a range.
///
/// # Errors
/// [`StoreError`] when the store does not answer.
pub async fn due(
    store: &Store,
    site: &Site,
    range: &std::ops::Range<u64>,
    now: u64,
) -> Result<Vec<Bucket>, StoreError> {
    let whole = match (range.start, range.end) {
        (from, to) if from < to => Bucket::of(Span::Month, from).start()..to,
        _ => return Ok(Vec::new()),
    };
    let marks = store.marks(&site.id, &(0..now)).await?;
    let days = store.sealed(&site.id, Span::Day, &whole).await?;
    let months = store.sealed(&site.id, Span::Month, &whole).await?;
    let mut state = State {
        months: set(months.iter().map(|month| month.bucket)),
        marked: set(marks.into_iter().map(|mark| mark.hour)),
        ..State::default()
    };
    state.days.extend(days.iter().map(|day| (day.bucket, day.manifest.events)));
    let open = Bucket::touching(Span::Day, range.clone()).filter(|day| !state.days.contains_key(day));
    // Of days long past hours are not asked for.
    let recent = range.start.max(now.saturating_sub(3 * DAY_S * 1_000));
    let open: Vec<Bucket> = open.filter(|day| day.end() > recent).collect();
    if let (Some(first), Some(last)) = (open.first(), open.last()) {
        let hours = store.sealed(&site.id, Span::Hour, &(first.start()..last.end())).await?;
        state.hours = set(hours.into_iter().map(|hour| hour.bucket));
    }
    Ok(plan::due(&state, range, now))
}

/// Builds one bucket, if it is not there or it is an hour that is marked. `anew` builds and writes it even so: for
/// segments that are damaged, hours before what is made of them.
///
/// # Errors
/// [`StoreError`] when the store does not answer.
pub async fn build(store: &Store, site: &Site, bucket: Bucket, anew: bool) -> Result<Built, StoreError> {
    match bucket.span() {
        Span::Hour => build_hour(store, site, bucket, anew).await,
        Span::Day => build_of_parts(store, site, bucket, Span::Hour, anew).await,
        Span::Month => build_of_parts(store, site, bucket, Span::Day, anew).await,
    }
}

async fn build_hour(store: &Store, site: &Site, hour: Bucket, anew: bool) -> Result<Built, StoreError> {
    let mut built = Built::default();
    // Before the rows: what is stored after this leaves another mark.
    let mark = store.marks(&site.id, &hour.range()).await?.pop();
    let current = store.sealed_of(&site.id, hour).await?;
    if current.is_some() && mark.is_none() && !anew {
        return Ok(built);
    }
    let rows = store.rows_of_hour(site, hour).await?;
    let larger = [Span::Day, Span::Month].map(|span| Bucket::of(span, hour.start()));
    let is_in_larger = {
        let [day, month] = larger;
        store.sealed_of(&site.id, day).await?.is_some() || store.sealed_of(&site.id, month).await?.is_some()
    };
    // A day that was built of rows has no hours, and a late event does not make it need one.
    if current.is_some() || !is_in_larger {
        let sealing = Sealing { replaces: current.as_ref(), ..Sealing::new(hour) };
        if !seal(store, site, sealing, &rows, anew, &mut built).await? {
            return Err(StoreError::Unprocessed(1));
        }
    }
    if anew {
        // What is made of it is built anew after all hours, and a mark stays until then.
        return Ok(built);
    }
    for bucket in larger {
        add_to(store, site, bucket, &rows, &mut built).await?;
    }
    if let Some(mark) = mark {
        store.clear_mark(&site.id, &mark).await?;
        built.write_units += 2.0;
    }
    Ok(built)
}

/// Adds the rows of an hour to a segment that holds an older state of them, if it is there.
async fn add_to(
    store: &Store,
    site: &Site,
    bucket: Bucket,
    rows: &Dataset,
    built: &mut Built,
) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let Some(sealed) = store.sealed_of(&site.id, bucket).await? else { return Ok(()) };
        let Some(old) = read(store, site, &sealed).await? else { continue };
        let data = analytics::merge(&[&old, rows]);
        let sealing = Sealing { replaces: Some(&sealed), ..Sealing::new(bucket) };
        if seal(store, site, sealing, &data, false, built).await? {
            return Ok(());
        }
    }
    Err(StoreError::Unprocessed(1))
}

async fn build_of_parts(
    store: &Store,
    site: &Site,
    bucket: Bucket,
    of: Span,
    anew: bool,
) -> Result<Built, StoreError> {
    let mut built = Built::default();
    for _ in 0..ATTEMPTS {
        let current = store.sealed_of(&site.id, bucket).await?;
        if current.is_some() && !anew {
            return Ok(built);
        }
        let sealed = store.sealed(&site.id, of, &bucket.range()).await?;
        let mut parts = Vec::new();
        let mut guards = Vec::new();
        let mut is_current = true;
        for part in Bucket::touching(of, bucket.range()) {
            let own = sealed.iter().find(|it| it.bucket == part);
            guards.push(Guard { bucket: part, version: own.map(|it| it.version) });
            match own {
                Some(own) if own.manifest.events == 0 => {}
                Some(own) => match read(store, site, own).await? {
                    Some(data) => parts.push(data),
                    None => is_current = false,
                },
                None if of == Span::Hour => parts.push(store.rows_of_hour(site, part).await?),
                // A month is built of days that are all there.
                None => return Ok(built),
            }
        }
        if !is_current {
            continue;
        }
        let data = analytics::merge(&parts.iter().collect::<Vec<_>>());
        drop(parts);
        let sealing = Sealing { replaces: current.as_ref(), guards: &guards, ..Sealing::new(bucket) };
        if seal(store, site, sealing, &data, anew, &mut built).await? {
            return Ok(built);
        }
    }
    // Another run builds the same, or the next one does.
    Ok(built)
}

/// The events of a segment; `None` if it was replaced meanwhile.
async fn read(store: &Store, site: &Site, sealed: &Sealed) -> Result<Option<Dataset>, StoreError> {
    let Ok(bytes) = store.segment_bytes(&site.id, &[sealed]).await? else {
        return match store.sealed_of(&site.id, sealed.bucket).await? {
            // It is the current one, and pieces of it are missing.
            Some(now) if now == *sealed => Err(StoreError::Damaged {
                bucket: sealed.bucket.to_string(),
                cause: segment::SegmentError::Length,
            }),
            _ => Ok(None),
        };
    };
    let bytes = bytes.into_iter().next().unwrap_or_default();
    let data = segment::read(&bytes, Columns::ALL);
    data.map(Some).map_err(|cause| StoreError::Damaged { bucket: sealed.bucket.to_string(), cause })
}

/// Writes the segment of a data set unless it is there already. Whether it is there now.
async fn seal(
    store: &Store,
    site: &Site,
    sealing: Sealing<'_>,
    data: &Dataset,
    anew: bool,
    built: &mut Built,
) -> Result<bool, StoreError> {
    let bytes = segment::write(data, sealing.bucket)
        .map_err(|cause| StoreError::Damaged { bucket: sealing.bucket.to_string(), cause })?;
    if !anew && sealing.replaces.is_some_and(|old| old.hash() == ContentHash::of(&bytes)) {
        return Ok(true);
    }
    let sealing = Sealing { bytes: &bytes, expires_at: expires_at(site, sealing.bucket), ..sealing };
    let sealed = store.seal(&site.id, sealing, &mut built.write_units).await?;
    if let Some(sealed) = &sealed {
        built.written += 1;
        built.events += sealed.manifest.events;
        built.bytes += sealed.bytes();
    }
    Ok(sealed.is_some())
}

/// When a segment may be deleted, Unix seconds: days as their rows, months with their first day, after which what is
/// left of them is read from days.
fn expires_at(site: &Site, bucket: Bucket) -> u64 {
    let retention = u64::from(site.retention_days) * DAY_S;
    match bucket.span() {
        Span::Hour => bucket.end() / 1_000 + retention.min(HOUR_DAYS * DAY_S),
        Span::Day => bucket.end() / 1_000 + retention,
        Span::Month => bucket.start() / 1_000 + retention,
    }
}
