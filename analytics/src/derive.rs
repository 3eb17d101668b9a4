//! What is worked out once after loading: sums of visits and pages that every metric is made of.

use std::ops::Range;

use crate::codes::Codes;
use crate::dataset::Dataset;
use crate::row::{EventDim, Kind};

/// Stands where there is no page.
pub const NO_PAGE: u32 = u32::MAX;

/// Sums of each visit over the events of a range of time. One entry for each visit of the data set, in its
/// order; a visit without an event in the range has zeros and [`NO_PAGE`].
///
/// What definitions of metrics are made of:
/// - *visit of the range*: `page_views + clicks + conversions + customs > 0`. One known only by a heartbeat
///   began before the range.
/// - LiveInsight: bounce = one page view, no click, no conversion, `engaged_ms` below 10 s; duration =
///   `engaged_ms`.
/// - Plausible-like: bounce = `page_views + conversions + customs` is 1; duration = `span_ms`.
/// - GA4-like: engaged = `engaged_ms` of 10 s, a conversion, or two page views; bounce = not engaged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitSums {
    /// Page views.
    pub page_views: Vec<u32>,
    /// Clicks on tracked targets.
    pub clicks: Vec<u32>,
    /// Conversions.
    pub conversions: Vec<u32>,
    /// Custom events.
    pub customs: Vec<u32>,
    /// Page of the first page view; an index of pages, or [`NO_PAGE`].
    pub entry: Vec<u32>,
    /// Page of the last page view; an index of pages, or [`NO_PAGE`].
    pub exit: Vec<u32>,
    /// Engaged time: the sum over pages of the largest value a heartbeat of the page reported. Milliseconds.
    pub engaged_ms: Vec<u32>,
    /// Time from the first to the last event, heartbeats included. Milliseconds.
    pub wall_ms: Vec<u32>,
    /// Time from the first to the last event that is no heartbeat. Milliseconds.
    pub span_ms: Vec<u32>,
}

/// Sums of each page over the events of a range of time. One entry for each page of the data set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSums {
    /// Path: that of the page's first page view, else the first an event of the page names. Not bound to the
    /// range: a page opened before it keeps its name. Codes of [`EventDim::Path`].
    pub path: Codes,
    /// Host, by the same rule. Codes of [`EventDim::Host`].
    pub host: Codes,
    /// Page views: 1, or more when a sender uses the id of a page again.
    pub views: Vec<u32>,
    /// Largest engaged time a heartbeat of the page reported in the range, milliseconds.
    pub engaged_ms: Vec<u32>,
    /// Largest scroll depth a heartbeat of the page reported in the range, per cent.
    pub scroll_percent: Vec<u8>,
}

/// What is worked out once for a data set and a range of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// By visit.
    pub visits: VisitSums,
    /// By page.
    pub pages: PageSums,
}

impl Derived {
    /// Works it out over the events in `range` (Unix milliseconds, the end not included), or over all.
    pub fn of(data: &Dataset, range: Option<&Range<u64>>) -> Self {
        let mut pages = PageSums {
            path: Codes::default(),
            host: Codes::default(),
            views: vec![0; data.page_count()],
            engaged_ms: vec![0; data.page_count()],
            scroll_percent: vec![0; data.page_count()],
        };
        let mut names = PageNames::of(data);
        let mut visits = VisitSums::with_capacity(data.visit_count());
        let mut beats = data.engaged.iter().copied().zip(data.scroll.iter().copied());
        for (visit, start) in data.starts.iter().enumerate() {
            let all_pages = data.pages_of(visit);
            let (low, high) = window(*start, range);
            let mut sums = Sums::default();
            for event in data.events_of(visit) {
                let (Some(kind), Some(at)) = (data.kinds.get(event).copied(), data.at.get(event).copied())
                else {
                    break;
                };
                let page = all_pages.start + data.pages.get(event) as usize;
                let beat = if kind == Kind::Heartbeat { beats.next().unwrap_or_default() } else { (0, 0) };
                names.see(event, page, kind);
                if i64::from(at) < low || i64::from(at) >= high {
                    continue;
                }
                sums.see(kind, at, page as u32);
                match kind {
                    Kind::PageView => bump(&mut pages.views, page),
                    Kind::Heartbeat => {
                        if let Some(engaged) = pages.engaged_ms.get_mut(page) {
                            *engaged = (*engaged).max(beat.0);
                        }
                        if let Some(scroll) = pages.scroll_percent.get_mut(page) {
                            *scroll = (*scroll).max(beat.1);
                        }
                    }
                    Kind::Click | Kind::Conversion | Kind::Custom => {}
                }
            }
            let engaged = pages.engaged_ms.get(all_pages).unwrap_or_default();
            visits.push(&sums, engaged.iter().fold(0, |sum, page| sum.saturating_add(*page)));
        }
        (pages.path, pages.host) = names.finish(data);
        Self { visits, pages }
    }
}

