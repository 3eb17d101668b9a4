//! What is worked out once after loading, as narrow as queries need it.

use crate::codes::Codes;
use crate::dataset::Dataset;
use crate::derive::Derived;
use crate::row::{EventDim, Kind};

pub(crate) const CLICKED: u8 = 1;
pub(crate) const CONVERTED: u8 = 2;
pub(crate) const CUSTOM: u8 = 4;
/// An action may lie on a path that no page view of the visit has.
pub(crate) const STRAYED: u8 = 8;

/// Longest visit, in events, that is looked through for actions on strange paths: the look is quadratic. Longer
/// visits are taken to have some.
const MAX_LOOK: usize = 256;

/// What every query needs of a data set: made once, for all queries. 18 bytes a visit, up to 9 a page and up to
/// 4 a page view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// Time of the first action, milliseconds from the start of the visit; above `last_action` if there is none.
    pub(crate) first_action: Vec<i32>,
    /// Time of the last action.
    pub(crate) last_action: Vec<i32>,
    /// How many actions.
    pub(crate) actions: Codes,
    /// What kinds of action there are besides page views.
    pub(crate) marks: Vec<u8>,
    /// Engaged time, milliseconds.
    pub(crate) engaged: Vec<u32>,
    /// Where the page views of each visit begin; one more than there are visits.
    pub(crate) first_view: Vec<u32>,
    /// Path of each page view.
    pub(crate) view_path: Codes,
    /// Page views of a page that was viewed before: events, ascending. A sender may use the id of a page again.
    pub(crate) repeats: Vec<u32>,
    /// Path of each page.
    pub(crate) page_path: Codes,
    /// Host of each page.
    pub(crate) page_host: Codes,
    /// Engaged time of each page, milliseconds.
    pub(crate) page_engaged: Vec<u32>,
    /// Scroll depth of each page, per cent.
    pub(crate) page_scroll: Vec<u8>,
    /// The first and the last action of all, Unix milliseconds.
    pub(crate) actions_span: Option<(u64, u64)>,
}

/// The value at a place; nothing past the end.
#[inline]
pub(crate) fn at<T: Copy + Default>(values: &[T], place: usize) -> T {
    values.get(place).copied().unwrap_or_default()
}

impl Index {
    /// Works it out.
    pub fn of(data: &Dataset) -> Self {
        let Derived { visits, pages } = Derived::of(data);
        let mut index = Self {
            first_action: Vec::with_capacity(data.visit_count()),
            last_action: Vec::with_capacity(data.visit_count()),
            marks: Vec::with_capacity(data.visit_count()),
            first_view: Vec::with_capacity(data.visit_count() + 1),
            engaged: visits.engaged_ms,
            page_path: pages.path,
            page_host: pages.host,
            page_engaged: pages.engaged_ms,
            page_scroll: pages.scroll_percent,
            ..Self::default()
        };
        let counts =
            visits.page_views.iter().zip(&visits.clicks).zip(&visits.conversions).zip(&visits.customs);
        let mut most = 0;
        let mut actions = Vec::with_capacity(data.visit_count());
        for (((views, clicks), conversions), customs) in counts {
            let mark = |count: &u32, mark| if *count > 0 { mark } else { 0 };
            index.marks.push(mark(clicks, CLICKED) | mark(conversions, CONVERTED) | mark(customs, CUSTOM));
            let count = views + clicks + conversions + customs;
            most = most.max(count);
            actions.push(count);
        }
        index.actions = Codes::narrow(actions, most as usize + 1);
        index.read_events(data, pages.views.iter().any(|views| *views > 1));
        index
    }

    fn read_events(&mut self, data: &Dataset, pages_repeat: bool) {
        let paths = data.event(EventDim::Path);
        let mut views = Vec::new();
        let mut seen = Vec::new();
        for (visit, start) in data.starts().iter().enumerate() {
            self.first_view.push(views.len() as u32);
            let (mut first, mut last) = (i32::MAX, i32::MIN);
            seen.clear();
            for event in data.events_of(visit) {
                let kind = data.kinds().get(event).copied().unwrap_or(Kind::Heartbeat);
                if kind == Kind::Heartbeat {
                    continue;
                }
                let time = at(data.at(), event);
                (first, last) = (first.min(time), last.max(time));
                if kind == Kind::PageView {
                    views.push(paths.codes.get(event));
                    if pages_repeat {
                        let page = data.page_ordinals().get(event);
                        if seen.contains(&page) {
                            self.repeats.push(event as u32);
                        }
                        seen.push(page);
                    }
                }
            }
            self.first_action.push(first);
            self.last_action.push(last);
            if first <= last {
                let (from, to) = (moment(*start, first), moment(*start, last));
                let (low, high) = self.actions_span.unwrap_or((from, to));
                self.actions_span = Some((low.min(from), high.max(to)));
            }
        }
        self.first_view.push(views.len() as u32);
        self.mark_strays(data, &views);
        self.view_path = Codes::narrow(views, paths.dict.len());
    }

    fn mark_strays(&mut self, data: &Dataset, views: &[u32]) {
        for visit in 0..data.visit_count() {
            let events = data.events_of(visit);
            if at(&self.marks, visit) == 0 {
                continue;
            }
            let paths = views.get(self.views_of(visit)).unwrap_or_default();
            let strays = events.len() > MAX_LOOK
                || events.into_iter().any(|event| {
                    let kind = data.kinds().get(event).copied().unwrap_or(Kind::Heartbeat);
                    kind != Kind::Heartbeat && !paths.contains(&self.path_of(data, visit, event))
                });
            if strays && let Some(marks) = self.marks.get_mut(visit) {
                *marks |= STRAYED;
            }
        }
    }

    /// The code of the path of an action: its own if it names one, else that of its page.
    #[inline]
    pub(crate) fn path_of(&self, data: &Dataset, visit: usize, event: usize) -> u32 {
        let own = data.event(EventDim::Path).codes.get(event);
        if own > 0 || data.kinds().get(event) == Some(&Kind::PageView) {
            return own;
        }
        let first_page = at(data.first_pages(), visit) as usize;
        self.page_path.get(first_page + data.page_ordinals().get(event) as usize)
    }

    /// Page views of a visit, as places in `view_path`.
    #[inline]
    pub(crate) fn views_of(&self, visit: usize) -> std::ops::Range<usize> {
        at(&self.first_view, visit) as usize..at(&self.first_view, visit + 1) as usize
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.first_action.len() * 8
            + self.actions.heap_bytes()
            + self.marks.len()
            + self.engaged.len() * 4
            + self.first_view.len() * 4
            + self.view_path.heap_bytes()
            + self.repeats.len() * 4
            + self.page_path.heap_bytes()
            + self.page_host.heap_bytes()
            + self.page_engaged.len() * 5
    }
}

/// The moment of an event, Unix milliseconds. Nothing is before 1970.
#[inline]
pub(crate) fn moment(start: u64, offset: i32) -> u64 {
    start.saturating_add_signed(offset.into())
}
