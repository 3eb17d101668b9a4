//! The columns every segment has: who, when, what and on which page.

use super::SegmentError;
use super::bits::{Input, put_varint, unzigzag, zigzag};
use super::ints;
use crate::codes::Codes;
use crate::dataset::{Dataset, range};
use crate::row::{Kind, MAX_TIME_MS};

const KINDS: usize = Kind::ALL.len();

/// From so many events on, times are told apart by the kind of the event before as well: below, the tables
/// would be longer than what they save.
const PAIRS_FROM: usize = 4096;

/// What all columns of a segment are read against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) visits: usize,
    pub(super) events: usize,
    pub(super) pages: usize,
    pub(super) heartbeats: usize,
}

impl Counts {
    pub(super) fn of(data: &Dataset) -> Self {
        Self {
            visits: data.visit_count(),
            events: data.event_count(),
            pages: data.page_count(),
            heartbeats: data.engaged.len(),
        }
    }
}

/// Appends users, starts and numbers of events.
pub(super) fn write_visits(data: &Dataset, out: &mut Vec<u8>) {
    let (mut users, mut visits, mut firsts, mut gaps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut last = 0;
    let low = data.starts.iter().copied().min().unwrap_or(0);
    let pairs: Vec<(u64, u64)> = data.users.iter().copied().zip(data.starts.iter().copied()).collect();
    for of_user in pairs.chunk_by(|a, b| a.0 == b.0) {
        let Some((user, start)) = of_user.first().copied() else { continue };
        users.push(user.wrapping_sub(last));
        last = user;
        visits.push(of_user.len() as u64 - 1);
        firsts.push(start - low);
        gaps.extend(of_user.windows(2).map(|pair| pair[1].1 - pair[0].1));
    }
    put_varint(out, users.len() as u64);
    put_varint(out, low);
    ints::write(&users, out);
    ints::write(&visits, out);
    ints::write(&firsts, out);
    ints::write(&gaps, out);
    let events: Vec<u64> = data.first_event.windows(2).map(|pair| u64::from(pair[1] - pair[0]) - 1).collect();
    ints::write(&events, out);
}

/// Reads users, starts and numbers of events.
pub(super) fn read_visits(
    input: &mut Input<'_>,
    counts: &Counts,
    data: &mut Dataset,
) -> Result<(), SegmentError> {
    let users = input.count()?;
    if users > counts.visits {
        return Err(SegmentError::Value);
    }
    let low = input.varint()?;
    let hashes: Vec<u64> = ints::read(input, users, u64::MAX)?;
    let more: Vec<u32> = ints::read(input, users, u32::MAX.into())?;
    let firsts: Vec<u64> = ints::read(input, users, MAX_TIME_MS)?;
    let mut gaps = ints::read::<u64>(input, counts.visits - users, MAX_TIME_MS)?.into_iter();
    input.charge(counts.visits, 8 + 8 + 4)?;
    data.users.reserve_exact(counts.visits);
    data.starts.reserve_exact(counts.visits);
    let mut last: Option<u64> = None;
    for ((hash, more), first) in hashes.into_iter().zip(more).zip(firsts) {
        let user = last.map_or(Some(hash), |last| last.checked_add(hash).filter(|_| hash > 0));
        let user = user.ok_or(SegmentError::Value)?;
        last = Some(user);
        let mut start = low.saturating_add(first);
        data.users.push(user);
        data.starts.push(start);
        for _ in 0..more {
            let gap = gaps.next().filter(|gap| *gap > 0).ok_or(SegmentError::Value)?;
            start = start.saturating_add(gap);
            data.users.push(user);
            data.starts.push(start);
        }
        if start > MAX_TIME_MS {
            return Err(SegmentError::Value);
        }
    }
    if data.users.len() != counts.visits {
        return Err(SegmentError::Value);
    }
    let events: Vec<u32> = ints::read(input, counts.visits, u32::MAX.into())?;
    data.first_event = ends(events.into_iter().map(|more| u64::from(more) + 1), counts.events)?;
    Ok(())
}

/// Where runs of given lengths begin; `total` has to be their sum.
fn ends(lengths: impl ExactSizeIterator<Item = u64>, total: usize) -> Result<Vec<u32>, SegmentError> {
    let mut firsts = Vec::with_capacity(lengths.len() + 1);
    firsts.push(0);
    let mut end = 0_u64;
    for length in lengths {
        end += length;
        firsts.push(u32::try_from(end).map_err(|_| SegmentError::Value)?);
    }
    if end == total as u64 { Ok(firsts) } else { Err(SegmentError::Value) }
}

/// The page an event is on as far as one can tell from those before it in the visit.
struct PageGuess {
    current: u32,
    viewed: bool,
}

impl PageGuess {
    fn new() -> Self {
        Self { current: 0, viewed: false }
    }

    fn guess(&self, kind: Kind) -> u32 {
        if kind == Kind::PageView && self.viewed { self.current.saturating_add(1) } else { self.current }
    }

    fn see(&mut self, kind: Kind, page: u32) {
        self.current = page;
        self.viewed |= kind == Kind::PageView;
    }
}

/// Appends kinds, times and pages of events.
pub(super) fn write_events(data: &Dataset, out: &mut Vec<u8>) {
    let is_paired = data.event_count() >= PAIRS_FROM;
    let mut kinds: [Vec<u64>; KINDS + 1] = Default::default();
    let mut firsts = Vec::new();
    let mut gaps = vec![Vec::new(); KINDS * KINDS];
    let (mut ordinals, mut page_starts) = (Vec::new(), Vec::new());
    for visit in 0..data.visit_count() {
        let pages = data.pages_of(visit);
        let mut opened: Vec<Option<i32>> = vec![None; pages.len()];
        let (mut before, mut guess) = (None, PageGuess::new());
        for event in data.events_of(visit) {
            let (kind, at, page) = (data.kinds[event], data.at[event], data.pages.get(event));
            kinds[before.map_or(KINDS, |(kind, _)| kind as usize)].push(kind as u64);
            match before {
                None => firsts.push(zigzag(at.into())),
                Some((last_kind, last)) => {
                    gaps[slot(is_paired, last_kind, kind)]
                        .push((i64::from(at) - i64::from(last)).cast_unsigned());
                }
            }
            before = Some((kind, at));
            ordinals.push(zigzag(i64::from(page) - i64::from(guess.guess(kind))));
            guess.see(kind, page);
            if let Some(opened) = opened.get_mut(page as usize) {
                opened.get_or_insert(at);
            }
        }
        for (start, at) in data.page_starts[pages].iter().zip(opened) {
            page_starts.push(zigzag(i64::from(at.unwrap_or(0)) - i64::from(*start)));
        }
    }
    out.push(u8::from(is_paired));
    for kinds in &kinds {
        put_varint(out, kinds.len() as u64);
        ints::write(kinds, out);
    }
    ints::write(&firsts, out);
    for gaps in &gaps {
        put_varint(out, gaps.len() as u64);
        ints::write(gaps, out);
    }
    ints::write(&ordinals, out);
    ints::write(&page_starts, out);
}

/// Which stream holds the time from one event to the next.
fn slot(is_paired: bool, before: Kind, kind: Kind) -> usize {
    if is_paired { before as usize * KINDS + kind as usize } else { kind as usize }
}

/// Reads kinds, times and pages of events.
pub(super) fn read_events(
    input: &mut Input<'_>,
    counts: &Counts,
    data: &mut Dataset,
) -> Result<(), SegmentError> {
    let is_paired = input.byte()? == 1;
    let kinds = streams::<{ KINDS + 1 }>(input, counts.events, KINDS as u64 - 1)?;
    let firsts: Vec<u64> = ints::read(input, counts.visits, u32::MAX.into())?;
    let gaps = streams::<{ KINDS * KINDS }>(input, counts.events, u32::MAX.into())?;
    let ordinals: Vec<u32> = ints::read(input, counts.events, u32::MAX.into())?;
    input.charge(counts.events, 1 + 4 + 4)?;
    input.charge(counts.visits, 4)?;

    let mut kinds = kinds.each_ref().map(|kinds| kinds.iter());
    let mut gaps = gaps.each_ref().map(|gaps| gaps.iter());
    data.kinds = vec![Kind::PageView; counts.events];
    data.at = vec![0; counts.events];
    let mut pages = ordinals;
    data.first_page.reserve_exact(counts.visits);
    // When each page's first event happened; `None` until one is seen.
    let mut opened: Vec<Option<i32>> = Vec::with_capacity(counts.pages);
    let mut most_pages = 0;
    for (visit, first) in firsts.into_iter().enumerate() {
        let events = range(&data.first_event, visit);
        let of_visit =
            (data.kinds.get_mut(events.clone()), data.at.get_mut(events.clone()), pages.get_mut(events));
        let (Some(kinds_of), Some(ats_of), Some(pages_of)) = of_visit else {
            return Err(SegmentError::Value);
        };
        let mut at = unzigzag(first);
        let mut before = KINDS;
        let mut guess = PageGuess::new();
        let first_page = opened.len();
        for ((kind_place, at_place), page_place) in kinds_of.iter_mut().zip(ats_of).zip(pages_of) {
            let number = *kinds[before].next().ok_or(SegmentError::Value)?;
            let kind = Kind::from_number(number as u8).ok_or(SegmentError::Value)?;
            if before < KINDS {
                let slot = if is_paired { before * KINDS + kind as usize } else { kind as usize };
                at += i64::from(*gaps[slot].next().ok_or(SegmentError::Value)?);
            }
            before = kind as usize;
            let page = i64::from(guess.guess(kind)) + unzigzag((*page_place).into());
            let page = u32::try_from(page).map_err(|_| SegmentError::Value)?;
            guess.see(kind, page);
            let at = i32::try_from(at).map_err(|_| SegmentError::Value)?;
            (*kind_place, *at_place, *page_place) = (kind, at, page);
            let page = first_page + page as usize;
            if page >= opened.len() {
                if page >= counts.pages {
                    return Err(SegmentError::Value);
                }
                opened.resize(page + 1, None);
            }
            opened[page].get_or_insert(at);
        }
        most_pages = most_pages.max(opened.len() - first_page);
        data.first_page.push(opened.len() as u32);
    }
    let rest = kinds.iter().map(ExactSizeIterator::len).sum::<usize>()
        + gaps.iter().map(ExactSizeIterator::len).sum::<usize>();
    if rest > 0 || opened.len() != counts.pages {
        return Err(SegmentError::Value);
    }
    let heartbeats = data.kinds.iter().filter(|kind| **kind == Kind::Heartbeat).count();
    if heartbeats != counts.heartbeats {
        return Err(SegmentError::Value);
    }
    data.pages = Codes::narrow(pages, most_pages);
    read_pages(input, counts, &opened, data)
}

fn read_pages(
    input: &mut Input<'_>,
    counts: &Counts,
    opened: &[Option<i32>],
    data: &mut Dataset,
) -> Result<(), SegmentError> {
    let distances: Vec<u64> = ints::read(input, counts.pages, u64::MAX)?;
    input.charge(counts.pages, 12)?;
    data.page_starts.reserve_exact(counts.pages);
    for (at, distance) in opened.iter().zip(distances) {
        // A page without events is one that no writer writes.
        let start = at.and_then(|at| i64::from(at).checked_sub(unzigzag(distance)));
        let start = start.and_then(|start| i32::try_from(start).ok()).ok_or(SegmentError::Value)?;
        data.page_starts.push(start);
    }
    let is_sorted = |visit| {
        data.page_starts.get(data.pages_of(visit)).is_some_and(|starts| starts.is_sorted_by(|a, b| a < b))
    };
    if (0..counts.visits).all(is_sorted) { Ok(()) } else { Err(SegmentError::Value) }
}

fn streams<const N: usize>(
    input: &mut Input<'_>,
    most: usize,
    max: u64,
) -> Result<[Vec<u32>; N], SegmentError> {
    let mut streams = [const { Vec::new() }; N];
    for stream in &mut streams {
        let count = input.count()?;
        if count > most {
            return Err(SegmentError::Value);
        }
        *stream = ints::read(input, count, max)?;
    }
    Ok(streams)
}