/// The range seen from the start of a visit.
fn window(start: u64, range: Option<&Range<u64>>) -> (i64, i64) {
    // Times have 48 bits, so the differences fit.
    let from_start = |time: u64| time.min(1 << 49).cast_signed() - start.cast_signed();
    range.map_or((i64::MIN, i64::MAX), |range| (from_start(range.start), from_start(range.end)))
}

fn bump(counts: &mut [u32], index: usize) {
    if let Some(count) = counts.get_mut(index) {
        *count += 1;
    }
}

#[derive(Default)]
struct Sums {
    counts: [u32; Kind::ALL.len()],
    pages: Option<(u32, u32)>,
    wall: Option<(i32, i32)>,
    span: Option<(i32, i32)>,
}

impl Sums {
    fn see(&mut self, kind: Kind, at: i32, page: u32) {
        self.counts[kind as usize] += 1;
        self.wall = Some((self.wall.map_or(at, |(first, _)| first), at));
        if kind != Kind::Heartbeat {
            self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        }
        if kind == Kind::PageView {
            self.pages = Some((self.pages.map_or(page, |(entry, _)| entry), page));
        }
    }
}

impl VisitSums {
    fn with_capacity(count: usize) -> Self {
        let column = || Vec::with_capacity(count);
        Self {
            page_views: column(),
            clicks: column(),
            conversions: column(),
            customs: column(),
            entry: column(),
            exit: column(),
            engaged_ms: column(),
            wall_ms: column(),
            span_ms: column(),
        }
    }

    fn push(&mut self, sums: &Sums, engaged_ms: u32) {
        let length = |span: Option<(i32, i32)>| span.map_or(0, |(first, last)| last.abs_diff(first));
        let [page_views, clicks, conversions, customs, _] = sums.counts;
        let (entry, exit) = sums.pages.unwrap_or((NO_PAGE, NO_PAGE));
        self.page_views.push(page_views);
        self.clicks.push(clicks);
        self.conversions.push(conversions);
        self.customs.push(customs);
        self.entry.push(entry);
        self.exit.push(exit);
        self.engaged_ms.push(engaged_ms);
        self.wall_ms.push(length(sums.wall));
        self.span_ms.push(length(sums.span));
    }
}

/// Which event names a page.
struct PageNames<'a> {
    paths: Vec<u32>,
    hosts: Vec<u32>,
    /// 0: unnamed, 1: named by some event, 2: named by a page view.
    rank: Vec<u8>,
    texts: (&'a Codes, &'a Codes),
}

impl<'a> PageNames<'a> {
    fn of(data: &'a Dataset) -> Self {
        let count = data.page_count();
        let codes = |dim| &data.event(dim).codes;
        Self {
            paths: vec![0; count],
            hosts: vec![0; count],
            rank: vec![0; count],
            texts: (codes(EventDim::Path), codes(EventDim::Host)),
        }
    }

    fn see(&mut self, event: usize, page: usize, kind: Kind) {
        let Some(rank) = self.rank.get_mut(page) else { return };
        let is_view = kind == Kind::PageView;
        if *rank == 2 || (*rank == 1 && !is_view) {
            return;
        }
        let (path, host) = (self.texts.0.get(event), self.texts.1.get(event));
        if !is_view && path == 0 && host == 0 {
            return;
        }
        *rank = 1 + u8::from(is_view);
        if let (Some(path_place), Some(host_place)) = (self.paths.get_mut(page), self.hosts.get_mut(page)) {
            (*path_place, *host_place) = (path, host);
        }
    }

    fn finish(self, data: &Dataset) -> (Codes, Codes) {
        let bound = |dim| data.event(dim).dict.len();
        (Codes::narrow(self.paths, bound(EventDim::Path)), Codes::narrow(self.hosts, bound(EventDim::Host)))
    }
}
