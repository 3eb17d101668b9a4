//! Compaction: turns the rows of closed hours into segments, hours into days, days into months.
//!
//! Every step may be repeated, interrupted anywhere and run twice at once: what is written is a function of the
//! events, and is written only in place of what it was built from (see [`crate::store::segments`]). A run plans for
//! one site ([`plan`]) and does one bucket at a time ([`build`]); the jobs of the queue are those two.

mod job;
pub mod plan;
pub mod verify;
mod write;

use analytics::{Bucket, Dataset, Shard, Span};

use crate::site::Site;
use crate::store::segments::{Guard, Sealed, Sealing, Written, set};
use crate::store::{Store, StoreError};
pub(crate) use job::enqueue;
pub use job::{Job, Worked, run_job, start};
use plan::{Due, State};
pub use write::Erased;
use write::Sources;

/// How often a bucket is built anew because something it is made of was replaced meanwhile.
const ATTEMPTS: u32 = 5;

/// How long segments of hours are kept, in days. They are read until their day is built and serve to build it again.
const HOUR_DAYS: u32 = 40;

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
        // What is built of rows, as far as all of them are there.
        let rows = range.start.max(plan::first_whole_day(site.rows_from(now)))..range.end;
        for (span, range) in [(Span::Hour, &rows), (Span::Day, &rows), (Span::Month, range)] {
            for sealed in store.sealed(&site.id, span, range).await? {
                done += build(store, site, sealed.bucket, true).await?;
            }
        }
    }
    // Hours, then days, then months, and once more for what was marked meanwhile.
    for _ in 0..4 {
        let due = due(store, site, range, now).await?.all();
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
) -> Result<Due, StoreError> {
    let whole = match (range.start, range.end) {
        (from, to) if from < to => Bucket::of(Span::Month, from).start()..to,
        _ => return Ok(Due::default()),
    };
    let marks = store.marks(&site.id, &(0..now)).await?;
    let months = store.sealed(&site.id, Span::Month, &whole).await?;
    let mut state = State {
        months: set(months.iter().map(|month| month.bucket)),
        marked: set(marks.into_iter().map(|mark| mark.hour)),
        since: site.since(),
        rows_from: plan::first_whole_day(site.rows_from(now)),
        ..State::default()
    };
    let lacking = Bucket::touching(Span::Month, whole).filter(|month| !state.months.contains(month));
    let lacking: Vec<Bucket> = lacking.collect();
    for run in lacking.chunk_by(|a, b| a.next() == *b) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let days = store.sealed(&site.id, Span::Day, &(first.start()..last.end())).await?;
        state.days.extend(days.iter().map(|day| day.bucket));
    }
    let open = Bucket::touching(Span::Day, range.clone()).filter(|day| !state.days.contains(day));
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
    let is_before = hour.start() < site.since();
    if is_before && !anew {
        // The mark is all that tells of it, so the day is built before the mark is taken away.
        built += build_of_parts(store, site, Bucket::of(Span::Day, hour.start()), Span::Hour, false).await?;
    }
    let rows = Sources { rows: store.parts_of_hour(site, hour).await?, ..Sources::default() };
    let larger = [Span::Day, Span::Month].map(|span| Bucket::of(span, hour.start()));
    let is_in_larger = {
        let [day, month] = larger;
        store.sealed_of(&site.id, day).await?.is_some() || store.sealed_of(&site.id, month).await?.is_some()
    };
    // A day that was built of rows has no hours, and a late event does not make it need one.
    if is_before && !anew && store.sealed_of(&site.id, larger[0]).await?.is_none() {
        return Err(StoreError::Unprocessed(1));
    }
    if current.is_some() || !is_in_larger {
        let sealing = sealing(site, hour, current.as_ref(), &[]);
        let segments = write::all(store, site, &sealing, &rows, rows.events(), anew, &mut built).await?;
        if seal(store, site, &sealing, segments, anew, &mut built).await?.is_none() {
            return Err(StoreError::Unprocessed(1));
        }
    }
    if anew {
        // What is made of it is built anew after all hours, and a mark stays until then.
        return Ok(built);
    }
    add_to(store, site, larger, &rows.rows, &mut built).await?;
    if let Some(mark) = mark {
        store.clear_mark(&site.id, &mark).await?;
        built.write_units += 2.0;
    }
    Ok(built)
}

/// Adds the rows of an hour to the day and the month that hold an older state of them, if they are there.
///
/// The month first: as long as the day lacks something, what it lacks tells which visitors of the month to look at. So
/// the month always holds what its days hold, whoever is killed in between; that no month has been built of the day
/// meanwhile is checked when the day is written.
async fn add_to(
    store: &Store,
    site: &Site,
    [day, month]: [Bucket; 2],
    rows: &[Dataset],
    built: &mut Built,
) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let of_month = store.sealed_of(&site.id, month).await?;
        let of_day = store.sealed_of(&site.id, day).await?;
        let mut touched = vec![Shard::ALL];
        let mut new_day = None;
        if of_day.is_some() {
            let sealing = sealing(site, day, of_day.as_ref(), &[]);
            let Some(added) = write::added(store, site, &sealing, rows, &touched, built).await? else {
                continue;
            };
            // A day that lacks nothing tells nothing of the month.
            touched = if added.changed.is_empty() { touched } else { added.changed };
            new_day = Some((sealing, added.segments));
        }
        let mut version = of_month.as_ref().map(|it| it.version);
        if of_month.is_some() {
            let sealing = sealing(site, month, of_month.as_ref(), &[]);
            let Some(added) = write::added(store, site, &sealing, rows, &touched, built).await? else {
                continue;
            };
            version = seal(store, site, &sealing, Some(added.segments), false, built).await?;
            if version.is_none() {
                continue;
            }
        }
        let Some((sealing, segments)) = new_day else { return Ok(()) };
        let guards = [Guard { bucket: month, version }];
        let sealing = Sealing { guards: &guards, ..sealing };
        if seal(store, site, &sealing, Some(segments), false, built).await?.is_some() {
            return Ok(());
        }
    }
    Err(StoreError::Unprocessed(1))
}

