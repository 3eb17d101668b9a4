//! What is worked out once after loading: sums of visits and pages that every metric is made of.

use std::ops::Range;

use crate::codes::Codes;
use crate::dataset::Dataset;
use crate::dict::Texts;
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
    /// Host, by the same rule but by itself: another event than that of the path may name it. Codes of
    /// [`EventDim::Host`].
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
        (pages.path, pages.host) = names.finish();
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

/// What pages are called: path and host each by itself.
struct PageNames<'a> {
    paths: PageTexts<'a>,
    hosts: PageTexts<'a>,
}

impl<'a> PageNames<'a> {
    fn of(data: &'a Dataset) -> Self {
        let texts = |dim| {
            let count = data.page_count();
            PageTexts { texts: data.event(dim), codes: vec![0; count], is_viewed: vec![false; count] }
        };
        Self { paths: texts(EventDim::Path), hosts: texts(EventDim::Host) }
    }

    fn see(&mut self, event: usize, page: usize, kind: Kind) {
        self.paths.see(event, page, kind);
        self.hosts.see(event, page, kind);
    }

    fn finish(self) -> (Codes, Codes) {
        (self.paths.finish(), self.hosts.finish())
    }
}

/// One text of each page.
struct PageTexts<'a> {
    texts: &'a Texts,
    /// 0 where no event named it yet.
    codes: Vec<u32>,
    /// Whether a page view has spoken, which is final even if it said nothing.
    is_viewed: Vec<bool>,
}

impl PageTexts<'_> {
    fn see(&mut self, event: usize, page: usize, kind: Kind) {
        let is_view = kind == Kind::PageView;
        if let (Some(code), Some(is_viewed)) = (self.codes.get_mut(page), self.is_viewed.get_mut(page))
            && !*is_viewed
            && (is_view || *code == 0)
        {
            *code = self.texts.codes.get(event);
            *is_viewed = is_view;
        }
    }

    fn finish(self) -> Codes {
        Codes::narrow(self.codes, self.texts.dict.len())
    }
}

#[cfg(test)]
mod tests {
    use protocol::{EventId, PageId, SessionId, UserId};

    use super::*;
    use crate::{Builder, Row};

    /// Path and host of the one page of events of one visit, each a millisecond after the other.
    fn named(events: &[(Kind, &str, &str)]) -> (String, String) {
        let (user, session) = (UserId::new(1, &[1; 10]), SessionId::new(1_000, &[1; 10]));
        let mut builder = Builder::default();
        for (at, (kind, path, host)) in (1_000..).zip(events) {
            let id = EventId::new(at, &[0; 10]);
            let row = Row::new(id, at, user, session, PageId::new(1_000, &[1; 10]), *kind);
            builder.push(&row.with(EventDim::Path, path).with(EventDim::Host, host)).unwrap();
        }
        let data = builder.finish();
        let PageSums { path, host, .. } = Derived::of(&data, None).pages;
        let text = |dim, codes: Codes| data.event(dim).dict.get(codes.get(0)).to_owned();
        (text(EventDim::Path, path), text(EventDim::Host, host))
    }

    #[test]
    fn page_without_a_view_takes_path_and_host_each_by_itself() {
        let events =
            [(Kind::Click, "/a", ""), (Kind::Click, "", "a.example"), (Kind::Click, "/b", "b.example")];
        assert_eq!(named(&events), ("/a".into(), "a.example".into()));
    }

    #[test]
    fn first_page_view_names_a_page_even_by_silence() {
        let view = (Kind::PageView, "/v", "");
        let events = [(Kind::Click, "/a", "a.example"), view, (Kind::PageView, "/w", "w.example")];
        assert_eq!(named(&events), ("/v".into(), String::new()));
        assert_eq!(named(&[view, (Kind::Click, "", "a.example")]), ("/v".into(), String::new()));
    }
}
