//! What is worked out once after loading: sums of visits and pages that every metric is made of.

use crate::codes::Codes;
use crate::dataset::Dataset;
use crate::dict::Texts;
use crate::row::{EventDim, Kind};

/// Sums of each visit over its events. One entry for each visit of the data set, in its order. What metrics make of
/// them is said at [`crate::query`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct VisitSums {
    /// Page views.
    pub(crate) page_views: Vec<u32>,
    /// Clicks on tracked targets.
    pub(crate) clicks: Vec<u32>,
    /// Conversions.
    pub(crate) conversions: Vec<u32>,
    /// Custom events.
    pub(crate) customs: Vec<u32>,
    /// Engaged time: the sum over pages of the largest value a heartbeat of the page reported. Milliseconds.
    pub(crate) engaged_ms: Vec<u32>,
}

/// Sums of each page over its events. One entry for each page of the data set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageSums {
    /// Path: that of the page's first page view, else the first an event of the page names. Codes of
    /// [`EventDim::Path`].
    pub(crate) path: Codes,
    /// Host, by the same rule but by itself: another event than that of the path may name it. Codes of
    /// [`EventDim::Host`].
    pub(crate) host: Codes,
    /// Page views: 1, or more when a sender uses the id of a page again.
    pub(crate) views: Vec<u32>,
    /// Largest engaged time a heartbeat of the page reported, milliseconds.
    pub(crate) engaged_ms: Vec<u32>,
    /// Largest scroll depth a heartbeat of the page reported, per cent.
    pub(crate) scroll_percent: Vec<u8>,
}

/// What is worked out once for a data set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Derived {
    /// By visit.
    pub(crate) visits: VisitSums,
    /// By page.
    pub(crate) pages: PageSums,
}

impl Derived {
    /// Works it out over all events.
    pub(crate) fn of(data: &Dataset) -> Self {
        let mut derived = Self::without_names(data);
        derived.pages.path = page_texts(data, EventDim::Path);
        derived.pages.host = page_texts(data, EventDim::Host);
        derived
    }

    /// All but what pages are called.
    pub(crate) fn without_names(data: &Dataset) -> Self {
        let mut pages = PageSums {
            path: Codes::default(),
            host: Codes::default(),
            views: vec![0; data.page_count()],
            engaged_ms: vec![0; data.page_count()],
            scroll_percent: vec![0; data.page_count()],
        };
        let mut visits = VisitSums::with_capacity(data.visit_count());
        let ordinals = data.pages.widened();
        let mut beats = data.engaged.iter().copied().zip(data.scroll.iter().copied());
        for visit in 0..data.visit_count() {
            let (events, of_visit) = (data.events_of(visit), data.pages_of(visit));
            let mut counts = [0; Kind::ALL.len()];
            let kinds = data.kinds.get(events.clone()).unwrap_or_default();
            let ordinals = ordinals.get(events).unwrap_or_default();
            let engaged_ms = pages.engaged_ms.get_mut(of_visit.clone()).unwrap_or_default();
            let scroll_percent = pages.scroll_percent.get_mut(of_visit.clone()).unwrap_or_default();
            let views = pages.views.get_mut(of_visit).unwrap_or_default();
            for (kind, page) in kinds.iter().zip(ordinals) {
                let page = *page as usize;
                bump(&mut counts, *kind as usize);
                match kind {
                    Kind::PageView => bump(views, page),
                    Kind::Heartbeat => {
                        let beat = beats.next().unwrap_or_default();
                        if let Some(engaged) = engaged_ms.get_mut(page) {
                            *engaged = (*engaged).max(beat.0);
                        }
                        if let Some(scroll) = scroll_percent.get_mut(page) {
                            *scroll = (*scroll).max(beat.1);
                        }
                    }
                    Kind::Click | Kind::Conversion | Kind::Custom => {}
                }
            }
            visits.push(counts, engaged_ms.iter().fold(0, |sum, page| sum.saturating_add(*page)));
        }
        Self { visits, pages }
    }
}

fn bump(counts: &mut [u32], index: usize) {
    if let Some(count) = counts.get_mut(index) {
        *count += 1;
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
            engaged_ms: column(),
        }
    }

    fn push(&mut self, counts: [u32; Kind::ALL.len()], engaged_ms: u32) {
        let [page_views, clicks, conversions, customs, _] = counts;
        self.page_views.push(page_views);
        self.clicks.push(clicks);
        self.conversions.push(conversions);
        self.customs.push(customs);
        self.engaged_ms.push(engaged_ms);
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

/// The path or host of each page, by the rules of [`PageSums::path`] and [`PageSums::host`].
pub(crate) fn page_texts(data: &Dataset, dim: EventDim) -> Codes {
    PageTexts::of(data, dim)
}

impl<'a> PageTexts<'a> {
    fn of(data: &'a Dataset, dim: EventDim) -> Codes {
        let (texts, count) = (data.event(dim), data.page_count());
        if texts.dict.is_empty() {
            return Codes::Zero(count);
        }
        let mut pages = Self { texts, codes: vec![0; count], is_viewed: vec![false; count] };
        for visit in 0..data.visit_count() {
            let first_page = data.pages_of(visit).start;
            for event in data.events_of(visit) {
                if let Some(kind) = data.kinds.get(event) {
                    pages.see(event, first_page + data.pages.get(event) as usize, *kind);
                }
            }
        }
        pages.finish()
    }

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
        let PageSums { path, host, .. } = Derived::of(&data).pages;
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