/// Takes visits out of a bucket, if they are in it. Whether it had to be written anew.
///
/// # Errors
/// [`StoreError`] when the store does not answer, or others replaced it again and again.
pub async fn strip(store: &Store, site: &Site, bucket: Bucket, erased: &Erased) -> Result<bool, StoreError> {
    let mut built = Built::default();
    for _ in 0..ATTEMPTS {
        let Some(current) = store.sealed_of(&site.id, bucket).await? else { return Ok(false) };
        // It is kept as long as it would have been.
        let sealing =
            Sealing { bucket, replaces: Some(&current), guards: &[], expires_at: current.expires_at };
        let Some(stripped) = write::stripped(store, site, &sealing, erased, &mut built).await? else {
            continue;
        };
        if seal(store, site, &sealing, Some(stripped.segments), false, &mut built).await?.is_some() {
            return Ok(built.written > 0);
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
        let parts: Vec<Bucket> = Bucket::touching(of, bucket.range()).collect();
        let own = |part: &Bucket| sealed.iter().find(|it| it.bucket == *part);
        let guards: Vec<Guard> = parts
            .iter()
            .map(|part| Guard { bucket: *part, version: own(part).map(|it| it.version) })
            .collect();
        let missing: Vec<Bucket> = parts.iter().copied().filter(|part| own(part).is_none()).collect();
        // A month is built of days that are all there, but for those before there was anything.
        if of == Span::Day && missing.iter().any(|day| day.start() >= site.since()) {
            return Ok(built);
        }
        let missing = if of == Span::Day { Vec::new() } else { missing };
        let Some(rows) = rows_of(store, site, &missing).await? else {
            // Too many to be held: hour by hour, then. Marks stay until the day is there.
            for hour in missing {
                let rows = Sources { rows: store.parts_of_hour(site, hour).await?, ..Sources::default() };
                let sealing = sealing(site, hour, None, &[]);
                let segments =
                    write::all(store, site, &sealing, &rows, rows.events(), anew, &mut built).await?;
                // Not written, another run was quicker.
                seal(store, site, &sealing, segments, anew, &mut built).await?;
            }
            continue;
        };
        let sources = Sources { rows, sealed, without: None };
        let sealing = sealing(site, bucket, current.as_ref(), &guards);
        let segments =
            write::all(store, site, &sealing, &sources, sources.events(), anew, &mut built).await?;
        if seal(store, site, &sealing, segments, anew, &mut built).await?.is_some() {
            return Ok(built);
        }
    }
    // Another run builds the same, or the next one does.
    Ok(built)
}

/// The rows of hours; `None` if they are more than can be held.
async fn rows_of(store: &Store, site: &Site, hours: &[Bucket]) -> Result<Option<Vec<Dataset>>, StoreError> {
    let mut rows = Vec::new();
    let mut events = 0;
    for run in hours.chunk_by(|a, b| a.next() == *b) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let most = store.limits.building - events;
        let Some(parts) = store.parts_of(site, first.start()..last.end(), most).await? else {
            return Ok(None);
        };
        events += parts.iter().map(Dataset::event_count).sum::<usize>() as u64;
        rows.extend(parts);
    }
    Ok(Some(rows))
}

fn sealing<'a>(
    site: &Site,
    bucket: Bucket,
    replaces: Option<&'a Sealed>,
    guards: &'a [Guard],
) -> Sealing<'a> {
    Sealing { bucket, replaces, guards, expires_at: expires_at(site, bucket) }
}

/// Makes segments the state of a bucket unless they are that already. The version of the state if they are now.
async fn seal(
    store: &Store,
    site: &Site,
    sealing: &Sealing<'_>,
    segments: Option<Vec<Written>>,
    anew: bool,
    built: &mut Built,
) -> Result<Option<u64>, StoreError> {
    let Some(segments) = segments else { return Ok(None) };
    let same = |old: &&Sealed| segments.iter().map(Written::hash).eq(old.segments().map(|it| it.hash()));
    if let Some(old) = sealing.replaces.filter(same).filter(|_| !anew) {
        return Ok(Some(old.version));
    }
    let sealed = store.seal(&site.id, sealing, segments, &mut built.write_units).await?;
    if let Some(sealed) = &sealed {
        built.written += 1;
        built.events += sealed.manifest.events;
        built.bytes += sealed.bytes();
    }
    Ok(sealed.map(|sealed| sealed.version))
}

/// When a segment may be deleted, Unix seconds: days as long as the site keeps segments, months with their first day, after which what is
/// left of them is read from days.
fn expires_at(site: &Site, bucket: Bucket) -> u64 {
    let kept = |days: u32| u64::from(days) * DAY_S;
    match bucket.span() {
        Span::Hour => bucket.end() / 1_000 + kept(site.retention_days.min(HOUR_DAYS)),
        Span::Day => bucket.end() / 1_000 + kept(site.segment_days()),
        Span::Month => bucket.start() / 1_000 + kept(site.segment_days()),
    }
}
