//! What is worked out once after loading, as narrow as queries need it.

use std::ops::Range;

use super::bundle::Bundle;
use super::definition::bounces;
use super::times::Times;
use crate::codes::Codes;
use crate::columns::Column;
use crate::dataset::Dataset;
use crate::derive::{Derived, PageSums, VisitSums};
use crate::row::{DAY_MS, EventDim, Kind, VisitDim};

/// Of a visit: it is the first of its visitor.
pub(crate) const NEWCOMER: u8 = 1;
/// The first visit of its visitor that began on its day of UTC, or after a visit that began on another.
pub(crate) const NEW_DAY: u8 = 2;
/// Its visitor has others.
pub(crate) const AGAIN: u8 = 4;
/// It bounced, under each set of definitions: see [`bounces`].
pub(crate) const BOUNCED: u8 = 8;
pub(crate) const BOUNCED_PLAUSIBLE: u8 = 16;
pub(crate) const BOUNCED_GA4: u8 = 32;

/// Of an event: it is a page view.
pub(crate) const VIEW: u8 = 1;
/// Of an event: it is the first action of its visit on its path.
pub(crate) const ARRIVAL: u8 = 2;

/// What every query needs of a data set: made once, for all queries.
///
/// Of a data set that is kept whole, [`Index::of`]; of one that is only asked from now on, [`Index::condense`], which
/// takes less memory and less time at every question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// Events of the data set as it was loaded, heartbeats included.
    pub(crate) events: usize,
    /// What times of each visit are counted from: that of its id, or of its first action.
    starts: Times,
    /// Time of the first action, milliseconds from the start of the visit; above `last_action` if there is none.
    /// Empty: 0 everywhere.
    pub(crate) first_action: Vec<i32>,
    /// Time of the last action.
    pub(crate) last_action: Vec<i32>,
    /// How many actions; nothing in a condensed data set, which has no other events.
    actions: Option<Codes>,
    /// What is known of each visit: [`NEWCOMER`], [`NEW_DAY`], [`AGAIN`], and whether it bounced.
    pub(crate) marks: Vec<u8>,
    /// Engaged time, milliseconds.
    pub(crate) engaged: Vec<u32>,
    /// How many page views.
    pub(crate) views: Codes,
    /// Path of the first page view.
    pub(crate) entry: Codes,
    /// Columns of visits of a condensed data set that are kept as one.
    pub(crate) bundles: Vec<Bundle>,
    /// [`VIEW`] and [`ARRIVAL`] of each event of a condensed data set; empty of one that is not.
    pub(crate) roles: Vec<u8>,
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
        let mut index = Self::of_visits(data, visits);
        if pages.views.iter().any(|views| *views > 1) {
            index.repeats = repeats(data);
        }
        index.take_pages(pages);
        index.actions = Some(index.read_events(data));
        index
    }

    /// Works it out and drops from the data set what no question reads: heartbeats, whose times are in the index, the
    /// hashes of visitors, and of columns of pages those that are not among the columns loaded ([`Column::Pages`]).
    ///
    /// What is left answers [`run`](super::run) as before. It cannot be merged or
    /// written, and knows no visitors to list.
    pub fn condense(mut data: Dataset) -> (Dataset, Self) {
        let Derived { visits, pages } = Derived::without_names(&data);
        let mut index = Self::of_visits(&data, visits);
        let repeat = pages.views.iter().any(|views| *views > 1);
        // From here on events name their pages themselves, and no page needs a name.
        data.resolve(EventDim::Path);
        data.resolve(EventDim::Host);
        if data.loaded().has(Column::Pages) {
            data.drop_heartbeats();
            index.take_pages(pages);
            index.repeats = if repeat { repeats(&data) } else { Vec::new() };
        } else {
            drop(pages);
            data.drop_pages();
            data.drop_heartbeats();
        }
        index.read_actions(&data);
        index.read_roles(&data);
        index.count_from_first_actions(&mut data);
        index.bundles = Bundle::take(&mut data);
        (data, index)
    }

    fn of_visits(data: &Dataset, sums: VisitSums) -> Self {
        let count = data.visit_count();
        let mut marks = Vec::with_capacity(count);
        let mut before = None;
        let visits = data.users().iter().zip(data.starts());
        for (visit, (user, start)) in visits.enumerate() {
            let mark = |is: bool, mark| if is { mark } else { 0 };
            let (last_user, last_day) = before.unwrap_or((!*user, 0));
            let (is_newcomer, day) = (last_user != *user, *start / DAY_MS);
            before = Some((*user, day));
            let is_again = !is_newcomer || data.users().get(visit + 1) == Some(user);
            marks.push(
                mark(is_newcomer, NEWCOMER)
                    | mark(is_newcomer || last_day != day, NEW_DAY)
                    | mark(is_again, AGAIN)
                    | bounces(&sums, visit),
            );
        }
        let most = sums.page_views.iter().copied().max().unwrap_or(0);
        Self {
            events: data.event_count(),
            starts: Times::of(data.starts()),
            marks,
            views: Codes::narrow(sums.page_views, most as usize + 1),
            engaged: sums.engaged_ms,
            ..Self::default()
        }
    }

    fn take_pages(&mut self, pages: PageSums) {
        self.page_path = pages.path;
        self.page_host = pages.host;
        self.page_engaged = pages.engaged_ms;
        self.page_scroll = pages.scroll_percent;
    }

    /// Reads times and entries, and says how many actions each visit has.
    fn read_events(&mut self, data: &Dataset) -> Codes {
        let paths = data.event(EventDim::Path);
        let count = data.visit_count();
        self.first_action = Vec::with_capacity(count);
        self.last_action = Vec::with_capacity(count);
        let (mut entries, mut all_actions, mut most) =
            (Vec::with_capacity(count), Vec::with_capacity(count), 0);
        for visit in 0..count {
            let (mut first, mut last) = (i32::MAX, i32::MIN);
            let (mut entry, mut actions) = (None, 0);
            for event in data.events_of(visit) {
                let kind = data.kinds().get(event).copied().unwrap_or(Kind::Heartbeat);
                if kind == Kind::Heartbeat {
                    continue;
                }
                actions += 1;
                let time = at(data.at(), event);
                (first, last) = (first.min(time), last.max(time));
                if kind == Kind::PageView {
                    entry = entry.or(Some(event));
                }
            }
            self.take_times(visit, first, last);
            entries.push(entry.map_or(0, |event| paths.codes.get(event)));
            most = most.max(actions);
            all_actions.push(actions);
        }
        self.entry = Codes::narrow(entries, paths.dict.len());
        Codes::narrow(all_actions, most as usize + 1)
    }

    /// Lets times count from the first action of each visit, which then needs not be kept. A visit of more than 24.8
    /// days has no room for that, and all stay as they are.
    fn count_from_first_actions(&mut self, data: &mut Dataset) {
        let actions = || self.first_action.iter().copied().zip(self.last_action.iter().copied());
        let length =
            |(first, last): (i32, i32)| if first > last { Some(-1) } else { last.checked_sub(first) };
        let Some(lengths) = actions().map(length).collect::<Option<Vec<i32>>>() else { return };
        let mut begun = Vec::with_capacity(lengths.len());
        for (visit, (first, last)) in actions().enumerate() {
            let start = self.start(visit);
            let from = if first > last { start } else { moment(start, first) };
            data.count_from(visit, |at| (moment(start, at) - from) as i32);
            begun.push(from);
        }
        // Nothing is before 1970: there a visit may be shorter than its times are apart.
        let ends = (0..lengths.len()).map(|visit| {
            let last = data.events_of(visit).end.checked_sub(1).filter(|_| lengths.get(visit) > Some(&-1));
            last.map_or(-1, |last| at(data.at(), last))
        });
        self.last_action = ends.collect();
        self.first_action = Vec::new();
        self.starts = Times::of(&begun);
    }

    /// The same of a condensed data set, whose events are all actions and in order of time.
    fn read_actions(&mut self, data: &Dataset) {
        let paths = data.event(EventDim::Path);
        let count = data.visit_count();
        self.first_action = Vec::with_capacity(count);
        self.last_action = Vec::with_capacity(count);
        let mut entries = Vec::with_capacity(count);
        for visit in 0..count {
            let events = data.events_of(visit);
            let times = data.at().get(events.clone()).unwrap_or_default();
            let first = times.first().copied().unwrap_or(i32::MAX);
            self.take_times(visit, first, times.last().copied().unwrap_or(i32::MIN));
            let kinds = data.kinds().get(events.clone()).unwrap_or_default();
            let entry = kinds.iter().position(|kind| *kind == Kind::PageView);
            entries.push(entry.map_or(0, |entry| paths.codes.get(events.start + entry)));
        }
        self.entry = Codes::narrow(entries, paths.dict.len());
    }

    fn take_times(&mut self, visit: usize, first: i32, last: i32) {
        self.first_action.push(first);
        self.last_action.push(last);
        if first <= last {
            let start = self.start(visit);
            let (from, to) = (moment(start, first), moment(start, last));
            let (low, high) = self.actions_span.unwrap_or((from, to));
            self.actions_span = Some((low.min(from), high.max(to)));
        }
    }

    /// Reads the roles of events of a condensed data set.
    fn read_roles(&mut self, data: &Dataset) {
        let paths = data.event(EventDim::Path);
        let mut last_seen = vec![0_u32; paths.dict.len()];
        let codes = paths.codes.widened();
        self.roles.reserve_exact(codes.len());
        for visit in 0..data.visit_count() {
            let number = visit as u32 + 1;
            let events = data.events_of(visit);
            let kinds = data.kinds().get(events.clone()).unwrap_or_default();
            let codes = codes.get(events).unwrap_or_default();
            self.roles.extend(kinds.iter().zip(codes).map(|(kind, code)| {
                let is_arrival = last_seen
                    .get_mut(*code as usize)
                    .is_some_and(|last| std::mem::replace(last, number) != number);
                u8::from(*kind == Kind::PageView) * VIEW + u8::from(is_arrival) * ARRIVAL
            }));
        }
    }

    /// How many events the data set was loaded with, heartbeats included.
    pub fn event_count(&self) -> usize {
        self.events
    }

    /// What the times of a visit's events are counted from, Unix milliseconds.
    #[inline]
    pub(crate) fn start(&self, visit: usize) -> u64 {
        self.starts.get(visit)
    }

    /// When the first and the last action of each visit of a range happened; of a visit without any, the first after
    /// the last.
    pub(crate) fn times(&self, visits: Range<usize>, out: &mut Vec<(u64, u64)>) {
        let lasts = self.last_action.get(visits.clone()).unwrap_or_default();
        self.starts.copy(visits.clone(), out);
        match self.first_action.get(visits) {
            Some(firsts) => {
                for (((begun, ended), first), last) in out.iter_mut().zip(firsts).zip(lasts) {
                    (*begun, *ended) = span(*begun, *first, *last);
                }
            }
            None => {
                for ((begun, ended), last) in out.iter_mut().zip(lasts) {
                    // As `span` says, without a branch.
                    let has_any = *last >= 0;
                    *ended = if has_any { begun.wrapping_add(u64::from(last.cast_unsigned())) } else { 0 };
                    *begun = if has_any { *begun } else { 1 };
                }
            }
        }
    }

    /// When a visit's first action happened; meaningless if there is none.
    #[inline]
    pub(crate) fn begun(&self, visit: usize) -> u64 {
        moment(self.start(visit), at(&self.first_action, visit))
    }

    /// The bundle that holds a column of visits, and the column's codes by combination.
    pub(crate) fn bundled(&self, dim: VisitDim) -> Option<(&Bundle, &[u32])> {
        self.bundles.iter().find_map(|bundle| Some((bundle, bundle.values(dim)?)))
    }

    /// How many actions a visit has.
    #[inline]
    pub(crate) fn action_count(&self, data: &Dataset, visit: usize) -> u32 {
        self.actions.as_ref().map_or_else(|| data.events_of(visit).len() as u32, |actions| actions.get(visit))
    }

    /// Whether the data set was condensed: all events are actions and name their pages themselves.
    pub(crate) fn is_condensed(&self) -> bool {
        self.actions.is_none()
    }

    /// The code of the path of an action: its own if it names one, else that of its page.
    #[inline]
    pub(crate) fn path_of(&self, data: &Dataset, visit: usize, event: usize) -> u32 {
        let own = data.event(EventDim::Path).codes.get(event);
        if own > 0 || self.is_condensed() || data.kinds().get(event) == Some(&Kind::PageView) {
            return own;
        }
        let first_page = at(data.first_pages(), visit) as usize;
        self.page_path.get(first_page + data.page_ordinals().get(event) as usize)
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.starts.heap_bytes()
            + (self.first_action.len() + self.last_action.len()) * 4
            + self.actions.as_ref().map_or(0, Codes::heap_bytes)
            + self.marks.len()
            + self.engaged.len() * 4
            + self.views.heap_bytes()
            + self.entry.heap_bytes()
            + self.bundles.iter().map(Bundle::heap_bytes).sum::<usize>()
            + self.roles.len()
            + self.repeats.len() * 4
            + self.page_path.heap_bytes()
            + self.page_host.heap_bytes()
            + self.page_engaged.len() * 5
    }
}

#[inline]
fn span(start: u64, first: i32, last: i32) -> (u64, u64) {
    if first > last { (1, 0) } else { (moment(start, first), moment(start, last)) }
}

/// Page views of pages that were viewed before, ascending.
fn repeats(data: &Dataset) -> Vec<u32> {
    let (mut repeats, mut seen) = (Vec::new(), Vec::new());
    for visit in 0..data.visit_count() {
        seen.clear();
        for event in data.events_of(visit).filter(|event| data.kinds().get(*event) == Some(&Kind::PageView)) {
            let page = data.page_ordinals().get(event);
            if seen.contains(&page) {
                repeats.push(event as u32);
            }
            seen.push(page);
        }
    }
    repeats
}

/// The moment of an event, Unix milliseconds. Nothing is before 1970.
#[inline]
pub(crate) fn moment(start: u64, offset: i32) -> u64 {
    start.saturating_add_signed(offset.into())
}
